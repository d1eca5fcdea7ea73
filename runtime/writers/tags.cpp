// Writer `tags`: one tag for each position of the row, with spaces between them.
//   symbols  asset with one tag on a line (default: the asset "tags")
//   output   ids [batch, seq], or scores [batch, seq, tags] whose best counts, the first of equal
//            ones (default: the entry's first output)
//   first    position of the first tag that is printed (default 0; 1 leaves out a begin symbol)
//   last     positions left out at the row's end (default 0)
#include "runtime/best.h"
#include "runtime/json.h"
#include "runtime/task.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {
namespace {

class Tags final : public Writer {
 public:
  Tags(const Options& options, const SinterEntry& entry)
      : symbols_(read_vocabulary(options.asset("symbols", "tags"))),
        output_(choose_output(entry, options, "output")),
        name_(entry.outputs[output_].name),
        first_(options.integer("first", 0)),
        last_(options.integer("last", 0)) {
    const SinterTensor& tensor = entry.outputs[output_];
    scores_ = tensor.rank == 3 && !is_integer(tensor.type);
    if (!scores_ && !(tensor.rank == 2 && is_integer(tensor.type)))
      fail(exit_usage, "the task's output '" + name_ +
                           "' must be ids [batch, seq] or scores [batch, seq, tags]");
  }

  std::vector<std::string> outputs() const override { return {name_}; }

  void write(const Call& call, int64_t row, std::string_view, std::string& out) override {
    bool later = false;
    for_each(call, row, [&](std::string_view tag) {
      if (later) out += ' ';
      later = true;
      out += tag;
    });
  }

  void write_json(const Call& call, int64_t row, std::string_view, std::string& out) override {
    out += "\"tags\": [";
    bool later = false;
    for_each(call, row, [&](std::string_view tag) {
      if (later) out += ", ";
      later = true;
      append_json_string(out, tag);
    });
    out += ']';
  }

 private:
  template <class Visit>
  void for_each(const Call& call, int64_t row, Visit visit) const {
    const Array& output = call.output(output_);
    int64_t seq = output.shape()[1], length = seq;
    if (const std::vector<int64_t>* lengths = call.output_lengths(output_))
      length = (*lengths)[static_cast<size_t>(row)];
    for (int64_t t = first_; t < length - last_; ++t) {
      int64_t id = scores_ ? best(output, row * seq + t) : output.integer(row * seq + t);
      if (id < 0 || id >= symbols_.size())
        bad_input("the model answers " + std::to_string(id) + ", which is no tag");
      visit(symbols_.text(id));
    }
  }

  static int64_t best(const Array& scores, int64_t position) {
    int64_t tags = scores.shape()[2], found = 0;
    double most = -INFINITY;
    for (int64_t i = 0; i < tags; ++i)
      if (double score = checked_score(scores.number(position * tags + i)); score > most) {
        most = score;
        found = i;
      }
    return found;
  }

  TextTable symbols_;
  int output_;
  std::string name_;
  int64_t first_, last_;
  bool scores_ = false;
};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Tags>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_tags = {nullptr, 0, sinter::runtime::make};
