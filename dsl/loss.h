// Losses: what training makes small. Each gives one number for every example or element, reduced
// by its last option; labels are class numbers, logits come before softmax or sigmoid.
// Non-goals: losses of one model alone; they live in its file.
#pragma once
#include <optional>

#include "dsl/ops.h"

namespace sinter::nn {

/// What becomes of the single losses. batch_mean: their sum over the first dimension's size.
enum class Reduction { none, mean, sum, batch_mean };

/// each [B, ...]
constexpr Tensor reduced(At each, Reduction reduction) {
  const InLayer in_layer(each);
  switch (reduction) {
    case Reduction::none: return each;
    case Reduction::mean: return mean(each, Axes::all(each));
    case Reduction::sum: return sum(each, Axes::all(each));
    case Reduction::batch_mean: break;
  }
  return sum(each, Axes::all(each)) / cast(size(each, 0), each.dtype());
}

/// Options of losses over classes. `ignore_index`: examples with this label count nowhere.
/// `weight` [C]: what an example of each class counts; a mean divides by the weights of the kept
/// labels. `label_smoothing` e (Szegedy et al. 2016): the label gets 1 - e, and all C classes, it
/// included, e / C each.
struct ClassLoss {
  Reduction reduction = Reduction::mean;
  std::optional<int> ignore_index{};
  double label_smoothing = 0;
  Tensor weight{};
};

/// -log p(label), where x has log-probabilities. x [..., C], labels [...] -> [...], reduced
constexpr Tensor nll(At x, Tensor labels, const ClassLoss& o = {}) {
  const InLayer in_layer(x);
  if (x.bad() || labels.bad()) return {x.graph, -1};
  const Tensor keep = o.ignore_index ? labels != double(*o.ignore_index) : Tensor{};
  const Tensor safe = o.ignore_index ? where(keep, labels, 0.0) : labels;  // a class that exists
  const bool weighted = o.weight.graph != nullptr;
  const Tensor log_p = weighted && o.label_smoothing != 0 ? x * o.weight : Tensor(x);  // [..., C]
  Tensor each = -sum(gather_along(x, unsqueeze(safe, -1), x.rank() - 1), -1);          // [...]
  Tensor counts = weighted ? gather(o.weight, safe) : Tensor{};                        // [...]
  if (weighted) each = each * counts;
  if (o.label_smoothing != 0)
    each = (1 - o.label_smoothing) * each - o.label_smoothing * mean(log_p, -1);
  if (o.ignore_index) {
    each = where(keep, each, 0.0);
    counts = weighted ? where(keep, counts, 0.0) : cast(keep, x.dtype());
  }
  if (o.reduction != Reduction::mean || counts.graph == nullptr) return reduced(each, o.reduction);
  return reduced(each, Reduction::sum) / reduced(counts, Reduction::sum);
}
/// nll of log_softmax(logits). logits [..., C], labels [...] -> [...], reduced
constexpr Tensor cross_entropy(At logits, Tensor labels, const ClassLoss& o = {}) {
  const InLayer in_layer(logits);
  return nll(log_softmax(logits), labels, o);
}
/// Of a sequence model: logits [B, T - 1, C] at each place of targets i64 [B, T] but the last, for
/// the token behind it; the mean over the places inside each row's length.
constexpr Tensor next_token_loss(At logits, Tensor targets, Tensor lengths,
                                 double label_smoothing = 0) {
  const InLayer in_layer(logits);
  if (logits.bad() || targets.bad() || lengths.bad()) return {logits.graph, -1};
  const Tensor next = slice(targets, 1, 1, targets.dim(1));
  const Tensor places = iota(targets, {1, targets.dim(1) - 1}, 1);
  const Tensor counts = places < unsqueeze(lengths - 1.0, 1);
  const Tensor each = cross_entropy(
      logits, next, {.reduction = Reduction::none, .label_smoothing = label_smoothing});
  return sum(where(counts, each, 0.0), {0, 1}) / sum(cast(counts, each.dtype()), {0, 1});
}
/// Logits of yes and no: log(1 + e^x) - x t, t in [0, 1], in the form that keeps small losses:
/// max(x, 0) - x t + log(1 + e^-|x|)
constexpr Tensor binary_cross_entropy(At logits, Tensor labels,
                                      Reduction reduction = Reduction::mean) {
  const InLayer in_layer(logits);
  return reduced(relu(logits) - logits * labels + softplus(-abs(logits)), reduction);
}
/// (x - t)^2
constexpr Tensor squared_error(At x, Tensor target, Reduction reduction = Reduction::mean) {
  const InLayer in_layer(x);
  return reduced(square(x - target), reduction);
}
/// |x - t|
constexpr Tensor absolute_error(At x, Tensor target, Reduction reduction = Reduction::mean) {
  const InLayer in_layer(x);
  return reduced(abs(x - target), reduction);
}
/// With d = x - t: |d| < delta ? d^2 / 2 : delta (|d| - delta / 2), Huber 1964.
constexpr Tensor huber(At x, Tensor target, double delta = 1,
                       Reduction reduction = Reduction::mean) {
  const InLayer in_layer(x);
  const Tensor d = x - target, far = abs(d);
  return reduced(where(far < delta, square(d) / 2, delta * (far - delta / 2)), reduction);
}
/// target 1: 1 - cos, target -1: max(0, cos - margin), one for each row. The cosine is
/// x.y / sqrt((x.x + 1e-12) (y.y + 1e-12)). x, y [..., D], target [...] -> [...], reduced
constexpr Tensor cosine_embedding(At x, Tensor y, Tensor target, double margin = 0,
                                  Reduction reduction = Reduction::mean) {
  const InLayer in_layer(x);
  const auto dot = [](Tensor a, Tensor b) { return einsum("...d,...d->...", a, b); };
  const Tensor cosine = dot(x, y) / sqrt((dot(x, x) + 1e-12) * (dot(y, y) + 1e-12));
  return reduced(where(target == 1, 1 - cosine, relu(cosine - margin)), reduction);
}
/// t (log t - x), 0 where t is 0: x has log-probabilities, t probabilities.
constexpr Tensor kl_divergence(At x, Tensor target, Reduction reduction = Reduction::batch_mean) {
  const InLayer in_layer(x);
  return reduced(where(target > 0, target * log(target), 0.0) - target * x, reduction);
}

}  // namespace sinter::nn
