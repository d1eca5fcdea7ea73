// What the readers `characters` and `words` share: a vocabulary, an unknown symbol, a beginning and
// an end, a limit. Their options, besides those that a reader adds:
//   vocabulary  asset with one symbol on a line (default: the asset "vocabulary")
//   first       id of the vocabulary's first line (default 0)
//   unknown     the symbol for what is not in it (default "<unk>")
//   begin, end  symbols put before and after the line; absent: none
//   pad         symbol that fills dense inputs (default: id 0)
//   around      number of pads put before and after the line (default 0)
//   front       a shorter line is filled up to this number of symbols, with pads before it
//   lower       true: the line in lower case (default false)
//   distinct    true: each id once, in rising order: a set of symbols (default false)
//   max_length  symbols kept, those of begin and end included; a longer line is cut, and said so
//   mask        the symbol that stands for a word to be filled in (default "[MASK]"); where the
//   entry
//               has an input called masked, it gets the mask's positions
//   input       the input's name (default: the entry's first)
//   second      the input for a second text; the line is then two texts with a tab between them
#ifndef SINTER_RUNTIME_SYMBOL_READER_H
#define SINTER_RUNTIME_SYMBOL_READER_H

#include <optional>

#include "runtime/id_rows.h"
#include "runtime/task.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {

class SymbolReader : public Reader {
 public:
  SymbolReader(const Options& options, const SinterEntry& entry);
  std::vector<std::string> inputs() const override;
  bool equal_lengths() const override {
    return rows_.equal_lengths() || (second_ && second_->equal_lengths());
  }
  int64_t encode(std::string_view line) override;
  void fill(Call& call, int64_t rows) override;
  std::vector<Place> places(std::string_view line) override;
  std::string_view symbol(int64_t id) const override { return vocabulary_.symbol(id - first_); }

 private:
  /// The symbol at `at`, which moves behind it; empty where there is none before the line's end.
  virtual std::string_view next(std::string_view line, size_t& at) = 0;

  /// The id of a symbol, or -1.
  int32_t find(std::string_view symbol) const;
  /// The id of the symbol that option `key` names, or `none` without the option.
  int32_t find_option(const Options& options, std::string_view key, int32_t none) const;
  void read(std::string_view line);
  void push(int32_t id, Place place) {
    ids_.push_back(id);
    places_.push_back(place);
  }
  void move_to(IdRows& rows);

  TextTable vocabulary_;
  int32_t first_, pad_;
  IdRows rows_;
  std::optional<IdRows> second_, masked_;
  int32_t unknown_, begin_, end_, mask_ = -1;
  int64_t around_, front_, max_length_;
  bool lower_, distinct_;
  std::string lowered_;
  std::vector<int32_t> ids_;  // of the text that was read last
  std::vector<Place> places_;
};

}  // namespace sinter::runtime
#endif
