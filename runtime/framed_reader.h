// What the readers `wordpiece` and `unigram` share: BERT's row of a text, [CLS] text [SEP], or of
// two, [CLS] a [SEP] b [SEP]. Their options, besides those that a reader adds:
//   pair        true: the line is two texts with a tab between them; any: it may be (default false)
//   max_length  pieces kept, special ones included (default: what the model's constraints allow);
//               a longer text is cut, the longer of two first, and said so
//   mask        the piece that stands for a word to be filled in (default "[MASK]")
//   input       the ids' input (default "input_ids", else the entry's first)
// Inputs called token_type_ids (1 in the second text), attention_mask (all 1) and masked (where the
// mask stands) are filled where the entry has them.
#ifndef SINTER_RUNTIME_FRAMED_READER_H
#define SINTER_RUNTIME_FRAMED_READER_H

#include <memory>
#include <optional>

#include "runtime/id_rows.h"
#include "runtime/task.h"
#include "runtime/tokenizer.h"

namespace sinter::runtime {

class FramedReader final : public Reader {
 public:
  /// `pad` is the piece that fills dense inputs; where there is none, id 0 does.
  FramedReader(const Options& options, const SinterEntry& entry,
               std::unique_ptr<Tokenizer> tokenizer, std::string_view pad);

  std::vector<std::string> inputs() const override;
  bool equal_lengths() const override { return ids_.equal_lengths(); }
  int64_t encode(std::string_view line) override;
  void fill(Call& call, int64_t rows) override;
  std::vector<Place> places(std::string_view line) override;
  std::string_view symbol(int64_t id) const override { return tokenizer_->piece(id); }

 private:
  struct Text {
    std::vector<int32_t> ids;
    std::vector<Place> places;
  };

  int32_t special(std::string_view name) const;
  void read(std::string_view line, bool places);
  bool cut();
  void push(int32_t id, int32_t type);

  std::unique_ptr<Tokenizer> tokenizer_;
  bool pair_, pair_needed_;
  int32_t begin_, end_, mask_piece_;
  IdRows ids_;
  std::optional<IdRows> types_, mask_, masked_;
  int64_t max_length_;
  bool two_ = false;  // of the line that was read last
  Text first_, second_;
};

}  // namespace sinter::runtime
#endif
