// Reader `wordpiece`: BERT's input of a text, [CLS] text [SEP], or of two, [CLS] a [SEP] b [SEP].
//   vocabulary     asset with one piece on a line (default: the asset "vocab")
//   lower          true for uncased vocabularies (default true)
//   strip_accents  default: as lower
//   google         true: google-research/bert's tokens where Hugging Face's differ (default false)
//   pair           true: the line is two texts with a tab between them (default false)
//   max_length     pieces kept, special tokens included (default: what the model's constraints
//                  allow); a longer text is cut, the longer of two first, and said so
//   input          the ids' input (default "input_ids", else the entry's first)
// Inputs called token_type_ids and attention_mask are filled where the entry has them.
#include "runtime/wordpiece.h"

#include <algorithm>
#include <optional>

#include "runtime/id_rows.h"
#include "runtime/task.h"

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

class WordPieceReader final : public Reader {
 public:
  WordPieceReader(const Options& options, const SinterEntry& entry)
      : pieces_(options.asset("vocabulary", "vocab"),
                {options.flag("lower", true),
                 options.flag("strip_accents", options.flag("lower", true)),
                 options.flag("google", false)}),
        pair_(options.flag("pair", false)),
        begin_(special("[CLS]")),
        end_(special("[SEP]")),
        ids_(entry, ids_input(entry, options), std::max(pieces_.find("[PAD]"), 0)),
        max_length_(options.integer(
            "max_length", longest_allowed(entry, entry.inputs[ids_input(entry, options)]))) {
    if (int i = find_input(entry, "token_type_ids"); i >= 0) types_.emplace(entry, i, 0);
    if (int i = find_input(entry, "attention_mask"); i >= 0) mask_.emplace(entry, i, 0);
    if (max_length_ < (pair_ ? 3 : 2))
      fail(exit_usage, "the task's max_length leaves no room for the special tokens");
  }

  std::vector<std::string> inputs() const override {
    std::vector<std::string> names = {ids_.name()};
    if (types_) names.emplace_back(types_->name());
    if (mask_) names.emplace_back(mask_->name());
    return names;
  }

  bool equal_lengths() const override { return ids_.equal_lengths(); }

  int64_t encode(std::string_view line) override {
    size_t tab = pair_ ? line.find('\t') : line.size();
    if (tab == line.npos) bad_input("it needs two texts with a tab between them");
    first_.clear();
    second_.clear();
    pieces_.encode(line.substr(0, tab), first_);
    if (pair_) pieces_.encode(line.substr(tab + 1), second_);
    cut();
    push(begin_, 0);
    for (int32_t id : first_) push(id, 0);
    push(end_, 0);
    if (pair_) {
      for (int32_t id : second_) push(id, 1);
      push(end_, 1);
    }
    if (types_) types_->close();
    if (mask_) mask_->close();
    return ids_.close();
  }

  void fill(Call& call, int64_t rows) override {
    ids_.fill(call, rows);
    if (types_) types_->fill(call, rows);
    if (mask_) mask_->fill(call, rows);
  }

 private:
  int32_t special(std::string_view name) const {
    int32_t id = pieces_.find(name);
    if (id < 0) fail(exit_usage, "the vocabulary has no " + std::string(name));
    return id;
  }

  void push(int32_t id, int32_t type) {
    ids_.push(id);
    if (types_) types_->push(type);
    if (mask_) mask_->push(1);
  }

  // Hugging Face's "longest_first": the longer text gives up its pieces first, then both equally.
  void cut() {
    auto room = static_cast<size_t>(max_length_ - (pair_ ? 3 : 2));
    if (first_.size() + second_.size() <= room) return;
    ++cut_lines_;
    size_t shorter = std::min(first_.size(), second_.size());
    size_t longer = shorter > room ? shorter : std::max(shorter, room - shorter);
    if (shorter + longer > room) {
      shorter = room / 2;
      longer = room - shorter;
    }
    bool swapped = first_.size() > second_.size();
    first_.resize(std::min(first_.size(), swapped ? longer : shorter));
    second_.resize(std::min(second_.size(), swapped ? shorter : longer));
  }

  WordPiece pieces_;
  bool pair_;
  int32_t begin_, end_;
  IdRows ids_;
  std::optional<IdRows> types_, mask_;
  int64_t max_length_;
  std::vector<int32_t> first_, second_;
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<WordPieceReader>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_wordpiece = {nullptr, 0, sinter::runtime::make};
