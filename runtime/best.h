// The best of a row of scores. Non-goals: no texts.
#ifndef SINTER_RUNTIME_BEST_H
#define SINTER_RUNTIME_BEST_H

#include <cmath>
#include <cstdint>
#include <vector>

#include "error.h"

namespace sinter::runtime {

/// What is ranked must be a number: an order of others says nothing.
template <class T>
T checked_score(T score) {
  if (std::isnan(score)) bad_input("the model's answer is not a number");
  return score;
}

struct Scored {
  float probability;
  int64_t number;  // place in the row
};

/// The `k` best of `count` scores with at least probability `least`, best first, equal ones in
/// their order. The scores are probabilities, or logits that a softmax makes such.
void choose_best(const float* scores, int64_t count, bool logits, int64_t k, double least,
                 std::vector<Scored>& best);

}  // namespace sinter::runtime
#endif
