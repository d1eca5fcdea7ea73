// What the rows of operations are made of: a case while its source is written, and the texts of its
// attributes. A row gives the expressions of the results in the language's own functions; what it
// cannot express it refuses. Non-goals: the operations (OpRows.h).
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "compiler/tools/golden/OpSource.h"

namespace sinter::golden {

using Texts = std::vector<std::string>;

// A case that the rows do not serve.
struct NotServed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Attributes as C++: 0.5, true, {1, 2}; pairs [[1, 2], [3, 4]] as {1, 2, 3, 4}.
std::string number(const nlohmann::json& value);
std::string flag(const nlohmann::json& value);
std::string list(const nlohmann::json& values);
std::string pairs(const nlohmann::json& values);

// One case while its source is written.
class OpWriter {
 public:
  OpWriter(const nlohmann::json& config, const std::vector<OperandInfo>& operands);

  const nlohmann::json& attributes;
  Texts results;     // names; empty: the operation's result in this place is not asked for
  Texts statements;  // before the return

  const nlohmann::json& at(const char* key) const { return attributes.at(key); }
  bool has(const char* key) const { return attributes.contains(key); }
  std::string num(const char* key) const { return number(at(key)); }

  size_t count() const { return names_.size(); }
  // Whether operand i is given: optional ones may be left out.
  bool given(size_t i) const { return i < count() && !names_[i].empty(); }
  const std::string& in(size_t i) const;
  std::string all() const;
  // The operand that the config calls "in:x".
  const std::string& called(const std::string& key) const;
  const std::vector<int64_t>& shape(size_t i) const;
  const std::string& type(size_t i) const;  // as safetensors spells it
  int64_t rank(size_t i) const { return static_cast<int64_t>(shape(i).size()); }
  // An axis counted from the start.
  int64_t axis(const char* key, size_t operand = 0) const;
  // Makes a dimension of an operand known only in the run.
  void symbol(size_t operand, int64_t axis, const std::string& name);

  // The struct; `values` are the expressions of the results.
  std::string source(const std::string& structName, const Texts& values) const;

 private:
  const std::vector<OperandInfo>& operands_;
  Texts names_;              // in the program
  std::vector<Texts> dims_;  // of each operand, as they are written
};

using OpRow = std::function<Texts(OpWriter&)>;
using OpTable = std::map<std::string, OpRow>;

template <class... Parts> Texts one(fmt::format_string<Parts...> text, Parts&&... parts) {
  return {fmt::format(text, std::forward<Parts>(parts)...)};
}

}  // namespace sinter::golden
