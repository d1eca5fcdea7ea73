// Losses, each a float scalar: what training makes small. Means are over all examples.
// Non-goals: losses of one model alone; they live in its file.
#pragma once
#include "dsl/ops.h"

namespace sinter::nn {

/// -log p(label) of softmaxed logits, one for each example. logits [..., C], labels [...] -> [...]
constexpr Tensor negative_log_likelihood(At logits, Tensor labels) {
  Tensor chosen = gather_along(log_softmax(logits), unsqueeze(labels, -1), logits.rank() - 1);
  return -sum(chosen, -1);
}
/// logits [B, C], labels [B]
constexpr Tensor cross_entropy(At logits, Tensor labels) {
  return mean(negative_log_likelihood(logits, labels), 0);
}
/// Logits of yes and no: log(1 + e^x) - x t, t in [0, 1]. x and t [B]
constexpr Tensor binary_cross_entropy(At logits, Tensor labels) {
  return mean(softplus(logits) - logits * labels, 0);
}

}  // namespace sinter::nn
