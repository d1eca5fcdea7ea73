// Writer `fill`: for each mask of the line the words that fit best and their probabilities, best
// first: word, probability, word, …; a second mask's follow the first one's. A line without a mask
// gets an empty answer.
//   output  logits [batch, masks, words] of the masked positions (default: the entry's first
//   output) k       how many words for each mask at most (default 5; flag -k)
// The words are the reader's symbols, without the sign that stands for a blank before them.
#include "runtime/best.h"
#include "runtime/json.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class Fill final : public Writer {
 public:
  Fill(const Options& options, const SinterEntry& entry)
      : output_(choose_output(entry, options, "output")),
        name_(entry.outputs[output_].name),
        k_(options.integer("k", 5)) {
    const SinterTensor& tensor = entry.outputs[output_];
    if (tensor.rank != 3 || tensor.type != SINTER_F32 || tensor.ragged_axis != 1)
      fail(exit_usage, "the task's output '" + name_ +
                           "' must be f32 [batch, masks, words] with the masks of each row");
    if (k_ < 1) fail(exit_usage, "k must be at least 1");
  }

  std::vector<std::string> outputs() const override { return {name_}; }
  void attach(Reader& reader) override { reader_ = &reader; }

  void write(const Call& call, int64_t row, std::string_view, std::string& out) override {
    bool first = true;
    for (int64_t mask = 0; mask < masks(call, row); ++mask)
      for (const Scored& word : best(call, row, mask)) {
        if (!first) out += '\t';
        first = false;
        (out += text(word.number)) += '\t';
        append_number(out, word.probability, 6);
      }
  }

  void write_json(const Call& call, int64_t row, std::string_view, std::string& out) override {
    out += "\"masks\": [";
    for (int64_t mask = 0; mask < masks(call, row); ++mask) {
      out += mask == 0 ? "[" : ", [";
      bool first = true;
      for (const Scored& word : best(call, row, mask)) {
        out += first ? "{\"word\": " : ", {\"word\": ";
        first = false;
        append_json_string(out, text(word.number));
        out += ", \"probability\": ";
        append_json_number(out, word.probability);
        out += '}';
      }
      out += ']';
    }
    out += ']';
  }

 private:
  int64_t masks(const Call& call, int64_t row) const {
    return (*call.output_lengths(output_))[static_cast<size_t>(row)];
  }

  const std::vector<Scored>& best(const Call& call, int64_t row, int64_t mask) {
    const Array& logits = call.output(output_);
    int64_t words = logits.shape()[2];
    choose_best(logits.as<float>() + (row * logits.shape()[1] + mask) * words, words, true, k_, 0,
                best_);
    return best_;
  }

  std::string_view text(int64_t id) const {
    constexpr std::string_view kBlank = "\xE2\x96\x81";  // of SentencePiece
    std::string_view symbol = reader_->symbol(id);
    if (symbol.starts_with(kBlank) && symbol != kBlank) symbol.remove_prefix(kBlank.size());
    return symbol;
  }

  int output_;
  std::string name_;
  int64_t k_;
  Reader* reader_ = nullptr;
  std::vector<Scored> best_;
};

constexpr SinterFlag kFlags[] = {{"-k", "N", "k", "print the N best words for each mask"}};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Fill>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_fill = {sinter::runtime::kFlags, 1,
                                                    sinter::runtime::make};
