// word2vec: a vector for each word, so that words in the same company lie close together.
// Sources: Mikolov et al. 2013; word2vec.c, whose names these are (syn0, syn1, syn1neg).
// The one idea: predict a neighbour instead of counting neighbours, and pay only for a few words:
// the right one and some noise (negative sampling), or a path in a tree (hierarchical softmax).
// P = pairs of a word and its company, D = width of a vector, K = noise words, L = path length.
// `word2vec` answers with trained vectors (word2vec's, GloVe's or fastText's files): the nearest
// words of a word or of a sum such as "king - man + woman"; the others are how vectors are learned.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Word2VecConfig {
  int vocab = 71291, dim = 100, negative = 5;
};

/// Skip-gram asks one word for a neighbour; CBOW asks the mean of all neighbours for the word.
template <bool Cbow>
using Company = std::conditional_t<Cbow, Input<"input", i64, "pairs", ragged("input")>,
                                   Input<"input", i64, "pairs">>;
template <bool Cbow> constexpr Tensor hidden_of(Tensor syn0, Tensor input) {  // [P, D]
  if constexpr (Cbow) return mean(gather(syn0, input), 1);
  else return gather(syn0, input);
}

template <Word2VecConfig C, bool Cbow> struct NegativeSampling {
  Param<C.vocab, C.dim> syn0;
  InitParam<"zeros", C.vocab, C.dim> syn1neg;
  static constexpr Inits inits{.matrices = uniform(0.5 / C.dim)};

  struct Answer {
    Tensor hidden, score, negative_score, loss;  // [P, D], [P], [P, K], []
  };
  constexpr Answer forward(Company<Cbow> input, Input<"target", i64, "pairs"> target,
                           Input<"negatives", i64, "pairs", C.negative> negatives) const {
    Tensor h = hidden_of<Cbow>(syn0, input);
    Tensor score = einsum("pd,pd->p", h, gather(syn1neg, target));
    Tensor noise = einsum("pd,pkd->pk", h, gather(syn1neg, negatives));
    // Noise that happens to be the target does not count.
    Tensor unlike = where(negatives != unsqueeze(target, 1), log_sigmoid(-noise), 0.0);
    return {h, score, noise, -mean(log_sigmoid(score) + sum(unlike, -1), 0)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "word2vec" && c.kind == "graph" && c.is("objective", "ns") &&
           c.has("window") == Cbow;
  }
};

/// Words are leaves of a Huffman tree; code 0 is the positive branch.
template <Word2VecConfig C, bool Cbow> struct HierarchicalSoftmax {
  Param<C.vocab, C.dim> syn0;
  InitParam<"zeros", C.vocab - 1, C.dim> syn1;  // one row for each inner node
  static constexpr Inits inits{.matrices = uniform(0.5 / C.dim)};

  struct Answer {
    Tensor hidden, score, log_prob, loss;  // [P, D], [P, L], [P], []
  };
  constexpr Answer forward(Company<Cbow> input, Input<"codes", i64, "pairs", ragged("code")> codes,
                           Input<"points", i64, "pairs", ragged("code")> points) const {
    Tensor h = hidden_of<Cbow>(syn0, input);
    Tensor score = einsum("pd,pld->pl", h, gather(syn1, points));
    Tensor sign = 1.0 - 2.0 * cast(codes, f32);
    Tensor log_prob = sum(log_sigmoid(sign * score), -1);  // of the whole path
    return {h, score, log_prob, -mean(log_prob, 0)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "word2vec" && c.kind == "graph" && c.is("objective", "hs") &&
           c.has("window") == Cbow;
  }
};

struct VectorsConfig {
  int vocab = 71291, dim = 100;
  int nearest = 20;  // words in an answer, at most
};

/// Trained vectors at work. B = batch, W = words of a sum, V = vocabulary, N = nearest.
template <VectorsConfig C> struct Vectors {
  Frozen<C.vocab, C.dim> vectors;
  using Words = Input<"words", i32, "batch", ragged("words")>;
  using Signs = Input<"signs", i32, "batch", ragged("words")>;  // 1, or -1 for words taken away

  static constexpr Tensor sum_of(Tensor rows, Tensor signs) {  // rows [B, W, D] -> [B, D]
    return einsum("bw,bwd->bd", cast(signs, f32), rows);
  }
  struct Neighbours {
    Tensor similarity, neighbours;  // [B, N], best first: cosines, and whose they are
  };
  constexpr Neighbours forward(Words words, Signs signs) const {
    Tensor point = sum_of(l2_normalise(gather(vectors, words)), signs);
    Tensor lengths = maximum(norm(vectors, 1), 1e-12);               // [V]
    Tensor cosine = linear(l2_normalise(point), vectors) / lengths;  // [B, V]
    Tensor asked = full(words, {"batch", words.dim(1)}, -infinity, f32);
    const TopK best = top_k(scatter_add(cosine, words, asked, 1), std::min(C.nearest, C.vocab));
    return {best.values, best.indices};
  }
  struct Lookup {
    Tensor vector;  // [B, D]
  };
  constexpr Lookup encode(Words words, Signs signs) const {
    return {sum_of(gather(vectors, words), signs)};
  }
  static constexpr Task task{"word_sum", "neighbours",
                             {{"input", "words"}, {"signs", "signs"}, {"output", "similarity"},
                              {"neighbours", "neighbours"}, {"vector", "vector"}}};
};

inline constexpr auto& word2vec = model<Vectors<config<VectorsConfig>>>;
inline constexpr auto& skip_gram = model<NegativeSampling<config<Word2VecConfig>, false>>;
inline constexpr auto& cbow = model<NegativeSampling<config<Word2VecConfig>, true>>;
inline constexpr auto& skip_gram_hs = model<HierarchicalSoftmax<config<Word2VecConfig>, false>>;
inline constexpr auto& cbow_hs = model<HierarchicalSoftmax<config<Word2VecConfig>, true>>;

}  // namespace
