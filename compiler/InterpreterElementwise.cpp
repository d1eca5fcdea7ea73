// Element-wise ops of the reference interpreter, and the walk over broadcast operands.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include "compiler/InterpreterKernels.h"

namespace sinter::kernels {

using rules::DType;

Shape broadcastStrides(const Shape &shape, const Shape &target) {
  const Shape strides = stridesOf(shape);
  const size_t missing = target.size() - shape.size();
  Shape result(target.size(), 0);
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis] == target[missing + axis]) result[missing + axis] = strides[axis];
  return result;
}

static Shape broadcastShapes(const Shape &a, const Shape &b) {
  Shape result(std::max(a.size(), b.size()), 1);
  for (const Shape *shape : {&a, &b})
    for (size_t i = 1; i <= shape->size(); ++i) {
      int64_t &extent = result[result.size() - i];
      if (extent == 1) extent = (*shape)[shape->size() - i];
    }
  return result;
}

//===-- Unary --------------------------------------------------------------------------------===//

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
static double softplus(double x) { return std::fmax(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

static double gelu(double x, bool tanhForm) {
  // The product with an exact 0 must not turn an infinite x into NaN.
  if (std::isinf(x)) return x > 0 ? x : 0.0;
  if (!tanhForm) return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
  constexpr double sqrt2OverPi = 0.79788456080286535588;
  return 0.5 * x * (1 + std::tanh(sqrt2OverPi * (x + 0.044715 * x * x * x)));
}

static double clamp(double x, double low, double high) {
  if (x < low) x = low;
  return x > high ? high : x;  // NaN stays
}

using Unary = double (*)(double, const UnaryOptions &);

static Unary findUnary(std::string_view op) {
  using O = const UnaryOptions &;
  static const std::map<std::string_view, Unary> table = {
      {"neg", [](double x, O) { return -x; }},
      {"abs", [](double x, O) { return std::fabs(x); }},
      {"sign", [](double x, O) { return std::isnan(x) ? x : double((x > 0) - (x < 0)); }},
      {"floor", [](double x, O) { return std::floor(x); }},
      {"ceil", [](double x, O) { return std::ceil(x); }},
      {"round", [](double x, O) { return std::nearbyint(x); }},
      {"exp", [](double x, O) { return std::exp(x); }},
      {"expm1", [](double x, O) { return std::expm1(x); }},
      {"log", [](double x, O) { return std::log(x); }},
      {"log1p", [](double x, O) { return std::log1p(x); }},
      {"sqrt", [](double x, O) { return std::sqrt(x); }},
      {"rsqrt", [](double x, O) { return 1 / std::sqrt(x); }},
      {"reciprocal", [](double x, O) { return 1 / x; }},
      {"square", [](double x, O) { return x * x; }},
      {"sin", [](double x, O) { return std::sin(x); }},
      {"cos", [](double x, O) { return std::cos(x); }},
      {"tanh", [](double x, O) { return std::tanh(x); }},
      {"sigmoid", [](double x, O) { return sigmoid(x); }},
      {"softplus", [](double x, O) { return std::isnan(x) ? x : softplus(x); }},
      {"log_sigmoid", [](double x, O) { return std::isnan(x) ? x : -softplus(-x); }},
      {"relu", [](double x, O) { return x < 0 ? 0.0 : x; }},
      {"silu", [](double x, O) { return x == -INFINITY ? 0.0 : x * sigmoid(x); }},
      {"erf", [](double x, O) { return std::erf(x); }},
      {"gelu", [](double x, O o) { return gelu(x, o.tanhForm); }},
      {"elu", [](double x, O o) { return x > 0 ? x : o.alpha * std::expm1(x); }},
      {"leaky_relu", [](double x, O o) { return x > 0 ? x : o.slope * x; }},
      {"hard_sigmoid", [](double x, O o) { return clamp(o.slope * x + o.offset, 0, 1); }},
      {"clamp", [](double x, O o) { return clamp(x, o.min, o.max); }},
      {"not", [](double x, O) { return double(x == 0); }},
  };
  const auto found = table.find(op);
  if (found == table.end()) throw Fault("the interpreter knows no op '" + std::string(op) + "'");
  return found->second;
}

/// Integer arithmetic wraps; signed overflow in C++ would not.
static int64_t wrapping(uint64_t value) { return static_cast<int64_t>(value); }

HostTensor unary(std::string_view op, const HostTensor &x, const UnaryOptions &options) {
  const Unary function = findUnary(op);
  HostTensor y = x;
  for (double &value : y.reals) value = function(value, options);
  for (int64_t &value : y.integers) {
    if (op == "neg" || (op == "abs" && value < 0)) value = wrapping(-static_cast<uint64_t>(value));
    else if (op == "square") value = wrapping(uint64_t(value) * uint64_t(value));
    else if (std::abs(value) < int64_t(1) << 53)  // where the real formula is exact
      value = static_cast<int64_t>(function(static_cast<double>(value), options));
    else if (op == "sign") value = value < 0 ? -1 : 1;
    else if (op == "relu") value = std::max<int64_t>(value, 0);
  }
  return y;
}

/// Truncates; what the type cannot hold becomes its nearest value, NaN 0.
static int64_t truncate(DType dType, double value) {
  const int bits = dType == DType::i64 ? 64 : dType == DType::i32 ? 32 : 8;
  const bool isUnsigned = dType == DType::u8;
  const double low = isUnsigned ? 0 : -std::ldexp(1, bits - 1);
  const double high = std::ldexp(1, isUnsigned ? bits : bits - 1);  // the first that is too large
  if (std::isnan(value)) return 0;
  if (value < low) value = low;
  if (value < high) return static_cast<int64_t>(value);
  return static_cast<int64_t>(std::numeric_limits<uint64_t>::max() >>
                              (isUnsigned ? 64 - bits : 65 - bits));
}

HostTensor cast(const HostTensor &x, DType dType) {
  HostTensor y(dType, x.shape);
  for (int64_t i = 0; i < x.size(); ++i) {
    if (y.isReal()) y.reals[i] = roundTo(dType, x.real(i));
    else if (dType == DType::boolean) y.integers[i] = x.real(i) != 0;
    else if (x.isReal()) y.integers[i] = truncate(dType, x.reals[i]);
    else y.integers[i] = wrapTo(dType, x.integers[i]);
  }
  return y;
}

//===-- Binary -------------------------------------------------------------------------------===//

static int64_t floorDiv(int64_t x, int64_t y) {
  if (y == 0) return 0;
  if (y == -1) return wrapping(-static_cast<uint64_t>(x));
  return x / y - (x % y != 0 && (x < 0) != (y < 0));
}

static int64_t power(int64_t x, int64_t y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (y % 2 == 0 ? 1 : -1) : 0;
  uint64_t result = 1, base = x;
  for (; y > 0; y >>= 1, base *= base)
    if (y & 1) result *= base;
  return wrapping(result);
}

template <class T> using Binary = T (*)(T, T);

template <class T> static Binary<T> find(const std::map<std::string_view, Binary<T>> &table,
                                         std::string_view op) {
  const auto found = table.find(op);
  if (found == table.end()) throw Fault("the interpreter knows no op '" + std::string(op) + "'");
  return found->second;
}

static Binary<double> findReal(std::string_view op) {
  static const std::map<std::string_view, Binary<double>> table = {
      {"add", [](double x, double y) { return x + y; }},
      {"sub", [](double x, double y) { return x - y; }},
      {"mul", [](double x, double y) { return x * y; }},
      {"div", [](double x, double y) { return x / y; }},
      {"rem", [](double x, double y) { return x - y * std::floor(x / y); }},
      {"pow", [](double x, double y) { return std::pow(x, y); }},
      {"minimum", [](double x, double y) { return std::isnan(x) || x < y ? x : y; }},
      {"maximum", [](double x, double y) { return std::isnan(x) || x > y ? x : y; }},
  };
  return find(table, op);
}

static Binary<int64_t> findInteger(std::string_view op) {
  using I = int64_t;
  static const std::map<std::string_view, Binary<int64_t>> table = {
      {"add", [](I x, I y) { return wrapping(uint64_t(x) + uint64_t(y)); }},
      {"sub", [](I x, I y) { return wrapping(uint64_t(x) - uint64_t(y)); }},
      {"mul", [](I x, I y) { return wrapping(uint64_t(x) * uint64_t(y)); }},
      {"div", floorDiv},
      {"rem",
       [](I x, I y) { return wrapping(uint64_t(x) - uint64_t(y) * uint64_t(floorDiv(x, y))); }},
      {"pow", power},
      {"minimum", [](I x, I y) { return std::min(x, y); }},
      {"maximum", [](I x, I y) { return std::max(x, y); }},
      {"and", [](I x, I y) { return I(x != 0 && y != 0); }},
      {"or", [](I x, I y) { return I(x != 0 || y != 0); }},
  };
  return find(table, op);
}

template <class T> static bool compare(std::string_view op, T x, T y) {
  if (op == "eq") return x == y;
  if (op == "ne") return x != y;
  if (op == "lt") return x < y;
  if (op == "le") return x <= y;
  if (op == "gt") return x > y;
  return x >= y;
}

HostTensor binary(std::string_view op, const HostTensor &x, const HostTensor &y) {
  bool isComparison = false;
  for (std::string_view name : {"eq", "ne", "lt", "le", "gt", "ge"}) isComparison |= op == name;
  const Shape shape = broadcastShapes(x.shape, y.shape);
  HostTensor z(isComparison ? DType::boolean : x.dType, shape);
  const std::array<Shape, 3> strides = {stridesOf(shape), broadcastStrides(x.shape, shape),
                                        broadcastStrides(y.shape, shape)};
  if (isComparison)
    walk(shape, strides, [&](const auto &at) {
      z.integers[at[0]] = x.isReal() ? compare(op, x.reals[at[1]], y.reals[at[2]])
                                     : compare(op, x.integers[at[1]], y.integers[at[2]]);
    });
  else if (x.isReal())
    walk(shape, strides, [&, function = findReal(op)](const auto &at) {
      z.reals[at[0]] = function(x.reals[at[1]], y.reals[at[2]]);
    });
  else
    walk(shape, strides, [&, function = findInteger(op)](const auto &at) {
      z.integers[at[0]] = wrapTo(x.dType, function(x.integers[at[1]], y.integers[at[2]]));
    });
  return z;
}

HostTensor where(const HostTensor &condition, const HostTensor &x, const HostTensor &y) {
  const Shape shape = broadcastShapes(broadcastShapes(x.shape, y.shape), condition.shape);
  HostTensor z(x.dType, shape);
  const std::array<Shape, 4> strides = {
      stridesOf(shape), broadcastStrides(condition.shape, shape), broadcastStrides(x.shape, shape),
      broadcastStrides(y.shape, shape)};
  walk(shape, strides, [&](const auto &at) {
    const bool chosen = condition.integers[at[1]] != 0;
    if (x.isReal()) z.reals[at[0]] = chosen ? x.reals[at[2]] : y.reals[at[3]];
    else z.integers[at[0]] = chosen ? x.integers[at[2]] : y.integers[at[3]];
  });
  return z;
}

}  // namespace sinter::kernels
