// Reader `words`: one id for each part of the line between blanks (space, tab and the like).
// Options, besides those of symbol_reader.h:
//   punctuation  true: punctuation marks are words of their own, but for an apostrophe between
//                letters; the mask stays whole (default false: text that was prepared with such
//                splits keeps them)
//   segment      asset with words and frequencies: text without blanks is cut by it (segmenter.h);
//                the mask stays whole, and `punctuation` and `separators` do not count
//   separators   characters of ASCII that part words as blanks do and are dropped (default: none)
#include <optional>

#include "runtime/punctuation.h"
#include "runtime/segmenter.h"
#include "runtime/symbol_reader.h"
#include "runtime/utf8.h"

namespace sinter::runtime {
namespace {

constexpr std::string_view kBlanks = " \t\v\f\r\n";

class Words final : public SymbolReader {
 public:
  Words(const Options& options, const SinterEntry& entry)
      : SymbolReader(options, entry),
        punctuation_(options.flag("punctuation", false)),
        between_(kBlanks),
        mask_(options.text("mask", "[MASK]")) {
    std::string_view separators = options.text("separators", "");
    for (char c : separators)
      if ((c & 0x80) != 0) fail(exit_usage, "the task's separators must be characters of ASCII");
    between_ += separators;
    if (!options.text("segment", "").empty()) segmenter_.emplace(options.asset("segment", ""));
  }

 private:
  std::string_view next(std::string_view line, size_t& at) override {
    if (segmenter_) return next_segment(line, at);
    size_t begin = line.find_first_not_of(between_, at);
    if (begin == line.npos) return {};
    size_t end = std::min(line.find_first_of(between_, begin), line.size());
    at = punctuation_ ? begin + front(line.substr(begin, end - begin)) : end;
    return line.substr(begin, at - begin);
  }

  std::string_view next_segment(std::string_view line, size_t& at) {
    if (at == 0) segment(line);
    if (next_ == segments_.size()) return {};
    auto [begin, end] = segments_[next_++];
    at = end;
    return line.substr(begin, end - begin);
  }

  /// The words of a whole line.
  void segment(std::string_view line) {
    segments_.clear();
    next_ = 0;
    for (size_t begin = 0; begin < line.size();) {
      size_t end = mask_.empty() ? line.npos : line.find(mask_, begin);
      segmenter_->cut(line, begin, std::min(end, line.size()), segments_);
      if (end == line.npos) return;
      begin = end + mask_.size();
      segments_.push_back({end, begin});
    }
  }

  /// The length of the first word of a text without blanks.
  size_t front(std::string_view text) const {
    if (!mask_.empty() && text.starts_with(mask_)) return mask_.size();
    bool after_letter = false;
    for (size_t at = 0; at < text.size();) {
      size_t begin = at;
      uint32_t c = next_code_point(text, at);
      if (!is_punctuation(c)) {
        after_letter = true;
        continue;
      }
      bool apostrophe = c == '\'' || c == 0x2019;
      size_t behind = at;
      bool letter_behind = at < text.size() && !is_punctuation(next_code_point(text, behind));
      if (apostrophe && after_letter && letter_behind) continue;
      return begin == 0 ? at : begin;
    }
    return text.size();
  }

  bool punctuation_;
  std::string between_, mask_;
  std::optional<Segmenter> segmenter_;
  std::vector<Segmenter::Word> segments_;  // of the line at hand
  size_t next_ = 0;                        // among them
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Words>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_words = {nullptr, 0, sinter::runtime::make};
