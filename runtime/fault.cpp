// fault.h: a thread meets its own faults in order, and threads have consecutive parts of a loop, so
// the first of a loop is the lowest thread's first.
#include "fault.h"

namespace sinter::runtime {

void FirstFault::report(void* faults, int64_t fault, int64_t row, int64_t value, int64_t limit,
                        const char* what) {
  FirstFault& first = *static_cast<FirstFault*>(faults);
  const Pool::Place place = Pool::place();
  while (first.busy_.test_and_set(std::memory_order_acquire)) {
  }
  if (!first.is_set_ || place < first.place_) {
    first.is_set_ = true;
    first.place_ = place;
    first.fault_ = fault;
    first.row_ = row;
    first.value_ = value;
    first.limit_ = limit;
    first.what_ = what;
  }
  first.busy_.clear(std::memory_order_release);
}

std::string FirstFault::sentence() const {
  if (!is_set_) return "";
  auto number = [](int64_t x) { return std::to_string(x); };
  const std::string row = row_ < 0 ? "" : "row " + number(row_);
  const std::string subject = row_ < 0 ? "the axis" : row;
  std::string text = what_;
  switch (fault_) {
    case SINTER_WRONG_ID:
      return text + ": the id " + number(value_) + (row_ < 0 ? "" : " in " + row) +
             " is outside 0 … " + number(limit_ - 1);
    case SINTER_SHORT_ROW:
      return text + ": " + subject + " has " + number(value_) + " of the " + number(limit_) +
             " elements that are wanted";
    case SINTER_LONG_ROW:
      return text + ": " + subject + " is " + number(value_) +
             " long, but the tensor has room for " + number(limit_);
    default: return text + ": the model reports fault " + number(fault_);
  }
}

}  // namespace sinter::runtime
