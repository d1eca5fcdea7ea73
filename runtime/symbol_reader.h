// What the readers `characters` and `words` share: a vocabulary, an unknown symbol, a beginning and
// an end, a limit. Their options, besides those that a reader adds:
//   vocabulary  asset with one symbol on a line (default: the asset "vocabulary")
//   unknown     the symbol for what is not in it (default "<unk>")
//   begin, end  symbols put before and after the line; absent: none
//   pad         symbol that fills dense inputs (default: id 0)
//   lower       true: the line in lower case (default false)
//   max_length  symbols kept, those of begin and end included; a longer line is cut, and said so
//   input       the input's name (default: the entry's first)
#ifndef SINTER_RUNTIME_SYMBOL_READER_H
#define SINTER_RUNTIME_SYMBOL_READER_H

#include "runtime/id_rows.h"
#include "runtime/task.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {

class SymbolReader : public Reader {
 public:
  SymbolReader(const Options& options, const SinterEntry& entry);
  std::vector<std::string> inputs() const override { return {rows_.name()}; }
  bool equal_lengths() const override { return rows_.equal_lengths(); }
  void fill(Call& call, int64_t rows) override { rows_.fill(call, rows); }
  int64_t encode(std::string_view line) override;

 private:
  /// The symbol at `at`, which moves behind it; empty where there is none before the line's end.
  virtual std::string_view next(std::string_view line, size_t& at) = 0;

  TextTable vocabulary_;
  IdRows rows_;
  int32_t unknown_, begin_, end_;
  bool lower_;
  int64_t max_length_;
  std::string lowered_;
};

}  // namespace sinter::runtime
#endif
