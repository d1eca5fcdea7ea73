// Reader `fasttext_words`: the rows of fastText's input matrix for a line: words, their hashed
// parts, the end of the line, hashed groups of words. Text is raw bytes, as for fastText.
//   vocabulary  asset: a fastText model file or its front part up to the end of the dictionary
//               (default: the asset "fasttext")
//   alone       true: a line is one word, known or not, and becomes its own row and its parts'
//               (default false)
//   input       the input's name (default: the entry's first)
#include "runtime/fasttext_dictionary.h"
#include "runtime/id_rows.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class FastTextWords final : public Reader {
 public:
  FastTextWords(const Options& options, const SinterEntry& entry)
      : dictionary_(options.asset("vocabulary", "fasttext")),
        rows_(entry, choose_input(entry, options, "input"), 0),
        alone_(options.flag("alone", false)) {}

  std::vector<std::string> inputs() const override { return {rows_.name()}; }
  bool equal_lengths() const override { return rows_.equal_lengths(); }
  void fill(Call& call, int64_t rows) override { rows_.fill(call, rows); }

  int64_t encode(std::string_view line) override {
    if (alone_) {
      dictionary_.word_rows(only_word(line), rows_.ids());
    } else {
      dictionary_.encode(line, rows_.ids());
    }
    return rows_.close();
  }

 private:
  static std::string_view only_word(std::string_view line) {
    constexpr std::string_view kBlanks(" \t\v\f\r\n\0", 7);  // fastText's
    size_t begin = std::min(line.find_first_not_of(kBlanks), line.size());
    std::string_view word = line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
    if (word.empty()) bad_input("it has no word");
    if (word.find_first_of(kBlanks) != word.npos) bad_input("it has more than one word");
    return word;
  }

  FastTextDictionary dictionary_;
  IdRows rows_;
  bool alone_;
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<FastTextWords>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_fasttext_words = {nullptr, 0, sinter::runtime::make};
