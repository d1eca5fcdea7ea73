// Pairs a checkpoint's tensors with the weights that a model declares.
// Rules, in order: the same name ('/' read as '.', a final ":0" dropped); one prefix added to or
// removed from all names ("bert.", "module."); gamma/beta for weight/bias. What was done is said.
// Non-goals: never transposes, reshapes or guesses; a tensor of another shape is an error.
#ifndef SINTER_COMPILER_WEIGHTS_MATCH_H
#define SINTER_COMPILER_WEIGHTS_MATCH_H

#include <optional>

#include "Weights.h"

namespace sinter::weights {

// A declared weight. With a count, `name` holds "{}" and stands for `count` weights, numbered
// from `first`.
struct Wanted {
  std::string name;
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  std::optional<int64_t> count = std::nullopt;
  int64_t first = 0;
  std::string alias = {};  // tied: this weight's storage is the one of that name
};

// One (round of a) declared weight and the tensor that serves it.
struct Pair {
  size_t wanted;     // index into the list given to match()
  int64_t round;     // 0 … count-1; 0 without a count
  std::string name;  // the declared name with the number put in
  size_t tensor;     // index into Checkpoint::tensors
};

struct MatchReport {
  std::vector<Pair> pairs;           // in the order of the declared weights, aliases left out
  std::vector<std::string> missing;  // errors, one sentence each
  std::vector<std::string> differing;
  std::vector<std::string> extra;  // names of tensors that the model does not use
  std::vector<std::string> notes;  // prefix used, old names, conversions

  bool ok() const { return missing.empty() && differing.empty(); }
  // Lines "error: …" and "note: …", complete; the last says how many weights were found.
  std::string text() const;

  size_t wantedCount = 0;  // declared weights with rounds expanded, aliases left out
  std::string path;        // the checkpoint's
};

MatchReport match(const Checkpoint& checkpoint, std::span<const Wanted> model);

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_MATCH_H
