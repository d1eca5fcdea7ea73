// Reader `word_characters`: ELMo's input: for each word between blanks its bytes, with signs for
// the word's beginning and end, filled up to the width of the input; a longer word is cut without
// more ado. A sentence has a word for its beginning and one for its end around it.
//   input  ids [batch, words, width] (default: the entry's first input)
// Ids are those of bilm-tf: 0 beyond the row, byte + 1, then 257 sentence begins, 258 sentence
// ends, 259 word begins, 260 word ends, 261 padding within a word.
#include <algorithm>

#include "runtime/task.h"

namespace sinter::runtime {
namespace {

constexpr int32_t kSentenceBegin = 257, kSentenceEnd = 258, kWordBegin = 259, kWordEnd = 260,
                  kPad = 261;

class WordCharacters final : public Reader {
 public:
  WordCharacters(const Options& options, const SinterEntry& entry)
      : input_(choose_input(entry, options, "input")), tensor_(entry.inputs[input_]) {
    width_ = tensor_.rank == 3 ? constant_extent(entry, tensor_, 2) : -1;
    bool ids = tensor_.type == SINTER_I32 || tensor_.type == SINTER_I64;
    if (!ids || tensor_.ragged_axis != 1 || width_ < 3)
      fail(exit_usage, "the task's input '" + std::string(tensor_.name) +
                           "' must be ids [batch, words of each row, at least 3 characters]");
  }

  std::vector<std::string> inputs() const override { return {tensor_.name}; }

  int64_t encode(std::string_view line) override {
    int64_t words = 2;
    push_symbol(kSentenceBegin);
    for (const Place& place : find_words(line)) {
      push(line.substr(static_cast<size_t>(place.begin),
                       static_cast<size_t>(place.end - place.begin)));
      ++words;
    }
    push_symbol(kSentenceEnd);
    lengths_.push_back(words);
    return words;
  }

  void fill(Call& call, int64_t rows) override {
    auto end = lengths_.begin() + rows;
    int64_t longest = rows == 0 ? 0 : *std::max_element(lengths_.begin(), end), from = 0;
    Array& array = call.input(input_);
    array.resize(tensor_.type, {rows, longest, width_});
    array.fill_zero();
    for (int64_t row = 0; row < rows; ++row) {
      int64_t count = lengths_[static_cast<size_t>(row)] * width_, to = row * longest * width_;
      if (tensor_.type == SINTER_I32) {
        std::copy_n(ids_.begin() + from, count, array.as<int32_t>() + to);
      } else {
        std::copy_n(ids_.begin() + from, count, array.as<int64_t>() + to);
      }
      from += count;
    }
    call.lengths(tensor_.ragged_symbol).assign(lengths_.begin(), end);
    ids_.erase(ids_.begin(), ids_.begin() + from);
    lengths_.erase(lengths_.begin(), end);
  }

  std::vector<Place> places(std::string_view line) override {
    std::vector<Place> all = find_words(line);
    all.insert(all.begin(), Place{});
    all.emplace_back();
    return all;
  }

 private:
  static std::vector<Place> find_words(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\v\f\r\n";
    std::vector<Place> words;
    for (size_t begin = line.find_first_not_of(kBlanks); begin != line.npos;) {
      size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
      words.push_back({static_cast<int64_t>(begin), static_cast<int64_t>(end)});
      begin = line.find_first_not_of(kBlanks, end);
    }
    return words;
  }

  void push(std::string_view word) {
    size_t end = ids_.size() + static_cast<size_t>(width_);
    ids_.push_back(kWordBegin);
    for (char c : word.substr(0, static_cast<size_t>(width_ - 2)))
      ids_.push_back(static_cast<unsigned char>(c) + 1);
    ids_.push_back(kWordEnd);
    ids_.resize(end, kPad);
  }

  void push_symbol(int32_t symbol) {
    size_t end = ids_.size() + static_cast<size_t>(width_);
    for (int32_t id : {kWordBegin, symbol, kWordEnd}) ids_.push_back(id);
    ids_.resize(end, kPad);
  }

  int input_;
  const SinterTensor& tensor_;
  int64_t width_;
  std::vector<int32_t> ids_;
  std::vector<int64_t> lengths_;
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<WordCharacters>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_word_characters = {nullptr, 0, sinter::runtime::make};
