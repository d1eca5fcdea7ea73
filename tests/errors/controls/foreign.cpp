// refused: not an error of the language
#include "dsl/dsl.h"
namespace {
using namespace sinter;
struct Wrong {
  constexpr Tensor forward(Input<"x", f32, 8> x, Input<"y", i32, 7> y) const {
    // error: add: element types differ: f32[8] and i32[7]
    return x + y;
  }
};
[[maybe_unused]] constexpr auto& wrong = model<Wrong>;
constexpr int not_declared = nowhere;
}  // namespace
