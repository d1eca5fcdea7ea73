// Writer `tokens`: ids as their symbols, for generated sequences.
//   symbols     asset with one symbol on a line (default: the asset "symbols")
//   output      the ids' name: integers [batch, steps], or [batch, hypotheses, steps] of which the
//               first is the answer (default: the entry's first output)
//   stop        the symbol that ends the sequence (default "</s>"); it is not printed
//   skip        a symbol that is not printed, such as a padding; absent: none
//   separator   between symbols (default a space)
//   echo        true: the line and a tab before the symbols (default true)
#include "runtime/json.h"
#include "runtime/task.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {
namespace {

class Tokens final : public Writer {
 public:
  Tokens(const Options& options, const SinterEntry& entry)
      : symbols_(read_vocabulary(options.asset("symbols", "symbols"))),
        output_(choose_output(entry, options, "output")),
        name_(entry.outputs[output_].name),
        stop_(symbols_.find(options.text("stop", "</s>"))),
        skip_(symbols_.find(options.text("skip", ""))),
        separator_(options.text("separator", " ")),
        echo_(options.flag("echo", true)) {
    const SinterTensor& tensor = entry.outputs[output_];
    if ((tensor.rank != 2 && tensor.rank != 3) || !is_integer(tensor.type))
      fail(exit_usage, "the task's output '" + name_ + "' must be ids, [batch, steps]");
    if (std::string_view stop = options.text("stop", ""); !stop.empty() && stop_ < 0)
      fail(exit_usage, "the symbols have no '" + std::string(stop) + "', which ends an answer");
  }

  std::vector<std::string> outputs() const override { return {name_}; }

  void write(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    if (echo_) (out += line) += '\t';
    bool first = true;
    for_each(call, row, [&](std::string_view symbol) {
      if (!first) out += separator_;
      out += symbol;
      first = false;
    });
  }

  void write_json(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    if (echo_) {
      out += "\"input\": ";
      append_json_string(out, line);
      out += ", ";
    }
    out += "\"tokens\": [";
    bool first = true;
    for_each(call, row, [&](std::string_view symbol) {
      if (!first) out += ", ";
      append_json_string(out, symbol);
      first = false;
    });
    out += ']';
  }

 private:
  template <class Visit>
  void for_each(const Call& call, int64_t row, Visit visit) const {
    const Array& ids = call.output(output_);
    const int64_t begin = row * (ids.count() / ids.shape()[0]);  // the batch has this row
    int64_t steps = ids.shape().back();
    if (const std::vector<int64_t>* lengths = call.output_lengths(output_)) steps = (*lengths)[row];
    for (int64_t t = 0; t < steps; ++t) {
      int64_t id = ids.integer(begin + t);
      if (id == stop_) return;
      if (id == skip_) continue;
      if (id < 0 || id >= symbols_.size())
        bad_input("the model answers " + std::to_string(id) + ", which is no symbol");
      visit(symbols_.text(id));
    }
  }

  TextTable symbols_;
  int output_;
  std::string name_;
  int64_t stop_, skip_;
  std::string separator_;
  bool echo_;
};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Tokens>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_tokens = {nullptr, 0, sinter::runtime::make};
