// The rule by which a computed tensor equals a case's: absolute, against the f64 result, with a
// tolerance that the case's own two precisions fix; or against its only result, with the tolerance
// that its metadata give. Non-goals: choosing which tensors to compare.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/tools/golden/Case.h"

namespace sinter::golden {

// What one output of a case must be.
struct Expected {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<double> values;
  double tolerance = 0;  // 0: integers and truth values, which are exact
  double relative = 0;   // of the wanted value, beside the tolerance
};

// max(1e-6, 10 max|out - out64|, 2 ulp of max|out64|), the maxima over finite entries; without an
// f64 result the metadata's {"atol": …, "rtol": …} where it is there.
Expected expectedOutput(const Case& from, const std::string& name);

// The most that any of its entries may differ.
double largestLimit(const Expected& expected);

struct Difference {
  double error = 0;     // the largest
  std::string problem;  // empty: equal within the tolerance
};

// Entries for which `padded` is true lie beyond their row's length: there the computed value must
// be zero and the case's is not looked at. An empty function: no padding.
Difference compare(const Expected& expected, const std::vector<int64_t>& shape,
                   const std::vector<double>& values,
                   const std::function<bool(const std::vector<int64_t>&)>& padded);

}  // namespace sinter::golden
