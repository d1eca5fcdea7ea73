// Reader `word_sum`: words that are added and taken away, "king - man + woman", become their ids
// and signs. A line that the vocabulary has as it is, blanks and all, is one word; so may "-" be:
// every second word of a sum is an operator.
//   vocabulary  asset with one word on a line (default: the asset "vocabulary")
//   input       the ids' input (default: the entry's first)
//   signs       the input of 1 and -1 (default "signs")
#include <algorithm>

#include "runtime/id_rows.h"
#include "runtime/task.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {
namespace {

constexpr std::string_view kBlanks = " \t\v\f\r\n";

/// The next part between blanks, which `rest` loses; empty where there is none.
std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  size_t end = std::min(rest.find_first_of(kBlanks), rest.size());
  std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

int signs_input(const SinterEntry& entry, const Options& options) {
  std::string_view name = options.text("signs", "signs");
  for (int i = 0; i < entry.input_count; ++i)
    if (name == entry.inputs[i].name) return i;
  fail(exit_usage,
       "the task's signs '" + std::string(name) + "' is not one of '" + entry.name + "'");
}

class WordSum final : public Reader {
 public:
  WordSum(const Options& options, const SinterEntry& entry)
      : vocabulary_(read_vocabulary(options.asset("vocabulary", "vocabulary"))),
        ids_(entry, choose_input(entry, options, "input"), 0),
        signs_(entry, signs_input(entry, options), 0) {}

  std::vector<std::string> inputs() const override { return {ids_.name(), signs_.name()}; }
  bool equal_lengths() const override { return ids_.equal_lengths(); }

  int64_t encode(std::string_view line) override {
    try {
      read(line);
      signs_.close();
      return ids_.close();
    } catch (Error&) {
      ids_.cut(0);
      signs_.cut(0);
      throw;
    }
  }

  void fill(Call& call, int64_t rows) override {
    ids_.fill(call, rows);
    signs_.fill(call, rows);
  }

 private:
  void read(std::string_view line) {
    if (int32_t id = vocabulary_.find(line); id >= 0 && !line.empty()) return push(id, 1);
    std::string_view rest = line, word = next_word(rest);
    if (word.empty()) bad_input("it has no word");
    push(known(word), 1);
    for (;;) {
      std::string_view sign = next_word(rest);
      if (sign.empty()) return;
      if (sign != "+" && sign != "-")
        bad_input("a word is followed by + or -, not by '" + std::string(sign) + "'");
      word = next_word(rest);
      if (word.empty()) bad_input("there is no word behind its last " + std::string(sign));
      push(known(word), sign == "+" ? 1 : -1);
    }
  }

  int32_t known(std::string_view word) const {
    int32_t id = vocabulary_.find(word);
    if (id < 0) bad_input("the model does not know '" + std::string(word) + "'");
    return id;
  }

  void push(int32_t id, int32_t sign) {
    ids_.push(id);
    signs_.push(sign);
  }

  TextTable vocabulary_;
  IdRows ids_, signs_;
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<WordSum>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_word_sum = {nullptr, 0, sinter::runtime::make};
