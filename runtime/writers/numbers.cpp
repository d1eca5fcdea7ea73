// Writer `numbers`: a row of any output, its numbers with spaces between them; with --json as
// nested arrays under the output's name.
//   output         (default: the entry's first output)
//   column         the column of the asset `normalisation` (readers/csv.cpp) whose values the
//                  numbers are, from 0: they are written in its own units (default: as they are)
//   normalisation  that asset (default: the asset "normalisation"; without it as they are)
#include <optional>

#include "runtime/csv.h"
#include "runtime/json.h"
#include "runtime/rows.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class Numbers final : public Writer {
 public:
  Numbers(const Options& options, const SinterEntry& entry)
      : output_(choose_output(entry, options, "output")), name_(entry.outputs[output_].name) {
    int64_t column = options.integer("column", -1);
    if (column < 0 || !options.has_asset("normalisation", "normalisation")) return;
    Normalisation scale = read_normalisation(options.asset("normalisation", "normalisation"));
    auto place = static_cast<size_t>(column);
    if (place >= scale.columns.size())
      fail(exit_usage, "the asset 'normalisation' has no column " + std::to_string(column));
    if (entry.outputs[output_].type != SINTER_F32)
      fail(exit_usage, "the task's output '" + name_ + "' must be f32");
    scale_ = {scale.deviations[place], scale.means[place]};
  }

  std::vector<std::string> outputs() const override { return {name_}; }

  void write(const Call& call, int64_t row, std::string_view, std::string& out) override {
    append_text_row(out, call, output_, row, scale_ ? &*scale_ : nullptr);
  }

  void write_json(const Call& call, int64_t row, std::string_view, std::string& out) override {
    append_json_string(out, name_);
    out += ": ";
    append_json_row(out, call, output_, row, scale_ ? &*scale_ : nullptr);
  }

 private:
  int output_;
  std::string name_;
  std::optional<Scale> scale_;
};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Numbers>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_numbers = {nullptr, 0, sinter::runtime::make};
