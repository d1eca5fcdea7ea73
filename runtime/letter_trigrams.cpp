// Letter trigrams; see letter_trigrams.h.
#include "letter_trigrams.h"

#include <utf8proc.h>

#include "utf8.h"

namespace sinter::runtime {
namespace {

constexpr uint32_t kDottedCapitalI = 0x130, kDotAbove = 0x307;

void append_lower(std::string& out, uint32_t c) {
  if (c == kDottedCapitalI) {
    append_utf8(out, 'i');
    append_utf8(out, kDotAbove);
  } else {
    append_utf8(out, static_cast<uint32_t>(utf8proc_tolower(static_cast<int32_t>(c))));
  }
}

void append_trigrams(std::vector<std::string>& out, const std::string& word) {
  // Where each of the word's code points begins, and its end.
  std::vector<size_t> at;
  for (size_t i = 0; i < word.size();) {
    at.push_back(i);
    next_code_point(word, i);
  }
  at.push_back(word.size());
  for (size_t i = 0; i + 3 < at.size(); ++i) out.push_back(word.substr(at[i], at[i + 3] - at[i]));
}

}  // namespace

std::vector<std::string> letter_trigrams(std::string_view text, bool lower) {
  std::vector<std::string> trigrams;
  std::string word = "#";
  auto end_word = [&] {
    if (word.size() > 1) append_trigrams(trigrams, word + '#');
    word = "#";
  };
  for (size_t at = 0; at < text.size();) {
    uint32_t c = next_code_point(text, at);
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      end_word();
    } else if (lower) {
      append_lower(word, c);
    } else {
      append_utf8(word, c);
    }
  }
  end_word();
  return trigrams;
}

}  // namespace sinter::runtime
