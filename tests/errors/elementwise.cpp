// Wrong models: ops that work element by element. Each line marked so has the error above it.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Elementwise {
  Param<12> twelve;

  constexpr Tensor forward(Input<"x", f32, "batch", 7> x, Input<"ids", i32, "batch"> ids,
                           Input<"mask", boolean, "batch", 7> mask) const {
    // error: add: cannot broadcast f32[batch, 7] with f32[12] (axis -1: 7 against 12)
    //   (weight 'twelve')
    x + twelve;
    // error: mul: element types differ: f32[batch, 7] and i32[batch]
    x * ids;
    // error: exp: wants floating-point numbers, got i32[batch]
    exp(ids);
    // error: neg: wants numbers, got bool[batch, 7]
    -mask;
    // error: not: wants truth values, got f32[batch, 7]
    logical_not(x);
    // error: where: wants a bool condition, got f32[batch, 7]
    where(x, x, x);
    // error: where: element types differ: f32[batch, 7] and i32[batch]
    where(mask, x, ids);
    // error: broadcast: cannot turn f32[batch, 7] into f32[3, 7]
    broadcast(x, {3, 7});
    return x;
  }
};

// Symbols are equal only to themselves; a ragged dimension is not its dense twin.
struct Symbols {
  constexpr Tensor forward(Input<"x", f32, "batch", "seq"> x, Input<"y", f32, "batch", "keys"> y,
                           Input<"z", f32, "batch", ragged("seq")> z) const {
    // error: add: cannot broadcast f32[batch, seq] with f32[batch, keys] (axis -1: seq against keys)
    Tensor sum = x + y;
    // error: lt: cannot broadcast f32[batch, seq~] with f32[batch, seq] (axis -1: seq~ against seq)
    Tensor less = z < x;
    return minimum(sum, less);  // an error causes no other
  }
};

[[maybe_unused]] constexpr auto& elementwise = model<Elementwise>;
[[maybe_unused]] constexpr auto& symbols = model<Symbols>;
}  // namespace
