// Reader `fasttext_words`: the rows of fastText's input matrix for a line: words, their hashed
// parts, the end of the line, hashed groups of words. Text is raw bytes, as for fastText.
//   vocabulary  asset: a fastText model file or its front part up to the end of the dictionary
//               (default: the asset "fasttext")
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
        rows_(entry, choose_input(entry, options, "input"), 0) {}

  std::vector<std::string> inputs() const override { return {rows_.name()}; }
  bool equal_lengths() const override { return rows_.equal_lengths(); }
  void fill(Call& call, int64_t rows) override { rows_.fill(call, rows); }

  int64_t encode(std::string_view line) override {
    dictionary_.encode(line, rows_.ids());
    return rows_.close();
  }

 private:
  FastTextDictionary dictionary_;
  IdRows rows_;
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<FastTextWords>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_fasttext_words = {nullptr, 0, sinter::runtime::make};
