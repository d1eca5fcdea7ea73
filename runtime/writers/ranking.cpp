// Writer `ranking`: the documents of a line, "query <tab> document <tab> …", each with its score,
// best first, equal ones in their order.
//   output  scores f32 [batch, documents], rows of their own lengths (default: the entry's first
//           output)
//   k       how many documents at most (default: all; flag -k)
#include <algorithm>
#include <string>

#include "runtime/best.h"
#include "runtime/json.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class Ranking final : public Writer {
 public:
  Ranking(const Options& options, const SinterEntry& entry)
      : output_(choose_output(entry, options, "output")),
        name_(entry.outputs[output_].name),
        k_(options.integer("k", INT64_MAX)) {
    const SinterTensor& tensor = entry.outputs[output_];
    if (tensor.rank != 2 || tensor.type != SINTER_F32 || tensor.ragged_axis != 1)
      fail(exit_usage, "the task's output '" + name_ +
                           "' must be an f32 matrix whose rows have their own lengths");
    if (k_ < 1) fail(exit_usage, "k must be at least 1");
  }

  std::vector<std::string> outputs() const override { return {name_}; }

  void write(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    bool first = true;
    for (const Document& document : ranked(call, row, line)) {
      if (!first) out += '\t';
      first = false;
      (out += document.text) += '\t';
      append_number(out, document.score, 6);
    }
  }

  void write_json(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    out += "\"documents\": [";
    bool first = true;
    for (const Document& document : ranked(call, row, line)) {
      out += first ? "{\"place\": " : ", {\"place\": ";
      first = false;
      out += std::to_string(document.place);
      out += ", \"text\": ";
      append_json_string(out, document.text);
      out += ", \"score\": ";
      append_json_number(out, document.score);
      out += '}';
    }
    out += ']';
  }

 private:
  struct Document {
    std::string_view text;
    int64_t place;  // in the line, from 0
    float score;
  };

  const std::vector<Document>& ranked(const Call& call, int64_t row, std::string_view line) {
    const Array& output = call.output(output_);  // [batch, documents]
    const float* scores = output.as<float>() + row * output.shape()[1];
    int64_t count = (*call.output_lengths(output_))[static_cast<size_t>(row)];
    documents_.clear();
    for (int64_t i = 0; i < count; ++i) {
      line.remove_prefix(std::min(line.find('\t'), line.size() - 1) + 1);
      documents_.push_back({line.substr(0, line.find('\t')), i, checked_score(scores[i])});
    }
    auto kept = static_cast<std::ptrdiff_t>(std::min(k_, count));
    std::partial_sort(documents_.begin(), documents_.begin() + kept, documents_.end(),
                      [](const Document& a, const Document& b) {
                        return a.score != b.score ? a.score > b.score : a.place < b.place;
                      });
    documents_.resize(static_cast<size_t>(kept));
    return documents_;
  }

  int output_;
  std::string name_;
  int64_t k_;
  std::vector<Document> documents_;
};

constexpr SinterFlag kFlags[] = {{"-k", "N", "k", "print the N best documents"}};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Ranking>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_ranking = {sinter::runtime::kFlags, 1,
                                                       sinter::runtime::make};
