// Wrong models: convolutions and pools.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Convolutions {
  Param<5, 7, 3> narrow;
  Param<5, 1, 3> grouped;
  Param<5, 3, 3> three;
  Param<8> eight;

  constexpr Tensor forward(Input<"x", f32, "batch", 7, "time"> x, Input<"flat", f32, "batch", 7> flat,
                           Input<"brief", f32, "batch", 7, 2> brief,
                           Input<"kernel", f32, 5, 7, "k"> kernel) const {
    // error: conv: wants sizes, strides and dilations of at least 1 and paddings of at least 0
    //   (weight 'narrow')
    conv(x, narrow, {.stride = 0});
    // error: conv: a window of 3 does not fit into axis 2 of f32[batch, 7, 2] (weight 'narrow')
    conv(brief, narrow);
    // error: conv: wants x [batch, channels, 1 or 2 axes] and a weight of that rank, got
    //   f32[batch, 7] and f32[5, 7, 3] (weight 'narrow')
    conv(flat, narrow);
    // error: conv: wants a window of constant size, got f32[5, 7, k]
    conv(x, kernel);
    // error: conv: cannot split the channels of f32[batch, 7, time] into 2 groups (weight 'narrow')
    conv(x, narrow, {.groups = 2});
    // error: conv: wants 3 channels on axis 1, got f32[batch, 7, time] (weight 'three')
    conv(x, three);
    // error: conv: cannot split the outputs of f32[5, 1, 3] into 7 groups (weight 'grouped')
    conv(x, grouped, {.groups = 7});
    // error: conv: wants a bias [5], got f32[8] (weight 'narrow')
    conv(x, narrow, eight);
    return x;
  }
};

struct Pools {
  constexpr Tensor forward(Input<"x", f32, "batch", 7, "time"> x,
                           Input<"flat", f32, "batch", 7> flat) const {
    // error: max_pool: wants x [batch, channels, 1 or 2 axes], got f32[batch, 7]
    max_pool(flat, 2);
    // error: avg_pool: a padding must be smaller than the window of 2
    avg_pool(x, 2, {.padding = 2});
    return x;
  }
};

[[maybe_unused]] constexpr auto& convolutions = model<Convolutions>;
[[maybe_unused]] constexpr auto& pools = model<Pools>;
}  // namespace
