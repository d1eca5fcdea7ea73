// --info: what the program holds and how it runs on this machine.
#include "program.h"

namespace sinter::runtime {
namespace {

std::string grouped(int64_t number) {
  std::string text = std::to_string(number);
  for (int64_t at = static_cast<int64_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<size_t>(at), ",");
  return text;
}

std::string extent_text(const SinterEntry& entry, int32_t i) {
  if (i < entry.symbol_count) return entry.symbols[i];
  std::vector<std::string> stack;
  auto binary = [&](const char* name, bool infix) {
    std::string right = std::move(stack.back());
    stack.pop_back();
    std::string& left = stack.back();
    left = infix ? left + name + right : std::string(name) + "(" + left + ", " + right + ")";
  };
  for (int32_t at = entry.code_starts[i]; at < entry.code_starts[i + 1];) {
    switch (entry.code[at++]) {
      case SINTER_PUSH: stack.push_back(std::to_string(entry.code[at++])); break;
      case SINTER_VALUE:
        stack.push_back(extent_text(entry, static_cast<int32_t>(entry.code[at++])));
        break;
      case SINTER_ADD: binary("+", true); break;
      case SINTER_SUB: binary("-", true); break;
      case SINTER_MUL: binary("*", true); break;
      case SINTER_FLOORDIV: binary("floordiv", false); break;
      case SINTER_CEILDIV: binary("ceildiv", false); break;
      case SINTER_MIN: binary("min", false); break;
      case SINTER_MAX: binary("max", false); break;
      default: binary("align", false); break;
    }
  }
  return stack.back();
}

std::string tensor_line(const SinterEntry& entry, const char* kind, const SinterTensor& tensor) {
  std::string line = std::string("  ") + kind + "  " + tensor.name + "  " + type_name(tensor.type);
  for (int axis = 0; axis < tensor.rank; ++axis) {
    line += (axis == 0 ? " " : " x ") + extent_text(entry, tensor.extents[axis]);
    if (tensor.ragged_symbol >= 0 && tensor.extents[axis] == tensor.extents[tensor.ragged_axis])
      line += "~";
  }
  if (tensor.id_limit > 0) line += ", ids below " + std::to_string(tensor.id_limit);
  if (tensor.askable != 0) line += ", with --output";
  return line + "\n";
}

}  // namespace

std::string info_text(const SinterModel& model, const Command& command, int isa, int threads) {
  const std::string usual(Options(model).text("entry", ""));
  chosen_entry(model, command.entry.empty() ? usual : command.entry, command.outputs);
  std::string out = std::string("model       ") + model.name + "\n";
  out += std::string("made by     sinter ") + model.version + "\n";
  out += "parameters  " + grouped(model.parameter_count) + "\n";
  out += "weights     " + grouped(static_cast<int64_t>(model.weights_size)) + " bytes, ";
  out += model.weights == nullptr && model.weights_file != nullptr
             ? std::string("in the file ") + model.weights_file + " beside the program\n"
             : "inside the program\n";
  std::string sets;
  for (int i = 0; i < SINTER_ISA_COUNT; ++i)
    if (model.entry_count > 0 && model.entries[0].run[i] != nullptr)
      sets += std::string(sets.empty() ? "" : ", ") + isa_name(i);
  out += "code for    " + sets + "; here " + isa_name(isa) + "\n";
  out += "threads     " + std::to_string(threads) + "\n";
  for (int i = 0; i < model.option_count; ++i)
    out +=
        std::string("task        ") + model.options[i].key + " = " + model.options[i].value + "\n";
  for (int i = 0; i < model.asset_count; ++i)
    out += std::string("asset       ") + model.assets[i].name + ", " +
           grouped(static_cast<int64_t>(model.assets[i].size)) + " bytes\n";
  for (int e = 0; e < model.entry_count; ++e) {
    const SinterEntry& entry = model.entries[e];
    if (command.entry.empty() ? is_companion(entry) : command.entry != entry.name) continue;
    out += std::string("entry ") + entry.name + "\n";
    for (int i = 0; i < entry.input_count; ++i)
      out += tensor_line(entry, "input ", entry.inputs[i]);
    for (int i = 0; i < entry.output_count; ++i)
      out += tensor_line(entry, "output", entry.outputs[i]);
    if (const SinterEntry* asked = companion(model, entry); asked != nullptr)
      for (int i = 0; i < asked->output_count; ++i)
        if (asked->outputs[i].askable != 0) out += tensor_line(*asked, "output", asked->outputs[i]);
    for (int i = 0; i < entry.constraint_count; ++i)
      out += std::string("  needs   ") + entry.constraints[i].text + "\n";
  }
  return out;
}

}  // namespace sinter::runtime
