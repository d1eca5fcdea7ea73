// Writer `neighbours`: the nearest words and their similarities, best first; with --lookup the
// line and its vector with spaces between, a row of a file of vectors.
//   vocabulary  asset with one word on a line (default: the asset "vocabulary")
//   output      similarities f32 [batch, words], best first, minus infinity where a word is no
//               answer (default: the entry's first output)
//   neighbours  whose they are: ids [batch, words] (default "neighbours")
//   vector      vectors f32 [batch, width], for an entry without neighbours (default "vector")
//   k           how many words at most (default 10; flag -k)
// The flag --lookup asks for the entry `encode`.
#include <cmath>

#include "runtime/best.h"
#include "runtime/json.h"
#include "runtime/rows.h"
#include "runtime/task.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {
namespace {

int find_output(const SinterEntry& entry, std::string_view name) {
  for (int i = 0; i < entry.output_count; ++i)
    if (name == entry.outputs[i].name) return i;
  return -1;
}

class Neighbours final : public Writer {
 public:
  Neighbours(const Options& options, const SinterEntry& entry)
      : words_(read_vocabulary(options.asset("vocabulary", "vocabulary"))),
        k_(options.integer("k", 10)),
        neighbours_(find_output(entry, options.text("neighbours", "neighbours"))) {
    if (neighbours_ < 0) {
      output_ = find_output(entry, options.text("vector", "vector"));
      if (output_ < 0)
        fail(exit_usage, std::string("'") + entry.name + "' has neither neighbours nor a vector");
      names_ = {entry.outputs[output_].name};
      return;
    }
    output_ = choose_output(entry, options, "output");
    const SinterTensor &similarity = entry.outputs[output_], &places = entry.outputs[neighbours_];
    if (similarity.rank != 2 || similarity.type != SINTER_F32 || places.rank != 2 ||
        !is_integer(places.type))
      fail(exit_usage, "the task's neighbours must be an f32 matrix and one of ids");
    int64_t most = constant_extent(entry, similarity, 1);
    if (k_ < 1) fail(exit_usage, "k must be at least 1");
    if (most >= 0 && k_ > most && !options.text("k", "").empty())
      fail(exit_usage, "the program was built for at most " + std::to_string(most) + " neighbours");
    names_ = {similarity.name, places.name};
  }

  std::vector<std::string> outputs() const override { return names_; }

  void write(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    if (neighbours_ < 0) {
      (out += line) += ' ';
      append_text_row(out, call, output_, row);
      return;
    }
    bool first = true;
    for_each(call, row, [&](std::string_view word, float similarity) {
      if (!first) out += '\t';
      first = false;
      (out += word) += '\t';
      append_number(out, similarity, 6);
    });
  }

  void write_json(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    if (neighbours_ < 0) {
      out += "\"text\": ";
      append_json_string(out, line);
      out += ", \"vector\": ";
      append_json_row(out, call, output_, row);
      return;
    }
    out += "\"neighbours\": [";
    bool first = true;
    for_each(call, row, [&](std::string_view word, float similarity) {
      out += first ? "{\"word\": " : ", {\"word\": ";
      first = false;
      append_json_string(out, word);
      out += ", \"similarity\": ";
      append_json_number(out, similarity);
      out += '}';
    });
    out += ']';
  }

 private:
  template <class Visit>
  void for_each(const Call& call, int64_t row, Visit visit) const {
    const Array &similarity = call.output(output_), &places = call.output(neighbours_);
    int64_t width = similarity.shape()[1];
    for (int64_t i = row * width; i < row * width + std::min(k_, width); ++i) {
      float value = checked_score(similarity.as<float>()[i]);
      if (value == -INFINITY) return;
      int64_t id = places.integer(i);
      if (id < 0 || id >= words_.size())
        bad_input("the model answers " + std::to_string(id) + ", which is no word");
      visit(words_.text(id), value);
    }
  }

  TextTable words_;
  int64_t k_;
  int neighbours_, output_ = -1;
  std::vector<std::string> names_;
};

constexpr SinterFlag kFlags[] = {
    {"-k", "N", "k", "print the N nearest words"},
    {"--lookup", nullptr, "entry", "print the vector instead of its neighbours", "encode"}};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Neighbours>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_neighbours = {sinter::runtime::kFlags, 2,
                                                          sinter::runtime::make};
