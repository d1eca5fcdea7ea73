// OpSource.h
#include "compiler/tools/golden/OpSource.h"

#include "compiler/tools/golden/OpRows.h"

namespace sinter::golden {
namespace {

using nlohmann::json;

Texts onnxValues(OpWriter& w, const json& config, const std::string& op) {
  const auto row = onnxOperations().find(op);
  if (row == onnxOperations().end()) throw NotServed("no ONNX operation is called '" + op + "'");
  if (op.ends_with("oftmax") && config.at("opset").get<int>() < 13)
    throw NotServed("before opset 13 " + op + " flattens axes");
  Texts values = row->second(w);
  if (values.size() > w.results.size()) values.resize(w.results.size());  // the rest is optional
  return values;
}

Texts values(OpWriter& w, const json& config) {
  const auto kind = config.at("kind").get<std::string>(), op = config.at("op").get<std::string>();
  if (kind == "onnx") return onnxValues(w, config, op);
  const OpTable& table = kind == "loss" ? losses() : operations();
  if (const auto row = table.find(op); row != table.end()) return row->second(w);
  if (kind == "loss") throw NotServed("no loss is called '" + op + "'");
  Texts operands;
  for (size_t i = 0; i < w.count(); ++i) operands.push_back(w.in(i));
  return {elementwise(op, operands)};
}

}  // namespace

bool isOperation(const json& config) {
  const auto kind = config.value("kind", "");
  return kind == "op" || kind == "loss" || kind == "onnx";
}

std::optional<std::string> opSource(const json& config, const std::vector<OperandInfo>& operands,
                                    const std::string& structName, std::string& why) {
  try {
    if (!isOperation(config))
      throw NotServed("the case is of kind '" + config.at("kind").get<std::string>() + "'");
    OpWriter writer(config, operands);
    return writer.source(structName, values(writer, config));
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
