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
  double cell_clip = 3, proj_clip = 3, forget_bias = 0;
  double dropout = 0.1;  // of what each LSTM and the softmax read
  int chars = 262, char_dim = 16, max_chars = 50;
  Seq<Seq<int, 2>, 8> filters = {{1, 32}, {2, 32}, {3, 64}, {4, 128},  // width, number
                                 {5, 256}, {6, 512}, {7, 1024}};
  int highways = 2, projection = 512, cell = 4096, layers = 2;
  int words = 793471;  // of the language model's softmax
};

/// y = g relu(T x) + (1 - g) x: a layer that starts as a wire (Srivastava et al. 2015).
template <int Width> struct Highway {
  Started<"", nn::Linear<Width, Width>, "constant:-2"> carry;
  nn::Linear<Width, Width> transform;
  static constexpr Inits inits{.matrices = {"lecun_normal"}, .vectors = {"zeros"}};
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
  template <int I>
  using Conv = Started<"uniform:0.05", nn::Conv1d<C.char_dim, C.filters[I][1], C.filters[I][0]>,
                       "zeros">;
  using Lstm = nn::ProjectedLstm<P, C.cell, P>;
  Started<"uniform:1", nn::Embedding<C.chars, C.char_dim>> char_embedding;
  ListOf<C.filters.size(), Conv> char_conv;
  Array<Highway<F>, C.highways> highway;
  Started<"lecun_normal", nn::Linear<F, P>, "zeros"> projection;
  Array<Lstm, C.layers> forward_layer, backward_layer;
  InitParam<"zeros", C.layers + 1> scalar;
  InitParam<"ones", 1> gamma;
  Started<"lecun_normal", nn::Linear<P, C.words>, "zeros"> softmax;

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
      x = dropout(x, C.dropout);
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
    const auto scores = [&](Tensor x) { return softmax(dropout(x, C.dropout)); };
    Tensor next = nn::cross_entropy(scores(slice(ahead[1], 1, 0, T - 1)), slice(words, 1, 1, T));
    Tensor last = nn::cross_entropy(scores(slice(back[1], 1, 1, T)), slice(words, 1, 0, T - 1));
    Tensor size = mean(square(make_dense(mixed)), {0, 1, 2});
    Tensor loss = 0.5 * (next + last) + 0.1 * size;
    return {x, layers[0], layers[1], layers[2], mixed, next, last, loss};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "elmo" && c.kind == "model";
  }
};

// ---- the published files -----------------------------------------------------------------------

/// Keys of a published options.json.
struct BilmConfig {
  double dropout = 0.1;
  struct {
    double cell_clip = 3, proj_clip = 3;
    int dim = 4096, projection_dim = 512, n_layers = 2;
    bool use_skip_connections = true;
  } lstm;
  struct {
    struct {
      int dim = 16;
    } embedding;
    Seq<Seq<int, 2>, 8> filters = {{1, 32}, {2, 32}, {3, 64}, {4, 128},
                                   {5, 256}, {6, 512}, {7, 1024}};
    int n_highway = 2, max_characters_per_token = 50;
    OneOf<"relu"> activation = "relu";
  } char_cnn;
};

/// The language model of a published lm_weights.hdf5, in TensorFlow's names and layouts: matrices
/// are [in, out], gates i, g, f, o, the table of characters leaves out the padding's zeros. The
/// vectors of <S> and </S>, which stand around a sentence, are left out.
template <BilmConfig C> struct Bilm {
  static constexpr int P = C.lstm.projection_dim, H = C.lstm.dim, D = C.char_cnn.embedding.dim;
  static constexpr int K = C.char_cnn.max_characters_per_token, layers = C.lstm.n_layers;
  static constexpr auto& filters = C.char_cnn.filters;
  static constexpr int F = [] {
    int total = 0;
    for (const auto& filter : filters) total += filter[1];
    return total;
  }();
  template <int I> struct Conv {
    Named<"W_cnn_{}", InitParam<"uniform:0.05", 1, filters[I][0], D, filters[I][1]>> weight;
    Named<"b_cnn_{}", Param<filters[I][1]>> bias;
  };
  struct High {
    Param<F, F> W_carry, W_transform;
    InitParam<"constant:-2", F> b_carry;
    Param<F> b_transform;
  };
  struct Cell {
    struct {
      Named<"W_0", InitParam<"xavier_uniform", 2 * P, 4 * H>> both;  // for [input; state]
      Param<4 * H> B;
      Named<"W_P_0", InitParam<"xavier_uniform", H, P>> projection;
    } LSTMCell;
  };
  struct Direction {
    struct {
      struct {
        Named<"", Array<Named<"Cell{}", Cell>, layers>> cells;
      } MultiRNNCell;
    } RNN;
  };
  static constexpr Inits inits{.matrices = normal(1 / sqrt(F)), .vectors = {"zeros"}};
  InitParam<"uniform:1", 261, D> char_embed;
  struct {
    Named<"", ListOf<filters.size(), Conv>> convs;
  } CNN;
  Named<"", Array<Named<"CNN_high_{}", High>, C.char_cnn.n_highway>> highways;
  struct {
    Param<F, P> W_proj;
    Param<P> b_proj;
  } CNN_proj;
  Named<"RNN_0", Direction> ahead;
  Named<"RNN_1", Direction> back;

  static constexpr Tensor times(Tensor x, Tensor weight, Tensor bias) {
    return einsum("bti,io->bto", x, weight) + bias;
  }
  /// chars [B, T, K] -> [B, T, P]
  constexpr Tensor read(Tensor chars) const {
    Tensor table = concat({zeros(char_embed, {1, D}), char_embed}, 0);
    Tensor x = rearrange(gather(table, chars), "btkd->bdtk");
    Tensor features = concat(CNN.convs.map([&](const auto& conv) {
      Tensor wide = rearrange(conv.weight, "1kdo->od1k");        // within each word
      return max(sinter::conv(x, wide, conv.bias), -1);          // [B, filters, T]
    }), 1);
    Tensor y = relu(rearrange(features, "bft->btf"));
    for (const auto& layer : highways) {
      Tensor g = sigmoid(times(y, layer.W_carry, layer.b_carry));
      y = g * relu(times(y, layer.W_transform, layer.b_transform)) + (1.0 - g) * y;
    }
    return times(y, CNN_proj.W_proj, CNN_proj.b_proj);
  }
  using State = nn::LstmCell::State;
  /// One layer of one direction over x [B, T, P].
  static constexpr auto run(const Cell& cell, Tensor x, State first, bool reverse) {
    using nn::ProjectedLstm;
    const auto& [both, bias, projection] = cell.LSTMCell;
    const auto clip = &ProjectedLstm<P, H, P>::clip;
    return scan(x, first, [&](const State& s, Tensor xt) {
      auto [i, g, f, o] = chunk<4>(einsum("bi,io->bo", concat({xt, s.h}, -1), both) + bias);
      Tensor c = clip(sigmoid(i) * tanh(g) + sigmoid(f + 1.0) * s.c, C.lstm.cell_clip);
      Tensor h = einsum("bi,io->bo", sigmoid(o) * tanh(c), projection);
      return State{clip(h, C.lstm.proj_clip), c};
    }, reverse);
  }
  static constexpr std::size_t count = static_cast<std::size_t>(layers);
  struct Layers {
    Tensor average;                      // [B, T - 2, 2 P], over all layers
    std::array<Tensor, count + 1> layer;  // 0: of the words alone
    Tensor h_n, c_n;                     // [2 layers, B, P], [2 layers, B, H]
  };
  /// From the states of each layer ahead, then back.
  constexpr Layers all(Tensor chars, const std::array<State, 2 * count>& first) const {
    const Size T = chars.dim(1);
    const auto inner = [&](Tensor x) { return slice(x, 1, 1, T - 1); };
    Tensor x = read(chars), a = x, b = x;
    Layers result;
    result.layer[0] = result.average = inner(concat({x, x}, -1));
    std::array<Tensor, 2 * count> h, c;
    for (std::size_t i = 0; i < count; ++i) {
      const int at = static_cast<int>(i);
      a = dropout(a, C.dropout);
      b = dropout(b, C.dropout);
      const auto there = run(ahead.RNN.MultiRNNCell.cells[at], a, first[i], false);
      const auto here = run(back.RNN.MultiRNNCell.cells[at], b, first[count + i], true);
      const bool skip = C.lstm.use_skip_connections && i > 0;
      a = skip ? there.all + a : there.all;
      b = skip ? here.all + b : here.all;
      result.layer[i + 1] = inner(concat({a, b}, -1));
      result.average = result.average + result.layer[i + 1];
      h[i] = there.last.h;
      c[i] = there.last.c;
      h[count + i] = here.last.h;
      c[count + i] = here.last.c;
    }
    result.average = result.average / double(layers + 1);
    result.h_n = stack(h, 0);
    result.c_n = stack(c, 0);
    return result;
  }
  using Chars = Input<"chars", i64, "batch", ragged("seq"), K>;
  constexpr Layers forward(Chars chars) const {
    Tensor x = cast(chars, f32);
    std::array<State, 2 * count> first;
    for (State& state : first)
      state = {zeros(x, {chars.dim(0), P}), zeros(x, {chars.dim(0), H})};
    Layers result = all(chars, first);
    return {result.average, result.layer, {}, {}};
  }
  /// The same from the states that an earlier sentence left behind, as the published program does.
  constexpr Layers step(Chars chars, Input<"h0", f32, 2 * layers, "batch", P> h,
                        Input<"c0", f32, 2 * layers, "batch", H> c) const {
    std::array<State, 2 * count> first;
    for (std::size_t i = 0; i < first.size(); ++i)
      first[i] = {select(h, 0, static_cast<int>(i)), select(c, 0, static_cast<int>(i))};
    return all(chars, first);
  }
  static constexpr bool serves(const Case& c) { return c.architecture == "bilm"; }
  static constexpr Task task{"word_characters", "word_vectors", {{"output", "average"}}};
};

inline constexpr auto& elmo = model<Elmo<config<ElmoConfig>>>;
inline constexpr auto& bilm = model<Bilm<config<BilmConfig>>>;

// The published model without its softmax: 93.6 million parameters.
static_assert(parameters(model<Bilm<BilmConfig{}>>) == 93'600'848);

}  // namespace
