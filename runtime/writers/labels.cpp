// Writer `labels`: the best labels and their probabilities, best first, equal ones in their order.
//   labels     asset with one label on a line, or a fastText model file (default: the asset
//              "labels", else "fasttext"; with neither the labels are numbers)
//   names      the labels themselves, with commas between them, where there is no such asset
//   prefix     what is left out at a label's beginning (default "__label__")
//   output     probabilities [batch, labels], or [batch]: of the second of two labels (default: the
//              entry's first output)
//   softmax    true: the output holds logits (default false)
//   k          how many labels at most (default 1; flag -k)
//   threshold  smallest probability that is printed (default 0; flag --threshold)
//   smoothing  what the model has added to each probability, which the threshold does not know of
//              (default 0)
#include <algorithm>
#include <cmath>

#include "runtime/best.h"
#include "runtime/fasttext_dictionary.h"
#include "runtime/json.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class Labels final : public Writer {
 public:
  Labels(const Options& options, const SinterEntry& entry)
      : output_(choose_output(entry, options, "output")),
        name_(entry.outputs[output_].name),
        prefix_(options.text("prefix", "__label__")),
        softmax_(options.flag("softmax", false)),
        k_(options.integer("k", 1)),
        threshold_(static_cast<float>(options.number("threshold", 0)) +
                   static_cast<float>(options.number("smoothing", 0))) {
    const SinterTensor& tensor = entry.outputs[output_];
    bool two = tensor.rank == 1 && !softmax_;
    if ((tensor.rank != 2 && !two) || tensor.type != SINTER_F32)
      fail(exit_usage, "the task's output '" + name_ + "' must be an f32 matrix");
    if (k_ < 1) fail(exit_usage, "k must be at least 1");
    if (!std::isfinite(threshold_)) fail(exit_usage, "threshold must be finite");
    const char* usual = options.has_asset("labels", "labels") ? "labels" : "fasttext";
    bool given = options.has_asset("labels", usual) || !options.text("labels", "").empty();
    std::string_view asset = given ? options.asset("labels", usual) : options.text("names", "");
    if (asset.empty()) return;
    if (!given) {
      for (size_t at = 0; at <= asset.size();) {
        size_t end = std::min(asset.find(',', at), asset.size());
        texts_.push_back(asset.substr(at, end - at));
        at = end + 1;
      }
    } else if (is_fasttext_model(asset)) {
      texts_ = fasttext_labels(asset);
    } else {
      TextTable table = read_vocabulary(asset);
      for (int64_t i = 0; i < table.size(); ++i) texts_.push_back(table.text(i));
    }
    int64_t labels = two ? 2 : constant_extent(entry, tensor, 1);
    auto have = static_cast<int64_t>(texts_.size());
    if (labels >= 0 && labels != have)
      fail(exit_usage, "the task has " + std::to_string(have) + " labels, the output '" + name_ +
                           "' " + std::to_string(labels));
    for (std::string_view& text : texts_)
      if (text.starts_with(prefix_)) text.remove_prefix(prefix_.size());
  }

  std::vector<std::string> outputs() const override { return {name_}; }

  void write(const Call& call, int64_t row, std::string_view, std::string& out) override {
    bool first = true;
    for (const Scored& answer : best(call, row)) {
      if (!first) out += '\t';
      first = false;
      (out += text(answer.number)) += '\t';
      append_number(out, answer.probability, 6);
    }
  }

  void write_json(const Call& call, int64_t row, std::string_view, std::string& out) override {
    out += "\"labels\": [";
    bool first = true;
    for (const Scored& answer : best(call, row)) {
      out += first ? "{\"label\": " : ", {\"label\": ";
      first = false;
      append_json_string(out, text(answer.number));
      out += ", \"probability\": ";
      append_json_number(out, answer.probability);
      out += '}';
    }
    out += ']';
  }

 private:
  std::string text(int64_t label) const {
    if (texts_.empty()) return std::to_string(label);
    return std::string(texts_[static_cast<size_t>(label)]);
  }

  const std::vector<Scored>& best(const Call& call, int64_t row) {
    const Array& output = call.output(output_);  // [batch, labels] or [batch]
    const float* scores = output.as<float>();
    if (output.shape().size() == 1) {
      float two[] = {1 - scores[row], scores[row]};
      choose_best(two, 2, false, k_, threshold_, answers_);
      return answers_;
    }
    int64_t count = output.shape()[1];
    if (!texts_.empty() && count != static_cast<int64_t>(texts_.size()))
      bad_input("the model answers " + std::to_string(count) + " labels instead of " +
                std::to_string(texts_.size()));
    choose_best(scores + row * count, count, softmax_, k_, threshold_, answers_);
    return answers_;
  }

  int output_;
  std::string name_;
  std::string prefix_;
  bool softmax_;
  int64_t k_;
  float threshold_;  // in the type of the probabilities, so that equal ones are printed
  std::vector<std::string_view> texts_;
  std::vector<Scored> answers_;
};

constexpr SinterFlag kFlags[] = {
    {"-k", "N", "k", "print the N best labels"},
    {"--threshold", "P", "threshold", "print only labels with at least this probability"}};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Labels>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_labels = {sinter::runtime::kFlags, 2,
                                                      sinter::runtime::make};
