// Rows with special pieces around one text or two; see framed_reader.h.
#include "framed_reader.h"

#include <algorithm>

namespace sinter::runtime {
namespace {

int find_input(const SinterEntry& entry, std::string_view name) {
  for (int i = 0; i < entry.input_count; ++i)
    if (name == entry.inputs[i].name) return i;
  return -1;
}

int ids_input(const SinterEntry& entry, const Options& options) {
  int usual = find_input(entry, "input_ids");
  return options.text("input", "").empty() && usual >= 0 ? usual
                                                         : choose_input(entry, options, "input");
}

/// What the constraints allow for the ids' second axis.
int64_t longest_allowed(const SinterEntry& entry, const SinterTensor& ids) {
  int64_t limit = ids.rank == 2 ? constant_extent(entry, ids, 1) : -1;
  if (limit < 0) limit = INT64_MAX;
  for (int i = 0; i < entry.constraint_count && ids.rank == 2; ++i) {
    const SinterConstraint& c = entry.constraints[i];
    int64_t most = constant_value(entry, c.right);
    if (c.left == ids.extents[1] && c.relation == SINTER_LE && most >= 0)
      limit = std::min(limit, most);
  }
  return limit;
}

}  // namespace

FramedReader::FramedReader(const Options& options, const SinterEntry& entry,
                           std::unique_ptr<Tokenizer> tokenizer, std::string_view pad)
    : tokenizer_(std::move(tokenizer)),
      pair_(options.text("pair", "") == "any" || options.flag("pair", false)),
      pair_needed_(pair_ && options.text("pair", "") != "any"),
      begin_(special("[CLS]")),
      end_(special("[SEP]")),
      mask_piece_(tokenizer_->find(options.text("mask", "[MASK]"))),
      ids_(entry, ids_input(entry, options), std::max(tokenizer_->find(pad), 0)),
      max_length_(options.integer(
          "max_length", longest_allowed(entry, entry.inputs[ids_input(entry, options)]))) {
  ids_.must_take(tokenizer_->size());
  if (int i = find_input(entry, "token_type_ids"); i >= 0) types_.emplace(entry, i, 0);
  if (int i = find_input(entry, "attention_mask"); i >= 0) mask_.emplace(entry, i, 0);
  if (int i = find_input(entry, "masked"); i >= 0) masked_.emplace(entry, i, 0);
  if (masked_) mask_piece_ = special(options.text("mask", "[MASK]"));
  if (max_length_ < (pair_ ? 3 : 2))
    fail(exit_usage, "the task's max_length leaves no room for the special tokens");
}

int32_t FramedReader::special(std::string_view name) const {
  int32_t id = tokenizer_->find(name);
  if (id < 0) fail(exit_usage, "the vocabulary has no " + std::string(name));
  return id;
}

std::vector<std::string> FramedReader::inputs() const {
  std::vector<std::string> names = {ids_.name()};
  for (const auto* rows : {&types_, &mask_, &masked_})
    if (*rows) names.emplace_back((*rows)->name());
  return names;
}

/// Fills first_ and second_, not cut.
void FramedReader::read(std::string_view line, bool places) {
  size_t tab = pair_ ? line.find('\t') : line.npos;
  two_ = tab != line.npos;
  if (pair_needed_ && !two_) bad_input("it needs two texts with a tab between them");
  first_ = {};
  second_ = {};
  tokenizer_->encode(line.substr(0, tab), first_.ids, places ? &first_.places : nullptr);
  if (!two_) return;
  tokenizer_->encode(line.substr(tab + 1), second_.ids, places ? &second_.places : nullptr);
  for (Place& place : second_.places) {
    place.begin += static_cast<int64_t>(tab) + 1;
    place.end += static_cast<int64_t>(tab) + 1;
  }
}

void FramedReader::push(int32_t id, int32_t type) {
  if (masked_ && id == mask_piece_) masked_->push(static_cast<int32_t>(ids_.open_size()));
  ids_.push(id);
  if (types_) types_->push(type);
  if (mask_) mask_->push(1);
}

int64_t FramedReader::encode(std::string_view line) {
  read(line, false);
  cut_lines_ += cut();
  push(begin_, 0);
  for (int32_t id : first_.ids) push(id, 0);
  push(end_, 0);
  for (int32_t id : second_.ids) push(id, 1);
  if (two_) push(end_, 1);
  for (auto* rows : {&types_, &mask_, &masked_})
    if (*rows) (*rows)->close();
  return ids_.close();
}

std::vector<Place> FramedReader::places(std::string_view line) {
  read(line, true);
  cut();
  std::vector<Place> all = {Place{}};
  all.insert(all.end(), first_.places.begin(), first_.places.begin() + first_.ids.size());
  all.emplace_back();
  all.insert(all.end(), second_.places.begin(), second_.places.begin() + second_.ids.size());
  if (two_) all.emplace_back();
  return all;
}

void FramedReader::fill(Call& call, int64_t rows) {
  ids_.fill(call, rows);
  for (auto* more : {&types_, &mask_, &masked_})
    if (*more) (*more)->fill(call, rows);
}

// Hugging Face's "longest_first": the longer text gives up its pieces first, then both equally.
bool FramedReader::cut() {
  auto room = static_cast<size_t>(max_length_ - (two_ ? 3 : 2));
  if (first_.ids.size() + second_.ids.size() <= room) return false;
  size_t shorter = std::min(first_.ids.size(), second_.ids.size());
  size_t longer = shorter > room ? shorter : std::max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = room / 2;
    longer = room - shorter;
  }
  bool swapped = first_.ids.size() > second_.ids.size();
  first_.ids.resize(std::min(first_.ids.size(), swapped ? longer : shorter));
  second_.ids.resize(std::min(second_.ids.size(), swapped ? shorter : longer));
  return true;
}

}  // namespace sinter::runtime
