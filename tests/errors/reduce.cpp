// Wrong models: reductions and normalisations.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Reductions {
  Param<12> twelve;

  constexpr Tensor forward(Input<"x", f32, "batch", 7> x, Input<"row", f32, 7> row,
                           Input<"none", f32, "batch", 0> none,
                           Input<"mask", boolean, "batch", 7> mask) const {
    // error: softmax: axis 2 is outside of f32[batch, 7]
    softmax(x, 2);
    // error: sum: axis -2 is named twice for f32[batch, 7]
    sum(x, {0, -2});
    // error: any: wants truth values, got f32[batch, 7]
    any(x, 0);
    // error: argmax: axis 1 of f32[batch, 0] is empty
    argmax(none, 1);
    // error: top_k: cannot take 8 along axis -1 of f32[batch, 7]
    top_k(x, 8);
    // error: cumsum: wants numbers, got bool[batch, 7]
    cumsum(mask, 1);
    // error: softmax: wants a bool mask, got f32[batch, 7]
    masked_softmax(x, x);
    // error: log_softmax: the mask bool[batch, 7] is larger than f32[7]
    masked_log_softmax(row, mask);
    // error: layer_norm: cannot normalise the last 3 axes of f32[batch, 7]
    layer_norm(x, 1e-5, 3);
    // error: layer_norm: weight f32[12] does not fit the last 1 axis of f32[batch, 7]
    //   (weight 'twelve')
    layer_norm(x, twelve, 1e-5);
    // error: batch_norm: wants 7 numbers for axis 1 of f32[batch, 7], got f32[12]
    //   (weight 'twelve')
    batch_norm(x, twelve, twelve, twelve, twelve, 1e-5);
    return x;
  }
};

[[maybe_unused]] constexpr auto& reductions = model<Reductions>;
}  // namespace
