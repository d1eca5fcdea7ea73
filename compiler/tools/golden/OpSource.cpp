// One row for each mnemonic, by family. A row writes the expressions of the results in the
// language's own functions; what it cannot express it refuses with a sentence.
#include "compiler/tools/golden/OpSource.h"

#include <cctype>
#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sinter::golden {
namespace {

using nlohmann::json;
using Texts = std::vector<std::string>;

// A case that the rows do not serve.
struct NotServed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A name of more than one letter could be a word of C++ or of the language ("class", "i64"); the
// language drops the trailing '_' of a result.
std::string identifier(const std::string& name) {
  bool word = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]));
  for (unsigned char c : name) word = word && (std::isalnum(c) || c == '_');
  if (!word) throw NotServed(fmt::format("'{}' is not a name", name));
  return name.size() == 1 ? name : name + "_";
}

std::string number(const json& value) {
  if (value.is_number_integer()) return fmt::format("{}", value.get<int64_t>());
  const double real = value.get<double>();
  if (!std::isfinite(real)) throw NotServed("an attribute is not finite");
  const std::string text = fmt::format("{}", real);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}
std::string flag(const json& value) { return value.get<bool>() ? "true" : "false"; }
std::string list(const json& values) {
  return fmt::format("{{{}}}", fmt::join(values.get<std::vector<int64_t>>(), ", "));
}
// [[1, 2], [3, 4]] as {1, 2, 3, 4}
std::string pairs(const json& values) {
  std::vector<int64_t> flat;
  for (const json& pair : values)
    for (const json& side : pair) flat.push_back(side.get<int64_t>());
  return fmt::format("{{{}}}", fmt::join(flat, ", "));
}

// One case while its source is written.
class Writer {
 public:
  Writer(const json& config, const std::vector<OperandInfo>& operands)
      : attributes(config.at("attributes")), operands_(operands) {
    for (const OperandInfo& operand : operands) {
      names_.push_back(identifier(operand.name));
      Texts dims;
      for (int64_t dim : operand.shape) dims.push_back(std::to_string(dim));
      dims_.push_back(dims);
    }
    for (const json& result : config.at("results")) {
      const auto name = result.get<std::string>();
      if (!name.starts_with("out:")) throw NotServed(fmt::format("'{}' is not a result", name));
      results.push_back(name.substr(4));
    }
  }

  const json& attributes;
  Texts results;
  Texts statements;  // before the return

  const json& at(const char* key) const { return attributes.at(key); }
  bool has(const char* key) const { return attributes.contains(key); }
  std::string num(const char* key) const { return number(at(key)); }

  size_t count() const { return names_.size(); }
  const std::string& in(size_t i) const {
    if (i >= count()) throw NotServed(fmt::format("operand {} is missing", i + 1));
    return names_[i];
  }
  std::string all() const { return fmt::format("{}", fmt::join(names_, ", ")); }
  // The operand that the config calls "in:x".
  const std::string& called(const std::string& key) const {
    for (size_t i = 0; i < count(); ++i)
      if (key == "in:" + operands_[i].name || key == "param:" + operands_[i].name) return names_[i];
    throw NotServed(fmt::format("'{}' is not an operand", key));
  }
  const std::vector<int64_t>& shape(size_t i) const {
    in(i);
    return operands_[i].shape;
  }
  int64_t rank(size_t i) const { return static_cast<int64_t>(shape(i).size()); }
  // An axis counted from the start.
  int64_t axis(const char* key, size_t operand = 0) const {
    const auto value = at(key).get<int64_t>();
    return value < 0 ? value + rank(operand) : value;
  }
  // Makes a dimension of an operand known only in the run.
  void symbol(size_t operand, int64_t axis, const std::string& name) {
    dims_[operand].at(static_cast<size_t>(axis)) = '"' + name + '"';
  }

  std::string source(const std::string& structName, const Texts& values) const {
    Texts fields, inputs;
    for (const std::string& result : results) fields.push_back(identifier(result));
    for (size_t i = 0; i < count(); ++i) {
      std::string dims;
      for (const std::string& dim : dims_[i]) dims += ", " + dim;
      inputs.push_back(fmt::format("Input<\"{}\", {}{}> {}", operands_[i].name,
                                   dtype(operands_[i].dtype), dims, names_[i]));
    }
    if (values.size() != fields.size())
      throw NotServed(fmt::format("it has {} results where the operation has {}", fields.size(),
                                  values.size()));
    std::string body;
    for (const std::string& statement : statements) body += "    " + statement + ";\n";
    return fmt::format(
        "struct {} {{\n  struct Results {{\n    Tensor {};\n  }};\n"
        "  constexpr Results forward({}) const {{\n{}    return {{{}}};\n  }}\n}};\n",
        structName, fmt::join(fields, ", "), fmt::join(inputs, ",\n                            "),
        body, fmt::join(values, ",\n            "));
  }

 private:
  const std::vector<OperandInfo>& operands_;
  Texts names_;               // in the program
  std::vector<Texts> dims_;   // of each operand, as they are written

  static std::string dtype(const std::string& name) {
    static const std::map<std::string, std::string> known = {
        {"F32", "f32"}, {"F16", "f16"}, {"BF16", "bf16"}, {"U8", "u8"},
        {"I8", "i8"},   {"I32", "i32"}, {"I64", "i64"},   {"BOOL", "boolean"}};
    const auto found = known.find(name);
    if (found == known.end()) throw NotServed(fmt::format("the language has no type {}", name));
    return found->second;
  }
};

using Row = std::function<Texts(Writer&)>;
template <class... Parts> Texts one(fmt::format_string<Parts...> text, Parts&&... parts) {
  return {fmt::format(text, std::forward<Parts>(parts)...)};
}

// ---- element-wise ------------------------------------------------------------------------------

// Functions of one or two tensors, and what the language calls them; {} are the operands.
const std::map<std::string, const char*>& elementwise() {
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
std::string applied(const std::string& op, const Texts& operands) {
  const auto found = elementwise().find(op);
  if (found == elementwise().end())
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
Texts multiple(Writer& w) {
  Texts values;
  for (const std::string& result : w.results) {
    const json& call = w.at("calls").at(result);
    Texts operands;
    for (size_t i = 1; i < call.size(); ++i)
      operands.push_back(w.called(call[i].get<std::string>()));
    values.push_back(applied(call.at(0).get<std::string>(), operands));
  }
  return values;
}
Texts gelu(Writer& w) {
  const auto form = w.at("approximate").get<std::string>();
  if (form != "none" && form != "tanh") throw NotServed("gelu is approximated by '" + form + "'");
  return one("{}({})", form == "none" ? "gelu" : "gelu_tanh", w.in(0));
}
Texts round(Writer& w) {
  if (w.at("mode") != "half_even") throw NotServed("halves are rounded otherwise than to even");
  return one("round({})", w.in(0));
}

// ---- along axes --------------------------------------------------------------------------------

// The call of a function with the attributes of a reduction.
Row reduction(const char* function) {
  return [function](Writer& w) -> Texts {
    return one("{}({}, {}, {})", function, w.in(0), list(w.at("axes")), flag(w.at("keepdim")));
  };
}
std::string variance(Writer& w) {
  return fmt::format("var({}, {}, {}, {})", w.in(0), list(w.at("axes")), flag(w.at("keepdim")),
                     w.num("correction"));
}
Row argument(const char* function) {
  return [function](Writer& w) -> Texts {
    return one("{}({}, {}, {})", function, w.in(0), w.num("axis"), flag(w.at("keepdim")));
  };
}
Row along(const char* function) {
  return [function](Writer& w) -> Texts {
    return one("{}({}, {})", function, w.in(0), w.num("axis"));
  };
}
Texts topk(Writer& w) {
  w.statements.push_back(fmt::format("const TopK top = top_k({}, {}, {}, {})", w.in(0), w.num("k"),
                                     w.num("axis"), flag(w.at("largest"))));
  return {"top.values", "top.indices"};
}
Texts anyAll(Writer& w) {
  Texts values;
  for (const char* function : {"any", "all"})
    values.push_back(fmt::format("cast({}({} != 0, {}, {}), i64)", function, w.in(0),
                                 w.num("axis"), flag(w.at("keepdim"))));
  return values;
}
Row maskedSoftmax(const char* function) {
  return [function](Writer& w) -> Texts {
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

Texts layerNorm(Writer& w) {
  const bool weight = w.at("weight").get<bool>(), bias = w.at("bias").get<bool>();
  const std::string tail = fmt::format("{}, {}", w.num("eps"), w.at("normalised_shape").size());
  if (weight) return one("layer_norm({}, {})", w.all(), tail);
  return one("layer_norm({}, {}){}", w.in(0), tail, bias ? " + " + w.in(1) : "");
}
Texts batchNorm(Writer& w) {
  if (!w.at("training").get<bool>())
    return one("batch_norm({}, {}, {})", w.all(), w.num("eps"), w.num("axis"));
  std::vector<int64_t> others;  // the statistics of this batch
  for (int64_t axis = 0; axis < w.rank(0); ++axis)
    if (axis != w.axis("axis")) others.push_back(axis);
  return one("batch_norm({0}, mean({1}, {2}), var({1}, {2}), {3}, {4})", w.all(), w.in(0),
             list(others), w.num("eps"), w.num("axis"));
}
Texts conv(Writer& w) {
  return one("conv({}, ConvOptions{{.stride = {}, .padding = {}, .dilation = {}, .groups = {}}})",
             w.all(), list(w.at("stride")), pairs(w.at("padding")), list(w.at("dilation")),
             w.num("groups"));
}
Row pool(const char* function) {
  return [function](Writer& w) -> Texts {
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

Texts split(Writer& w) {
  Texts values;
  int64_t start = 0;
  for (const json& size : w.at("sizes")) {
    const int64_t end = start + size.get<int64_t>();
    values.push_back(fmt::format("slice({}, {}, {}, {})", w.in(0), w.num("axis"), start, end));
    start = end;
  }
  return values;
}
Texts slice(Writer& w) {
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
Texts reshapeTransposeReshape(Writer& w) {
  return one("reshape(transpose(reshape({}, {}), {}), {})", w.in(0), list(w.at("shapes").at(0)),
             list(w.at("permutation")), list(w.at("shapes").at(1)));
}
Texts pad(Writer& w) {
  Texts amounts;
  for (const json& pair : w.at("pads")) amounts.push_back(list(pair));
  return one("pad({}, {{{}}}, {}, \"{}\")", w.in(0), fmt::join(amounts, ", "),
             w.has("value") ? w.num("value") : "0", w.at("mode").get<std::string>());
}

// ---- rows with lengths -------------------------------------------------------------------------

// x [B, time, ...] and lengths [B]: x with each row's own length.
std::string ragged(Writer& w, int64_t batchAxis, int64_t timeAxis) {
  if (batchAxis != 0 || timeAxis != 1)
    throw NotServed("rows with lengths are along axis 1 of each element of axis 0");
  w.symbol(0, 1, "time");
  return fmt::format("make_ragged({}, {}, \"time\")", w.in(0), w.in(1));
}
Row overRows(const char* function) {
  return [function](Writer& w) -> Texts {
    return one("{}({}, 1)", function, ragged(w, 0, w.axis("axis")));
  };
}
Texts reverseSequence(Writer& w) {
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

// ---- losses ------------------------------------------------------------------------------------

std::string reductionOf(const Writer& w) {
  const auto name = w.at("reduction").get<std::string>();
  for (const char* known : {"none", "mean", "sum"})
    if (name == known) return "nn::Reduction::" + name;
  if (name == "batchmean") return "nn::Reduction::batch_mean";
  throw NotServed("losses are reduced by '" + name + "'");
}
// An operand after its transform along the last axis.
std::string transformed(const Writer& w, size_t operand, const char* key) {
  const std::string& x = w.in(operand);
  if (!w.has(key) || w.at(key).is_null()) return x;
  const auto transform = w.at(key).get<std::string>();
  if (transform != "softmax" && transform != "log_softmax")
    throw NotServed("an operand is transformed by '" + transform + "'");
  return fmt::format("{}({}, -1)", transform, x);
}
// The loss; with reduction none the single losses and their sum.
Texts loss(Writer& w, const std::string& value) {
  if (w.at("reduction") != "none") return {value};
  w.statements.push_back("const Tensor single = " + value);
  return {"single", "nn::reduced(single, nn::Reduction::sum)"};
}
Row classLoss(const char* function) {
  return [function](Writer& w) -> Texts {
    Texts options = {".reduction = " + reductionOf(w), ".ignore_index = " + w.num("ignore_index")};
    if (w.has("label_smoothing") && w.at("label_smoothing") != 0.0)
      options.push_back(".label_smoothing = " + w.num("label_smoothing"));
    if (w.at("class_weights").get<bool>()) options.push_back(".weight = " + w.in(2));
    return loss(w, fmt::format("nn::{}({}, {}, {{{}}})", function, transformed(w, 0, "x_transform"),
                               w.in(1), fmt::join(options, ", ")));
  };
}
Row targetLoss(const char* function) {
  return [function](Writer& w) -> Texts {
    std::string more;
    for (size_t i = 2; i < w.count(); ++i) more += w.in(i) + ", ";
    for (const char* key : {"delta", "margin"})
      if (w.has(key)) more += w.num(key) + ", ";
    return loss(w, fmt::format("nn::{}({}, {}, {}{})", function, transformed(w, 0, "x_transform"),
                               transformed(w, 1, "target_transform"), more, reductionOf(w)));
  };
}

// ---- the table ---------------------------------------------------------------------------------

const std::map<std::string, Row>& operations() {
  static const std::map<std::string, Row> table = {
      {"multiple", multiple},
      {"gelu", gelu},
      {"round", round},
      {"elu", [](Writer& w) { return one("elu({}, {})", w.in(0), w.num("alpha")); }},
      {"leaky_relu",
       [](Writer& w) { return one("leaky_relu({}, {})", w.in(0), w.num("negative_slope")); }},
      {"clamp",
       [](Writer& w) { return one("clamp({}, {}, {})", w.in(0), w.num("min"), w.num("max")); }},
      {"clamp_pow",
       [](Writer& w) {
         return one("pow(clamp({}, {}, {}), {})", w.in(0), w.num("min"), w.num("max"),
                    w.num("exponent"));
       }},
      {"where",
       [](Writer& w) { return one("where({}, {}, {})", w.in(0), w.in(1), w.in(2)); }},
      {"masked_fill",
       [](Writer& w) { return one("where({}, {}, {})", w.in(1), w.num("value"), w.in(0)); }},

      {"sum", reduction("sum")},
      {"mean", reduction("mean")},
      {"prod", reduction("prod")},
      {"logsumexp", reduction("logsumexp")},
      {"amax", reduction("max")},
      {"amin", reduction("min")},
      {"var", [](Writer& w) { return Texts{variance(w)}; }},
      {"std", [](Writer& w) { return one("sqrt({})", variance(w)); }},
      {"norm",
       [](Writer& w) {
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
       [](Writer& w) {
         return one("l2_normalise({}, {}, {})", w.in(0), w.num("axis"), w.num("eps"));
       }},
      {"cosine_similarity",
       [](Writer& w) {
         return one("cosine_similarity({}, {}, {}, {})", w.in(0), w.in(1), w.num("axis"),
                    w.num("eps"));
       }},
      {"layer_norm", layerNorm},
      {"batch_norm", batchNorm},

      {"einsum",
       [](Writer& w) {
         return one("einsum(\"{}\", {})", w.at("equation").get<std::string>(), w.all());
       }},
      {"matmul", [](Writer& w) { return one("matmul({}, {})", w.in(0), w.in(1)); }},
      {"linear", [](Writer& w) { return one("linear({})", w.all()); }},
      {"conv1d", conv},
      {"conv2d", conv},
      {"max_pool1d", pool("max_pool")},
      {"max_pool2d", pool("max_pool")},
      {"avg_pool1d", pool("avg_pool")},
      {"avg_pool2d", pool("avg_pool")},

      {"embedding", [](Writer& w) { return one("gather({}, {})", w.in(0), w.in(1)); }},
      {"gather",
       [](Writer& w) { return one("gather_along({}, {}, {})", w.in(0), w.in(1), w.num("axis")); }},
      {"index_select",
       [](Writer& w) { return one("gather({}, {}, {})", w.in(0), w.in(1), w.num("axis")); }},
      {"scatter_add",
       [](Writer& w) {
         return one("scatter_add({}, {}, {}, {})", w.in(0), w.in(1), w.in(2), w.num("axis"));
       }},
      {"index_add",
       [](Writer& w) {
         return one("index_add({}, {}, {}, {})", w.in(0), w.in(1), w.in(2), w.num("axis"));
       }},
      {"one_hot", [](Writer& w) { return one("one_hot({}, {}, i64)", w.in(0), w.num("classes")); }},
      {"concat", [](Writer& w) { return one("concat({{{}}}, {})", w.all(), w.num("axis")); }},
      {"stack", [](Writer& w) { return one("stack({{{}}}, {})", w.all(), w.num("axis")); }},
      {"split", split},
      {"slice", slice},
      {"flip", [](Writer& w) { return one("flip({}, {})", w.in(0), list(w.at("axes"))); }},
      {"transpose",
       [](Writer& w) { return one("transpose({}, {})", w.in(0), list(w.at("permutation"))); }},
      {"reshape_transpose_reshape", reshapeTransposeReshape},
      {"expand", [](Writer& w) { return one("broadcast({}, {})", w.in(0), list(w.at("shape"))); }},
      {"tril", [](Writer& w) { return one("tril({}, {})", w.in(0), w.num("diagonal")); }},
      {"triu", [](Writer& w) { return one("triu({}, {})", w.in(0), w.num("diagonal")); }},
      {"pad", pad},
      {"masked_mean", overRows("mean")},
      {"masked_max", overRows("max")},
      {"reverse_sequence", reverseSequence}};
  return table;
}

const std::map<std::string, Row>& losses() {
  static const std::map<std::string, Row> table = {
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

Texts values(Writer& w, const std::string& kind, const std::string& op) {
  const std::map<std::string, Row>& table = kind == "loss" ? losses() : operations();
  if (const auto row = table.find(op); row != table.end()) return row->second(w);
  if (kind == "loss") throw NotServed("no loss is called '" + op + "'");
  Texts operands;
  for (size_t i = 0; i < w.count(); ++i) operands.push_back(w.in(i));
  return {applied(op, operands)};
}

}  // namespace

std::optional<std::string> opSource(const json& config, const std::vector<OperandInfo>& operands,
                                    const std::string& structName, std::string& why) {
  try {
    const auto kind = config.at("kind").get<std::string>();
    if (kind != "op" && kind != "loss") throw NotServed("the case is of kind '" + kind + "'");
    Writer writer(config, operands);
    return writer.source(structName, values(writer, kind, config.at("op").get<std::string>()));
  } catch (const NotServed& refused) {
    why = refused.what();
  } catch (const json::exception& broken) {
    why = fmt::format("its config is not as expected: {}", broken.what());
  } catch (const std::out_of_range&) {
    why = "an axis of its config is outside of the operand";
  }
  return std::nullopt;
}

}  // namespace sinter::golden
