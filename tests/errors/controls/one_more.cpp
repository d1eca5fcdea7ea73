// refused: not expected: exp: wants floating-point numbers, got i32[7]
#include "dsl/dsl.h"
namespace {
using namespace sinter;
struct Wrong {
  constexpr Tensor forward(Input<"x", f32, 8> x, Input<"y", i32, 7> y) const {
    // error: add: element types differ: f32[8] and i32[7]
    x + y;
    return exp(y);
  }
};
[[maybe_unused]] constexpr auto& wrong = model<Wrong>;
}  // namespace
