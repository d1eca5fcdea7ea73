// A dense tensor in host memory, as the reference interpreter and the tools around it exchange it:
// floats as f64 whatever their declared type, integers and truth values as i64.
// Non-goals: views, ragged storage, speed. Knows no MLIR.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dsl/rules.h"

namespace sinter {

struct HostTensor {
  rules::DType dType = rules::DType::f32;
  std::vector<int64_t> shape;
  std::vector<double> reals;      // row-major, when the type is a float
  std::vector<int64_t> integers;  // row-major, otherwise; bool is 0 or 1

  HostTensor() = default;
  /// Zeros.
  HostTensor(rules::DType dType, std::vector<int64_t> shape);
  static HostTensor scalar(double value);
  static HostTensor scalar(int64_t value);

  bool isReal() const { return rules::is_float(dType); }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  int64_t size() const;
  double real(int64_t i) const { return isReal() ? reals[i] : static_cast<double>(integers[i]); }
};

using HostTensors = std::map<std::string, HostTensor>;

/// The nearest value that the type can hold, halves to even; beyond its range infinity.
double roundTo(rules::DType dType, double value);

/// Two's complement of the type's width; of bool whether it is not 0.
int64_t wrapTo(rules::DType dType, int64_t value);

/// Elements below each axis of a row-major tensor.
std::vector<int64_t> stridesOf(const std::vector<int64_t> &shape);

/// "f32[2, 3]"
std::string describe(const HostTensor &tensor);

}  // namespace sinter
