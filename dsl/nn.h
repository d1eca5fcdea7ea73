// Layers with weights, written in the language itself. Names and layouts are torch.nn's, so that
// checkpoints fit. B = batch, T = time, H = hidden size.
// Non-goals: layers that one model uses alone; they live in its file.
#pragma once
#include "dsl/control.h"

namespace sinter::nn {

/// How torch starts layers over `from` features: weights and biases alike.
constexpr Inits torch_inits(int from) {
  const Init start = uniform(1 / sqrt(from));
  return {.matrices = start, .vectors = start};
}
/// How Keras starts its layers, but for the forget gate's bias.
inline constexpr Inits keras_inits{.matrices = {"xavier_uniform"}, .vectors = {"zeros"},
                                   .tables = uniform(0.05), .recurrent = {"orthogonal"}};

/// y = x weightᵀ + bias. x [..., In] -> [..., Out]
template <int In, int Out, bool HasBias = true> struct Linear {
  Param<Out, In> weight;
  std::conditional_t<HasBias, Param<Out>, None> bias;
  static constexpr Inits inits = torch_inits(In);
  constexpr Tensor operator()(At x) const {
    if constexpr (HasBias) return linear(x, weight, bias);
    else return linear(x, weight);
  }
  /// The same for a bag that is given by its ids, without its In numbers: x counts how often each
  /// of the ids occurs. ids [B, n] -> [B, Out]
  constexpr Tensor of_bag(At ids) const {
    if (ids.bad()) return ids;
    const InLayer in_layer(ids);
    At table(weight);
    table.loc = ids.loc;
    Tensor y = rearrange(sum(gather(table, ids, 1), -1), "ob->bo");
    if constexpr (HasBias) return y + bias;
    else return y;
  }
};

/// Rows of a table: ids [...] -> [..., Width]
template <int Vocab, int Width> struct Embedding {
  InitParam<"table", Vocab, Width> weight;
  static constexpr Inits inits{.tables = normal(1)};
  constexpr Tensor operator()(At ids) const {
    if (ids.bad()) return ids;
    At table(weight);
    table.loc = ids.loc;
    return gather(table, ids);
  }
};

/// Over the last axis (Ba, Kiros & Hinton 2016).
template <int Width, double Eps = 1e-5> struct LayerNorm {
  InitParam<"ones", Width> weight;
  InitParam<"zeros", Width> bias;
  constexpr Tensor operator()(At x) const { return layer_norm(x, weight, bias, Eps); }
};

/// Per channel on axis 1, with stored statistics (Ioffe & Szegedy 2015).
template <int Channels, double Eps = 1e-5> struct BatchNorm {
  InitParam<"ones", Channels> weight;
  InitParam<"zeros", Channels> bias;
  Buffer<Channels> running_mean, running_var;
  constexpr Tensor operator()(At x) const {
    return batch_norm(x, weight, bias, running_mean, running_var, Eps);
  }
};

/// x [B, In, T] -> [B, Out, T']
template <int In, int Out, int Size, bool HasBias = true> struct Conv1d {
  Param<Out, In, Size> weight;
  std::conditional_t<HasBias, Param<Out>, None> bias;
  static constexpr Inits inits = torch_inits(In * Size);
  constexpr Tensor operator()(At x, const ConvOptions& options = {}) const {
    if constexpr (HasBias) return conv(x, weight, bias, options);
    else return conv(x, weight, options);
  }
};

/// x [B, In, H, W] -> [B, Out, H', W']
template <int In, int Out, int Size, bool HasBias = true> struct Conv2d {
  Param<Out, In, Size, Size> weight;
  std::conditional_t<HasBias, Param<Out>, None> bias;
  static constexpr Inits inits = torch_inits(In * Size * Size);
  constexpr Tensor operator()(At x, const ConvOptions& options = {}) const {
    if constexpr (HasBias) return conv(x, weight, bias, options);
    else return conv(x, weight, options);
  }
};

// ---- recurrent layers --------------------------------------------------------------------------
// One direction of one layer each; torch's keys carry the layer's number (`{}`) and "_reverse".

/// What a recurrent stack gives: the last layer's outputs, and the last state of every layer and
/// direction, stacked [layers * directions, B, H].
struct Recurrent {
  Tensor output;  // [B, T, directions * H]
  Tensor h_n, c_n;
};

/// h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu (Elman 1990; torch.nn.RNN).
struct TanhCell {
  static constexpr int gates = 1;
  struct State {
    Tensor h;  // [B, H]
  };
  static constexpr State step(const State&, Tensor x, Tensor h) { return {tanh(x + h)}; }
};
struct ReluCell {
  static constexpr int gates = 1;
  struct State {
    Tensor h;  // [B, H]
  };
  static constexpr State step(const State&, Tensor x, Tensor h) { return {relu(x + h)}; }
};
/// Gates r, z, n; the reset gate acts after the recurrent product (torch.nn.GRU).
struct GruCell {
  static constexpr int gates = 3;
  struct State {
    Tensor h;  // [B, H]
  };
  static constexpr State step(const State& s, Tensor x, Tensor h) {
    auto [xr, xz, xn] = chunk<3>(x);
    auto [hr, hz, hn] = chunk<3>(h);
    Tensor r = sigmoid(xr + hr), z = sigmoid(xz + hz);
    Tensor n = tanh(xn + r * hn);
    return {(1.0 - z) * n + z * s.h};
  }
};
/// How far a gate is open: sigmoid, or Keras' hard_sigmoid, slope x + 1/2 between 0 and 1.
struct Gate {
  double slope = 0;  // 0: sigmoid
  constexpr Gate() = default;
  /// As Keras' `recurrent_activation` names it.
  constexpr Gate(std::string_view name, double hard) : slope(name == "hard_sigmoid" ? hard : 0) {}
  constexpr Tensor operator()(At x) const { return slope > 0 ? hard_sigmoid(x, slope) : sigmoid(x); }
};
/// Gates i, f, g, o (Hochreiter & Schmidhuber 1997; torch.nn.LSTM).
struct LstmCell {
  static constexpr int gates = 4;
  struct State {
    Tensor h, c;  // [B, P], [B, H]; P = H without a projection
  };
  static constexpr State step(const State& s, Tensor x, Tensor h, const Gate& gate = {}) {
    auto [i, f, g, o] = chunk<4>(x + h);
    Tensor c = gate(f) * s.c + gate(i) * tanh(g);
    return {gate(o) * tanh(c), c};
  }
};

/// LstmCell whose gates also see the cell through one weight for each (Gers & Schmidhuber 2000):
/// i and f the old one, o the new one.
struct PeepholeLstmCell {
  static constexpr int gates = 4;
  using State = LstmCell::State;
  Tensor i, f, o;  // [H]
  constexpr State step(const State& s, Tensor x, Tensor h) const {
    auto [xi, xf, xg, xo] = chunk<4>(x + h);
    Tensor c = sigmoid(xf + f * s.c) * s.c + sigmoid(xi + i * s.c) * tanh(xg);
    return {sigmoid(xo + o * c) * tanh(c), c};
  }
};

/// The weights of a recurrence, G rows for all its gates; what has no graph is not there.
struct Gates {
  Tensor ih, hh;                // [G, In], [G, P]
  Tensor bias_ih{}, bias_hh{};  // [G]
  Tensor projection{};          // [P, H]: h is its product with what the cell gives
};
namespace detail {
constexpr Tensor affine(At x, Tensor weight, Tensor bias) {
  return bias.graph ? linear(x, weight, bias) : linear(x, weight);
}
}  // namespace detail

/// Runs a cell over x [B, T, In] from a state; the input's part of all steps is one product.
template <class Cell>
constexpr auto recur(const Cell& cell, const Gates& w, At x, const typename Cell::State& first,
                     bool reverse = false) {
  using State = typename Cell::State;
  return scan(
      detail::affine(x, w.ih, w.bias_ih), first,  // [B, T, gates * H]
      [&](const State& s, Tensor xt) {
        State next = cell.step(s, xt, detail::affine(s.h, w.hh, w.bias_hh));
        if (w.projection.graph) next.h = linear(next.h, w.projection);
        return next;
      },
      reverse);
}
/// Gates r, z, n; the reset gate acts on the state before its product (Cho et al. 2014), so each
/// step has two, one behind the other.
constexpr auto reset_first_gru(const Gates& w, At x, const GruCell::State& first,
                               bool reverse = false) {
  const auto [r_hh, z_hh, n_hh] = chunk<3>(w.hh, 0);  // [H, H] each
  Tensor bias = w.bias_ih;
  if (w.bias_hh.graph) bias = bias.graph ? bias + w.bias_hh : w.bias_hh;
  return scan(
      detail::affine(x, w.ih, bias), first,
      [&](const GruCell::State& s, Tensor xt) {
        auto [xr, xz, xn] = chunk<3>(xt);
        Tensor r = sigmoid(xr + linear(s.h, r_hh)), z = sigmoid(xz + linear(s.h, z_hh));
        return GruCell::State{z * s.h + (1.0 - z) * tanh(xn + linear(r * s.h, n_hh))};
      },
      reverse);
}

/// One step of a recurrence with its weights (torch.nn.GRUCell, LSTMCell): x [B, In].
template <class Step, int In, int H> struct Cell {
  Param<Step::gates * H, In> weight_ih;
  InitParam<"recurrent", Step::gates * H, H> weight_hh;
  Param<Step::gates * H> bias_ih;
  InitParam<"recurrent", Step::gates * H> bias_hh;
  static constexpr Inits inits = torch_inits(H);
  constexpr typename Step::State operator()(At x, const typename Step::State& state) const {
    return Step::step(state, linear(x, weight_ih, bias_ih), linear(state.h, weight_hh, bias_hh));
  }
};

/// Weights of one direction of one layer; G is the size of all gates, Out that of h: H, or the
/// projection's.
template <int In, int G, int H, int Out, bool Reverse> struct Direction;
template <int In, int G, int H, int Out> struct Direction<In, G, H, Out, false> {
  Named<"weight_ih_l{}", Param<G, In>> ih;
  Named<"weight_hh_l{}", InitParam<"recurrent", G, Out>> hh;
  Named<"bias_ih_l{}", Param<G>> bias_ih;
  Named<"bias_hh_l{}", InitParam<"recurrent", G>> bias_hh;
  std::conditional_t<Out != H, Named<"weight_hr_l{}", Param<Out, H>>, None> projection;
};
template <int In, int G, int H, int Out> struct Direction<In, G, H, Out, true> {
  Named<"weight_ih_l{}_reverse", Param<G, In>> ih;
  Named<"weight_hh_l{}_reverse", InitParam<"recurrent", G, Out>> hh;
  Named<"bias_ih_l{}_reverse", Param<G>> bias_ih;
  Named<"bias_hh_l{}_reverse", InitParam<"recurrent", G>> bias_hh;
  std::conditional_t<Out != H, Named<"weight_hr_l{}_reverse", Param<Out, H>>, None> projection;
};

/// Runs one direction over x [B, T, In].
template <class Cell, int In, int G, int H, int Out, bool Reverse>
constexpr auto run(const Direction<In, G, H, Out, Reverse>& w, At x,
                   const typename Cell::State& first) {
  Gates gates{w.ih, w.hh, w.bias_ih, w.bias_hh};
  if constexpr (Out != H) gates.projection = w.projection;
  return recur(Cell{}, gates, x, first, Reverse);
}

template <class Cell, int In, int H, int Out, bool Bidirectional> struct Layer {
  Named<"", Direction<In, Cell::gates * H, H, Out, false>> forward;
  std::conditional_t<Bidirectional, Named<"", Direction<In, Cell::gates * H, H, Out, true>>, None> backward;
};

/// A stack of recurrent layers with torch's keys. Rows of a ragged x end where they end.
template <class Cell, int In, int H, int Layers = 1, bool Bidirectional = false, int Projection = 0>
struct Stack {
  static constexpr int out = Projection > 0 ? Projection : H;  // of one direction
  static constexpr int directions = Bidirectional ? 2 : 1;
  using State = typename Cell::State;
  Named<"", Array<Layer<Cell, In, H, out, Bidirectional>, 1>> bottom;
  Named<"", Array<Layer<Cell, directions * out, H, out, Bidirectional>, Layers - 1, 1>> upper;
  static constexpr Inits inits = torch_inits(H);

  static constexpr State zero(At x) {
    State state{};
    state.h = zeros(x, {x.dim(0), out});
    if constexpr (requires { state.c; }) state.c = zeros(x, {x.dim(0), H});
    return state;
  }
  using States = std::array<State, Layers * directions>;
  /// One step of all layers: x [..., In]; the last state's h is the output.
  constexpr States step(At x, const States& before) const {
    static_assert(!Bidirectional, "a step goes one way");
    States after;
    At y = x;
    const auto take = [&](const auto& layer, std::size_t at) {
      const auto& w = layer.forward;
      after[at] = Cell::step(before[at], linear(y, w.ih, w.bias_ih),
                             linear(before[at].h, w.hh, w.bias_hh));
      if constexpr (out != H) after[at].h = linear(after[at].h, w.projection);
      y = after[at].h;
    };
    take(bottom[0], 0);
    for (int i = 1; i < Layers; ++i) take(upper[i - 1], static_cast<std::size_t>(i));
    return after;
  }
  /// From states stacked as `Recurrent` gives them: [layers * directions, B, H].
  constexpr Recurrent operator()(At x, Tensor h0, Tensor c0 = {}) const {
    std::array<State, Layers * directions> first;
    for (int i = 0; i < Layers * directions; ++i) {
      first[static_cast<std::size_t>(i)].h = select(h0, 0, i);
      if constexpr (requires { first[0].c; }) first[static_cast<std::size_t>(i)].c = select(c0, 0, i);
    }
    return (*this)(x, first);
  }
  /// From zero states.
  constexpr Recurrent operator()(At x) const {
    const InLayer in_layer(x);
    std::array<State, Layers * directions> first;
    first.fill(zero(x));
    return (*this)(x, first);
  }
  /// From given states, one for each layer and direction.
  constexpr Recurrent operator()(At x, const std::array<State, Layers * directions>& first) const {
    const InLayer in_layer(x);
    std::array<State, Layers * directions> last;
    At y = x;
    for (int layer = 0; layer < Layers; ++layer) {
      const std::size_t at = static_cast<std::size_t>(layer * directions);
      if (layer == 0) y = level(bottom[0], y, first, last, at);
      else y = level(upper[layer - 1], y, first, last, at);
    }
    std::array<Tensor, Layers * directions> h, c;
    for (std::size_t i = 0; i < h.size(); ++i) {
      h[i] = last[i].h;
      if constexpr (requires { last[i].c; }) c[i] = last[i].c;
    }
    Recurrent result{y, stack(h, 0), {}};
    if constexpr (requires { last[0].c; }) result.c_n = stack(c, 0);
    return result;
  }

 private:
  template <class L>
  static constexpr At level(const L& layer, At x, const std::array<State, Layers * directions>& first,
                            std::array<State, Layers * directions>& last, std::size_t at) {
    auto ahead = run<Cell>(layer.forward, x, first[at]);
    last[at] = ahead.last;
    if constexpr (Bidirectional) {
      auto back = run<Cell>(layer.backward, x, first[at + 1]);
      last[at + 1] = back.last;
      return concat({ahead.all, back.all}, -1);
    } else {
      return ahead.all;
    }
  }
};

template <int In, int H, int Layers = 1, bool Bidirectional = false>
using RNN = Stack<TanhCell, In, H, Layers, Bidirectional>;
template <int In, int H, int Layers = 1, bool Bidirectional = false>
using ReluRNN = Stack<ReluCell, In, H, Layers, Bidirectional>;
template <int In, int H, int Layers = 1, bool Bidirectional = false, int Projection = 0>
using LSTM = Stack<LstmCell, In, H, Layers, Bidirectional, Projection>;
template <int In, int H, int Layers = 1, bool Bidirectional = false>
using GRU = Stack<GruCell, In, H, Layers, Bidirectional>;

/// LSTM with a projection of h and clipping of both states (ELMo's; AllenNLP's names): gates i, f,
/// g, o. The clipped values are what recurs.
template <int In, int H, int P> struct ProjectedLstm {
  struct Options {
    double cell_clip = 0, projection_clip = 0, forget_bias = 0;  // 0: not clipped
    bool reverse = false;
  };
  struct StateLinearity {
    Param<4 * H, P> weight;
    InitParam<"forget_ones", 4 * H> bias;
    constexpr Tensor operator()(At x) const { return linear(x, weight, bias); }
  };
  Started<"orthogonal:4", Linear<In, 4 * H, false>> input_linearity;
  Started<"orthogonal:4", StateLinearity> state_linearity;
  Linear<H, P, false> state_projection;

  static constexpr Tensor clip(At x, double limit) {
    return limit > 0 ? clamp(x, -limit, limit) : Tensor(x);
  }
  /// x [B, T, In]; the outputs are [B, T, P]
  constexpr auto operator()(At x, const Options& o) const {
    using State = LstmCell::State;
    const State zero{zeros(x, {x.dim(0), P}), zeros(x, {x.dim(0), H})};
    return scan(
        input_linearity(x), zero,
        [&](const State& s, Tensor xt) {
          auto [i, f, g, out] = chunk<4>(xt + state_linearity(s.h));
          Tensor c = clip(sigmoid(i) * tanh(g) + sigmoid(f + o.forget_bias) * s.c, o.cell_clip);
          return State{clip(state_projection(sigmoid(out) * tanh(c)), o.projection_clip), c};
        },
        o.reverse);
  }
};

/// Each row's own last element: x [B, T, D] -> [B, D], zeros where a ragged row has none.
constexpr Tensor last_step(At x) {
  if (x.bad()) return x;
  if (!x.rules().dims.is_ragged(x.shape()[1]))
    return rearrange(slice(x, 1, x.dim(1) - 1, x.dim(1)), "b1d->bd");
  Tensor place = iota(x, {x.dim(1)}, 0), last = unsqueeze(lengths(x) - 1.0, 1);  // [T], [B, 1]
  return sum(where(unsqueeze(place == last, 2), x, 0.0), 1);
}

/// The vectors at each row's own places: x [B, T, D], places [B, M] -> [B, M, D]
constexpr Tensor rows_at(At x, Tensor places) {
  if (x.bad() || places.bad()) return {x.graph, -1};
  Tensor wide = broadcast(unsqueeze(places, -1), {places.dim(0), places.dim(1), x.dim(2)});
  return gather_along(x, wide, 1);
}

/// The activations that configurations name.
constexpr Tensor activate(std::string_view name, At x) {
  if (name == "gelu_new") return gelu_tanh(x);
  if (name == "gelu") return gelu(x);
  if (name == "tanh") return tanh(x);
  return relu(x);
}

// ---- attention ---------------------------------------------------------------------------------

/// softmax(q kᵀ / sqrt(head_dim)) v (Vaswani et al. 2017). q [B, heads, Q, D], k and v
/// [B, heads, K, D]; a mask broadcasts to [B, heads, Q, K] and is true where a key takes part.
struct Attended {
  Tensor output;   // [B, heads, Q, D]
  Tensor weights;  // [B, heads, Q, K], before dropout
};
constexpr Attended attention(At q, Tensor k, Tensor v, double scale, Tensor mask = {},
                             double drop = 0) {
  const InLayer in_layer(q);
  Tensor scores = einsum("bhqd,bhkd->bhqk", q * scale, k);
  Tensor weights = mask.graph ? masked_softmax(scores, mask) : softmax(scores);
  return {einsum("bhqk,bhkd->bhqd", dropout(weights, drop), v), weights};
}
/// 1 / sqrt(head_dim); a width that heads do not divide is split_heads' to refuse.
constexpr double head_scale(int width, int heads) {
  return heads > 0 && width >= heads ? 1 / sqrt(width / heads) : 1;
}
/// [B, T, heads * D] -> [B, heads, T, D]
constexpr Tensor split_heads(At x, int heads) { return rearrange(x, "bt(hd)->bhtd", {{'h', heads}}); }
/// [B, heads, T, D] -> [B, T, heads * D]
constexpr Tensor merge_heads(At x) { return rearrange(x, "bhtd->bt(hd)"); }

/// torch.nn.MultiheadAttention's weights: queries, keys and values in one matrix. Training drops
/// weights of the attention by `Drop`; the steps are for answers alone.
template <int D, int Heads, double Drop = 0> struct MultiHead {
  Param<3 * D, D> in_proj_weight;
  Param<3 * D> in_proj_bias;
  Linear<D, D> out_proj;
  static constexpr Inits inits{.matrices = {"xavier_uniform"}, .vectors = {"zeros"}};

  /// Part 0, 1, 2 is for queries, keys, values: x [..., D]
  constexpr Tensor project(At x, int part) const {
    const InLayer in_layer(x);
    return linear(x, slice(in_proj_weight, 0, part * D, (part + 1) * D),
                  slice(in_proj_bias, 0, part * D, (part + 1) * D));
  }
  /// x [B, Q, D] looks at memory [B, K, D].
  constexpr Tensor operator()(At x, Tensor memory, Tensor mask = {}) const {
    const InLayer in_layer(x);
    const auto heads = [&](Tensor y, int part) { return split_heads(project(y, part), Heads); };
    const Attended looked =
        attention(heads(x, 0), heads(memory, 1), heads(memory, 2), head_scale(D, Heads), mask, Drop);
    return out_proj(merge_heads(looked.output));
  }
  /// One step of each of N hypotheses: x [B, N, D] looks at its own places, keys and values
  /// [B, N, K, D], of which `mask` [K] says which count.
  constexpr Tensor step(At x, Tensor keys, Tensor values, Tensor mask) const {
    const InLayer in_layer(x);
    const auto split = [](Tensor y) { return rearrange(y, "bnk(hd)->bnkhd", {{'h', Heads}}); };
    Tensor q = rearrange(project(x, 0), "bn(hd)->bnhd", {{'h', Heads}}) * head_scale(D, Heads);
    Tensor weights = masked_softmax(einsum("bnhd,bnkhd->bnhk", q, split(keys)), mask);
    Tensor y = einsum("bnhk,bnkhd->bnhd", weights, split(values));
    return out_proj(rearrange(y, "bnhd->bn(hd)"));
  }
  /// The same for places that all hypotheses share: keys and values [B, K, D].
  constexpr Tensor step(At x, Tensor keys, Tensor values) const {
    const InLayer in_layer(x);
    const auto split = [](Tensor y) { return rearrange(y, "bk(hd)->bkhd", {{'h', Heads}}); };
    Tensor q = rearrange(project(x, 0), "bn(hd)->bnhd", {{'h', Heads}}) * head_scale(D, Heads);
    Tensor weights = softmax(einsum("bnhd,bkhd->bnhk", q, split(keys)));
    Tensor y = einsum("bnhk,bkhd->bnhd", weights, split(values));
    return out_proj(rearrange(y, "bnhd->bn(hd)"));
  }
};
/// [Q, K], true where key j is not behind query i.
constexpr Tensor causal_mask(At like, Size queries, Size keys) {
  const InLayer in_layer(like);
  if (like.bad()) return like;
  return iota(like, {1, keys}, 1) <= iota(like, {queries, 1}, 0);
}

// ---- positions ---------------------------------------------------------------------------------

inline constexpr double log10000 = 9.210340371976184;

/// sin and cos side by side: place p, pair i has p / 10000^(2 i / D) (Vaswani et al. 2017). [T, D]
constexpr Tensor sinusoids(At like, Size length, int width) {
  const InLayer in_layer(like);
  if (like.bad()) return like;
  Tensor pair = cast(iota(like, {1, (width + 1) / 2}, 1), f32);
  Tensor angle = cast(iota(like, {length, 1}, 0), f32) * exp(pair * (-2 * log10000 / width));
  Tensor waves = concat({unsqueeze(sin(angle), 2), unsqueeze(cos(angle), 2)}, 2);
  return slice(rearrange(waves, "tis->t(is)"), 1, 0, width);  // an odd width ends with a sine
}
/// All sines, then all cosines, then a 0 if D is odd: 10000^(-i / (D / 2 - 1)) (tensor2tensor). [T, D]
constexpr Tensor sinusoids_in_halves(At like, Size length, int width) {
  const InLayer in_layer(like);
  if (like.bad()) return like;
  const int half = width / 2;
  Tensor wave = cast(iota(like, {1, half}, 1), f32);
  const double step = half > 1 ? -log10000 / (half - 1) : 0;
  Tensor angle = cast(iota(like, {length, 1}, 0), f32) * exp(wave * step);
  Tensor waves = concat({sin(angle), cos(angle)}, 1);
  return width % 2 == 0 ? waves : pad(waves, {{0, 0}, {0, 1}});
}

}  // namespace sinter::nn
