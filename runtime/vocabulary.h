// A list of symbols, one on a line of an asset, and their look-up. The asset's bytes must outlive
// it. Non-goals: no scores, no files.
#ifndef SINTER_RUNTIME_VOCABULARY_H
#define SINTER_RUNTIME_VOCABULARY_H

#include <cstdint>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// Texts to numbers 0, 1, …: open addressing over texts that live elsewhere.
class TextTable {
 public:
  /// Room for `count` texts.
  explicit TextTable(size_t count);
  /// The number of `text`, or -1.
  int32_t find(std::string_view text) const { return find(text, hash(text)); }
  int32_t find(std::string_view text, uint32_t hash) const;
  /// Gives `text` the next number; where it is there already, the look-up keeps the older one.
  void add(std::string_view text) { add(text, hash(text)); }
  void add(std::string_view text, uint32_t hash);
  std::string_view text(int64_t number) const { return texts_[static_cast<size_t>(number)]; }
  /// The same; empty where there is no such number.
  std::string_view symbol(int64_t number) const {
    return number < 0 || number >= size() ? std::string_view() : text(number);
  }
  int64_t size() const { return static_cast<int64_t>(texts_.size()); }
  /// FNV-1a over signed bytes, as fastText computes it.
  static uint32_t hash(std::string_view text);

 private:
  struct Slot {
    uint32_t hash;
    int32_t number;
  };
  std::vector<std::string_view> texts_;
  std::vector<Slot> slots_;  // a power of two, at most half full
};

/// The lines of `asset`; a carriage return at a line's end is no part of it.
TextTable read_vocabulary(std::string_view asset);

}  // namespace sinter::runtime
#endif
