// Kind "loss".
#include "compiler/tools/golden/OpRows.h"

#include <fmt/ranges.h>

namespace sinter::golden {
namespace {

std::string reductionOf(const OpWriter& w) {
  const auto name = w.at("reduction").get<std::string>();
  for (const char* known : {"none", "mean", "sum"})
    if (name == known) return "nn::Reduction::" + name;
  if (name == "batchmean") return "nn::Reduction::batch_mean";
  throw NotServed("losses are reduced by '" + name + "'");
}
// An operand after its transform along the last axis.
std::string transformed(const OpWriter& w, size_t operand, const char* key) {
  const std::string& x = w.in(operand);
  if (!w.has(key) || w.at(key).is_null()) return x;
  const auto transform = w.at(key).get<std::string>();
  if (transform != "softmax" && transform != "log_softmax")
    throw NotServed("an operand is transformed by '" + transform + "'");
  return fmt::format("{}({}, -1)", transform, x);
}
// The loss; with reduction none the single losses and their sum.
Texts loss(OpWriter& w, const std::string& value) {
  if (w.at("reduction") != "none") return {value};
  w.statements.push_back("const Tensor single = " + value);
  return {"single", "nn::reduced(single, nn::Reduction::sum)"};
}
OpRow classLoss(const char* function) {
  return [function](OpWriter& w) -> Texts {
    Texts options = {".reduction = " + reductionOf(w), ".ignore_index = " + w.num("ignore_index")};
    if (w.has("label_smoothing") && w.at("label_smoothing") != 0.0)
      options.push_back(".label_smoothing = " + w.num("label_smoothing"));
    if (w.at("class_weights").get<bool>()) options.push_back(".weight = " + w.in(2));
    return loss(w, fmt::format("nn::{}({}, {}, {{{}}})", function, transformed(w, 0, "x_transform"),
                               w.in(1), fmt::join(options, ", ")));
  };
}
OpRow targetLoss(const char* function) {
  return [function](OpWriter& w) -> Texts {
    std::string more;
    for (size_t i = 2; i < w.count(); ++i) more += w.in(i) + ", ";
    for (const char* key : {"delta", "margin"})
      if (w.has(key)) more += w.num(key) + ", ";
    return loss(w, fmt::format("nn::{}({}, {}, {}{})", function, transformed(w, 0, "x_transform"),
                               transformed(w, 1, "target_transform"), more, reductionOf(w)));
  };
}

}  // namespace

const OpTable& losses() {
  static const OpTable table = {
      {"cross_entropy", classLoss("cross_entropy")},
      {"nll", classLoss("nll")},
      {"bce_with_logits", targetLoss("binary_cross_entropy")},
      {"mse", targetLoss("squared_error")},
      {"mae", targetLoss("absolute_error")},
      {"huber", targetLoss("huber")},
      {"cosine_embedding", targetLoss("cosine_embedding")},
      {"kl_div", targetLoss("kl_divergence")}};
  return table;
}

}  // namespace sinter::golden
