// The keys that a program's configurations read, so that a tool can tell which entries of a file a
// model does not know and which values are its defaults. Filled when the program starts.
// Non-goals: reading a configuration (config.h), printing (print.h).
#pragma once
#include "dsl/fields.h"
#include "dsl/text.h"

namespace sinter {

/// One value of a configuration, keys of nested objects joined by '.': {"optimiser.lr", …}.
/// A list is its length under its key and its items under "key.0", "key.1", …
struct ConfigEntry {
  enum Kind { none, integer, real, flag, text, length } kind = none;
  const char* scope = "";  // a namespace that the reading type must be in; empty: any
  const char* key = "";
  const char* chars = "";
  double number = 0;
};

/// A key and the value that the model got for it.
struct ConfigKey {
  Text key;
  ConfigEntry::Kind kind = ConfigEntry::none;
  double number = 0;
  Text chars;
};

/// A type that config<T> is asked for. Each links itself into the list of the program.
class ConfigUse {
 public:
  ConfigUse(std::string_view name, void (*lists)(Vec<ConfigKey>&))
      : type(name), list(lists), next(first) {
    first = this;
  }
  const std::string_view type;  // its name without namespaces
  void (*const list)(Vec<ConfigKey>&);
  const ConfigUse* const next;
  static inline const ConfigUse* first = nullptr;
};

namespace detail {

template <class T> void list_keys(const T& value, const Text& key, Vec<ConfigKey>& keys) {
  using Kind = ConfigEntry::Kind;
  if constexpr (requires { value.items; value.count; }) {
    keys.push_back({key, Kind::length, static_cast<double>(value.count), {}});
    for (int i = 0; i < value.count; ++i) list_keys(value.items[i], join(key, '.', i), keys);
  } else if constexpr (std::is_same_v<T, bool>) {
    keys.push_back({key, Kind::flag, value ? 1.0 : 0.0, {}});
  } else if constexpr (std::is_integral_v<T>) {
    keys.push_back({key, Kind::integer, static_cast<double>(value), {}});
  } else if constexpr (std::is_floating_point_v<T>) {
    keys.push_back({key, Kind::real, static_cast<double>(value), {}});
  } else if constexpr (requires { std::string_view(value.view()); }) {
    keys.push_back({key, Kind::text, 0, value.view()});
  } else {
    fields::each(value, [&](const auto& field, std::string_view name) {
      list_keys(field, dotted(key, name), keys);
    });
  }
}

}  // namespace detail
}  // namespace sinter
