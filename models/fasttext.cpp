// fastText: a text is the mean of the vectors of its words, their parts and their pairs.
// Sources: Joulin et al. 2016, Bojanowski et al. 2017; github.com/facebookresearch/fastText.
// The one idea: parts of words (hashed into buckets) give a vector to words never seen, and a
// linear classifier on a mean is nearly as good as a deep one. The rows of `input` are the words,
// then the buckets. B = batch, T = rows of a text, D = width, K = labels (or words), L = path.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct FastTextConfig {
  int words = 100000, bucket = 2000000, dim = 100, outputs = 10, negative = 5;
};

using Rows = Input<"ids", i64, "batch", ragged("seq")>;

/// One label of many.
template <FastTextConfig C> struct Supervised {
  InitParam<"uniform_over_width", C.words + C.bucket, C.dim> input;
  InitParam<"zeros", C.outputs, C.dim> output;

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
  InitParam<"uniform_over_width", C.words + C.bucket, C.dim> input;
  InitParam<"zeros", C.outputs, C.dim> output;

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
  InitParam<"uniform_over_width", C.words + C.bucket, C.dim> input;
  InitParam<"zeros", C.outputs - 1, C.dim> output;  // one row for each inner node

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
  InitParam<"uniform_over_width", C.words + C.bucket, C.dim> input;
  InitParam<"zeros", C.outputs, C.dim> output;

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

inline constexpr auto& fasttext = model<Supervised<config<FastTextConfig>>>;
inline constexpr auto& fasttext_one_vs_all = model<OneVsAll<config<FastTextConfig>>>;
inline constexpr auto& fasttext_hierarchical = model<Hierarchical<config<FastTextConfig>>>;
inline constexpr auto& fasttext_skip_gram = model<SubwordSkipGram<config<FastTextConfig>>>;

}  // namespace
