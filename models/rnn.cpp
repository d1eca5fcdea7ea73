// Recurrent networks: a state that each word changes.
// Sources: Elman 1990 (the state feeds back; torch.nn.RNN's names), Jordan 1986 (the output feeds
// back), Chollet 2017, chapter 6 (Embedding, SimpleRNN, Dense on film reviews).
// The one idea: the same weights at every step. B = batch, T = time, H = hidden size.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

// ---- Elman -------------------------------------------------------------------------------------

struct ElmanConfig {
  int input = 32, hidden = 32, classes = 2, layers = 1;
  bool bidirectional = false, lengths = true, state = false;
  OneOf<"tanh", "relu"> nonlinearity = "tanh";
};

/// A stack of layers, and a classifier on the output at each row's last element.
template <ElmanConfig C> struct Elman {
  static constexpr DimSpec seq = C.lengths ? ragged("seq") : DimSpec("seq");
  using Cell = std::conditional_t<C.nonlinearity == "tanh", nn::TanhCell, nn::ReluCell>;
  using Rnn = nn::Stack<Cell, C.input, C.hidden, C.layers, C.bidirectional>;
  static constexpr int ways = Rnn::directions, width = ways * C.hidden;
  Rnn rnn;
  nn::Linear<width, C.classes> head;

  struct Answer {
    Tensor output, h_n, logits, loss;  // [B, T, width], [layers * ways, B, H], [B, classes], []
  };
  constexpr Answer forward(
      Input<"x", f32, "batch", seq, C.input> x, Input<"label", i64, "batch"> label,
      InputIf<C.state, Input<"h0", f32, C.layers * ways, "batch", C.hidden>> h0) const {
    const nn::Recurrent read = C.state ? rnn(x, h0) : rnn(x);
    Tensor logits = head(nn::last_step(read.output));
    // Activity regularisation: large outputs cost, and padding counts as zeros.
    Tensor activity = mean(square(C.lengths ? make_dense(read.output) : read.output), {0, 1, 2});
    return {read.output, read.h_n, logits, nn::cross_entropy(logits, label) + 0.1 * activity};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "rnn" && c.kind == "recurrent";
  }
};

// ---- Jordan ------------------------------------------------------------------------------------

struct JordanConfig {
  int input = 10, hidden = 14, output = 6;
};

/// h_t = tanh(W x_t + U y_{t-1} + b), y_t = sigmoid(V h_t + c)
template <JordanConfig C> struct Jordan {
  Param<C.hidden, C.input> W;
  Param<C.hidden, C.output> U;
  Param<C.hidden> b;
  Param<C.output, C.hidden> V;
  Param<C.output> c;
  static constexpr Inits inits = nn::torch_inits(C.hidden);

  struct Outputs {
    Tensor hidden, output;  // [B, H], [B, O]
  };
  struct Answer {
    Tensor hidden, output, y_n, loss;  // [B, T, H], [B, T, O], [B, O], []
  };
  constexpr Answer forward(Input<"x", f32, "batch", ragged("seq"), C.input> x,
                           Input<"y0", f32, "batch", C.output> y0,
                           Input<"target", f32, "batch", ragged("seq"), C.output> target) const {
    auto [last, all] = scan(linear(x, W, b), static_cast<Tensor>(y0), [&](Tensor y, Tensor xt) {
      Tensor h = tanh(xt + linear(y, U));
      Tensor next = sigmoid(linear(h, V, c));
      return Step{next, Outputs{h, next}};
    });
    Tensor loss = mean(square(all.output - target), {0, 1, 2});
    return {all.hidden, all.output, last, loss};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "rnn" && c.kind == "jordan";
  }
};

// ---- film reviews ------------------------------------------------------------------------------

struct ReviewConfig {
  int vocab = 10000, dim = 32, units = 32;
};

/// Keras' names and layouts: kernels [in, out], one bias.
template <ReviewConfig C> struct Review {
  nn::Embedding<C.vocab, C.dim> embedding;
  struct {
    Param<C.dim, C.units> kernel;
    InitParam<"recurrent", C.units, C.units> recurrent_kernel;
    Param<C.units> bias;
  } simple_rnn;
  nn::Linear<C.units, 1> dense;
  static constexpr Inits inits = nn::keras_inits;

  struct Answer {
    Tensor logits, probs;  // [B]
  };
  constexpr Answer forward(Input<"ids", i64, "batch", ragged("seq")> ids) const {
    Tensor x = einsum("bti,io->bto", embedding(ids), simple_rnn.kernel) + simple_rnn.bias;
    Tensor last = scan(x, zeros(x, {x.dim(0), C.units}), [&](Tensor h, Tensor xt) {
                    return tanh(xt + einsum("bi,io->bo", h, simple_rnn.recurrent_kernel));
                  }).last;
    Tensor logits = rearrange(dense(last), "b1->b");
    return {logits, sigmoid(logits)};
  }
  static constexpr Task task{"words", "labels",
                             {{"lower", "true"}, {"punctuation", "true"}, {"output", "probs"},
                              {"names", "negative,positive"}}};
};

inline constexpr auto& elman = model<Elman<config<ElmanConfig>>>;
inline constexpr auto& jordan = model<Jordan<config<JordanConfig>>>;
inline constexpr auto& rnn_review = model<Review<config<ReviewConfig>>>;

// The recurrent layer over 32 features has 2,080 parameters.
static_assert(parameters(model<Review<ReviewConfig{}>>) == 10'000 * 32 + 2'080 + 33);

}  // namespace
