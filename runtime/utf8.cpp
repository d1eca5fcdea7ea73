// UTF-8; see utf8.h.
#include "utf8.h"

namespace sinter::runtime {

uint32_t next_code_point(std::string_view text, size_t& at) {
  constexpr uint32_t kInvalid = 0xFFFD;
  unsigned char lead = text[at++];
  if (lead < 0x80) return lead;
  int rest = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4) return kInvalid;
  // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  uint32_t value = lead & (0x3F >> rest);
  for (; rest > 0; --rest) {
    if (at == text.size()) return kInvalid;
    unsigned char c = text[at];
    if (c < low || c > high) return kInvalid;
    value = value << 6 | (c & 0x3F);
    ++at;
    low = 0x80;
    high = 0xBF;
  }
  return value;
}

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  int rest = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr unsigned char kLeads[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kLeads[rest] | c >> (6 * rest));
  while (rest-- > 0) out += static_cast<char>(0x80 | (c >> (6 * rest) & 0x3F));
}

}  // namespace sinter::runtime
