// Writer `embedding`: a vector for each line, or with --pairs the cosine of the two texts of a
// line.
//   output  vectors [batch, width] (default: the entry's first output)
//   echo    true: the line before its vector and spaces between the numbers, which makes a row of a
//           file of word vectors (default false)
//   pairs   true: lines are two texts with a tab between them (default false; flag --pairs)
#include <cmath>

#include "runtime/json.h"
#include "runtime/rows.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class Embedding final : public Writer {
 public:
  Embedding(const Options& options, const SinterEntry& entry)
      : output_(choose_output(entry, options, "output")),
        name_(entry.outputs[output_].name),
        echo_(options.flag("echo", false)),
        pairs_(options.flag("pairs", false)) {
    const SinterTensor& tensor = entry.outputs[output_];
    if (tensor.rank != 2 || tensor.type != SINTER_F32)
      fail(exit_usage, "the task's output '" + name_ + "' must be an f32 matrix");
  }

  std::vector<std::string> outputs() const override { return {name_}; }
  int parts() const override { return pairs_ ? 2 : 1; }

  void write(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    if (pairs_) {
      append_number(out, cosine(call.output(output_), row), 6);
      return;
    }
    if (echo_) {
      (out += line) += ' ';
      append_text_row(out, call, output_, row);
      return;
    }
    const Array& vectors = call.output(output_);  // [batch, width]
    int64_t width = vectors.shape()[1];
    for (int64_t i = 0; i < width; ++i) {
      if (i != 0) out += '\t';
      append_number(out, vectors.as<float>()[row * width + i], 0);
    }
  }

  void write_json(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    if (pairs_) {
      out += "\"similarity\": ";
      append_json_number(out, static_cast<float>(cosine(call.output(output_), row)));
      return;
    }
    if (echo_) {
      out += "\"text\": ";
      append_json_string(out, line);
      out += ", ";
    }
    out += "\"embedding\": ";
    append_json_row(out, call, output_, row);
  }

 private:
  /// Of rows `row` and `row + 1`; 0 where one of them is 0.
  static double cosine(const Array& vectors, int64_t row) {
    int64_t width = vectors.shape()[1];
    const float* a = vectors.as<float>() + row * width;
    const float* b = a + width;
    double product = 0, length_a = 0, length_b = 0;
    for (int64_t i = 0; i < width; ++i) {
      product += double(a[i]) * b[i];
      length_a += double(a[i]) * a[i];
      length_b += double(b[i]) * b[i];
    }
    double lengths = std::sqrt(length_a) * std::sqrt(length_b);
    return lengths == 0 ? 0 : product / lengths;
  }

  int output_;
  std::string name_;
  bool echo_, pairs_;
};

constexpr SinterFlag kFlags[] = {
    {"--pairs", nullptr, "pairs",
     "lines are two texts with a tab between; print how alike they are"}};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Embedding>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_embedding = {sinter::runtime::kFlags, 1,
                                                         sinter::runtime::make};
