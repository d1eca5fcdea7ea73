// Parts of a line: as text, and by their places counted in characters. Non-goals: no choice of
// parts.
#ifndef SINTER_RUNTIME_SPANS_H
#define SINTER_RUNTIME_SPANS_H

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/json.h"

namespace sinter::runtime {

/// The bytes [begin, end) of a line.
struct Span {
  int64_t begin = 0, end = 0;
  std::string_view of(std::string_view line) const {
    return line.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  }
};

/// Characters (code points) before byte `at` of the line.
inline int64_t characters_before(std::string_view line, int64_t at) {
  int64_t count = 0;
  for (char c : line.substr(0, static_cast<size_t>(at))) count += (c & 0xC0) != 0x80;
  return count;
}

/// "text": …, "start": …, "end": …, in characters.
inline void append_json_span(std::string& out, std::string_view line, Span span) {
  out += "\"text\": ";
  append_json_string(out, span.of(line));
  out += ", \"start\": " + std::to_string(characters_before(line, span.begin));
  out += ", \"end\": " + std::to_string(characters_before(line, span.end));
}

}  // namespace sinter::runtime
#endif
