// Replacements of characters; see character_map.h. The map is 4 bytes with the size of the double
// array, the array, and the replacements, each with a NUL behind it. A unit's bits: 0-7 its byte,
// 8 whether a value follows, 9 whether the offset in 10-30 counts by 256; a value has bit 31.
#include "character_map.h"

#include "error.h"

namespace sinter::runtime {
namespace {

constexpr uint32_t kValue = 1u << 31;

uint32_t read_unit(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

uint32_t offset(uint32_t unit) { return unit >> 10 << ((unit & (1u << 9)) >> 6); }

}  // namespace

CharacterMap::CharacterMap(std::string_view bytes) {
  if (bytes.empty()) return;
  size_t size = bytes.size() < 4 ? 0 : read_unit(bytes, 0);
  if (size == 0 || size % 4 != 0 || size >= bytes.size() - 4 || bytes.back() != '\0')
    fail(exit_usage, "the SentencePiece model's map of characters is damaged");
  units_ = bytes.substr(4, size);
  replacements_ = bytes.substr(4 + size);
}

uint32_t CharacterMap::unit(uint32_t i) const {
  return i < units_.size() / 4 ? read_unit(units_, 4 * size_t{i}) : 0;
}

CharacterMap::Rule CharacterMap::find(std::string_view rest) const {
  Rule rule;
  if (units_.empty()) return rule;
  uint32_t node = offset(unit(0));
  for (size_t i = 0; i < rest.size(); ++i) {
    auto byte = static_cast<unsigned char>(rest[i]);
    node ^= byte;
    uint32_t here = unit(node);
    if ((here & (kValue | 0xFF)) != byte || here == 0) break;
    node ^= offset(here);
    if ((here >> 8 & 1) == 0) continue;
    size_t at = unit(node) & ~kValue;
    if (at >= replacements_.size()) continue;
    rule = {i + 1, replacements_.substr(at, replacements_.find('\0', at) - at)};
  }
  return rule;
}

}  // namespace sinter::runtime
