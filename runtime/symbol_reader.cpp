// Symbols to ids; see symbol_reader.h.
#include "symbol_reader.h"

#include <utf8proc.h>

#include <algorithm>

#include "utf8.h"

namespace sinter::runtime {
namespace {

std::string_view lower(std::string& out, std::string_view text) {
  out.clear();
  for (size_t at = 0; at < text.size();) {
    auto c = static_cast<int32_t>(next_code_point(text, at));
    append_utf8(out, static_cast<uint32_t>(utf8proc_tolower(c)));
  }
  return out;
}

}  // namespace

int32_t SymbolReader::find(std::string_view symbol) const {
  int32_t line = vocabulary_.find(symbol);
  return line < 0 ? line : line + first_;
}

int32_t SymbolReader::find_option(const Options& options, std::string_view key,
                                  int32_t none) const {
  std::string_view text = options.text(key, "");
  if (text.empty()) return none;
  int32_t id = find(text);
  if (id < 0)
    fail(exit_usage,
         "the vocabulary has no symbol '" + std::string(text) + "' for " + std::string(key));
  return id;
}

SymbolReader::SymbolReader(const Options& options, const SinterEntry& entry)
    : vocabulary_(read_vocabulary(options.asset("vocabulary", "vocabulary"))),
      first_(static_cast<int32_t>(options.integer("first", 0))),
      pad_(find_option(options, "pad", 0)),
      rows_(entry, choose_input(entry, options, "input"), pad_),
      unknown_(find(options.text("unknown", "<unk>"))),
      begin_(find_option(options, "begin", -1)),
      end_(find_option(options, "end", -1)),
      around_(options.integer("around", 0)),
      front_(options.integer("front", 0)),
      max_length_(options.integer("max_length", INT64_MAX)),
      lower_(options.flag("lower", false)),
      distinct_(options.flag("distinct", false)) {
  if (max_length_ < (begin_ >= 0) + (end_ >= 0))
    fail(exit_usage, "the task's max_length leaves no room for begin and end");
  rows_.must_take(vocabulary_.size() + first_);
  if (!options.text("second", "").empty())
    second_.emplace(entry, choose_input(entry, options, "second"), pad_);
  for (int i = 0; i < entry.input_count; ++i)
    if (entry.inputs[i].name == std::string_view("masked")) masked_.emplace(entry, i, 0);
  if (!masked_) return;
  std::string_view mask = options.text("mask", "[MASK]");
  mask_ = find(mask);
  if (mask_ < 0) fail(exit_usage, "the vocabulary has no symbol '" + std::string(mask) + "'");
}

std::vector<std::string> SymbolReader::inputs() const {
  std::vector<std::string> names = {rows_.name()};
  for (const auto* rows : {&second_, &masked_})
    if (*rows) names.emplace_back((*rows)->name());
  return names;
}

/// Fills ids_ and places_.
void SymbolReader::read(std::string_view line) {
  ids_.clear();
  places_.clear();
  for (int64_t i = 0; i < around_; ++i) push(pad_, {});
  if (begin_ >= 0) push(begin_, {});
  int64_t limit = max_length_ - (end_ >= 0);
  for (size_t at = 0;;) {
    std::string_view symbol = next(line, at);
    if (symbol.empty()) break;
    if (static_cast<int64_t>(ids_.size()) - around_ >= limit) {
      ++cut_lines_;
      break;
    }
    int64_t begin = symbol.data() - line.data();
    Place place = {begin, begin + static_cast<int64_t>(symbol.size())};
    int32_t id = find(symbol);
    if (lower_ && (id < 0 || id != mask_)) {
      symbol = lower(lowered_, symbol);
      id = find(symbol);
    }
    if (id < 0 && unknown_ < 0) bad_input("the model does not know '" + std::string(symbol) + "'");
    push(id < 0 ? unknown_ : id, place);
  }
  if (end_ >= 0) push(end_, {});
  for (int64_t i = 0; i < around_; ++i) push(pad_, {});
  auto missing = front_ - static_cast<int64_t>(ids_.size());
  if (missing <= 0) return;
  ids_.insert(ids_.begin(), static_cast<size_t>(missing), pad_);
  places_.insert(places_.begin(), static_cast<size_t>(missing), Place{});
}

void SymbolReader::move_to(IdRows& rows) {
  for (int32_t id : ids_) rows.push(id);
  if (distinct_) rows.make_distinct();
}

int64_t SymbolReader::encode(std::string_view line) {
  size_t tab = second_ ? line.find('\t') : line.size();
  if (tab == line.npos) bad_input("it needs two texts with a tab between them");
  read(line.substr(0, tab));
  move_to(rows_);
  if (masked_)
    for (size_t i = 0; i < ids_.size(); ++i)
      if (ids_[i] == mask_) masked_->push(static_cast<int32_t>(i));
  try {
    if (second_) read(line.substr(tab + 1));
  } catch (const Error&) {
    rows_.cut(0);
    if (masked_) masked_->cut(0);
    throw;
  }
  int64_t second = 0;
  if (second_) {
    move_to(*second_);
    second = second_->close();
  }
  if (masked_) masked_->close();
  return std::max(rows_.close(), second);
}

void SymbolReader::fill(Call& call, int64_t rows) {
  rows_.fill(call, rows);
  for (auto* more : {&second_, &masked_})
    if (*more) (*more)->fill(call, rows);
}

std::vector<Place> SymbolReader::places(std::string_view line) {
  int64_t cut = cut_lines_;
  read(second_ ? line.substr(0, line.find('\t')) : line);
  cut_lines_ = cut;
  return places_;
}

}  // namespace sinter::runtime
