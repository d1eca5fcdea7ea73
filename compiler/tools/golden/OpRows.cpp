// Kind "op", by family.
#include "compiler/tools/golden/OpRows.h"

#include <fmt/ranges.h>

namespace sinter::golden {
namespace {

using nlohmann::json;

// ---- element-wise ------------------------------------------------------------------------------

// Functions of one or two tensors, and what the language calls them; {} are the operands.
const std::map<std::string, const char*>& functions() {
  static const std::map<std::string, const char*> table = {
      {"erf", "erf({})"}, {"sigmoid", "sigmoid({})"}, {"tanh", "tanh({})"}, {"sin", "sin({})"},
      {"cos", "cos({})"}, {"square", "square({})"}, {"neg", "-{}"}, {"relu", "relu({})"},
      {"abs", "abs({})"}, {"sign", "sign({})"}, {"floor", "floor({})"}, {"ceil", "ceil({})"},
      {"log", "log({})"}, {"sqrt", "sqrt({})"}, {"rsqrt", "rsqrt({})"},
      {"reciprocal", "reciprocal({})"}, {"log1p", "log1p({})"}, {"exp", "exp({})"},
      {"expm1", "expm1({})"}, {"log_sigmoid", "log_sigmoid({})"}, {"softplus", "softplus({})"},
      {"silu", "silu({})"}, {"add", "{} + {}"}, {"sub", "{} - {}"}, {"mul", "{} * {}"},
      {"div", "{} / {}"}, {"maximum", "maximum({}, {})"}, {"minimum", "minimum({}, {})"},
      {"lt", "cast({} < {}, i64)"}, {"le", "cast({} <= {}, i64)"}, {"gt", "cast({} > {}, i64)"},
      {"ge", "cast({} >= {}, i64)"}, {"eq", "cast({} == {}, i64)"}, {"ne", "cast({} != {}, i64)"}};
  return table;
}
Texts multiple(OpWriter& w) {
  Texts values;
  for (const std::string& result : w.results) {
    const json& call = w.at("calls").at(result);
    Texts operands;
    for (size_t i = 1; i < call.size(); ++i)
      operands.push_back(w.called(call[i].get<std::string>()));
    values.push_back(elementwise(call.at(0).get<std::string>(), operands));
  }
  return values;
}
Texts gelu(OpWriter& w) {
  const auto form = w.at("approximate").get<std::string>();
  if (form != "none" && form != "tanh") throw NotServed("gelu is approximated by '" + form + "'");
  return one("{}({})", form == "none" ? "gelu" : "gelu_tanh", w.in(0));
}
Texts round(OpWriter& w) {
  if (w.at("mode") != "half_even") throw NotServed("halves are rounded otherwise than to even");
  return one("round({})", w.in(0));
}

// ---- along axes --------------------------------------------------------------------------------

// The call of a function with the attributes of a reduction.
OpRow reduction(const char* function) {
  return [function](OpWriter& w) -> Texts {
    return one("{}({}, {}, {})", function, w.in(0), list(w.at("axes")), flag(w.at("keepdim")));
  };
}
std::string variance(OpWriter& w) {
  return fmt::format("var({}, {}, {}, {})", w.in(0), list(w.at("axes")), flag(w.at("keepdim")),
                     w.num("correction"));
}
OpRow argument(const char* function) {
  return [function](OpWriter& w) -> Texts {
    return one("{}({}, {}, {})", function, w.in(0), w.num("axis"), flag(w.at("keepdim")));
  };
}
OpRow along(const char* function) {
  return [function](OpWriter& w) -> Texts {
    return one("{}({}, {})", function, w.in(0), w.num("axis"));
  };
}
Texts topk(OpWriter& w) {
  w.statements.push_back(fmt::format("const TopK top = top_k({}, {}, {}, {})", w.in(0), w.num("k"),
                                     w.num("axis"), flag(w.at("largest"))));
  return {"top.values", "top.indices"};
}
Texts anyAll(OpWriter& w) {
  Texts values;
  for (const char* function : {"any", "all"})
    values.push_back(fmt::format("cast({}({} != 0, {}, {}), i64)", function, w.in(0),
                                 w.num("axis"), flag(w.at("keepdim"))));
  return values;
}
OpRow maskedSoftmax(const char* function) {
  return [function](OpWriter& w) -> Texts {
    const auto mode = w.at("mode").get<std::string>(), empty = w.at("empty_row").get<std::string>();
    const std::string axis = w.num("axis"), &x = w.in(0), &mask = w.in(1);
    const bool out = mode == "fill" && w.at("value") == "-inf";  // masked elements take no part
    if (out && empty == "zero") return one("masked_{}({}, {}, {})", function, x, mask, axis);
    std::string filled;
    if (out) filled = fmt::format("where({}, {}, -infinity)", mask, x);
    else if (mode == "fill" && w.at("value") == "lowest")
      filled = fmt::format("where({}, {}, std::numeric_limits<float>::lowest())", mask, x);
    else if (mode == "add")
      filled = fmt::format("where({0}, {1}, {1} + {2})", mask, x, w.num("value"));
    else throw NotServed("masks work by mode '" + mode + "'");
    const std::string value = fmt::format("{}({}, {})", function, filled, axis);
    if (empty == "zero") return one("where(any({}, {}, true), {}, 0)", mask, axis, value);
    return {value};
  };
}

// ---- normalisation, contractions, windows ------------------------------------------------------

Texts layerNorm(OpWriter& w) {
  const bool weight = w.at("weight").get<bool>(), bias = w.at("bias").get<bool>();
  const std::string tail = fmt::format("{}, {}", w.num("eps"), w.at("normalised_shape").size());
  if (weight) return one("layer_norm({}, {})", w.all(), tail);
  return one("layer_norm({}, {}){}", w.in(0), tail, bias ? " + " + w.in(1) : "");
}
Texts batchNorm(OpWriter& w) {
  if (!w.at("training").get<bool>())
    return one("batch_norm({}, {}, {})", w.all(), w.num("eps"), w.num("axis"));
  std::vector<int64_t> others;  // the statistics of this batch
  for (int64_t axis = 0; axis < w.rank(0); ++axis)
    if (axis != w.axis("axis")) others.push_back(axis);
  return one("batch_norm({0}, mean({1}, {2}), var({1}, {2}), {3}, {4})", w.all(), w.in(0),
             list(others), w.num("eps"), w.num("axis"));
}
Texts conv(OpWriter& w) {
  return one("conv({}, ConvOptions{{.stride = {}, .padding = {}, .dilation = {}, .groups = {}}})",
             w.all(), list(w.at("stride")), pairs(w.at("padding")), list(w.at("dilation")),
             w.num("groups"));
}
OpRow pool(const char* function) {
  return [function](OpWriter& w) -> Texts {
    return one("{}({}, {}, "
               "PoolOptions{{.stride = {}, .padding = {}, .dilation = {}, .ceil = {}{}}})",
               function, w.in(0), list(w.at("size")), list(w.at("stride")), pairs(w.at("padding")),
               list(w.at("dilation")), flag(w.at("ceil")),
               w.has("count_include_pad")
                   ? ", .count_include_pad = " + flag(w.at("count_include_pad"))
                   : "");
  };
}

// ---- layout ------------------------------------------------------------------------------------

Texts split(OpWriter& w) {
  Texts values;
  int64_t start = 0;
  for (const json& size : w.at("sizes")) {
    const int64_t end = start + size.get<int64_t>();
    values.push_back(fmt::format("slice({}, {}, {}, {})", w.in(0), w.num("axis"), start, end));
    start = end;
  }
  return values;
}
Texts slice(OpWriter& w) {
  std::string value = w.in(0);
  for (size_t axis = 0; axis < w.shape(0).size(); ++axis) {
    const auto start = w.at("starts").at(axis).get<int64_t>(),
               end = w.at("ends").at(axis).get<int64_t>(),
               step = w.at("steps").at(axis).get<int64_t>();
    if (start != 0 || end != w.shape(0)[axis] || step != 1)
      value = fmt::format("slice({}, {}, {}, {}, {})", value, axis, start, end, step);
  }
  return {value};
}
Texts reshapeTransposeReshape(OpWriter& w) {
  return one("reshape(transpose(reshape({}, {}), {}), {})", w.in(0), list(w.at("shapes").at(0)),
             list(w.at("permutation")), list(w.at("shapes").at(1)));
}
Texts pad(OpWriter& w) {
  Texts amounts;
  for (const json& pair : w.at("pads")) amounts.push_back(list(pair));
  return one("pad({}, {{{}}}, {}, \"{}\")", w.in(0), fmt::join(amounts, ", "),
             w.has("value") ? w.num("value") : "0", w.at("mode").get<std::string>());
}

// ---- rows with lengths -------------------------------------------------------------------------

// x [B, time, ...] and lengths [B]: x with each row's own length.
std::string ragged(OpWriter& w, int64_t batchAxis, int64_t timeAxis) {
  if (batchAxis != 0 || timeAxis != 1)
    throw NotServed("rows with lengths are along axis 1 of each element of axis 0");
  w.symbol(0, 1, "time");
  return fmt::format("make_ragged({}, {}, \"time\")", w.in(0), w.in(1));
}
OpRow overRows(const char* function) {
  return [function](OpWriter& w) -> Texts {
    return one("{}({}, 1)", function, ragged(w, 0, w.axis("axis")));
  };
}
Texts reverseSequence(OpWriter& w) {
  const std::string rows = ragged(w, w.axis("batch_axis"), w.axis("time_axis"));
  std::string inside = "inside";
  for (int64_t axis = 2; axis < w.rank(0); ++axis)
    inside = fmt::format("unsqueeze({}, -1)", inside);
  w.statements.push_back(
      fmt::format("const Tensor reversed = make_dense(flip({}, 1))", rows));
  w.statements.push_back(fmt::format(
      "const Tensor inside = iota({}, {{\"time\"}}, 0) < unsqueeze({}, 1)", w.in(0), w.in(1)));
  return one("where({}, reversed, {})", inside, w.in(0));
}

}  // namespace

std::string elementwise(const std::string& op, const Texts& operands) {
  const auto found = functions().find(op);
  if (found == functions().end())
    throw NotServed(fmt::format("no element-wise operation is called '{}'", op));
  std::string text;
  size_t used = 0;
  for (const char* c = found->second; *c; ++c) {
    if (c[0] != '{') {
      text += *c;
      continue;
    }
    if (used == operands.size()) throw NotServed(fmt::format("'{}' wants more operands", op));
    text += operands[used++];
    ++c;
  }
  if (used != operands.size()) throw NotServed(fmt::format("'{}' wants fewer operands", op));
  return text;
}

const OpTable& operations() {
  static const OpTable table = {
      {"multiple", multiple},
      {"gelu", gelu},
      {"round", round},
      {"elu", [](OpWriter& w) { return one("elu({}, {})", w.in(0), w.num("alpha")); }},
      {"leaky_relu",
       [](OpWriter& w) { return one("leaky_relu({}, {})", w.in(0), w.num("negative_slope")); }},
      {"clamp",
       [](OpWriter& w) { return one("clamp({}, {}, {})", w.in(0), w.num("min"), w.num("max")); }},
      {"clamp_pow",
       [](OpWriter& w) {
         return one("pow(clamp({}, {}, {}), {})", w.in(0), w.num("min"), w.num("max"),
                    w.num("exponent"));
       }},
      {"where",
       [](OpWriter& w) { return one("where({}, {}, {})", w.in(0), w.in(1), w.in(2)); }},
      {"masked_fill",
       [](OpWriter& w) { return one("where({}, {}, {})", w.in(1), w.num("value"), w.in(0)); }},

      {"sum", reduction("sum")},
      {"mean", reduction("mean")},
      {"prod", reduction("prod")},
      {"logsumexp", reduction("logsumexp")},
      {"amax", reduction("max")},
      {"amin", reduction("min")},
      {"var", [](OpWriter& w) { return Texts{variance(w)}; }},
      {"std", [](OpWriter& w) { return one("sqrt({})", variance(w)); }},
      {"norm",
       [](OpWriter& w) {
         return one("norm({}, {}, {}, {})", w.in(0), list(w.at("axes")), flag(w.at("keepdim")),
                    w.num("ord"));
       }},
      {"argmax", argument("argmax")},
      {"argmin", argument("argmin")},
      {"topk", topk},
      {"cumsum", along("cumsum")},
      {"any_all", anyAll},
      {"softmax", along("softmax")},
      {"log_softmax", along("log_softmax")},
      {"masked_softmax", maskedSoftmax("softmax")},
      {"masked_log_softmax", maskedSoftmax("log_softmax")},
      {"l2_normalise",
       [](OpWriter& w) {
         return one("l2_normalise({}, {}, {})", w.in(0), w.num("axis"), w.num("eps"));
       }},
      {"cosine_similarity",
       [](OpWriter& w) {
         return one("cosine_similarity({}, {}, {}, {})", w.in(0), w.in(1), w.num("axis"),
                    w.num("eps"));
       }},
      {"layer_norm", layerNorm},
      {"batch_norm", batchNorm},

      {"einsum",
       [](OpWriter& w) {
         return one("einsum(\"{}\", {})", w.at("equation").get<std::string>(), w.all());
       }},
      {"matmul", [](OpWriter& w) { return one("matmul({}, {})", w.in(0), w.in(1)); }},
      {"linear", [](OpWriter& w) { return one("linear({})", w.all()); }},
      {"conv1d", conv},
      {"conv2d", conv},
      {"max_pool1d", pool("max_pool")},
      {"max_pool2d", pool("max_pool")},
      {"avg_pool1d", pool("avg_pool")},
      {"avg_pool2d", pool("avg_pool")},

      {"embedding", [](OpWriter& w) { return one("gather({}, {})", w.in(0), w.in(1)); }},
      {"gather",
       [](OpWriter& w) { return one("gather_along({}, {}, {})", w.in(0), w.in(1), w.num("axis")); }},
      {"index_select",
       [](OpWriter& w) { return one("gather({}, {}, {})", w.in(0), w.in(1), w.num("axis")); }},
      {"scatter_add",
       [](OpWriter& w) {
         return one("scatter_add({}, {}, {}, {})", w.in(0), w.in(1), w.in(2), w.num("axis"));
       }},
      {"index_add",
       [](OpWriter& w) {
         return one("index_add({}, {}, {}, {})", w.in(0), w.in(1), w.in(2), w.num("axis"));
       }},
      {"one_hot", [](OpWriter& w) { return one("one_hot({}, {}, i64)", w.in(0), w.num("classes")); }},
      {"concat", [](OpWriter& w) { return one("concat({{{}}}, {})", w.all(), w.num("axis")); }},
      {"stack", [](OpWriter& w) { return one("stack({{{}}}, {})", w.all(), w.num("axis")); }},
      {"split", split},
      {"slice", slice},
      {"flip", [](OpWriter& w) { return one("flip({}, {})", w.in(0), list(w.at("axes"))); }},
      {"transpose",
       [](OpWriter& w) { return one("transpose({}, {})", w.in(0), list(w.at("permutation"))); }},
      {"reshape_transpose_reshape", reshapeTransposeReshape},
      {"expand", [](OpWriter& w) { return one("broadcast({}, {})", w.in(0), list(w.at("shape"))); }},
      {"tril", [](OpWriter& w) { return one("tril({}, {})", w.in(0), w.num("diagonal")); }},
      {"triu", [](OpWriter& w) { return one("triu({}, {})", w.in(0), w.num("diagonal")); }},
      {"pad", pad},
      {"masked_mean", overRows("mean")},
      {"masked_max", overRows("max")},
      {"reverse_sequence", reverseSequence}};
  return table;
}

}  // namespace sinter::golden
