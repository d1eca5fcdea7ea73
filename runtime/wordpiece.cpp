// BERT's tokenizer; see wordpiece.h.
#include "wordpiece.h"

#include <utf8proc.h>

#include <algorithm>

#include "error.h"
#include "punctuation.h"
#include "utf8.h"

namespace sinter::runtime {
namespace {

constexpr std::string_view kSpecial[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};

utf8proc_category_t category(uint32_t c) { return utf8proc_category(static_cast<int32_t>(c)); }

bool is_blank(uint32_t c) {
  if (c < 0x80) return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL ||
         kind == UTF8PROC_CATEGORY_ZP;
}

bool is_dropped(uint32_t c, bool google) {
  if (c < 0x80) return (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
  if (c == 0xFFFD) return true;
  utf8proc_category_t kind = category(c);
  if (kind == UTF8PROC_CATEGORY_CC || kind == UTF8PROC_CATEGORY_CF) return true;
  return !google && (kind == UTF8PROC_CATEGORY_CO || kind == UTF8PROC_CATEGORY_CS);
}

bool is_chinese(uint32_t c, bool google) {
  if (c < 0x3400) return false;
  // The block E begins 256 later in Hugging Face's tables.
  return (c >= 0x4E00 && c <= 0x9FFF) || c <= 0x4DBF || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= (google ? 0x2B820u : 0x2B920u) && c <= 0x2CEAF) ||
         (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_cased(uint32_t c) {
  utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LL ||
         kind == UTF8PROC_CATEGORY_LT;
}

bool is_case_ignorable(uint32_t c) {
  if (c == '\'' || c == '.' || c == ':' || c == '^' || c == '`' || c == 0xB7 || c == 0x2019)
    return true;
  utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_ME ||
         kind == UTF8PROC_CATEGORY_LM || kind == UTF8PROC_CATEGORY_SK;
}

}  // namespace

WordPiece::WordPiece(std::string_view vocabulary, Settings settings)
    : vocabulary_(read_vocabulary(vocabulary)),
      settings_(settings),
      unknown_(vocabulary_.find("[UNK]")),
      word_("##") {
  if (unknown_ < 0) fail(exit_usage, "the vocabulary has no [UNK]");
  for (int64_t i = 0; i < vocabulary_.size(); ++i)
    longest_piece_ = std::max(longest_piece_, vocabulary_.text(i).size());
}

void WordPiece::encode(std::string_view text, std::vector<int32_t>& ids,
                       std::vector<Place>* places) {
  places_ = places;
  // Hugging Face takes special tokens out of the raw text before anything else happens to it.
  size_t begin = 0;
  for (size_t at = text.find('['); !settings_.google && at != text.npos;) {
    std::string_view rest = text.substr(at);
    const auto* special = std::find_if(std::begin(kSpecial), std::end(kSpecial),
                                       [&](std::string_view s) { return rest.starts_with(s); });
    int32_t id = special == std::end(kSpecial) ? -1 : vocabulary_.find(*special);
    if (id >= 0) {
      encode_plain(text.substr(begin, at - begin), static_cast<int64_t>(begin), ids);
      ids.push_back(id);
      begin = at + special->size();
      if (places) places->push_back({static_cast<int64_t>(at), static_cast<int64_t>(begin), true});
    }
    at = text.find('[', id >= 0 ? begin : at + 1);
  }
  encode_plain(text.substr(begin), static_cast<int64_t>(begin), ids);
}

void WordPiece::encode_plain(std::string_view text, int64_t offset, std::vector<int32_t>& ids) {
  clean(text, offset);
  for (size_t i = 0; i < characters_.size(); ++i) {
    if (places_) source_ = sources_[i];
    add_character(i, ids);
  }
  end_word(ids);
}

void WordPiece::clean(std::string_view text, int64_t offset) {
  characters_.clear();
  sources_.clear();
  for (size_t at = 0; at < text.size();) {
    auto begin = static_cast<int64_t>(at);
    uint32_t c = next_code_point(text, at);
    if (is_dropped(c, settings_.google)) continue;
    characters_.push_back(is_blank(c) ? ' ' : c);
    if (places_) sources_.push_back({offset + begin, offset + static_cast<int64_t>(at)});
  }
}

void WordPiece::add_character(size_t i, std::vector<int32_t>& ids) {
  uint32_t c = characters_[i];
  if (c < 0x80) {
    if (settings_.lower && c >= 'A' && c <= 'Z') c |= 32;
    add_letter(static_cast<int32_t>(c), ids);
    return;
  }
  bool chinese = is_chinese(c, settings_.google);
  if (chinese) end_word(ids);
  utf8proc_int32_t parts[32] = {static_cast<int32_t>(c)};
  utf8proc_ssize_t count = 1;
  if (settings_.strip_accents) {
    int bound = UTF8PROC_BOUNDCLASS_START;
    count = utf8proc_decompose_char(static_cast<int32_t>(c), parts, 32, UTF8PROC_DECOMPOSE, &bound);
    if (count < 1 || count > 32) {
      parts[0] = static_cast<int32_t>(c);
      count = 1;
    }
  }
  for (utf8proc_ssize_t k = 0; k < count; ++k) {
    int32_t part = parts[k];
    if (settings_.strip_accents && utf8proc_category(part) == UTF8PROC_CATEGORY_MN) continue;
    if (settings_.lower && part == 0x130) {  // İ is the one letter that becomes two
      add_letter('i', ids);
      part = 0x307;
    } else if (settings_.lower) {
      bool sigma = part == 0x3A3 && settings_.google && final_sigma(i);
      part = sigma ? 0x3C2 : utf8proc_tolower(part);
    }
    add_letter(part, ids);
  }
  if (chinese) end_word(ids);
}

// Python's lower(): a sigma that ends a word, with letters before it and none after it.
bool WordPiece::final_sigma(size_t i) const {
  size_t before = i, after = i + 1;
  while (before > 0 && is_case_ignorable(characters_[before - 1])) --before;
  while (after < characters_.size() && is_case_ignorable(characters_[after])) ++after;
  return before > 0 && is_cased(characters_[before - 1]) &&
         !(after < characters_.size() && is_cased(characters_[after]));
}

void WordPiece::add_letter(int32_t letter, std::vector<int32_t>& ids) {
  auto c = static_cast<uint32_t>(letter);
  if (c == ' ' || (c >= 0x80 && is_blank(c))) return end_word(ids);
  bool alone = is_punctuation(c);
  if (alone) end_word(ids);
  append_utf8(word_, c);
  ++word_size_;
  if (places_) word_sources_.resize(word_.size(), source_);
  if (alone) end_word(ids);
}

void WordPiece::add_place(size_t begin, size_t end) {
  if (places_)
    places_->push_back({word_sources_[begin].begin, word_sources_[end - 1].end, begin == 2});
}

// The longest pieces from the left. The bytes before a piece have been used, so that "##" can be
// written over them.
void WordPiece::end_word(std::vector<int32_t>& ids) {
  int64_t limit = settings_.google ? 200 : 100;
  size_t first = ids.size(), first_place = places_ ? places_->size() : 0, end = word_.size();
  bool known = word_size_ <= limit;
  for (size_t at = 2; known && at < end;) {
    size_t start = at;
    if (at > 2) {
      start = at - 2;
      word_[start] = word_[start + 1] = '#';
    }
    size_t stop = std::min(end, start + longest_piece_);
    int32_t id = -1;
    for (; stop > at; --stop) {
      if (stop < end && (word_[stop] & 0xC0) == 0x80) continue;  // inside a character
      id = vocabulary_.find(std::string_view(word_).substr(start, stop - start));
      if (id >= 0) break;
    }
    known = id >= 0;
    ids.push_back(id);
    if (known) add_place(at, stop);
    at = stop;
  }
  if (!known) {
    if (places_) places_->resize(first_place);
    ids.resize(first);
    ids.push_back(unknown_);
    add_place(2, end);
  }
  word_.resize(2);
  word_sources_.resize(places_ ? 2 : 0);
  word_[0] = word_[1] = '#';
  word_size_ = 0;
}

}  // namespace sinter::runtime
