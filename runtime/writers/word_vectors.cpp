// Writer `word_vectors`: a vector for each word of the line: word, numbers with spaces between
// them, word, …
//   output  vectors [batch, words, width] (default: the entry's first output)
#include "runtime/json.h"
#include "runtime/spans.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class WordVectors final : public Writer {
 public:
  WordVectors(const Options& options, const SinterEntry& entry)
      : output_(choose_output(entry, options, "output")), name_(entry.outputs[output_].name) {
    const SinterTensor& tensor = entry.outputs[output_];
    if (tensor.rank != 3 || tensor.type != SINTER_F32 || tensor.ragged_axis != 1)
      fail(exit_usage, "the task's output '" + name_ +
                           "' must be f32 [batch, words, width] with the words of each row");
  }

  std::vector<std::string> outputs() const override { return {name_}; }
  void attach(Reader& reader) override { reader_ = &reader; }

  void write(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    bool first = true;
    each(call, row, line, [&](std::string_view word, const float* vector, int64_t width) {
      if (!first) out += '\t';
      first = false;
      out += word;
      for (int64_t i = 0; i < width; ++i) {
        out += i == 0 ? '\t' : ' ';
        append_number(out, vector[i], 0);
      }
    });
  }

  void write_json(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    bool first = true;
    out += "\"words\": [";
    each(call, row, line, [&](std::string_view word, const float* vector, int64_t width) {
      out += first ? "{\"word\": " : ", {\"word\": ";
      first = false;
      append_json_string(out, word);
      out += ", \"vector\": [";
      for (int64_t i = 0; i < width; ++i) {
        if (i != 0) out += ", ";
        append_json_number(out, vector[i]);
      }
      out += "]}";
    });
    out += ']';
  }

 private:
  /// visit(word, vector, width) for each word; the output has a row for each.
  template <class Visit>
  void each(const Call& call, int64_t row, std::string_view line, Visit visit) const {
    const Array& vectors = call.output(output_);
    int64_t longest = vectors.shape()[1], width = vectors.shape()[2], at = 0;
    const float* first = vectors.as<float>() + row * longest * width;
    for (const Place& place : reader_->places(line)) {
      if (place.begin == place.end) continue;
      if (at == longest) bad_input("the model has fewer vectors than the line has words");
      visit(Span{place.begin, place.end}.of(line), first + at * width, width);
      ++at;
    }
  }

  int output_;
  std::string name_;
  Reader* reader_ = nullptr;
};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<WordVectors>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_word_vectors = {nullptr, 0, sinter::runtime::make};
