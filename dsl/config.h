// config<T>: an aggregate of sizes and options, filled from a configuration file before C++
// compiles. Field names are the file's keys, initialisers are the defaults, a trailing '_' of a
// field name is dropped (class_ reads "class").
// The driver names a file of entries in SINTER_CONFIG_FILE; without it the defaults hold.
// Non-goals: reading JSON (the driver does).
#pragma once
#include <limits>

#include "dsl/config_keys.h"
#include "dsl/report.h"

namespace sinter {

inline constexpr ConfigEntry config_entries[] = {
#ifdef SINTER_CONFIG_FILE
#include SINTER_CONFIG_FILE
#endif
    {}};

/// A list of at most Capacity items.
template <class T, int Capacity> struct Seq {
  T items[static_cast<std::size_t>(Capacity)]{};
  int count = 0;
  constexpr Seq() = default;
  constexpr Seq(std::initializer_list<T> list) {
    for (const T& item : list) items[count++] = item;
  }
  constexpr int size() const { return count; }
  constexpr const T& operator[](int i) const { return items[i]; }
  constexpr const T& back() const { return items[count - 1]; }
  constexpr const T* begin() const { return items; }
  constexpr const T* end() const { return items + count; }
  constexpr bool operator==(const Seq&) const = default;
};

/// A text that the model knows only some values of; another one in the file is an error.
template <Name... Values> struct OneOf {
  int index = 0;
  constexpr OneOf() = default;
  template <std::size_t N> constexpr OneOf(const char (&text)[N]) : index(find({text, N - 1})) {
    if (index < 0) throw "not one of the values";  // stops constant evaluation
  }
  static constexpr int find(std::string_view text) {
    int i = 0, found = -1;
    ((text == Values.view() && found < 0 ? found = i++ : i++), ...);
    return found;
  }
  static constexpr Text choices() {
    Text text;
    ((text << (text.empty() ? "" : ", ") << Values.view()), ...);
    return text;
  }
  constexpr std::string_view view() const {
    std::string_view found;
    int i = 0;
    ((i++ == index ? found = Values.view() : found), ...);
    return found;
  }
  /// Immediate: clang-22 crashes on code that takes the address of a member of a template argument
  /// with padding, which a call at run time would do.
  template <std::size_t N> consteval bool operator==(const char (&text)[N]) const {
    return view() == std::string_view(text, N - 1);
  }
  constexpr bool operator==(const OneOf&) const = default;
};

namespace detail {

constexpr std::string_view kind_name(ConfigEntry::Kind kind) {
  constexpr std::string_view names[] = {"null", "an integer", "a number", "true or false", "a text",
                                        "a list"};
  return names[kind];
}

struct ConfigReader {
  std::string_view type;  // the spelling of the aggregate, for scopes
  Text error;

  constexpr const ConfigEntry* find(std::string_view key) const {
    for (const ConfigEntry& entry : config_entries) {
      const std::string_view scope(entry.scope);
      if (std::string_view(entry.key) != key || entry.kind == ConfigEntry::none) continue;
      if (scope.empty() || type.find(scope) != std::string_view::npos) return &entry;
    }
    return nullptr;
  }
  constexpr void wants(std::string_view key, std::string_view wanted, const ConfigEntry& entry) {
    error << "\nconfiguration: '" << key << "' wants " << wanted << ", got "
          << kind_name(entry.kind);
    if (entry.kind != ConfigEntry::length) error << " (" << entry.chars << ')';
  }
  template <class T> constexpr void read(T& value, std::string_view key) {
    if constexpr (requires { value.items; value.count; }) {
      const ConfigEntry* entry = find(key);
      if (!entry) return;
      constexpr int capacity = static_cast<int>(sizeof(value.items) / sizeof(value.items[0]));
      if (entry->kind != ConfigEntry::length) return wants(key, "a list", *entry);
      if (entry->number > capacity) {
        error << "\nconfiguration: '" << key << "' has more than " << capacity << " items";
        return;
      }
      value = T();  // what the default had beyond the new end is gone
      value.count = static_cast<int>(entry->number);
      for (int i = 0; i < value.count; ++i) read(value.items[i], join(key, '.', i));
    } else if constexpr (requires { T::choices(); }) {
      const ConfigEntry* entry = find(key);
      if (!entry) return;
      if (entry->kind != ConfigEntry::text) return wants(key, "a text", *entry);
      value.index = T::find(entry->chars);
      if (value.index < 0)
        error << "\nconfiguration: '" << key << "' is \"" << entry->chars << "\", but the model has "
              << T::choices();
    } else if constexpr (std::is_same_v<T, bool>) {
      if (const ConfigEntry* entry = find(key)) {
        if (entry->kind != ConfigEntry::flag) return wants(key, "true or false", *entry);
        value = entry->number != 0;
      }
    } else if constexpr (std::is_integral_v<T>) {
      if (const ConfigEntry* entry = find(key)) {
        if (entry->kind != ConfigEntry::integer) return wants(key, "an integer", *entry);
        using Limits = std::numeric_limits<T>;
        if (entry->number < static_cast<double>(Limits::min()) ||
            entry->number >= static_cast<double>(Limits::max()) + 1) {
          error << "\nconfiguration: '" << key << "' is out of range: " << entry->chars;
          return;
        }
        value = static_cast<T>(entry->number);
      }
    } else if constexpr (std::is_floating_point_v<T>) {
      if (const ConfigEntry* entry = find(key)) {
        if (entry->kind != ConfigEntry::integer && entry->kind != ConfigEntry::real)
          return wants(key, "a number", *entry);
        value = static_cast<T>(entry->number);
      }
    } else if constexpr (requires { T(std::string_view()); value.chars; }) {
      if (const ConfigEntry* entry = find(key)) {
        if (entry->kind != ConfigEntry::text) return wants(key, "a text", *entry);
        value = T(std::string_view(entry->chars));
      }
    } else {
      fields::each(value, [&](auto& field, std::string_view name) {
        read(field, dotted(key, name));
      });
    }
  }
};

template <class T> consteval std::string_view spelling() { return __PRETTY_FUNCTION__; }
template <class T> constexpr T read_config(Text& error) {
  T value{};
  ConfigReader reader;
  reader.type = spelling<T>();
  reader.read(value, "");
  error = reader.error;
  return value;
}
template <class T> constexpr std::size_t config_error_size() {
  Text error;
  read_config<T>(error);
  return error.size();
}
template <class T, std::size_t N> constexpr Message<N> config_message() {
  Text error;
  read_config<T>(error);
  return Message<N>(error);
}
/// clang-22 reads the fields of a template argument at wrong places in the program that prints the
/// graph when its type has padding both between fields and at its end. Such a type is refused.
template <class T> consteval bool has_safe_layout() {
  if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T>) {
    return true;
  } else {
    T value{};
    std::size_t end = 0;
    bool inner = false, nested = true;
    fields::each(value, [&]<class F>(F&, std::string_view) {
      inner = inner || end % alignof(F) != 0;
      end = (end + alignof(F) - 1) / alignof(F) * alignof(F) + sizeof(F);
      nested = nested && has_safe_layout<F>();
    });
    return nested && (!inner || end == sizeof(T));
  }
}

template <class T> consteval T configure() {
  static_assert(has_safe_layout<T>(),
                "a configuration lists its doubles first, then its ints, then texts and bools");
  constexpr std::size_t size = config_error_size<T>();
  if constexpr (size != 0) {
    report<config_message<T, size>()>();
  }
  Text error;
  return read_config<T>(error);
}

template <class T> void list_config(Vec<ConfigKey>& keys);
template <class T> inline const ConfigUse config_use{fields::type_name<T>(), &list_config<T>};

}  // namespace detail

/// T with the values of the configuration file. Naming config_use<T> puts it into the program.
template <class T>
inline constexpr T config = (static_cast<void>(&detail::config_use<T>), detail::configure<T>());

template <class T> void detail::list_config(Vec<ConfigKey>& keys) {
  list_keys(config<T>, Text(), keys);
}

}  // namespace sinter
