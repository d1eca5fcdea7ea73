// A model of the same names as two.cpp's. SPACE is `namespace`, an anonymous one as models want it,
// or in the control a named one.
#include "dsl/dsl.h"
#include "dsl/print.h"

SPACE {
using namespace sinter;

struct NetConfig {
  int width = 3;
};
template <NetConfig C> struct Net {
  Param<C.width> weight;
  constexpr Tensor forward(Input<"x", f32, "n", C.width> x) const { return relu(x * weight); }
};
inline constexpr auto& net = model<Net<config<NetConfig>>>;
}  // namespace

std::string one() { return sinter::print({"net", net}); }
