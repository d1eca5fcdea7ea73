// The sizes and options of a model as the language reads them: config.json and -D become lines of
// C++ that dsl/config.h includes. Non-goals: knowing which keys a model has; C++ does.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sinter {

// One value; keys of nested objects are joined by '.'. A list is its length, then its items.
struct ConfigValue {
  std::string kind;  // a ConfigEntry::Kind: integer, real, flag, text, length
  std::string key, text;
};

// The names of classes in their order that Hugging Face's configurations list as "id2label", and
// which stand there for "num_labels"; none: no list.
std::vector<std::string> labelNames(const nlohmann::json& config);

std::vector<ConfigValue> flatten(const nlohmann::json& config);

// Reads the file, or for want of one the JSON in `otherwise` (both may be empty), and lets each
// "name=value" replace its key. A value that is not JSON is a text. Throws Failure.
nlohmann::json readConfig(const std::string& file, const std::string& otherwise,
                          const std::vector<std::string>& defines);

// `{ConfigEntry::integer, "scope", "key", "12", 12},` lines.
std::string configEntries(const std::vector<ConfigValue>& values, const std::string& scope);

}  // namespace sinter
