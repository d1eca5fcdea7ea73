// Kind "onnx": ONNX's operators by their names, attributes and order of operands. What ONNX does
// beyond the language is said in the language (padding by name, implicit equations, classes on
// axis 1); definitions: ONNX's operator reference.
#include <algorithm>
#include <cctype>

#include <fmt/ranges.h>

#include "compiler/tools/golden/OpRows.h"

namespace sinter::golden {
namespace {

using nlohmann::json;
using Numbers = std::vector<int64_t>;

// ---- windows -----------------------------------------------------------------------------------

// Stride, dilation and padding of a window over all axes of operand 0 but two.
struct Windows {
  Numbers size, stride, dilation, padding;  // padding: before and after of each axis
};

Windows windows(OpWriter& w, Numbers size) {
  const size_t axes = size.size();
  const auto numbers = [&](const char* key, int64_t otherwise, size_t count) {
    return w.has(key) ? w.at(key).get<Numbers>() : Numbers(count, otherwise);
  };
  Windows found{std::move(size), numbers("strides", 1, axes), numbers("dilations", 1, axes), {}};
  const auto mode = w.at("auto_pad").get<std::string>();
  if (mode != "NOTSET" && mode != "VALID" && mode != "SAME_UPPER" && mode != "SAME_LOWER")
    throw NotServed("windows are padded by '" + mode + "'");
  const Numbers pads = numbers("pads", 0, 2 * axes);  // all before, then all after
  for (size_t i = 0; i < axes; ++i) {
    int64_t before = mode == "NOTSET" ? pads.at(i) : 0;
    int64_t after = mode == "NOTSET" ? pads.at(axes + i) : 0;
    if (mode.starts_with("SAME")) {  // as many windows as strides fit, the odd one more last
      const int64_t extent = w.shape(0).at(i + 2), step = found.stride.at(i);
      const int64_t count = (extent + step - 1) / step;
      const int64_t reach = (count - 1) * step + (found.size[i] - 1) * found.dilation.at(i) + 1;
      const int64_t total = std::max<int64_t>(reach - extent, 0);
      before = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
      after = total - before;
    }
    found.padding.insert(found.padding.end(), {before, after});
  }
  return found;
}

std::string braced(const Numbers& numbers) {
  return fmt::format("{{{}}}", fmt::join(numbers, ", "));
}

OpRow pool(const char* function) {
  return [function](OpWriter& w) -> Texts {
    if (w.results.size() > 1) throw NotServed("the places of the largest elements are asked for");
    const Windows windows_ = windows(w, w.at("kernel_shape").get<Numbers>());
    std::string more = w.at("ceil_mode") == 1 ? ", .ceil = true" : "";
    if (w.has("count_include_pad") && w.at("count_include_pad") == 1)
      more += ", .count_include_pad = true";
    return one("{}({}, {}, PoolOptions{{.stride = {}, .padding = {}, .dilation = {}{}}})", function,
               w.in(0), braced(windows_.size), braced(windows_.stride), braced(windows_.padding),
               braced(windows_.dilation), more);
  };
}

std::string conv(OpWriter& w, const std::string& operands) {
  Numbers size(w.shape(1).begin() + 2, w.shape(1).end());
  const Windows windows_ = windows(w, size);
  return fmt::format(
      "conv({}, ConvOptions{{.stride = {}, .padding = {}, .dilation = {}, .groups = {}}})",
      operands, braced(windows_.stride), braced(windows_.padding), braced(windows_.dilation),
      w.num("group"));
}

// Sums of products of 8-bit integers; f32 holds them exactly below 2^24.
Texts convInteger(OpWriter& w) {
  int64_t products = 1;
  for (size_t i = 1; i < w.shape(1).size(); ++i) products *= w.shape(1)[i];
  if (products * 255 * 255 >= 1 << 24) throw NotServed("its sums may not be exact in f32");
  const auto centred = [&](size_t operand) {
    const std::string real = fmt::format("cast({}, f32)", w.in(operand));
    if (!w.given(operand + 2)) return real;
    return fmt::format("{} - cast({}, f32)", real, w.in(operand + 2));
  };
  return one("cast({}, i32)", conv(w, centred(0) + ", " + centred(1)));
}

// ---- along axes --------------------------------------------------------------------------------

OpRow alongAxis(const char* function) {
  return [function](OpWriter& w) -> Texts {
    return one("{}({}, {})", function, w.in(0), w.num("axis"));
  };
}
// Over all axes behind the channels.
OpRow global(const char* function) {
  return [function](OpWriter& w) -> Texts {
    Numbers axes;
    for (int64_t axis = 2; axis < w.rank(0); ++axis) axes.push_back(axis);
    return one("{}({}, {}, true)", function, w.in(0), braced(axes));
  };
}
Texts layerNorm(OpWriter& w) {
  Numbers axes;
  for (int64_t axis = w.axis("axis"); axis < w.rank(0); ++axis) axes.push_back(axis);
  const std::string &x = w.in(0), eps = w.num("epsilon");
  const std::string mean = fmt::format("mean({}, {}, true)", x, braced(axes));
  const std::string deviation = fmt::format("rsqrt(var({}, {}, true) + {})", x, braced(axes), eps);
  return {fmt::format("layer_norm({}, {}, {})", w.all(), eps, axes.size()), mean, deviation};
}
Texts batchNorm(OpWriter& w) {
  if (w.at("training_mode") != 0) throw NotServed("it takes the statistics of its own batch");
  return one("batch_norm({}, {})", w.all(), w.num("epsilon"));
}

// ---- contractions, look-ups --------------------------------------------------------------------

// Without blanks, and with the result that an equation without "->" means: every letter that occurs
// once, in the alphabet's order.
Texts einsum(OpWriter& w) {
  auto equation = w.at("equation").get<std::string>();
  std::erase_if(equation, [](unsigned char c) { return std::isspace(c) != 0; });
  if (equation.find("->") == std::string::npos) {
    std::string result = equation.find("...") == std::string::npos ? "" : "...";
    for (char c = 'A'; c <= 'z'; ++c)
      if (std::isalpha(static_cast<unsigned char>(c)) && std::ranges::count(equation, c) == 1)
        result += c;
    equation += "->" + result;
  }
  return one("einsum(\"{}\", {})", equation, w.all());
}
Texts gather(OpWriter& w) { return one("gather({}, {}, {})", w.in(0), w.in(1), w.num("axis")); }

// ---- losses ------------------------------------------------------------------------------------

// x [N, C, d1, …] with the classes moved to the end.
std::string classesLast(const std::string& x, int64_t rank) {
  if (rank == 2) return x;
  std::string axes;
  for (int64_t i = 2; i < rank; ++i) axes += static_cast<char>('d' + i - 2);
  return fmt::format("rearrange({}, \"nc{}->n{}c\")", x, axes, axes);
}
std::string nll(OpWriter& w, const std::string& x) {
  const auto reduction = w.at("reduction").get<std::string>();
  Texts options = {".reduction = nn::Reduction::" + reduction};
  if (w.has("ignore_index")) options.push_back(".ignore_index = " + w.num("ignore_index"));
  if (w.given(2)) options.push_back(".weight = " + w.in(2));
  return fmt::format("nn::nll({}, {}, {{{}}})", classesLast(x, w.rank(0)), w.in(1),
                     fmt::join(options, ", "));
}
Texts softmaxCrossEntropy(OpWriter& w) {
  w.statements.push_back(fmt::format("const Tensor log_p = log_softmax({}, 1)", w.in(0)));
  return {nll(w, "log_p"), "log_p"};
}

}  // namespace

const OpTable& onnxOperations() {
  static const OpTable table = {
      {"AveragePool", pool("avg_pool")},
      {"MaxPool", pool("max_pool")},
      {"Conv", [](OpWriter& w) { return Texts{conv(w, w.all())}; }},
      {"ConvInteger", convInteger},
      {"GlobalAveragePool", global("mean")},
      {"GlobalMaxPool", global("max")},
      {"Softmax", alongAxis("softmax")},
      {"LogSoftmax", alongAxis("log_softmax")},
      {"LayerNormalization", layerNorm},
      {"BatchNormalization", batchNorm},
      {"Einsum", einsum},
      {"Gather", gather},
      {"NegativeLogLikelihoodLoss", [](OpWriter& w) { return Texts{nll(w, w.in(0))}; }},
      {"SoftmaxCrossEntropyLoss", softmaxCrossEntropy},
      {"RNN", onnxRnn},
      {"GRU", onnxGru},
      {"LSTM", onnxLstm}};
  return table;
}

}  // namespace sinter::golden
