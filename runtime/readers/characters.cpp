// Reader `characters`: one id for each code point of the line.
//   vocabulary  asset with one symbol on a line (default: the asset "vocabulary")
//   unknown     the symbol for characters that are not in it (default "<unk>")
//   begin, end  symbols put before and after the line; absent: none
//   pad         symbol that fills dense inputs (default: id 0)
//   lower       true: the line in lower case (default false)
//   max_length  symbols kept, those of begin and end included; a longer line is cut, and said so
//   input       the input's name (default: the entry's first)
#include <utf8proc.h>

#include "runtime/id_rows.h"
#include "runtime/task.h"
#include "runtime/utf8.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {
namespace {

/// The id of the symbol that option `key` names, or `none` without the option.
int32_t symbol(const TextTable& vocabulary, const Options& options, std::string_view key,
               int32_t none) {
  std::string_view text = options.text(key, "");
  if (text.empty()) return none;
  int32_t id = vocabulary.find(text);
  if (id < 0)
    fail(exit_usage, "the vocabulary has no symbol '" + std::string(text) + "' for " +
                         std::string(key));
  return id;
}

class Characters final : public Reader {
 public:
  Characters(const Options& options, const SinterEntry& entry)
      : vocabulary_(read_vocabulary(options.asset("vocabulary", "vocabulary"))),
        rows_(entry, choose_input(entry, options, "input"), symbol(vocabulary_, options, "pad", 0)),
        unknown_(vocabulary_.find(options.text("unknown", "<unk>"))),
        begin_(symbol(vocabulary_, options, "begin", -1)),
        end_(symbol(vocabulary_, options, "end", -1)),
        lower_(options.flag("lower", false)),
        max_length_(options.integer("max_length", INT64_MAX)) {}

  std::vector<std::string> inputs() const override { return {rows_.name()}; }
  bool equal_lengths() const override { return rows_.equal_lengths(); }
  void fill(Call& call, int64_t rows) override { rows_.fill(call, rows); }

  int64_t encode(std::string_view line) override {
    int64_t limit = max_length_ - (end_ >= 0);
    if (begin_ >= 0) rows_.push(begin_);
    std::string text;
    for (size_t at = 0; at < line.size();) {
      if (rows_.open_size() == limit) {
        ++cut_lines_;
        break;
      }
      uint32_t c = next_code_point(line, at);
      if (lower_) c = static_cast<uint32_t>(utf8proc_tolower(static_cast<int32_t>(c)));
      text.clear();
      append_utf8(text, c);
      int32_t id = vocabulary_.find(text);
      if (id < 0 && unknown_ < 0) {
        rows_.cut(0);
        bad_input("the model does not know the character '" + text + "'");
      }
      rows_.push(id < 0 ? unknown_ : id);
    }
    if (end_ >= 0) rows_.push(end_);
    return rows_.close();
  }

 private:
  TextTable vocabulary_;
  IdRows rows_;
  int32_t unknown_, begin_, end_;
  bool lower_;
  int64_t max_length_;
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Characters>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_characters = {nullptr, 0, sinter::runtime::make};
