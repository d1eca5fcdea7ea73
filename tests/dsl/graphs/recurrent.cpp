// Recurrences: an LSTM as one writes it, the stacks of nn.h in every form, a conditional field.
#include "dsl/dsl.h"
#include "dsl/print.h"

namespace {
using namespace sinter;

template <int In, int H> struct Lstm {  // torch.nn.LSTM's own names
  Param<4 * H, In> weight_ih_l0;
  Param<4 * H, H> weight_hh_l0;
  Param<4 * H> bias_ih_l0, bias_hh_l0;
  struct State {
    Tensor h, c;
  };

  constexpr Tensor forward(Input<"x", f32, "batch", "seq", In> x) const {
    auto step = [&](State s, Tensor xt) {  // xt: [batch, In]
      auto [i, f, g, o] =
          chunk<4>(linear(xt, weight_ih_l0, bias_ih_l0) + linear(s.h, weight_hh_l0, bias_hh_l0));
      Tensor c = sigmoid(f) * s.c + sigmoid(i) * tanh(g);
      return State{sigmoid(o) * tanh(c), c};
    };
    Tensor zero = zeros(x, {"batch", H});
    return scan(x, State{zero, zero}, step).all;  // [batch, seq, H]
  }
};

template <class Rnn, int In> struct Stacked {
  Rnn rnn;
  constexpr nn::Recurrent forward(Input<"x", f32, "batch", ragged("seq"), In> x) const { return rnn(x); }
};

template <bool Bidirectional> struct Conditional {
  nn::Linear<8, 8> forward_cell;
  std::conditional_t<Bidirectional, nn::Linear<8, 8>, None> backward_cell;

  constexpr Tensor forward(Input<"x", f32, "batch", ragged("seq"), 8> x) const {
    Tensor zero = zeros(x, {"batch", 8});
    auto run = [&](auto& cell, bool reverse) {
      return scan(x, zero, [&](Tensor h, Tensor xt) { return tanh(cell(h) + xt); }, reverse).all;
    };
    if constexpr (Bidirectional)
      return concat({run(forward_cell, false), run(backward_cell, true)}, -1);
    else return run(forward_cell, false);
  }
};

inline constexpr auto& lstm = model<Lstm<32, 32>>;
inline constexpr auto& elman = model<Stacked<nn::RNN<32, 32>, 32>>;
inline constexpr auto& gru = model<Stacked<nn::GRU<8, 16, 2, true>, 8>>;
inline constexpr auto& deep_lstm = model<Stacked<nn::LSTM<8, 16, 3, true, 4>, 8>>;
inline constexpr auto& one_way = model<Conditional<false>>;
inline constexpr auto& two_ways = model<Conditional<true>>;
static_assert(parameters(lstm) == 8320 + 128);  // torch has two biases
static_assert(parameters(elman) == 2080 + 32);
static_assert(parameters(two_ways) == 2 * parameters(one_way));
}  // namespace

int main(int argc, char** argv) {
  return sinter::generate(argc, argv,
                          {{"lstm", lstm}, {"elman", elman}, {"gru", gru}, {"deep_lstm", deep_lstm},
                           {"one_way", one_way}, {"two_ways", two_ways}});
}
