// The normalisation that a SentencePiece model carries ("precompiled_charsmap"): a double array
// (Darts-clone's layout) of texts to be replaced, and their replacements. Non-goals: no blanks, no
// other normal forms.
#ifndef SINTER_RUNTIME_CHARACTER_MAP_H
#define SINTER_RUNTIME_CHARACTER_MAP_H

#include <cstdint>
#include <string_view>

namespace sinter::runtime {

class CharacterMap {
 public:
  CharacterMap() = default;  // replaces nothing
  /// `bytes` must outlive it. An Error where they are no such map.
  explicit CharacterMap(std::string_view bytes);

  /// The longest text at the front of `rest` that is replaced, and what by; length 0: none.
  struct Rule {
    size_t length = 0;
    std::string_view replacement;
  };
  Rule find(std::string_view rest) const;

 private:
  /// Unit i of the double array; 0, which leads nowhere, beyond its end.
  uint32_t unit(uint32_t i) const;

  std::string_view units_, replacements_;
};

}  // namespace sinter::runtime
#endif
