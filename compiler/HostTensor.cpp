// Host tensors: making, describing and rounding them.
#include "compiler/HostTensor.h"

#include <cmath>
#include <limits>

namespace sinter {

HostTensor::HostTensor(rules::DType dType, std::vector<int64_t> extents)
    : dType(dType), shape(std::move(extents)) {
  if (isReal()) reals.assign(size(), 0.0);
  else integers.assign(size(), 0);
}

HostTensor HostTensor::scalar(double value) {
  HostTensor tensor(rules::DType::f32, {});
  tensor.reals[0] = value;
  return tensor;
}

HostTensor HostTensor::scalar(int64_t value) {
  HostTensor tensor(rules::DType::i64, {});
  tensor.integers[0] = value;
  return tensor;
}

int64_t HostTensor::size() const {
  int64_t product = 1;
  for (int64_t extent : shape) product *= extent;
  return product;
}

/// A float format with `digits` bits of significand whose largest exponent is `highest`.
static double roundBinary(double value, int digits, int highest) {
  if (!std::isfinite(value) || value == 0) return value;
  int exponent;
  std::frexp(value, &exponent);  // value = m * 2^exponent, m in [0.5, 1)
  const int lowest = 3 - highest;  // exponent, in frexp's sense, of the smallest normal number
  const int unit = std::max(exponent, lowest) - digits;
  const double rounded = std::ldexp(std::nearbyint(std::ldexp(value, -unit)), unit);
  const double limit = std::ldexp(2.0 - std::ldexp(1.0, 1 - digits), highest - 1);
  if (std::fabs(rounded) <= limit) return rounded;
  return std::copysign(std::numeric_limits<double>::infinity(), value);
}

double roundTo(rules::DType dType, double value) {
  switch (dType) {
    case rules::DType::f32: return static_cast<float>(value);
    case rules::DType::f16: return roundBinary(value, 11, 16);
    case rules::DType::bf16: return roundBinary(value, 8, 128);
    default: return value;
  }
}

int64_t wrapTo(rules::DType dType, int64_t value) {
  switch (dType) {
    case rules::DType::u8: return static_cast<uint8_t>(value);
    case rules::DType::i8: return static_cast<int8_t>(value);
    case rules::DType::i32: return static_cast<int32_t>(value);
    case rules::DType::boolean: return value != 0;
    default: return value;
  }
}

std::vector<int64_t> stridesOf(const std::vector<int64_t> &shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

std::string describe(const HostTensor &tensor) {
  std::string text(rules::name_of(tensor.dType));
  text += '[';
  for (size_t i = 0; i < tensor.shape.size(); ++i)
    text += (i > 0 ? ", " : "") + std::to_string(tensor.shape[i]);
  return text + ']';
}

}  // namespace sinter
