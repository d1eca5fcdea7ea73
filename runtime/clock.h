// Time that only moves forward, and how it is spent. Non-goals: no dates.
#ifndef SINTER_RUNTIME_CLOCK_H
#define SINTER_RUNTIME_CLOCK_H

#include <time.h>

namespace sinter::runtime {

inline double seconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// What --profile prints.
struct Times {
  double reading = 0, running = 0, writing = 0;
};

/// Adds the time until the end of the scope.
class Timer {
 public:
  Timer(bool on, double& sum) : sum_(on ? &sum : nullptr), begin_(on ? seconds() : 0) {}
  ~Timer() {
    if (sum_ != nullptr) *sum_ += seconds() - begin_;
  }

 private:
  double* sum_;
  double begin_;
};

}  // namespace sinter::runtime
#endif
