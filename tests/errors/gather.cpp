// Wrong models: gathers, scatters, and the door between dense and ragged.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Gathers {
  constexpr Tensor forward(Input<"x", f32, "batch", 7> x, Input<"ids", i32, "batch"> ids,
                           Input<"at", i64, "batch", 3> at, Input<"wide", f32, 1, 1, 1, 1, 1> wide,
                           Input<"deep", i64, 2, 2, 2, 2, 2> deep,
                           Input<"full", i64, 2, 2, 2, 2, 2, 2, 2, 2> full) const {
    // error: gather: wants i32 or i64 indices, got f32[batch, 7]
    gather(x, x);
    // error: gather: the result of f32[1, 1, 1, 1, 1] by i64[2, 2, 2, 2, 2] has more than 8 axes
    gather(wide, deep);
    // error: gather_along: indices i32[batch] do not fit f32[batch, 7] along axis 1
    gather_along(x, ids, 1);
    // error: scatter_add: cannot add f32[batch, 7] at i64[batch, 3] along axis 1 of f32[batch, 7]
    scatter_add(x, at, x, 1);
    // error: one_hot: wants at least 1 class, got 0
    one_hot(ids, 0);
    // error: one_hot: the result for i64[2, 2, 2, 2, 2, 2, 2, 2] has more than 8 axes
    one_hot(full, 3);
    return x;
  }
};

struct Lengths {
  constexpr Tensor forward(Input<"x", f32, "batch", 7> x, Input<"ids", i32, "batch"> ids) const {
    // error: ragged: wants x [rows, extent, ...] and i32 or i64 lengths [rows], got f32[batch, 7]
    //   and f32[batch, 7]
    make_ragged(x, x, "seq");
    // error: dense: wants a ragged axis, got f32[batch, 7]
    make_dense(x);
    // error: lengths: wants a ragged axis, got i32[batch]
    lengths(ids);
    return x;
  }
};

[[maybe_unused]] constexpr auto& gathers = model<Gathers>;
[[maybe_unused]] constexpr auto& row_lengths = model<Lengths>;
}  // namespace
