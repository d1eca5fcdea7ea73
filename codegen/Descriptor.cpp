// Writes the C source of a model's descriptor. Weights and assets come in by .incbin: the compiler
// never sees their bytes, and the weights' section is one that may lie beyond 2 GB.
#include "codegen/Descriptor.h"

#include <ostream>

namespace sinter {
namespace {

/// As a C string literal; everything but printable ASCII in octal, '?' too (trigraphs).
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c >= ' ' && c < 127 && c != '"' && c != '\\' && c != '?') {
      out += static_cast<char>(c);
      continue;
    }
    out += '\\';
    for (int unit : {64, 8, 1}) out += static_cast<char>('0' + c / unit % 8);
  }
  return out + '"';
}

std::string number(int64_t value) {
  if (value == INT64_MIN) return "INT64_MIN";
  return "INT64_C(" + std::to_string(value) + ")";
}

std::string number(int32_t value) { return std::to_string(value); }

class Writer {
 public:
  Writer(const ModelDescription& model, std::ostream& out) : model(model), out(out) {}

  void write() {
    out << "/* Written by sinter from the model " << model.name << "; see abi.h. */\n"
        << "#include \"abi.h\"\n\n";
    if (!model.weightsPath.empty())
      embed("sinter_weights" + model.symbolSuffix, model.weightsPath, ".lrodata.sinter,\\\"al\\\",@progbits");
    for (size_t i = 0; i < model.assets.size(); ++i)
      embed("sinter_asset" + std::to_string(i), model.assets[i].path,
            ".rodata.sinter,\\\"a\\\",@progbits");
    for (size_t i = 0; i < model.entries.size(); ++i)
      writeParts(model.entries[i], "e" + std::to_string(i));
    writeEntries();
    writeParams();
    writeAssets();
    std::vector<std::string> options;
    for (const auto& [key, value] : model.options)
      options.push_back("{" + quoted(key) + ", " + quoted(value) + "}");
    array("struct SinterOption", "options", options);
    for (auto [kind, type, name] : {std::tuple("reader", "Reader", model.reader),
                                    std::tuple("writer", "Writer", model.writer)})
      if (!name.empty())
        out << "extern const struct Sinter" << type << " sinter_" << kind << "_" << name << ";\n";
    writeModel();
  }

 private:
  /// An array of initialisers, one on a line; nothing at all when empty: uses say `orNull`.
  void array(std::string_view type, std::string_view name, const std::vector<std::string>& items) {
    if (items.empty()) return;
    out << "static const " << type << " " << name << "[] = {\n";
    for (const std::string& item : items) out << "  " << item << ",\n";
    out << "};\n";
  }

  template <class Number>
  void numbers(std::string_view type, std::string_view name, const std::vector<Number>& values) {
    if (values.empty()) return;
    out << "static const " << type << " " << name << "[] = {";
    for (size_t i = 0; i < values.size(); ++i) out << (i ? ", " : "") << number(values[i]);
    out << "};\n";
  }

  template <class Items>
  static std::string orNull(const std::string& name, const Items& items) {
    return items.empty() ? "0" : name;
  }

  /// The file's bytes as `symbol`, 64-byte aligned. A path is quoted once for the assembler and
  /// once for C.
  void embed(const std::string& symbol, const std::string& path, const char* section) {
    out << "__asm__(\".pushsection " << section << "\\n.balign 64\\n\"\n"
        << "        \".globl " << symbol << "\\n.hidden " << symbol << "\\n" << symbol << ":\\n\"\n"
        << "        \".incbin \" " << quoted(quoted(path)) << " \"\\n.popsection\\n\");\n"
        << "extern __attribute__((visibility(\"hidden\"))) const unsigned char " << symbol
        << "[];\n\n";
  }

  std::string tensors(const std::vector<TensorDescription>& list, const std::string& name) {
    std::vector<std::string> items;
    for (size_t i = 0; i < list.size(); ++i) {
      const TensorDescription& t = list[i];
      std::string extents = name + std::to_string(i);
      numbers("int32_t", extents, t.extents);
      items.push_back("{" + quoted(t.name) + ", " + std::to_string(t.type) + ", " +
                      std::to_string(t.extents.size()) + ", " + orNull(extents, t.extents) + ", " +
                      number(t.raggedAxis) + ", " + number(t.raggedSymbol) + ", " +
                      number(t.idLimit) + ", " + number(t.askable) + "}");
    }
    array("struct SinterTensor", name, items);
    return orNull(name, list);
  }

  void writeParts(const EntryDescription& entry, const std::string& prefix) {
    tensors(entry.inputs, prefix + "_inputs");
    tensors(entry.outputs, prefix + "_outputs");
    std::vector<std::string> items;
    for (const std::string& symbol : entry.expressions.symbols()) items.push_back(quoted(symbol));
    array("char* const", prefix + "_symbols", items);
    items.clear();
    for (const RaggedDescription& r : entry.ragged)
      items.push_back("{" + quoted(r.name) + ", " + number(r.symbol) + ", " +
                      number(r.rowExtent) + "}");
    array("struct SinterRagged", prefix + "_ragged", items);
    items.clear();
    for (const ConstraintDescription& c : entry.constraints)
      items.push_back("{" + number(c.left) + ", " + number(c.right) + ", " +
                      std::to_string(c.relation) + ", " + quoted(c.text) + "}");
    array("struct SinterConstraint", prefix + "_constraints", items);
    std::vector<int64_t> code;
    std::vector<int32_t> starts;
    for (int32_t i = 0; i < entry.expressions.size(); ++i) {
      starts.push_back(static_cast<int32_t>(code.size()));
      const std::vector<int64_t>& program = entry.expressions.program(i);
      code.insert(code.end(), program.begin(), program.end());
    }
    starts.push_back(static_cast<int32_t>(code.size()));
    numbers("int64_t", prefix + "_code", code);
    numbers("int32_t", prefix + "_starts", starts);
    for (const std::string& target : model.targets)
      out << "extern void " << entry.function << "_" << target << "(const struct SinterCall*);\n";
    out << "\n";
  }

  void writeEntries() {
    std::vector<std::string> items;
    for (size_t i = 0; i < model.entries.size(); ++i) {
      const EntryDescription& entry = model.entries[i];
      std::string prefix = "e" + std::to_string(i);
      const Expressions& expressions = entry.expressions;
      std::string runs;
      for (const std::string& target : model.targets)
        runs += "[SINTER_X86_64_V" + target.substr(1) + "] = " + entry.function + "_" + target +
                ", ";
      auto field = [](const char* name, const std::string& value) {
        return std::string("\n   .") + name + " = " + value + ",";
      };
      auto count = [](const auto& list) { return std::to_string(list.size()); };
      bool hasCode = expressions.size() > static_cast<int32_t>(expressions.symbols().size());
      items.push_back(
          "{" + field("name", quoted(entry.name)) + field("input_count", count(entry.inputs)) +
          field("output_count", count(entry.outputs)) +
          field("symbol_count", count(expressions.symbols())) +
          field("ragged_count", count(entry.ragged)) +
          field("constraint_count", count(entry.constraints)) +
          field("expression_count", number(expressions.size())) +
          field("arena_size", number(entry.arenaSize)) +
          field("threads_symbol", number(entry.threadsSymbol)) +
          field("inputs", orNull(prefix + "_inputs", entry.inputs)) +
          field("outputs", orNull(prefix + "_outputs", entry.outputs)) +
          field("symbols", orNull(prefix + "_symbols", expressions.symbols())) +
          field("ragged", orNull(prefix + "_ragged", entry.ragged)) +
          field("constraints", orNull(prefix + "_constraints", entry.constraints)) +
          field("code", hasCode ? prefix + "_code" : "0") +
          field("code_starts", prefix + "_starts") + field("run", "{" + runs + "}") + "}");
    }
    array("struct SinterEntry", "entries", items);
  }

  void writeParams() {
    std::vector<std::string> items;
    for (size_t i = 0; i < model.params.size(); ++i) {
      const ParamDescription& p = model.params[i];
      std::string shape = "shape" + std::to_string(i);
      numbers("int64_t", shape, p.shape);
      items.push_back("{" + quoted(p.name) + ", " + std::to_string(p.type) + ", " +
                      std::to_string(p.shape.size()) + ", " + orNull(shape, p.shape) + ", " +
                      quoted(p.layout) + ", " + std::to_string(p.offset) + "u, " +
                      std::to_string(p.bytes) + "u}");
    }
    array("struct SinterParam", "params", items);
  }

  void writeAssets() {
    std::vector<std::string> items;
    for (size_t i = 0; i < model.assets.size(); ++i) {
      std::string symbol = "sinter_asset" + std::to_string(i);
      items.push_back("{" + quoted(model.assets[i].name) + ", " + symbol + ", " +
                      std::to_string(model.assets[i].bytes) + "u}");
    }
    array("struct SinterAsset", "assets", items);
  }

  void writeModel() {
    auto address = [](const char* kind, const std::string& name) {
      return name.empty() ? "0" : std::string("&sinter_") + kind + "_" + name;
    };
    out << "\nconst struct SinterModel sinter_model" << model.symbolSuffix << " = {\n"
        << "  .abi_version = SINTER_ABI_VERSION,\n"
        << "  .name = " << quoted(model.name) << ",\n"
        << "  .version = " << quoted(model.version) << ",\n"
        << "  .parameter_count = " << number(model.parameterCount) << ",\n"
        << "  .entry_count = " << model.entries.size() << ",\n"
        << "  .param_count = " << model.params.size() << ",\n"
        << "  .asset_count = " << model.assets.size() << ",\n"
        << "  .option_count = " << model.options.size() << ",\n"
        << "  .entries = " << orNull("entries", model.entries) << ",\n"
        << "  .params = " << orNull("params", model.params) << ",\n"
        << "  .assets = " << orNull("assets", model.assets) << ",\n"
        << "  .options = " << orNull("options", model.options) << ",\n"
        << "  .reader = " << address("reader", model.reader) << ",\n"
        << "  .writer = " << address("writer", model.writer) << ",\n"
        << "  .weights = " << (model.weightsPath.empty() ? "0" : "sinter_weights" + model.symbolSuffix) << ",\n"
        << "  .weights_size = " << model.weightsSize << "u,\n"
        << "  .weights_file = "
        << (model.weightsFile.empty() ? "0" : quoted(model.weightsFile)) << ",\n};\n";
  }

  const ModelDescription& model;
  std::ostream& out;
};

}  // namespace

void writeDescriptor(const ModelDescription& model, std::ostream& out) {
  Writer(model, out).write();
}

}  // namespace sinter
