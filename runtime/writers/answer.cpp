// Writer `answer`: of a question and a text with a tab between them the parts of the text that
// answer best, each with its score: answer, score, answer, …
//   start, end  logits [batch, seq] of an answer's first and last piece (default: the outputs
//               "start_logits" and "end_logits")
//   k           how many answers at most (default 1; flag -k)
//   longest     pieces of an answer at most (default 30)
//   empty       true: no answer, where it scores best, is one (SQuAD 2.0; default false)
// A score is the product of two probabilities, softmaxes over the text's pieces and [CLS], which
// stands for no answer.
#include <algorithm>
#include <cmath>

#include "runtime/best.h"
#include "runtime/spans.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class Answers final : public Writer {
 public:
  Answers(const Options& options, const SinterEntry& entry)
      : start_(logits(options, entry, "start", "start_logits")),
        end_(logits(options, entry, "end", "end_logits")),
        names_{entry.outputs[start_].name, entry.outputs[end_].name},
        k_(options.integer("k", 1)),
        longest_(options.integer("longest", 30)),
        empty_(options.flag("empty", false)) {
    if (k_ < 1) fail(exit_usage, "k must be at least 1");
  }

  std::vector<std::string> outputs() const override { return names_; }
  void attach(Reader& reader) override { reader_ = &reader; }

  void write(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    bool first = true;
    for (const Answer& answer : find(call, row, line)) {
      if (!first) out += '\t';
      first = false;
      (out += answer.span.of(line)) += '\t';
      append_number(out, answer.score, 6);
    }
  }

  /// Places are counted from the text's beginning, not the line's.
  void write_json(const Call& call, int64_t row, std::string_view line, std::string& out) override {
    out += "\"answers\": [";
    bool first = true;
    std::vector<Answer> answers = find(call, row, line);
    auto text = static_cast<int64_t>(line.find('\t')) + 1;
    for (Answer answer : answers) {
      out += first ? "{" : ", {";
      first = false;
      append_json_span(out, line.substr(static_cast<size_t>(text)),
                       {answer.span.begin - text, answer.span.end - text});
      out += ", \"score\": ";
      append_json_number(out, static_cast<float>(answer.score));
      out += '}';
    }
    out += ']';
  }

 private:
  struct Answer {
    Span span;
    double score;
  };

  static int logits(const Options& options, const SinterEntry& entry, std::string_view key,
                    std::string_view usual) {
    std::string_view name = options.text(key, usual);
    for (int i = 0; i < entry.output_count; ++i)
      if (name == entry.outputs[i].name && entry.outputs[i].rank == 2 &&
          entry.outputs[i].type == SINTER_F32)
        return i;
    fail(exit_usage, "the task's output '" + std::string(name) + "' must be f32 [batch, seq]");
  }

  /// Probabilities of the candidate positions.
  static std::vector<double> softmax(const float* row, const std::vector<int64_t>& positions) {
    double most = -INFINITY, sum = 0;
    for (int64_t at : positions) most = std::max<double>(most, row[at]);
    std::vector<double> all;
    for (int64_t at : positions) sum += all.emplace_back(std::exp(row[at] - most));
    checked_score(sum);
    for (double& p : all) p /= sum;
    return all;
  }

  std::vector<Answer> find(const Call& call, int64_t row, std::string_view line) const {
    const Array &starts = call.output(start_), &ends = call.output(end_);
    std::vector<Place> places = reader_->places(line);
    if (static_cast<int64_t>(places.size()) > starts.shape()[1])
      bad_input("the model's outputs do not fit the line");
    auto text = static_cast<int64_t>(line.find('\t')) + 1;
    std::vector<int64_t> positions = {0};  // [CLS], then the text's
    for (size_t at = 0; at < places.size(); ++at)
      if (places[at].begin >= text && places[at].begin < places[at].end)
        positions.push_back(static_cast<int64_t>(at));
    int64_t base = row * starts.shape()[1];
    std::vector<double> first = softmax(starts.as<float>() + base, positions);
    std::vector<double> last = softmax(ends.as<float>() + base, positions);
    std::vector<Answer> found;
    if (empty_) found.push_back({{text, text}, first[0] * last[0]});
    auto better = [](const Answer& a, const Answer& b) { return a.score > b.score; };
    for (size_t i = 1; i < positions.size(); ++i)
      for (size_t j = i; j < positions.size() && j < i + static_cast<size_t>(longest_); ++j) {
        double score = first[i] * last[j];
        bool room = found.size() < static_cast<size_t>(k_);
        if (!room && !(score > found.back().score)) continue;
        if (!room) found.pop_back();
        Answer answer = {{places[static_cast<size_t>(positions[i])].begin,
                          places[static_cast<size_t>(positions[j])].end},
                         score};
        found.insert(std::upper_bound(found.begin(), found.end(), answer, better), answer);
      }
    return found;
  }

  int start_, end_;
  std::vector<std::string> names_;
  int64_t k_, longest_;
  bool empty_;
  Reader* reader_ = nullptr;
};

constexpr SinterFlag kFlags[] = {{"-k", "N", "k", "print the N best answers"}};

std::unique_ptr<Writer> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Answers>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterWriter sinter_writer_answer = {sinter::runtime::kFlags, 1,
                                                      sinter::runtime::make};
