// fastText: a text is the mean of the vectors of its words, their parts and their pairs.
// Sources: Joulin et al. 2016, Bojanowski et al. 2017; github.com/facebookresearch/fastText.
// The one idea: parts of words (hashed into buckets) give a vector to words never seen, and a
// linear classifier on a mean is nearly as good as a deep one. The rows of `input` are the words,
// then the buckets. `fasttext` runs what fastText itself has trained, a text's labels or a word's
// vector by what the file is for, and leaves quantised matrices as they are; `fasttext_words` has
// the vectors of a classifier's words; the others are how it trains.
// B = batch, T = rows of a text, D = width, K = labels (or words), L = path, P = parts of a row.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct FastTextConfig {
  int words = 100000, bucket = 2000000, dim = 100, outputs = 10, negative = 5;
};

using Rows = Input<"ids", i64, "batch", ragged("seq")>;

/// A matrix that is product-quantised: each part of a row is one of 256 centroids, and the row has
/// one of 256 norms. Rows are put together where they are read.
template <int Size, int Width, int Part, bool Norms> struct Quantised {
  static constexpr int parts = (Width + Part - 1) / Part;
  Weight<"frozen", "", u8, Size, parts> codes;
  Frozen<256 * parts, Part> centroids;
  std::conditional_t<Norms, Weight<"frozen", "", u8, Size>, None> norm_codes;
  std::conditional_t<Norms, Frozen<256>, None> norm_centroids;

  constexpr Tensor rows(Tensor ids) const {  // [..., Width] for the ids of one or two axes
    Tensor code = cast(gather(codes, ids), i32);
    Tensor row = gather(centroids, code + 256 * iota(code, {parts}, 0, i32));  // [..., P, Part]
    row = rearrange(row, ids.rank() == 1 ? "npd->n(pd)" : "btpd->bt(pd)");
    if constexpr (Width % Part != 0) row = slice(row, -1, 0, Width);
    if constexpr (Norms) {
      Tensor norm = gather(norm_centroids, cast(gather(norm_codes, ids), i32));  // [...]
      row = row * unsqueeze(norm, -1);
    }
    return row;
  }
  constexpr Tensor matrix() const { return rows(iota(codes, {Size}, 0, i32)); }
};

template <int Size, int Width> struct Plain : Param<Size, Width> {
  constexpr Tensor rows(Tensor ids) const { return gather(*this, ids); }
  constexpr Tensor matrix() const { return *this; }
};

template <int Size, int Width, int Part, bool Norms>
using Matrix =
    std::conditional_t<Part == 0, Plain<Size, Width>, Quantised<Size, Width, Part, Norms>>;

/// The mean of each text's rows [B, T, D]; zeros where there is none, as fastText has it. [B, D]
constexpr Tensor mean_or_zeros(Tensor rows) {
  return where(unsqueeze(lengths(rows) > 0, 1), mean(rows, 1), 0.0);
}

/// What a .bin or .ftz file says of itself; the defaults are those of lid.176.ftz.
struct TrainedConfig {
  double smoothing = 1e-5;  // added to each probability before its logarithm, as fastText does
  int words = 7235, bucket = 42765, dim = 16, outputs = 176;
  int input_part = 2, output_part = 0;  // width of a quantised row's parts; 0: not quantised
  OneOf<"hs", "ns", "softmax", "ova"> loss;
  OneOf<"classifier", "skip-gram word vectors", "CBOW word vectors"> file_kind;
  bool input_norms = true, output_norms = false;
};

/// A trained classifier: a line in, its labels and their probabilities out.
template <TrainedConfig C> struct Classifier {
  Matrix<C.words + C.bucket, C.dim, C.input_part, C.input_norms> input;
  Started<"zeros", Matrix<C.outputs, C.dim, C.output_part, C.output_norms>> output;
  static constexpr Inits inits{.matrices = uniform(1.0 / C.dim)};
  // Which inner nodes of the labels' tree a label's path takes to the right, then to the left.
  std::conditional_t<C.loss == "hs", Buffer<C.outputs, 2 * C.outputs>, None> paths;

  struct Answer {
    Tensor probs;  // [B, K]
  };
  constexpr Answer forward(Input<"ids", i32, "batch", ragged("seq")> ids) const {
    Tensor h = mean_or_zeros(input.rows(ids));  // [B, D]
    Tensor score = linear(h, output.matrix());  // [B, K]; hs: of node k, the last is none
    if constexpr (C.loss == "hs") {
      Tensor right = sigmoid(score);
      Tensor steps = log(concat({right, 1.0 - right}, -1) + C.smoothing);  // [B, 2K]
      return {exp(linear(steps, paths))};
    } else if constexpr (C.loss == "softmax") {
      return {softmax(score) + C.smoothing};
    } else {  // fastText has a table for it, 512 steps from -8 to 8: up to 0.008 from this
      return {sigmoid(score) + C.smoothing};
    }
  }
  // fastText's threshold is of the probabilities that are not smoothed, what it prints is.
  static constexpr Task task{"fasttext_words", "labels", {{"smoothing", "1e-5"}}};
};

/// A trained model's words: a word in, its vector out, from its parts where it is not known.
template <TrainedConfig C> struct WordVectors {
  Matrix<C.words + C.bucket, C.dim, C.input_part, C.input_norms> input;
  static constexpr Inits inits{.matrices = uniform(1.0 / C.dim)};

  struct Answer {
    Tensor vector;  // [B, D]
  };
  constexpr Answer forward(Input<"ids", i32, "batch", ragged("seq")> ids) const {
    return {mean_or_zeros(input.rows(ids))};
  }
  static constexpr Task task{"fasttext_words", "embedding", {{"alone", "true"}, {"echo", "true"}}};
};

/// One label of many.
template <FastTextConfig C> struct Supervised {
  Param<C.words + C.bucket, C.dim> input;
  InitParam<"zeros", C.outputs, C.dim> output;
  static constexpr Inits inits{.matrices = uniform(1.0 / C.dim)};

  struct Answer {
    Tensor hidden, logits, probs, loss;  // [B, D], [B, K], [B, K], []
  };
  constexpr Answer forward(Rows ids, Input<"label", i64, "batch"> label) const {
    Tensor h = mean(gather(input, ids), 1);
    Tensor logits = linear(h, output);
    return {h, logits, softmax(logits), nn::cross_entropy(logits, label)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "fasttext" && c.kind == "graph" && c.is("objective", "softmax");
  }
};

/// Any number of labels, each on its own.
template <FastTextConfig C> struct OneVsAll {
  Param<C.words + C.bucket, C.dim> input;
  InitParam<"zeros", C.outputs, C.dim> output;
  static constexpr Inits inits{.matrices = uniform(1.0 / C.dim)};

  struct Answer {
    Tensor hidden, logits, probs, loss;  // [B, D], [B, K], [B, K], []
  };
  constexpr Answer forward(Rows ids, Input<"labels", f32, "batch", C.outputs> labels) const {
    Tensor h = mean(gather(input, ids), 1);
    Tensor logits = linear(h, output);
    Tensor loss = nn::binary_cross_entropy(logits, labels, nn::Reduction::batch_mean);
    return {h, logits, sigmoid(logits), loss};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "fasttext" && c.kind == "graph" && c.is("objective", "ova");
  }
};

/// Labels are leaves of a Huffman tree; code 1 is the positive branch (word2vec's is 0). The paths
/// of all labels are inputs, so every label gets its probability.
template <FastTextConfig C> struct Hierarchical {
  Param<C.words + C.bucket, C.dim> input;
  InitParam<"zeros", C.outputs - 1, C.dim> output;  // one row for each inner node
  static constexpr Inits inits{.matrices = uniform(1.0 / C.dim)};

  struct Answer {
    Tensor hidden, log_prob, probs, loss;  // [B, D], [B, K], [B, K], []
  };
  constexpr Answer forward(Rows ids, Input<"label", i64, "batch"> label,
                           Input<"codes", i64, C.outputs, ragged("path")> codes,
                           Input<"points", i64, C.outputs, ragged("path")> points) const {
    Tensor h = mean(gather(input, ids), 1);
    Tensor score = einsum("bd,kld->bkl", h, gather(output, points));
    Tensor sign = 2.0 * cast(codes, f32) - 1.0;               // [K, L]
    Tensor log_prob = sum(log_sigmoid(sign * score), -1);
    return {h, log_prob, exp(log_prob), nn::nll(log_prob, label)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "fasttext" && c.kind == "graph" && c.is("objective", "hs");
  }
};

/// Word vectors: a word, as the mean of its parts, predicts a neighbour against noise.
template <FastTextConfig C> struct SubwordSkipGram {
  Param<C.words + C.bucket, C.dim> input;
  InitParam<"zeros", C.outputs, C.dim> output;
  static constexpr Inits inits{.matrices = uniform(1.0 / C.dim)};

  struct Answer {
    Tensor hidden, score, negative_score, loss;  // [B, D], [B], [B, noise], []
  };
  constexpr Answer forward(Rows ids, Input<"target", i64, "batch"> target,
                           Input<"negatives", i64, "batch", C.negative> negatives) const {
    Tensor h = mean(gather(input, ids), 1);
    Tensor score = einsum("bd,bd->b", h, gather(output, target));
    Tensor noise = einsum("bd,bkd->bk", h, gather(output, negatives));
    return {h, score, noise, -mean(log_sigmoid(score) + sum(log_sigmoid(-noise), -1), 0)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "fasttext" && c.kind == "graph" && c.is("objective", "sg");
  }
};

/// What the file is for; classifiers have words too.
template <TrainedConfig C>
using Trained =
    std::conditional_t<C.file_kind == "classifier", Classifier<C>, WordVectors<C>>;

inline constexpr auto& fasttext = model<Trained<config<TrainedConfig>>>;
inline constexpr auto& fasttext_words = model<WordVectors<config<TrainedConfig>>>;
inline constexpr auto& fasttext_supervised = model<Supervised<config<FastTextConfig>>>;
inline constexpr auto& fasttext_one_vs_all = model<OneVsAll<config<FastTextConfig>>>;
inline constexpr auto& fasttext_hierarchical = model<Hierarchical<config<FastTextConfig>>>;
inline constexpr auto& fasttext_skip_gram = model<SubwordSkipGram<config<FastTextConfig>>>;

}  // namespace
