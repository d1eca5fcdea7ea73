// refused: compiles
#include "dsl/dsl.h"
namespace {
using namespace sinter;
struct Right {
  // error: add: cannot broadcast f32[batch, 8] with f32[batch, 8] (axis -1: 8 against 8)
  constexpr Tensor forward(Input<"x", f32, "batch", 8> x) const { return x + x; }
};
[[maybe_unused]] constexpr auto& right = model<Right>;
}  // namespace
