// refused: not reported: add: cannot broadcast f32[8] with f32[7] (axis -1: 8 against 9)
#include "dsl/dsl.h"
namespace {
using namespace sinter;
struct Wrong {
  constexpr Tensor forward(Input<"x", f32, 8> x, Input<"y", f32, 7> y) const {
    // error: add: cannot broadcast f32[8] with f32[7] (axis -1: 8 against 9)
    return x + y;
  }
};
[[maybe_unused]] constexpr auto& wrong = model<Wrong>;
}  // namespace
