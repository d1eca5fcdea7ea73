// The little JSON that the runtime speaks: a strict reader for headers and writers of strings and
// numbers. Non-goals: no document tree.
#ifndef SINTER_RUNTIME_JSON_H
#define SINTER_RUNTIME_JSON_H

#include <cstdint>
#include <string>
#include <string_view>

namespace sinter::runtime {

/// Walks over a JSON text front to back; every function throws Malformed where the text is not what
/// it is asked for.
class JsonReader {
 public:
  struct Malformed {};

  explicit JsonReader(std::string_view text) : text_(text) {}

  /// Enters '{' or '['; then, until more() is false, the items, each read completely.
  void enter(char open);
  bool more(char close);
  /// A key and its colon.
  std::string key();
  std::string string();
  /// A whole number 0 … 2^63-1.
  int64_t whole_number();
  /// Any value.
  void skip(int depth = 0);
  void end();

 private:
  char peek();
  char next();
  bool take(char c);
  uint32_t hex4();
  void literal(std::string_view word);

  std::string_view text_;
  size_t at_ = 0;
  bool first_ = false;  // no comma is due
};

/// `text` in quotes; parts that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);
/// The shortest text that reads back as the same float; null for NaN and infinities.
void append_json_number(std::string& out, float value);
/// `digits` significant digits, or the shortest exact text for 0.
void append_number(std::string& out, double value, int digits);

}  // namespace sinter::runtime
#endif
