// The generator: prints a model's graph as text of the sinter dialect, with source locations, and
// answers the driver's questions. Runs; nothing here is constexpr. Only the generated main uses it.
// Non-goals: any change to the graph.
#pragma once
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "dsl/model.h"

namespace sinter {

/// A model under the name that the program gives it.
struct NamedModel {
  const char* name;
  const ModelInfo& info;
};

class Printer {
 public:
  explicit Printer(const Graph& graph)
      : g(graph), order(graph.regions.size()), placed(graph.nodes.size()), numbers(graph.values.size()) {
    for (const Graph::Entry& entry : g.entries) place_region(entry.region);
  }

  std::string model(std::string_view name, const Task* task) {
    line(0) += "sinter.model @" + symbol(name) + " {\n";
    for (const Graph::Weight& weight : g.weights) print_weight(weight);
    for (const Graph::Entry& entry : g.entries) print_entry(entry);
    if (task) print_task(*task);
    out += "}\n";
    return out;
  }

 private:
  const Graph& g;
  std::vector<std::vector<std::size_t>> order;  // the nodes of each region as they are printed
  std::vector<bool> placed;
  std::vector<std::size_t> numbers;  // of values, as they are printed
  std::size_t next_number = 0;
  std::string out;

  // Compilers evaluate the operands of a call in different orders, so nodes are printed in an order
  // of their own: operands before results, left before right, and only what is asked for.
  void place_region(int id) {
    const Graph::Region& region = g.regions[static_cast<std::size_t>(id)];
    for (int i = 0; i < region.yield_count; ++i)
      place(g.operands[static_cast<std::size_t>(region.yields + i)]);
    for (std::size_t i = 0; i < g.nodes.size(); ++i)
      if (g.nodes[i].parent == id && g.nodes[i].op == "name") place(g.nodes[i].results);
  }
  void place(int value_id) {
    const int id = value(value_id).node;
    if (id < 0 || placed[static_cast<std::size_t>(id)]) return;
    placed[static_cast<std::size_t>(id)] = true;
    const Graph::Node& node = g.nodes[static_cast<std::size_t>(id)];
    for (int i = 0; i < node.operand_count; ++i)
      place(g.operands[static_cast<std::size_t>(node.operands + i)]);
    for (int region : node.regions)
      if (region >= 0) place_region(region);
    order[static_cast<std::size_t>(node.parent)].push_back(static_cast<std::size_t>(id));
  }

  std::string& line(int depth) { return out.append(static_cast<std::size_t>(2 * depth), ' '); }

  static std::string symbol(std::string_view name) {
    bool word = !name.empty() && (name[0] < '0' || name[0] > '9');
    for (char c : name) word = word && fields::detail::is_word(c);
    if (!word) return quote(name);
    return std::string(name);
  }
  static std::string quote(std::string_view text) {
    std::string quoted = "\"";
    for (unsigned char c : text) {
      char escaped[8];
      if (c == '"' || c == '\\' || c < 32 || c > 126)
        std::snprintf(escaped, sizeof escaped, "\\%02X", c);
      else std::snprintf(escaped, sizeof escaped, "%c", c);
      quoted += escaped;
    }
    return quoted + '"';
  }
  /// The shortest that reads back.
  static std::string shortest(const char* format, double value) {
    char text[40];
    for (int digits = 1; digits <= 17; ++digits) {
      std::snprintf(text, sizeof text, format, digits, value);
      if (std::strtod(text, nullptr) == value) break;
    }
    return text;
  }
  static std::string real(double value) {
    if (std::isfinite(value)) return shortest("%.*e", value) + " : f64";
    char text[40];
    unsigned long long bits;
    std::memcpy(&bits, &value, sizeof bits);
    std::snprintf(text, sizeof text, "0x%016llX : f64", bits);
    return text;
  }
  static std::string init(const Init& init) {
    std::string text(init.how);
    if (init.number != 0) text += ':' + shortest("%.*g", init.number);
    return text;
  }
  std::string type(const Shape& shape) const {
    std::string text = "!sinter.tensor<";
    for (int i = 0; i < shape.rank; ++i) text += std::string(g.rules.print(shape.dims[i]).view()) + " x ";
    return text + std::string(rules::name_of(shape.dtype)) + ">";
  }
  const Graph::Value& value(int id) const { return g.values[static_cast<std::size_t>(id)]; }
  std::string use(int id) const {
    const std::size_t number = numbers[static_cast<std::size_t>(id)];
    if (value(id).node < 0) return "%a" + std::to_string(number);
    const Graph::Node& node = g.nodes[static_cast<std::size_t>(value(id).node)];
    std::string text = "%" + std::to_string(numbers[static_cast<std::size_t>(node.results)]);
    if (node.result_count > 1) text += "#" + std::to_string(id - node.results);
    return text;
  }
  std::string uses(int begin, int count) const {
    std::string text;
    for (int i = 0; i < count; ++i)
      text += (i > 0 ? ", " : "") + use(g.operands[static_cast<std::size_t>(begin + i)]);
    return text;
  }
  std::string types(int begin, int count) const {
    std::string text;
    for (int i = 0; i < count; ++i)
      text += (i > 0 ? ", " : "") + type(value(g.operands[static_cast<std::size_t>(begin + i)]).shape);
    return text;
  }
  std::string attribute(const Graph::StoredAttribute& a) const {
    std::string text = std::string(a.key) + " = ";
    switch (a.kind) {
      case Attribute::integer: return text + std::to_string(a.number) + " : i64";
      case Attribute::real: return text + real(a.value);
      case Attribute::flag: return text + (a.number ? "true" : "false");
      case Attribute::text: return text + quote(g.text_of(a));
      case Attribute::integers:
        text += "array<i64";
        for (std::size_t i = 0; i < a.count; ++i)
          text += (i == 0 ? ": " : ", ") + std::to_string(g.numbers[a.begin + i]);
        return text + ">";
      case Attribute::letters:
        text += "{";
        for (std::size_t i = 0; i < a.count; ++i) {
          const rules::Dim size = g.numbers[a.begin + 2 * i + 1];
          text += std::string(i == 0 ? "" : ", ") + static_cast<char>(g.numbers[a.begin + 2 * i]) + " = ";
          text += rules::is_constant(size) ? std::to_string(size) + " : i64"
                                           : quote(g.rules.print(size).view());
        }
        return text + "}";
    }
    return text;
  }
  std::string attributes(const Graph::Node& node) const {
    if (node.attribute_count == 0) return "";
    std::string text = " {";
    for (int i = 0; i < node.attribute_count; ++i)
      text += (i > 0 ? ", " : "") + attribute(g.attributes[static_cast<std::size_t>(node.attributes + i)]);
    return text + "}";
  }
  static std::string location(const Loc& loc) {
    if (loc.line == 0) return " loc(unknown)\n";
    return " loc(" + quote(loc.file) + ":" + std::to_string(loc.line) + ":1)\n";
  }

  void print_weight(const Graph::Weight& weight) {
    const bool rounds = weight.repeat >= 0;
    const bool single = rounds && g.unrolled[static_cast<std::size_t>(weight.repeat)];
    for (int i = 0; i < (single ? weight.count : 1); ++i) {
      std::string key(weight.key.view());
      if (single) {
        const std::size_t hole = key.find("{}");
        key.replace(hole, 2, std::to_string(weight.first + i));
      }
      line(1) += "sinter.weight " + quote(key) + " : " + type(weight.shape);
      std::string attrs;
      const auto add = [&](const std::string& text) { attrs += (attrs.empty() ? "" : ", ") + text; };
      if (rounds && !single) {
        add("count = " + std::to_string(weight.count) + " : i64");
        if (weight.first != 0) add("first = " + std::to_string(weight.first) + " : i64");
      }
      if (weight.kind != "param") add("kind = " + quote(weight.kind));
      if (!weight.init.how.empty()) add("init = " + quote(init(weight.init)));
      if (!weight.alias.empty()) add("alias = " + quote(weight.alias));
      out += attrs.empty() ? "\n" : " {" + attrs + "}\n";
    }
  }

  std::string names(const Vec<Graph::Named>& list) const {
    std::string text = "[";
    for (const Graph::Named& named : list) text += (text.size() > 1 ? ", " : "") + quote(named.name);
    return text + "]";
  }
  void print_entry(const Graph::Entry& entry) {
    line(1) += "sinter.entry @" + symbol(entry.name) + " inputs " + names(entry.inputs) + " outputs " +
               names(entry.outputs);
    if (!entry.constraints.empty()) {
      out += " attributes {constraints = [";
      for (std::size_t i = 0; i < entry.constraints.size(); ++i)
        out += (i > 0 ? ", " : "") + quote(entry.constraints[i]);
      out += "]}";
    }
    out += " {\n";
    print_region(entry.region, 2, "sinter.return");
    line(1) += "}\n";
  }
  void print_region(int id, int depth, const char* terminator) {
    const Graph::Region& region = g.regions[static_cast<std::size_t>(id)];
    if (region.argument_count > 0) {
      line(depth - 1) += "^bb0(";
      for (int i = 0; i < region.argument_count; ++i)
        numbers[static_cast<std::size_t>(region.arguments + i)] = next_number++;
      for (int i = 0; i < region.argument_count; ++i)
        out += (i > 0 ? ", " : "") + use(region.arguments + i) + ": " +
               type(value(region.arguments + i).shape);
      out += "):\n";
    }
    for (std::size_t node : order[static_cast<std::size_t>(id)]) print_node(g.nodes[node], depth);
    line(depth) += std::string(terminator) + " " + uses(region.yields, region.yield_count) + " : " +
                   types(region.yields, region.yield_count) + "\n";
  }
  void print_node(const Graph::Node& node, int depth) {
    for (int i = 0; i < node.result_count; ++i)
      numbers[static_cast<std::size_t>(node.results + i)] = next_number;
    line(depth) += "%" + std::to_string(next_number++);
    if (node.result_count > 1) out += ":" + std::to_string(node.result_count);
    out += " = sinter." + std::string(node.op);
    if (node.operand_count > 0) out += " " + uses(node.operands, node.operand_count);
    out += attributes(node) + " : (" + types(node.operands, node.operand_count) + ") -> ";
    if (node.result_count != 1) out += "(";
    for (int i = 0; i < node.result_count; ++i)
      out += (i > 0 ? ", " : "") + type(value(node.results + i).shape);
    if (node.result_count != 1) out += ")";
    for (int r = 0; r < 2 && node.regions[r] >= 0; ++r) {
      out += r == 0 ? " {\n" : " do {\n";
      print_region(node.regions[r], depth + 1, "sinter.yield");
      line(depth) += "}";
    }
    out += location(node.loc);
  }
  void print_task(const Task& task) {
    line(1) += "sinter.task {reader = " + quote(task.reader) + ", writer = " + quote(task.writer);
    for (int i = 0; i < task.count; ++i) {
      const TaskOption& option = task.options[i];
      out += ", " + std::string(option.key) + " = " +
             (option.is_text ? quote(option.chars) : std::to_string(option.number) + " : i64");
    }
    out += "}\n";
  }
};

/// The text of a model; `name` becomes its symbol.
/// Empty: the model is wrong.
inline std::string print(const NamedModel& named) {
  if (named.info.wrong) return "";
  Graph graph;
  named.info.trace(graph);
  return Printer(graph).model(named.name, named.info.task);
}

namespace detail {
/// Reads cases from standard input, entries as `kind<TAB>key<TAB>value` lines, each case closed by
/// an empty line, and prints for each the names of the models that serve it on one line.
inline int print_serves(const std::vector<NamedModel>& models) {
  std::vector<std::string> texts;
  std::string current;
  const auto answer = [&] {
    std::vector<ConfigEntry> entries;
    Case described;
    for (const std::string& text : texts) {
      const std::size_t first = text.find('\t'), second = text.find('\t', first + 1);
      if (first == std::string::npos || second == std::string::npos) continue;
      ConfigEntry entry;
      const std::string_view kind(text.data(), first);
      entry.kind = kind == "integer" ? ConfigEntry::integer : kind == "real" ? ConfigEntry::real
                   : kind == "flag" ? ConfigEntry::flag : kind == "length" ? ConfigEntry::length
                                                                          : ConfigEntry::text;
      // The key is cut off in place; the value ends with the text.
      char* chars = const_cast<char*>(text.data());
      chars[second] = '\0';
      entry.key = chars + first + 1;
      entry.chars = chars + second + 1;
      entry.number = std::strcmp(entry.chars, "true") == 0 ? 1 : std::strtod(entry.chars, nullptr);
      const std::string_view key(entry.key);
      if (key == "architecture") described.architecture = entry.chars;
      if (key == "kind") described.kind = entry.chars;
      if (key == "class") described.class_ = entry.chars;
      entries.push_back(entry);
    }
    described.entries = entries.data();
    described.entry_count = static_cast<int>(entries.size());
    std::string line;
    for (const NamedModel& named : models)
      if (named.info.serves && named.info.serves(described))
        line += (line.empty() ? "" : " ") + std::string(named.name);
    std::puts(line.c_str());
    texts.clear();
  };
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c != '\n') {
      current += static_cast<char>(c);
    } else if (current.empty()) {
      answer();
    } else {
      texts.push_back(current);
      current.clear();
    }
  }
  return 0;
}

/// Whether a model's type shows the configuration among its arguments: "Bert<BertConfig{…}>".
inline bool uses(const NamedModel& model, const ConfigUse& config) {
  const std::string argument = std::string(config.type) + "{";
  const std::string_view text = model.info.type;
  for (std::size_t at = text.find(argument); at != text.npos; at = text.find(argument, at + 1))
    if (!fields::detail::is_word(text[at - 1])) return true;
  return false;
}

/// `kind<TAB>key<TAB>value` lines of the model's configurations; of all in the program where the
/// model's type shows none.
inline int print_config(const NamedModel& model) {
  bool any = false;
  for (const ConfigUse* use = ConfigUse::first; use; use = use->next)
    any = any || uses(model, *use);
  Vec<ConfigKey> keys;
  for (const ConfigUse* use = ConfigUse::first; use; use = use->next)
    if (!any || uses(model, *use)) use->list(keys);
  constexpr const char* kinds[] = {"none", "integer", "real", "flag", "text", "length"};
  for (const ConfigKey& key : keys) {
    const std::string name(key.key.view()), chars(key.chars.view());
    std::printf("%s\t%s\t", kinds[key.kind], name.c_str());
    if (key.kind == ConfigEntry::text) std::printf("%s\n", chars.c_str());
    else if (key.kind == ConfigEntry::flag) std::puts(key.number != 0 ? "true" : "false");
    else std::printf("%.15g\n", key.number);
  }
  return 0;
}
}  // namespace detail

/// The generator's main: --list, --model NAME (repeated; no name: all), --config NAME, --serves.
inline int generate(int argc, char** argv, const std::vector<NamedModel>& models) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "--list") {
    for (const NamedModel& named : models)
      std::printf("%s\t%lld\n", named.name, named.info.parameters);
    return 0;
  }
  if (mode == "--serves") return detail::print_serves(models);
  if (mode == "--config" && argc > 2)
    for (const NamedModel& named : models)
      if (std::strcmp(argv[2], named.name) == 0) return detail::print_config(named);
  bool found = mode != "--model";
  for (const NamedModel& named : models) {
    bool wanted = mode != "--model";
    for (int i = 2; i < argc && !wanted; ++i) wanted = std::strcmp(argv[i], named.name) == 0;
    if (!wanted) continue;
    found = true;
    const std::string text = print(named);
    if (text.empty()) return 1;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return 1;
  }
  if (!found) std::fprintf(stderr, "no model named '%s'\n", argc > 2 ? argv[2] : "");
  return found ? 0 : 2;
}

}  // namespace sinter
