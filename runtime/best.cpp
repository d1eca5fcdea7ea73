// The best of a row of scores; see best.h.
#include "best.h"

#include <algorithm>
#include <cmath>

namespace sinter::runtime {

void choose_best(const float* scores, int64_t count, bool logits, int64_t k, double least,
                 std::vector<Scored>& best) {
  best.clear();
  // Most labels of many are too unlikely to print, so few are left to sort.
  for (int64_t i = 0; i < count; ++i)
    if (logits || !(scores[i] < least)) best.push_back({checked_score(scores[i]), i});
  if (logits) {
    double most = -INFINITY, sum = 0;
    for (const Scored& s : best) most = std::max<double>(most, s.probability);
    for (const Scored& s : best) sum += std::exp(s.probability - most);
    checked_score(sum);  // infinite ones
    for (Scored& s : best) s.probability = static_cast<float>(std::exp(s.probability - most) / sum);
  }
  auto kept = static_cast<std::ptrdiff_t>(std::min<int64_t>(k, static_cast<int64_t>(best.size())));
  std::partial_sort(
      best.begin(), best.begin() + kept, best.end(), [](const Scored& a, const Scored& b) {
        return a.probability != b.probability ? a.probability > b.probability : a.number < b.number;
      });
  best.resize(static_cast<size_t>(kept));
  std::erase_if(best, [&](const Scored& s) { return s.probability < least; });
}

}  // namespace sinter::runtime
