// The C++ source of a model that computes a reference case of kind "op", "loss" or "onnx": its
// config says the operation by name, attributes, operands and results. Serves any case of a known
// operation (OpRows.h).
// Non-goals: gradients, and cases whose program is a model of models/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sinter::golden {

struct OperandInfo {
  std::string name;   // "x" of "in:x" or "param:x"; empty: an optional operand that is not given
  std::string dtype;  // as safetensors spells it: "F32", "I64", "BOOL"
  std::vector<int64_t> shape;
};

bool isOperation(const nlohmann::json& config);

// A struct `structName` whose `forward` takes the operands, in the config's order, as inputs of
// their names and returns the results under theirs. Nothing, and a sentence in `why`, for a case
// that is not served. The text wants dsl/dsl.h and `using namespace sinter`.
std::optional<std::string> opSource(const nlohmann::json& config,
                                    const std::vector<OperandInfo>& operands,
                                    const std::string& structName, std::string& why);

}  // namespace sinter::golden
