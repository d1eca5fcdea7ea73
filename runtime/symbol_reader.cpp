// Symbols to ids; see symbol_reader.h.
#include "symbol_reader.h"

#include <utf8proc.h>

#include "utf8.h"

namespace sinter::runtime {
namespace {

/// The id of the symbol that option `key` names, or `none` without the option.
int32_t symbol(const TextTable& vocabulary, const Options& options, std::string_view key,
               int32_t none) {
  std::string_view text = options.text(key, "");
  if (text.empty()) return none;
  int32_t id = vocabulary.find(text);
  if (id < 0)
    fail(exit_usage,
         "the vocabulary has no symbol '" + std::string(text) + "' for " + std::string(key));
  return id;
}

void append_lower(std::string& out, std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    auto c = static_cast<int32_t>(next_code_point(text, at));
    append_utf8(out, static_cast<uint32_t>(utf8proc_tolower(c)));
  }
}

}  // namespace

SymbolReader::SymbolReader(const Options& options, const SinterEntry& entry)
    : vocabulary_(read_vocabulary(options.asset("vocabulary", "vocabulary"))),
      rows_(entry, choose_input(entry, options, "input"), symbol(vocabulary_, options, "pad", 0)),
      unknown_(vocabulary_.find(options.text("unknown", "<unk>"))),
      begin_(symbol(vocabulary_, options, "begin", -1)),
      end_(symbol(vocabulary_, options, "end", -1)),
      lower_(options.flag("lower", false)),
      max_length_(options.integer("max_length", INT64_MAX)) {
  if (max_length_ < (begin_ >= 0) + (end_ >= 0))
    fail(exit_usage, "the task's max_length leaves no room for begin and end");
}

int64_t SymbolReader::encode(std::string_view line) {
  int64_t limit = max_length_ - (end_ >= 0);
  if (begin_ >= 0) rows_.push(begin_);
  if (lower_) {
    lowered_.clear();
    append_lower(lowered_, line);
    line = lowered_;
  }
  size_t at = 0;
  for (;;) {
    std::string_view symbol = next(line, at);
    if (symbol.empty()) break;
    if (rows_.open_size() == limit) {
      ++cut_lines_;
      break;
    }
    int32_t id = vocabulary_.find(symbol);
    if (id < 0 && unknown_ < 0) {
      rows_.cut(0);
      bad_input("the model does not know '" + std::string(symbol) + "'");
    }
    rows_.push(id < 0 ? unknown_ : id);
  }
  if (end_ >= 0) rows_.push(end_);
  return rows_.close();
}

}  // namespace sinter::runtime
