// Long short-term memory: a cell that adds instead of overwriting, behind three gates.
// Sources: Hochreiter & Schmidhuber 1997, Gers 2000 (forget gate); torch.nn.LSTM, Keras' LSTM
// (gates i, f, c, o; one bias), AllenNLP's LSTM with projection and clipping (ELMo's).
// The one idea: c' = f c + i g lets an error flow back through many steps.
// B = batch, T = time, H = cell size, P = output size.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Answer {
  Tensor output, h_n, c_n, logits, loss;
};

// ---- torch's form ------------------------------------------------------------------------------

struct LstmConfig {
  int input = 32, hidden = 32, classes = 2, layers = 1, proj_size = 0;
  bool bidirectional = false, lengths = true, state = false;
};

/// A stack of layers, and a classifier on the output at each row's last element.
template <LstmConfig C> struct Lstm {
  static constexpr DimSpec seq = C.lengths ? ragged("seq") : DimSpec("seq");
  using Rnn = nn::LSTM<C.input, C.hidden, C.layers, C.bidirectional, C.proj_size>;
  static constexpr int ways = Rnn::directions;
  Rnn rnn;
  nn::Linear<ways * Rnn::out, C.classes> head;

  constexpr Answer forward(
      Input<"x", f32, "batch", seq, C.input> x, Input<"label", i64, "batch"> label,
      InputIf<C.state, Input<"h0", f32, C.layers * ways, "batch", Rnn::out>> h0,
      InputIf<C.state, Input<"c0", f32, C.layers * ways, "batch", C.hidden>> c0) const {
    const nn::Recurrent read = C.state ? rnn(x, h0, c0) : rnn(x);
    Tensor logits = head(nn::last_step(read.output));
    // Activity regularisation: large outputs cost, and padding counts as zeros.
    Tensor activity = mean(square(C.lengths ? make_dense(read.output) : read.output), {0, 1, 2});
    Tensor loss = nn::cross_entropy(logits, label) + 0.1 * activity;
    return {read.output, read.h_n, read.c_n, logits, loss};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "lstm" && c.kind == "recurrent";
  }
};

// ---- Keras' form -------------------------------------------------------------------------------

/// x kernel + h recurrent_kernel + bias in gates i, f, c, o; kernels are [in, out]. Training starts
/// the part of the bias that belongs to f at 1.
template <int In, int H> struct KerasLstm {
  using State = nn::LstmCell::State;
  static constexpr Inits inits = nn::keras_inits;
  Param<In, 4 * H> kernel;
  InitParam<"recurrent", H, 4 * H> recurrent_kernel;
  InitParam<"forget_ones", 4 * H> bias;

  constexpr auto operator()(At x, const nn::Gate& gate) const {
    Tensor inputs = einsum("bti,io->bto", x, kernel) + bias;  // [B, T, 4 H]
    Tensor zero = zeros(x, {x.dim(0), H});
    return scan(inputs, State{zero, zero}, [&](State s, Tensor xt) {
      return nn::LstmCell::step(s, xt, einsum("bi,io->bo", s.h, recurrent_kernel), gate);
    });
  }
};

struct KerasConfig {
  double hard_sigmoid_slope = 0.2;  // Keras 3: 1/6
  int input = 32, hidden = 32, classes = 2;
  OneOf<"sigmoid", "hard_sigmoid"> recurrent_activation = "sigmoid";
  bool lengths = false;
};

template <KerasConfig C> struct Keras {
  static constexpr DimSpec seq = C.lengths ? ragged("seq") : DimSpec("seq");
  KerasLstm<C.input, C.hidden> cell;
  nn::Linear<C.hidden, C.classes> head;

  constexpr Answer forward(Input<"x", f32, "batch", seq, C.input> x,
                           Input<"label", i64, "batch"> label) const {
    auto [last, output] = cell(x, {C.recurrent_activation.view(), C.hard_sigmoid_slope});
    Tensor logits = head(last.h);
    return {output, last.h, last.c, logits, nn::cross_entropy(logits, label)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "lstm" && c.is("cell", "keras_lstm");
  }
};

struct ReviewConfig {
  double hard_sigmoid_slope = 0.2;  // Keras 3: 1/6
  int vocab = 10000, dim = 32, units = 32;
  int maxlen = 500;  // words; a shorter review has zeros in front
  OneOf<"sigmoid", "hard_sigmoid"> recurrent_activation = "sigmoid";
};

/// Film reviews: Embedding, LSTM, Dense (Chollet 2017, listing 6.27). Zeros in front are words too.
template <ReviewConfig C> struct Review {
  static constexpr Inits inits = nn::keras_inits;
  nn::Embedding<C.vocab, C.dim> embedding;
  KerasLstm<C.dim, C.units> lstm;
  nn::Linear<C.units, 1> dense;

  struct Verdict {
    Tensor logits, probs, loss;
  };
  constexpr Tensor read(Tensor ids) const {
    const nn::Gate gate{C.recurrent_activation.view(), C.hard_sigmoid_slope};
    return rearrange(dense(lstm(embedding(ids), gate).last.h), "b1->b");
  }
  struct Probability {
    Tensor probs;  // [B]
  };
  constexpr Probability score(Input<"ids", i64, "batch", ragged("seq")> ids) const {
    return {sigmoid(read(ids))};
  }
  constexpr Verdict forward(Input<"ids", i64, "batch", "seq"> ids,
                            Input<"label", f32, "batch"> label) const {
    Tensor logits = read(ids);
    return {logits, sigmoid(logits), nn::binary_cross_entropy(logits, label)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "lstm" && c.kind == "imdb";
  }
  static constexpr Task task{"words", "labels",
                             {{"entry", "score"}, {"front", C.maxlen}, {"max_length", C.maxlen},
                              {"lower", "true"}, {"punctuation", "true"}, {"output", "probs"},
                              {"names", "negative,positive"}}};
};

// ---- with projection and clipping --------------------------------------------------------------

struct ProjectedConfig {
  int input = 512, hidden = 4096, projection = 512, classes = 2;
  double cell_clip = 3, proj_clip = 3, forget_bias = 0;
  bool reverse = false;
};

template <ProjectedConfig C> struct Projected {
  nn::ProjectedLstm<C.input, C.hidden, C.projection> cell;
  nn::Linear<C.projection, C.classes> head;

  constexpr Answer forward(Input<"x", f32, "batch", ragged("seq"), C.input> x,
                           Input<"label", i64, "batch"> label) const {
    auto [last, output] = cell(x, {C.cell_clip, C.proj_clip, C.forget_bias, C.reverse});
    Tensor logits = head(last.h);
    return {output, last.h, last.c, logits, nn::cross_entropy(logits, label)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "lstm" && c.is("cell", "projected");
  }
};

inline constexpr auto& lstm = model<Lstm<config<LstmConfig>>>;
inline constexpr auto& keras_lstm = model<Keras<config<KerasConfig>>>;
inline constexpr auto& lstm_review = model<Review<config<ReviewConfig>>>;
inline constexpr auto& projected_lstm = model<Projected<config<ProjectedConfig>>>;

// The LSTM of 32 cells over 32 features has 8,320 parameters.
static_assert(parameters(model<Review<ReviewConfig{}>>) == 10'000 * 32 + 8'320 + 33);

}  // namespace
