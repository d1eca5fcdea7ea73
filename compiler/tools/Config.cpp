// Config.h: JSON walked in order of its keys.
#include "compiler/tools/Config.h"

#include <fmt/format.h>

#include "compiler/tools/Process.h"

namespace sinter {
namespace {

using nlohmann::json;

void flattenInto(const json& value, const std::string& key, std::vector<ConfigValue>& out) {
  auto child = [&](const std::string& name) { return key.empty() ? name : key + "." + name; };
  if (value.is_object()) {
    for (const auto& [name, item] : value.items()) flattenInto(item, child(name), out);
  } else if (value.is_array()) {
    out.push_back({"length", key, std::to_string(value.size())});
    for (size_t i = 0; i < value.size(); ++i)
      flattenInto(value[i], child(std::to_string(i)), out);
  } else if (value.is_boolean()) {
    out.push_back({"flag", key, value.get<bool>() ? "true" : "false"});
  } else if (value.is_number_integer()) {
    out.push_back({"integer", key, value.dump()});
  } else if (value.is_number()) {
    out.push_back({"real", key, value.dump()});
  } else if (value.is_string()) {
    out.push_back({"text", key, value.get<std::string>()});
  }  // null: the default
}

// A C++ string literal.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (unsigned char c : text)
    result += c < 32 || c > 126 || c == '"' || c == '\\' || c == '?' ? fmt::format("\\{:03o}", c)
                                                                    : std::string(1, char(c));
  return result + '"';
}

}  // namespace

std::vector<std::string> labelNames(const json& config) {
  std::vector<std::string> names;
  const json list = config.value("id2label", json::object());
  for (size_t i = 0; i < list.size(); ++i) {
    auto name = list.is_object() ? list.find(std::to_string(i)) : list.end();
    if (name == list.end() || !name->is_string()) return {};
    names.push_back(name->get<std::string>());
  }
  return names;
}

std::vector<ConfigValue> flatten(const json& config) {
  std::vector<ConfigValue> values;
  flattenInto(config, "", values);
  return values;
}

json readConfig(const std::string& file, const std::string& otherwise,
                const std::vector<std::string>& defines) {
  json config = file.empty() && !otherwise.empty() ? json::parse(otherwise) : json::object();
  if (!file.empty()) {
    try {
      config = json::parse(readFile(file));
    } catch (const json::exception& error) {
      throw Failure(file + ": is not JSON: " + error.what());
    }
    if (!config.is_object()) throw Failure(file + ": wants a JSON object of keys and values");
  }
  for (const std::string& define : defines) {
    size_t equals = define.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw Failure("-D " + define + ": wants NAME=VALUE", 2);
    std::string text = define.substr(equals + 1);
    json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
    json* place = &config;
    std::string key = define.substr(0, equals);
    for (size_t dot; (dot = key.find('.')) != std::string::npos; key = key.substr(dot + 1))
      place = &(*place)[key.substr(0, dot)];
    (*place)[key] = value.is_discarded() ? json(text) : value;
  }
  return config;
}

std::string configEntries(const std::vector<ConfigValue>& values, const std::string& scope) {
  std::string lines;
  for (const ConfigValue& value : values) {
    std::string number = value.kind == "text"   ? "0"
                         : value.kind == "flag" ? (value.text == "true" ? "1" : "0")
                                                : value.text;
    lines += fmt::format("{{ConfigEntry::{}, {}, {}, {}, {}}},\n", value.kind, quoted(scope),
                         quoted(value.key), quoted(value.text), number);
  }
  return lines;
}

}  // namespace sinter
