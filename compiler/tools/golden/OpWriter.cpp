// OpWriter.h
#include "compiler/tools/golden/OpWriter.h"

#include <cctype>
#include <cmath>

#include <fmt/ranges.h>

namespace sinter::golden {
namespace {

using nlohmann::json;

// A name of more than one letter could be a word of C++ or of the language ("class", "i64"); the
// language drops the trailing '_' of a result.
std::string identifier(const std::string& name) {
  bool word = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]));
  for (unsigned char c : name) word = word && (std::isalnum(c) || c == '_');
  if (!word) throw NotServed(fmt::format("'{}' is not a name", name));
  return name.size() == 1 ? name : name + "_";
}

std::string dtype(const std::string& name) {
  static const std::map<std::string, std::string> known = {
      {"F32", "f32"}, {"F16", "f16"}, {"BF16", "bf16"}, {"U8", "u8"},
      {"I8", "i8"},   {"I32", "i32"}, {"I64", "i64"},   {"BOOL", "boolean"}};
  const auto found = known.find(name);
  if (found == known.end()) throw NotServed(fmt::format("the language has no type {}", name));
  return found->second;
}

}  // namespace

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
std::string pairs(const json& values) {
  std::vector<int64_t> flat;
  for (const json& pair : values)
    for (const json& side : pair) flat.push_back(side.get<int64_t>());
  return fmt::format("{{{}}}", fmt::join(flat, ", "));
}

OpWriter::OpWriter(const json& config, const std::vector<OperandInfo>& operands)
    : attributes(config.at("attributes")), operands_(operands) {
  for (const OperandInfo& operand : operands) {
    names_.push_back(operand.name.empty() ? "" : identifier(operand.name));
    Texts dims;
    for (int64_t dim : operand.shape) dims.push_back(std::to_string(dim));
    dims_.push_back(dims);
  }
  for (const json& result : config.at("results")) {
    const auto name = result.is_null() ? "out:" : result.get<std::string>();
    if (!name.starts_with("out:")) throw NotServed(fmt::format("'{}' is not a result", name));
    results.push_back(name.substr(4));
  }
}

const std::string& OpWriter::in(size_t i) const {
  if (!given(i)) throw NotServed(fmt::format("operand {} is missing", i + 1));
  return names_[i];
}

std::string OpWriter::all() const {
  for (size_t i = 0; i < count(); ++i) in(i);
  return fmt::format("{}", fmt::join(names_, ", "));
}

const std::string& OpWriter::called(const std::string& key) const {
  for (size_t i = 0; i < count(); ++i)
    if (key == "in:" + operands_[i].name || key == "param:" + operands_[i].name) return names_[i];
  throw NotServed(fmt::format("'{}' is not an operand", key));
}

const std::vector<int64_t>& OpWriter::shape(size_t i) const {
  in(i);
  return operands_[i].shape;
}

const std::string& OpWriter::type(size_t i) const {
  in(i);
  return operands_[i].dtype;
}

int64_t OpWriter::axis(const char* key, size_t operand) const {
  const auto value = at(key).get<int64_t>();
  return value < 0 ? value + rank(operand) : value;
}

void OpWriter::symbol(size_t operand, int64_t axis, const std::string& name) {
  dims_[operand].at(static_cast<size_t>(axis)) = '"' + name + '"';
}

std::string OpWriter::source(const std::string& structName, const Texts& values) const {
  if (values.size() != results.size())
    throw NotServed(fmt::format("it has {} results where the operation has {}", results.size(),
                                values.size()));
  Texts fields, wanted, inputs;
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].empty()) continue;
    fields.push_back(identifier(results[i]));
    wanted.push_back(values[i]);
  }
  for (size_t i = 0; i < count(); ++i) {
    if (!given(i)) continue;
    std::string dims;
    for (const std::string& dim : dims_[i]) dims += ", " + dim;
    inputs.push_back(fmt::format("Input<\"{}\", {}{}> {}", operands_[i].name,
                                 dtype(operands_[i].dtype), dims, names_[i]));
  }
  std::string body;
  for (const std::string& statement : statements) body += "    " + statement + ";\n";
  return fmt::format(
      "struct {} {{\n  struct Results {{\n    Tensor {};\n  }};\n"
      "  constexpr Results forward({}) const {{\n{}    return {{{}}};\n  }}\n}};\n",
      structName, fmt::join(fields, ", "), fmt::join(inputs, ",\n                            "), body,
      fmt::join(wanted, ",\n            "));
}

}  // namespace sinter::golden
