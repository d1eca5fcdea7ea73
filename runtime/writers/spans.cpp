// Writer `spans`: a tag for each word of the line: word, tag, word, …; with --json the words' first
// and last characters and the tags' probabilities, too. A word's tag is that of its first piece.
//   symbols  asset with one tag on a line (default: the asset "tags")
//   output   logits [batch, seq, tags] (default: the entry's first output)
//   merge    true: words whose tags begin with B- and I- (or S-, E-, L-, U-) are joined to what
//   they
//            name, other words are left out; the probability is the words' mean (default false;
//            flag --merge)
#include "runtime/spans.h"

#include "runtime/best.h"
#include "runtime/task.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {
namespace {

class Spans final : public Writer {
 public:
  Spans(const Options& options, const SinterEntry& entry)
      : symbols_(read_vocabulary(options.asset("symbols", "tags"))),
        output_(choose_output(entry, options, "output")),
        name_(entry.outputs[output_].name),
        merge_(options.flag("merge", false)) {
    const SinterTensor& tensor = entry.outputs[output_];
    if (tensor.rank != 3 || tensor.type != SINTER_F32)
      fail(exit_usage, "the task's output '" + name_ + "' must be f32 [batch, seq, tags]");
    int64_t tags = constant_extent(entry, tensor, 2);
    if (tags >= 0 && tags != symbols_.size())
      fail(exit_usage, "the task has " + std::to_string(symbols_.size()) + " tags, the output '" +
                           name_ + "' " + std::to_string(tags));
  }

  std::vector<std::string> outputs() const override { return {name_}; }
  void attach(Reader& reader) override { reader_ = &reader; }

  void write(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    bool first = true;
    for (const Tagged& tagged : find(call, row, line)) {
      if (!first) out += '\t';
      first = false;
      ((out += tagged.span.of(line)) += '\t') += tagged.tag;
    }
  }

  void write_json(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    out += "\"spans\": [";
    bool first = true;
    for (const Tagged& tagged : find(call, row, line)) {
      out += first ? "{\"tag\": " : ", {\"tag\": ";
      first = false;
      append_json_string(out, tagged.tag);
      out += ", \"probability\": ";
      append_json_number(out, static_cast<float>(tagged.probability / tagged.words));
      out += ", ";
      append_json_span(out, line, tagged.span);
      out += '}';
    }
    out += ']';
  }

 private:
  struct Tagged {
    Span span;
    std::string_view tag;
    double probability = 0;  // the sum over the words
    int words = 1;
  };

  const std::vector<Tagged>& find(const Call& call, int64_t row, std::string_view line) {
    const Array& logits = call.output(output_);
    int64_t seq = logits.shape()[1], tags = logits.shape()[2];
    std::vector<Place> places = reader_->places(line);
    auto count = static_cast<int64_t>(places.size());
    if (count > seq || tags > symbols_.size())
      bad_input("the model's output '" + name_ + "' does not fit the line and the tags");
    tagged_.clear();
    bool in_word = false;
    for (int64_t at = 0; at < count; ++at) {
      const Place& place = places[static_cast<size_t>(at)];
      if (place.starts_word) in_word = false;
      if (place.begin == place.end) continue;
      if (in_word) {
        tagged_.back().span.end = place.end;
        continue;
      }
      in_word = true;
      choose_best(logits.as<float>() + (row * seq + at) * tags, tags, true, 1, 0, best_);
      tagged_.push_back(
          {{place.begin, place.end}, symbols_.text(best_[0].number), best_[0].probability});
    }
    if (merge_) merge();
    return tagged_;
  }

  /// Joins words to what they name. A tag that goes on with another name starts one, too.
  void merge() {
    std::vector<Tagged> named;
    bool open = false;
    for (Tagged word : tagged_) {
      bool prefixed = word.tag.size() > 2 && word.tag[1] == '-';
      char prefix = prefixed ? word.tag[0] : 'O';
      if (!std::string_view("BIESLU").contains(prefix)) {
        open = false;
        continue;
      }
      word.tag.remove_prefix(2);
      bool goes_on =
          open && (prefix == 'I' || prefix == 'E' || prefix == 'L') && word.tag == named.back().tag;
      if (goes_on) {
        named.back().span.end = word.span.end;
        named.back().probability += word.probability;
        ++named.back().words;
      } else {
        named.push_back(word);
      }
      open = prefix == 'B' || prefix == 'I';
    }
    tagged_.swap(named);
  }

  TextTable symbols_;
  int output_;
  std::string name_;
  bool merge_;
  Reader* reader_ = nullptr;
  std::vector<Tagged> tagged_;
  std::vector<Scored> best_;
};

constexpr SinterFlag kFlags[] = {
    {"--merge", nullptr, "merge", "print what tags B-X, I-X name, instead of every word"}};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Spans>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_spans = {sinter::runtime::kFlags, 1,
                                                     sinter::runtime::make};
