// What a text program's entries take besides text: numbers that flags set, and each line's number;
// and the flags that choose another entry. Options of any task:
//   entry        the entry that runs (default: the model's first); --beam and --sample run the
//                entries of these names where the model has them
//   NAME         the value of the scalar input NAME; `--top-k N` sets the input top_k
//   line_number  the input, i64 [batch], that gets each line's number, counted from 0
// Non-goals: what readers fill.
#ifndef SINTER_RUNTIME_ENTRY_INPUTS_H
#define SINTER_RUNTIME_ENTRY_INPUTS_H

#include <string>
#include <vector>

#include "runtime/task.h"

namespace sinter::runtime {

struct EntryFlag {
  std::string flag, key;
  const char* value;  // "N", or null: the flag alone means `given`
  std::string given, help;
};
/// The flags that the entries of a text program bring, each once.
std::vector<EntryFlag> entry_flags(const SinterModel& model);

class EntryInputs {
 public:
  /// `flagged`: the keys that flags have set. An Error where one is for another entry, or where a
  /// scalar input has no value.
  EntryInputs(const SinterModel& model, const SinterEntry& entry, const Options& options,
              const std::vector<std::pair<std::string, std::string>>& flagged);
  /// The inputs that fill() sets.
  std::vector<std::string> names() const;
  /// For `lines` lines of `rows` rows each, of which the first has the number `first`.
  void fill(Call& call, int64_t first, int64_t lines, int64_t rows) const;

 private:
  struct Scalar {
    int input;
    double real;
    int64_t whole;
  };
  const SinterEntry& entry_;
  std::vector<Scalar> scalars_;
  int line_number_ = -1;  // input
};

}  // namespace sinter::runtime
#endif
