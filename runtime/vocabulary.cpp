// Symbol tables; see vocabulary.h.
#include "vocabulary.h"

#include <algorithm>

namespace sinter::runtime {

TextTable::TextTable(size_t count) {
  texts_.reserve(count);
  size_t size = 16;
  while (size < 2 * count) size *= 2;
  slots_.assign(size, {0, -1});
}

uint32_t TextTable::hash(std::string_view text) {
  uint32_t h = 2166136261u;
  for (char c : text) {
    h ^= static_cast<uint32_t>(static_cast<signed char>(c));
    h *= 16777619u;
  }
  return h;
}

int32_t TextTable::find(std::string_view text, uint32_t hash) const {
  for (size_t i = hash;; ++i) {
    const Slot& slot = slots_[i & (slots_.size() - 1)];
    if (slot.number < 0) return -1;
    if (slot.hash == hash && texts_[static_cast<size_t>(slot.number)] == text) return slot.number;
  }
}

void TextTable::add(std::string_view text, uint32_t hash) {
  bool known = find(text, hash) >= 0;
  texts_.push_back(text);
  if (known) return;
  size_t i = hash;
  while (slots_[i & (slots_.size() - 1)].number >= 0) ++i;
  slots_[i & (slots_.size() - 1)] = {hash, static_cast<int32_t>(texts_.size() - 1)};
}

TextTable read_vocabulary(std::string_view asset) {
  size_t lines = static_cast<size_t>(std::count(asset.begin(), asset.end(), '\n')) + 1;
  TextTable table(lines);
  while (!asset.empty()) {
    size_t end = std::min(asset.find('\n'), asset.size());
    std::string_view line = asset.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    table.add(line);
    asset.remove_prefix(std::min(end + 1, asset.size()));
  }
  return table;
}

}  // namespace sinter::runtime
