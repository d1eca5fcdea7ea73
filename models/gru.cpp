// Gated recurrent units: one state, two gates.
// Sources: Cho et al. 2014 (the reset gate acts before the recurrent product), torch.nn.GRU and
// Keras' GRU (after it, so that all products of a step are one).
// The one idea: h' = z h + (1 - z) n keeps what the update gate keeps.
// B = batch, T = time, H = hidden size.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Answer {
  Tensor output, h_n, logits, loss;
};

// ---- torch's form ------------------------------------------------------------------------------

struct GruConfig {
  int input = 32, hidden = 32, classes = 2, layers = 1;
  bool bidirectional = false, lengths = true, state = false;
};

/// A stack of layers, and a classifier on the output at each row's last element.
template <GruConfig C> struct Gru {
  static constexpr DimSpec seq = C.lengths ? ragged("seq") : DimSpec("seq");
  using Rnn = nn::GRU<C.input, C.hidden, C.layers, C.bidirectional>;
  static constexpr int ways = Rnn::directions;
  Rnn rnn;
  nn::Linear<ways * C.hidden, C.classes> head;

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
    return c.architecture == "gru" && c.kind == "recurrent";
  }
};

// ---- other forms of the cell -------------------------------------------------------------------

struct CellConfig {
  double hard_sigmoid_slope = 0.2;  // Keras 3: 1/6
  int input = 32, hidden = 32, classes = 2;
  OneOf<"sigmoid", "hard_sigmoid"> recurrent_activation = "sigmoid";  // of Keras' form
  bool lengths = false;
};

/// Keras' names: kernels [in, out], gates z, r, h; one bias for the input and one for the state.
template <int In, int H> struct KerasGru {
  static constexpr std::string_view kind = "keras_gru";
  static constexpr Inits inits = nn::keras_inits;
  Param<In, 3 * H> kernel;
  InitParam<"recurrent", H, 3 * H> recurrent_kernel;
  InitParam<"zeros", 2, 3 * H> bias;

  constexpr auto operator()(At x, const nn::Gate& gate) const {
    Tensor inputs = einsum("bti,io->bto", x, kernel) + select(bias, 0, 0);  // [B, T, 3 H]
    Tensor state_bias = select(bias, 0, 1);
    return scan(inputs, zeros(x, {x.dim(0), H}), [&](Tensor h, Tensor xt) {
      auto [xz, xr, xh] = chunk<3>(xt);
      auto [hz, hr, hh] = chunk<3>(einsum("bi,io->bo", h, recurrent_kernel) + state_bias);
      Tensor z = gate(xz + hz), r = gate(xr + hr);
      return z * h + (1.0 - z) * tanh(xh + r * hh);
    });
  }
};

/// Gates r, z, n, one bias; the state is reset before its product.
template <int In, int H> struct ChoGru {
  static constexpr std::string_view kind = "cho_gru";
  static constexpr Inits inits{.matrices = normal(0.01), .recurrent = {"orthogonal", 3}};
  Param<3 * H, In> W;
  InitParam<"recurrent", 3 * H, H> U;
  InitParam<"zeros", 3 * H> b;

  constexpr auto operator()(At x, const nn::Gate&) const {
    const auto [last, all] =
        nn::reset_first_gru({W, U, b}, x, {zeros(x, {x.dim(0), H})});
    return Stacked<Tensor, Tensor>{last.h, all};
  }
};

template <CellConfig C, template <int, int> class Layer> struct Classifier {
  static constexpr DimSpec seq = C.lengths ? ragged("seq") : DimSpec("seq");
  Layer<C.input, C.hidden> cell;
  nn::Linear<C.hidden, C.classes> head;

  constexpr Answer forward(Input<"x", f32, "batch", seq, C.input> x,
                           Input<"label", i64, "batch"> label) const {
    auto [last, output] = cell(x, {C.recurrent_activation.view(), C.hard_sigmoid_slope});
    Tensor logits = head(last);
    return {output, last, logits, nn::cross_entropy(logits, label)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "gru" && c.is("cell", Layer<1, 1>::kind);
  }
};

// ---- film reviews ------------------------------------------------------------------------------

struct ReviewConfig {
  double hard_sigmoid_slope = 0.2;  // Keras 3: 1/6
  int vocab = 10000, dim = 32, units = 32;
  OneOf<"sigmoid", "hard_sigmoid"> recurrent_activation = "sigmoid";
};

/// Embedding, GRU, Dense (Chollet 2017, chapter 6, with words of their own number).
template <ReviewConfig C> struct Review {
  static constexpr Inits inits = nn::keras_inits;
  nn::Embedding<C.vocab, C.dim> embedding;
  KerasGru<C.dim, C.units> gru;
  nn::Linear<C.units, 1> dense;

  struct Verdict {
    Tensor logits, probs;  // [B]
  };
  constexpr Verdict forward(Input<"ids", i64, "batch", ragged("seq")> ids) const {
    const nn::Gate gate{C.recurrent_activation.view(), C.hard_sigmoid_slope};
    Tensor logits = rearrange(dense(gru(embedding(ids), gate).last), "b1->b");
    return {logits, sigmoid(logits)};
  }
  static constexpr Task task{"words", "labels",
                             {{"lower", "true"}, {"punctuation", "true"}, {"output", "probs"},
                              {"names", "negative,positive"}}};
};

inline constexpr auto& gru_review = model<Review<config<ReviewConfig>>>;
inline constexpr auto& gru = model<Gru<config<GruConfig>>>;
inline constexpr auto& keras_gru = model<Classifier<config<CellConfig>, KerasGru>>;
inline constexpr auto& cho_gru = model<Classifier<config<CellConfig>, ChoGru>>;

static_assert(parameters(model<Gru<GruConfig{}>>) == 3 * (2 * 32 * 32 + 2 * 32) + 2 * 33);

}  // namespace
