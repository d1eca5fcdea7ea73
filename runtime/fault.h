// The fault of a run that is told: of all that its threads report, the one that a single thread
// would meet first. Non-goals: faults that are seen before the run (call.cpp).
#ifndef SINTER_RUNTIME_FAULT_H
#define SINTER_RUNTIME_FAULT_H

#include <atomic>
#include <string>

#include "abi.h"
#include "pool.h"

namespace sinter::runtime {

class FirstFault {
 public:
  /// SinterCall::report; `faults` is a FirstFault.
  static void report(void* faults, int64_t fault, int64_t row, int64_t value, int64_t limit,
                     const char* what);
  /// "bert.cpp:83: gather: the id 30522 in row 4 is outside 0 … 30521"; empty: there is no fault.
  std::string sentence() const;

 private:
  std::atomic_flag busy_;
  bool is_set_ = false;
  Pool::Place place_;
  int64_t fault_ = 0, row_ = 0, value_ = 0, limit_ = 0;
  const char* what_ = "";
};

}  // namespace sinter::runtime
#endif
