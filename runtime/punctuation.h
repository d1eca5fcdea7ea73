// What counts as punctuation where text is cut at it. Non-goals: other properties of characters.
#ifndef SINTER_RUNTIME_PUNCTUATION_H
#define SINTER_RUNTIME_PUNCTUATION_H

#include <utf8proc.h>

#include <cstdint>

namespace sinter::runtime {

/// BERT's rule: ASCII characters that are neither letters, digits nor blanks, and Unicode's classes
/// of punctuation.
inline bool is_punctuation(uint32_t c) {
  if (c < 0x80)
    return c > ' ' && c < 0x7F && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z');
  utf8proc_category_t kind = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO;
}

}  // namespace sinter::runtime
#endif
