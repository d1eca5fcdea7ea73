// Reader `letter_trigrams`: a line is a query and documents, with tabs between. Each text becomes
// the ids of its trigrams (letter_trigrams.h), as often as they occur; trigrams that the vocabulary
// does not have are left out. A text that several lines of a run have is there once.
//   vocabulary  asset with one trigram on a line (default: the asset "trigrams")
//   lower       true: in lower case (default true)
//   query       the queries' ids [batch, trigrams] (default "query")
//   texts       the documents' ids [texts, trigrams] (default "texts")
//   documents   which texts are a line's documents [batch, documents] (default "documents")
#include "runtime/letter_trigrams.h"

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>

#include "runtime/id_rows.h"
#include "runtime/task.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {
namespace {

int input_of(const SinterEntry& entry, const Options& options, std::string_view key) {
  std::string_view name = options.text(key, key);
  for (int i = 0; i < entry.input_count; ++i)
    if (name == entry.inputs[i].name) return i;
  fail(exit_usage, "the task's " + std::string(key) + " '" + std::string(name) +
                       "' is not one of '" + entry.name + "'");
}

class LetterTrigrams final : public Reader {
 public:
  LetterTrigrams(const Options& options, const SinterEntry& entry)
      : vocabulary_(read_vocabulary(options.asset("vocabulary", "trigrams"))),
        lower_(options.flag("lower", true)),
        query_(entry, input_of(entry, options, "query"), 0),
        texts_(entry, input_of(entry, options, "texts"), 0),
        documents_(entry, input_of(entry, options, "documents"), 0) {
    if (!query_.ragged() || !texts_.ragged() || !documents_.ragged())
      fail(exit_usage, "the task's query, texts and documents must have rows of their own lengths");
  }

  std::vector<std::string> inputs() const override {
    return {query_.name(), texts_.name(), documents_.name()};
  }

  int64_t encode(std::string_view line) override {
    size_t tab = line.find('\t');
    if (tab == line.npos) bad_input("it needs a query and documents, with tabs between them");
    push(query_, line.substr(0, tab));
    lines_.emplace_back(line.substr(tab + 1));
    return static_cast<int64_t>(line.size());
  }

  void fill(Call& call, int64_t rows) override {
    query_.fill(call, rows);
    std::unordered_map<std::string_view, int32_t> known;
    for (int64_t row = 0; row < rows; ++row) {
      for (std::string_view rest = lines_[static_cast<size_t>(row)];;) {
        size_t tab = std::min(rest.find('\t'), rest.size());
        auto [place, is_new] =
            known.try_emplace(rest.substr(0, tab), static_cast<int32_t>(known.size()));
        if (is_new) push(texts_, place->first);
        documents_.push(place->second);
        if (tab == rest.size()) break;
        rest.remove_prefix(tab + 1);
      }
      documents_.close();
    }
    texts_.fill(call, static_cast<int64_t>(known.size()));
    documents_.fill(call, rows);
    lines_.erase(lines_.begin(), lines_.begin() + rows);
  }

 private:
  void push(IdRows& rows, std::string_view text) const {
    for (const std::string& trigram : letter_trigrams(text, lower_))
      if (int32_t id = vocabulary_.find(trigram); id >= 0) rows.push(id);
    rows.close();
  }

  TextTable vocabulary_;
  bool lower_;
  IdRows query_, texts_, documents_;
  std::deque<std::string> lines_;  // the waiting lines' documents
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<LetterTrigrams>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_letter_trigrams = {nullptr, 0, sinter::runtime::make};
