// JSON text; see json.h.
#include "json.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "utf8.h"

namespace sinter::runtime {

char JsonReader::peek() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
    ++at_;
  if (at_ == text_.size()) throw Malformed{};
  return text_[at_];
}

char JsonReader::next() {
  if (at_ == text_.size()) throw Malformed{};
  return text_[at_++];
}

bool JsonReader::take(char c) {
  if (peek() != c) return false;
  ++at_;
  return true;
}

void JsonReader::enter(char open) {
  if (!take(open)) throw Malformed{};
  first_ = true;
}

bool JsonReader::more(char close) {
  bool first = first_;
  first_ = false;
  if (take(close)) return false;
  if (!first && !take(',')) throw Malformed{};
  return true;
}

std::string JsonReader::key() {
  std::string name = string();
  if (!take(':')) throw Malformed{};
  return name;
}

uint32_t JsonReader::hex4() {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    char c = next();
    uint32_t digit;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
      digit = (c | 32) - 'a' + 10;
    } else {
      throw Malformed{};
    }
    value = value * 16 + digit;
  }
  return value;
}

std::string JsonReader::string() {
  if (!take('"')) throw Malformed{};
  std::string out;
  for (;;) {
    char c = next();
    if (c == '"') return out;
    if (static_cast<unsigned char>(c) < ' ') throw Malformed{};
    if (c != '\\') {
      out += c;
      continue;
    }
    switch (c = next()) {
      case '"':
      case '\\':
      case '/': out += c; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u': {
        uint32_t unit = hex4();
        if (unit >= 0xD800 && unit < 0xDC00) {
          if (next() != '\\' || next() != 'u') throw Malformed{};
          uint32_t low = hex4();
          if (low < 0xDC00 || low > 0xDFFF) throw Malformed{};
          unit = 0x10000 + (unit - 0xD800) * 1024 + (low - 0xDC00);
        } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
          throw Malformed{};
        }
        append_utf8(out, unit);
        break;
      }
      default: throw Malformed{};
    }
  }
}

int64_t JsonReader::whole_number() {
  peek();
  int64_t value = 0;
  auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
  if (error != std::errc() || value < 0 || text_[at_] == '-') throw Malformed{};
  at_ = end - text_.data();
  return value;
}

void JsonReader::literal(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) throw Malformed{};
  at_ += word.size();
}

void JsonReader::skip(int depth) {
  if (depth > 64) throw Malformed{};
  switch (char c = peek()) {
    case '{':
    case '[':
      for (enter(c); more(c == '{' ? '}' : ']');) {
        if (c == '{') key();
        skip(depth + 1);
      }
      break;
    case '"': string(); break;
    case 't': literal("true"); break;
    case 'f': literal("false"); break;
    case 'n': literal("null"); break;
    default: {
      double number;
      auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
      if (error != std::errc()) throw Malformed{};
      at_ = end - text_.data();
    }
  }
}

void JsonReader::end() {
  while (at_ < text_.size()) {
    if (text_[at_] != ' ' && text_[at_] != '\n' && text_[at_] != '\t' && text_[at_] != '\r')
      throw Malformed{};
    ++at_;
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    unsigned char c = text[at];
    if (c >= ' ' && c < 127 && c != '"' && c != '\\') {
      out += text[at++];
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += text[at++];
    } else if (c < 128) {
      static constexpr char kDigits[] = "0123456789abcdef";
      out += "\\u00";
      out += kDigits[c / 16];
      out += kDigits[c % 16];
      ++at;
    } else {
      append_utf8(out, next_code_point(text, at));
    }
  }
  out += '"';
}

void append_json_number(std::string& out, float value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

void append_number(std::string& out, double value, int digits) {
  char text[64];
  if (digits == 0) {
    out.append(text, std::to_chars(text, text + sizeof text, static_cast<float>(value)).ptr);
  } else {  // to_chars would bring 100 KB of tables for it
    out.append(text, static_cast<size_t>(std::snprintf(text, sizeof text, "%.*g", digits, value)));
  }
}

}  // namespace sinter::runtime
