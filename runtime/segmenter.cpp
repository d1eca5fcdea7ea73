// Words by a dictionary; see segmenter.h.
#include "segmenter.h"

#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "error.h"
#include "utf8.h"

namespace sinter::runtime {
namespace {

bool is_letter_or_digit(uint32_t c) {
  return (c >= '0' && c <= '9') || (c < 0x80 && (c | 32) >= 'a' && (c | 32) <= 'z');
}

/// Characters that the dictionary cuts.
bool in_run(uint32_t c) {
  return (c >= 0x4E00 && c <= 0x9FD5) || is_letter_or_digit(c) ||
         (c < 0x80 && std::string_view("+#&._%-").contains(static_cast<char>(c)));
}

bool is_blank(uint32_t c) {
  if (c <= ' ' || c == 0x85) return c == ' ' || (c >= 0x09 && c <= 0x0D) || c >= 0x1C;
  utf8proc_category_t kind = utf8proc_category(static_cast<int32_t>(c));
  return kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL ||
         kind == UTF8PROC_CATEGORY_ZP;
}

}  // namespace

Segmenter::Segmenter(std::string_view dictionary) {
  std::vector<PieceTrie::Entry> entries;
  std::vector<double> frequencies;
  double total = 0;
  int64_t number = 0;
  while (!dictionary.empty()) {
    ++number;
    std::string_view line = dictionary.substr(0, dictionary.find('\n'));
    dictionary.remove_prefix(std::min(line.size() + 1, dictionary.size()));
    size_t blank = line.find(' ');
    uint64_t frequency = 0;
    const char* end = line.data() + line.size();
    const char* from = blank == line.npos ? end : line.data() + blank + 1;
    auto [stop, error] = std::from_chars(from, end, frequency);
    if (blank == 0 || error != std::errc() || (stop != end && *stop != ' ' && *stop != '\r'))
      fail(exit_usage, "the task's dictionary, line " + std::to_string(number) +
                           ": it needs a word, a blank and a frequency");
    total += static_cast<double>(frequency);
    // Of equal words the last one counts, and the trie keeps the smallest number.
    entries.emplace_back(line.substr(0, blank), -static_cast<int32_t>(frequencies.size()));
    frequencies.push_back(static_cast<double>(frequency));
  }
  unknown_ = -std::log(std::max(total, 1.0));
  auto last = static_cast<int32_t>(frequencies.size()) - 1;
  for (PieceTrie::Entry& entry : entries) entry.second += last;
  std::reverse(frequencies.begin(), frequencies.end());
  for (double frequency : frequencies)
    scores_.push_back(frequency == 0 ? -INFINITY : std::log(frequency) + unknown_);
  trie_ = PieceTrie(std::move(entries));
}

void Segmenter::cut(std::string_view text, size_t begin, size_t end, std::vector<Word>& words) {
  text = text.substr(0, end);
  size_t run = begin;
  for (size_t at = begin; at < end;) {
    size_t from = at;
    uint32_t c = next_code_point(text, at);
    if (in_run(c)) continue;
    cut_run(text, run, from, words);
    if (!is_blank(c)) words.push_back({from, at});
    run = at;
  }
  cut_run(text, run, end, words);
}

void Segmenter::cut_run(std::string_view text, size_t begin, size_t end, std::vector<Word>& words) {
  text = text.substr(0, end);
  best_.assign(end - begin + 1, {0, end});
  for (size_t at = end; at-- > begin;) {
    if ((text[at] & 0xC0) == 0x80) continue;  // inside a character
    size_t next = at;
    next_code_point(text, next);
    Best best = {-INFINITY, next};
    trie_.each_prefix(text.substr(at), [&](size_t length, int32_t word) {
      double score = scores_[static_cast<size_t>(word)] + best_[at + length - begin].score;
      if (score > -INFINITY && score >= best.score) best = {score, at + length};
    });
    if (best.score == -INFINITY) best.score = unknown_ + best_[next - begin].score;
    best_[at - begin] = best;
  }
  bool open = false;  // the last word is of single letters and digits, and can go on
  for (size_t at = begin; at < end;) {
    size_t stop = best_[at - begin].end;
    bool single = stop == at + 1 && is_letter_or_digit(static_cast<unsigned char>(text[at]));
    if (single && open)
      words.back().end = stop;
    else
      words.push_back({at, stop});
    open = single;
    at = stop;
  }
}

}  // namespace sinter::runtime
