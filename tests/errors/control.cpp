// Wrong models: what goes into a body must come out of it.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Scans {
  Param<4, 8> narrow;
  struct State {
    Tensor h, c;
  };

  constexpr Tensor forward(Input<"x", f32, "batch", "seq", 8> x, Input<"y", f32, "batch", "time", 8> y,
                           Input<"deep", f32, 1, 1, 1, 1, 1, 1, 1, 1> deep) const {
    Tensor zero = zeros(x, {"batch", 8});
    // error: scan: state 'c' enters as f32[batch, 8] but the body returns f32[batch, 4]
    scan(x, State{zero, zero}, [&](State s, Tensor xt) {
      return State{s.h, linear(xt, narrow)};
    });
    // error: scan: axis 5 is outside of f32[batch, seq, 8]
    scan(x, zero, [](Tensor h, Tensor) { return h; }, false, 5);
    struct Pair {
      Tensor a, b;
    };
    // error: scan: axis 1 of f32[batch, time, 8] is not seq as in the first sequence
    scan(Pair{x, y}, zero, [](Tensor h, Pair) { return h; });
    // error: scan: cannot stack f32[1, 1, 1, 1, 1, 1, 1, 1] along axis 1
    scan(x, zero, [&](Tensor h, Tensor) { return Step{h, Tensor(deep)}; });
    return x;
  }
};

struct Loops {
  constexpr Tensor forward(Input<"x", f32, "batch", 8> x) const {
    auto always = [](Tensor h) { return any(h > 0, {0, 1}); };
    auto halve = [](Tensor h) { return h / 2; };
    // error: loop: the condition wants a bool scalar, got f32[batch, 8]
    loop(Tensor(x), 3, halve, halve);
    // error: loop: wants at least 1 round, got 0
    loop(Tensor(x), 0, always, halve);
    // error: loop: state '0' enters as f32[batch, 8] but the body returns f32[8]
    loop(Tensor(x), 3, always, [](Tensor h) { return sum(h, 0); });
    return x;
  }
};

[[maybe_unused]] constexpr auto& scans = model<Scans>;
[[maybe_unused]] constexpr auto& loops = model<Loops>;
}  // namespace
