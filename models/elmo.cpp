// ELMo: word vectors that depend on the sentence, from a language model in both directions.
// Sources: Peters et al. 2018; github.com/allenai/bilm-tf; AllenNLP's names for the LSTM. Words are
// read as characters by convolutions and highways; two LSTM layers with projection and clipping
// follow, the second adds to the first; a learned mixture of all layers is the answer.
// The one idea: take a language model's inside, not its predictions.
// B = batch, T = words, K = characters of a word, F = all filters, P = projection.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct ElmoConfig {
  int chars = 262, char_dim = 16, max_chars = 50;
  Seq<Seq<int, 2>, 8> filters = {{1, 32}, {2, 32}, {3, 64}, {4, 128},  // width, number
                                 {5, 256}, {6, 512}, {7, 1024}};
  int highways = 2, projection = 512, cell = 4096, layers = 2;
  double cell_clip = 3, proj_clip = 3, forget_bias = 0;
  int words = 793471;  // of the language model's softmax
};

/// y = g relu(T x) + (1 - g) x: a layer that starts as a wire (Srivastava et al. 2015).
template <int Width> struct Highway {
  nn::Linear<Width, Width> carry, transform;
  constexpr Tensor operator()(Tensor x) const {
    Tensor g = sigmoid(carry(x));
    return g * relu(transform(x)) + (1.0 - g) * x;
  }
};

template <ElmoConfig C> struct Elmo {
  static constexpr int P = C.projection;
  static constexpr int F = [] {
    int total = 0;
    for (const auto& filter : C.filters) total += filter[1];
    return total;
  }();
  template <int I> using Conv = nn::Conv1d<C.char_dim, C.filters[I][1], C.filters[I][0]>;
  using Lstm = nn::ProjectedLstm<P, C.cell, P>;
  nn::Embedding<C.chars, C.char_dim> char_embedding;
  ListOf<C.filters.size(), Conv> char_conv;
  Array<Highway<F>, C.highways> highway;
  nn::Linear<F, P> projection;
  Array<Lstm, C.layers> forward_layer, backward_layer;
  InitParam<"zeros", C.layers + 1> scalar;
  InitParam<"ones", 1> gamma;
  nn::Linear<P, C.words> softmax;

  /// Of each filter its best place in the word: chars [B, T, K] -> [B, T, P]
  constexpr Tensor read(Tensor chars) const {
    Tensor x = rearrange(char_embedding(chars), "btkd->bdtk");
    Tensor features = concat(char_conv.map([&](const auto& conv) {
      Tensor wide = rearrange(conv.weight, "odk->od1k");  // within each word
      return max(sinter::conv(x, wide, conv.bias), -1);   // [B, filters, T]
    }), 1);
    Tensor y = relu(rearrange(features, "bft->btf"));
    for (const auto& layer : highway) y = layer(y);
    return projection(y);
  }
  /// The outputs of each layer of one direction, [B, T, P].
  static constexpr auto run(const Array<Lstm, C.layers>& layers, Tensor x, bool reverse) {
    std::array<Tensor, C.layers> outputs;
    for (int i = 0; i < C.layers; ++i) {
      Tensor y = layers[i](x, {C.cell_clip, C.proj_clip, C.forget_bias, reverse}).all;
      outputs[static_cast<std::size_t>(i)] = x = i > 0 ? y + x : y;
    }
    return outputs;
  }
  struct Answer {
    Tensor tokens_embedding;            // [B, T, P]
    Tensor layer0, layer1, layer2;      // [B, T, 2 P]
    Tensor elmo;                        // [B, T, 2 P]
    Tensor forward_loss, backward_loss, loss;
  };
  constexpr Answer forward(Input<"chars", i64, "batch", ragged("seq"), C.max_chars> chars,
                           Input<"words", i64, "batch", ragged("seq")> words) const {
    static_assert(C.layers == 2, "the outputs are named for two layers");
    Tensor x = read(chars);
    const auto ahead = run(forward_layer, x, false), back = run(backward_layer, x, true);
    const std::array layers = {concat({x, x}, -1), concat({ahead[0], back[0]}, -1),
                               concat({ahead[1], back[1]}, -1)};
    Tensor share = sinter::softmax(scalar), mixed = layers[0] * select(share, 0, 0);
    for (std::size_t i = 1; i < layers.size(); ++i)
      mixed = mixed + layers[i] * select(share, 0, static_cast<int>(i));
    mixed = gamma * mixed;
    // Each direction predicts the word that it has not seen yet.
    const Size T = words.dim(1);
    Tensor next = nn::cross_entropy(softmax(slice(ahead[1], 1, 0, T - 1)), slice(words, 1, 1, T));
    Tensor last = nn::cross_entropy(softmax(slice(back[1], 1, 1, T)), slice(words, 1, 0, T - 1));
    Tensor size = mean(square(make_dense(mixed)), {0, 1, 2});
    Tensor loss = 0.5 * (next + last) + 0.1 * size;
    return {x, layers[0], layers[1], layers[2], mixed, next, last, loss};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "elmo" && c.kind == "model";
  }
};

inline constexpr auto& elmo = model<Elmo<config<ElmoConfig>>>;

}  // namespace
