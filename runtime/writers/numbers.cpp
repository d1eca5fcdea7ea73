// Writer `numbers`: a row of any output, its numbers with spaces between them; with --json as
// nested arrays under the output's name.
//   output  (default: the entry's first output)
#include "runtime/json.h"
#include "runtime/rows.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class Numbers final : public Writer {
 public:
  Numbers(const Options& options, const SinterEntry& entry)
      : output_(choose_output(entry, options, "output")), name_(entry.outputs[output_].name) {}

  std::vector<std::string> outputs() const override { return {name_}; }

  void write(const Call& call, int64_t row, std::string_view, std::string& out) override {
    append_text_row(out, call, output_, row);
  }

  void write_json(const Call& call, int64_t row, std::string_view, std::string& out) override {
    append_json_string(out, name_);
    out += ": ";
    append_json_row(out, call, output_, row);
  }

 private:
  int output_;
  std::string name_;
};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Numbers>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_numbers = {nullptr, 0, sinter::runtime::make};
