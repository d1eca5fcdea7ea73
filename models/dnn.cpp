// Deep feed-forward networks on text, without order: each word is a switch, or a row of a table.
// Source: F. Chollet, Deep Learning with Python (2017), chapters 3 and 6 (film reviews, newswires).
// The one idea: layers of weighted sums with a bend between them. B = batch, V = vocabulary.
// As a program `dnn` reads lines of text: how likely a review is a good one, or a newswire's topic.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct DnnConfig {
  Seq<int, 8> sizes = {10000, 16, 16, 1};  // reviews; newswires are 10000, 64, 64, 46
};

struct Answer {
  Tensor logits, probs, loss;
};

/// Yes or no from one number each. logits [B]
constexpr Answer yes_or_no(Tensor logits, Tensor label) {
  return {logits, sigmoid(logits), nn::binary_cross_entropy(logits, label)};
}

template <DnnConfig C> struct Dnn {
  static constexpr int depth = C.sizes.size() - 1;
  static constexpr bool binary = C.sizes.back() == 1;
  template <int I> using Layer = nn::Linear<C.sizes[I], C.sizes[I + 1]>;
  ListOf<depth, Layer> layers;
  static constexpr Inits inits = nn::keras_inits;

  /// From the first layer's sums to the last layer's.
  constexpr Tensor logits(Tensor h) const {
    layers.each([&](const auto& layer, int i) {
      if (i > 0) h = layer(relu(h));
    });
    return h;
  }
  constexpr Answer forward(Input<"x", f32, "batch", C.sizes[0]> x,  // 1 where the word occurs
                           std::conditional_t<binary, Input<"label", f32, "batch">,
                                              Input<"label", i64, "batch">> label) const {
    Tensor h = logits(layers.template get<0>()(x));
    if constexpr (binary) return yes_or_no(rearrange(h, "b1->b"), label);
    else return {h, softmax(h), nn::cross_entropy(h, label)};
  }
  struct Scores {
    Tensor probs;  // [B], or [B, K]
  };
  constexpr Scores score(Input<"words", i32, "batch", ragged("words")> words) const {
    Tensor h = logits(layers.template get<0>().of_bag(words));
    if constexpr (binary) return {sigmoid(rearrange(h, "b1->b"))};
    else return {softmax(h)};
  }
  // Words as Keras' Tokenizer and its film reviews have them: "<start>" is in every text.
  static constexpr Task task{"words", "labels",
                             {{"entry", "score"}, {"input", "words"}, {"output", "probs"},
                              {"names", binary ? "negative,positive" : ""},
                              {"lower", "true"}, {"distinct", "true"}, {"begin", "<start>"},
                              {"separators", "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~"}}};
  static constexpr bool serves(const Case& c) {
    return c.architecture == "dnn" && c.kind == "mlp";
  }
};

struct EmbeddingConfig {
  int vocab = 10000, dim = 8, length = 20;
};

/// A table of word vectors learned for the task, laid side by side.
template <EmbeddingConfig C> struct EmbeddingFlatten {
  nn::Embedding<C.vocab, C.dim> embedding;
  nn::Linear<C.length * C.dim, 1> dense;
  static constexpr Inits inits = nn::keras_inits;

  constexpr Answer forward(Input<"x", i64, "batch", C.length> ids,
                           Input<"label", f32, "batch"> label) const {
    Tensor flat = rearrange(embedding(ids), "bld->b(ld)");  // [B, length * dim]
    return yes_or_no(rearrange(dense(flat), "b1->b"), label);
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "dnn" && c.kind == "embedding";
  }
};

struct PretrainedConfig {
  int vocab = 10000, dim = 100, length = 100, hidden = 32;
};

/// Word vectors from elsewhere (GloVe) that training leaves alone, under layers that it does not.
template <PretrainedConfig C> struct Pretrained {
  struct {
    Frozen<C.vocab, C.dim> weight;
  } embedding;
  nn::Linear<C.length * C.dim, C.hidden> hidden;
  nn::Linear<C.hidden, 1> dense;
  static constexpr Inits inits = nn::keras_inits;

  constexpr Answer forward(Input<"x", i64, "batch", C.length> ids,
                           Input<"label", f32, "batch"> label) const {
    Tensor flat = rearrange(gather(embedding.weight, ids), "bld->b(ld)");
    Tensor h = relu(hidden(flat));  // [B, hidden]
    return yes_or_no(rearrange(dense(h), "b1->b"), label);
  }
};

// ---- the smallest that learns ------------------------------------------------------------------

struct PerceptronConfig {
  Seq<int, 8> sizes = {6, 10, 4};  // in, hidden, out
};

/// One hidden layer of tanh; what rules of learning are tried on.
template <PerceptronConfig C> struct Perceptron {
  nn::Linear<C.sizes[0], C.sizes[1]> fc1;
  nn::Linear<C.sizes[1], C.sizes[2]> fc2;

  struct Scores {
    Tensor logits, loss;  // [B, K], []
  };
  constexpr Scores forward(Input<"x", f32, "batch", C.sizes[0]> x,
                           Input<"label", i64, "batch"> label) const {
    Tensor logits = fc2(tanh(fc1(x)));
    return {logits, nn::cross_entropy(logits, label)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "optimisers" && c.is("activation", "tanh") &&
           c.is("loss", "cross_entropy") && c.is("reduction", "mean");
  }
};

inline constexpr auto& perceptron = model<Perceptron<config<PerceptronConfig>>>;
inline constexpr auto& dnn = model<Dnn<config<DnnConfig>>>;
inline constexpr auto& embedding_flatten = model<EmbeddingFlatten<config<EmbeddingConfig>>>;
inline constexpr auto& pretrained_embedding = model<Pretrained<config<PretrainedConfig>>>;

static_assert(parameters(model<Dnn<DnnConfig{}>>) == 160'305);
static_assert(parameters(model<Dnn<DnnConfig{{10000, 64, 64, 46}}>>) == 647'214);
static_assert(parameters(model<EmbeddingFlatten<EmbeddingConfig{}>>) == 80'161);
static_assert(parameters(model<Pretrained<PretrainedConfig{}>>) == 1'320'065);

}  // namespace
