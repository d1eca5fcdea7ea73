// A multilayer perceptron over a bag of words: the smallest model with a config and weights.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct MlpConfig {
  int words = 500, hidden = 16, classes = 3;
};

template <MlpConfig C> struct Mlp {
  nn::Linear<C.words, C.hidden> first;
  nn::Linear<C.hidden, C.classes> second;

  constexpr Tensor forward(Input<"x", f32, "batch", C.words> x) const {
    return softmax(second(relu(first(x))));  // f32[batch, classes]
  }
};

inline constexpr auto& mlp = model<Mlp<config<MlpConfig>>>;
}  // namespace
