// Reductions, order statistics, softmax and normalisations of the reference interpreter.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compiler/InterpreterKernels.h"

namespace sinter::kernels {

using rules::DType;

static constexpr double infinity = std::numeric_limits<double>::infinity();

Lanes::Lanes(const Shape &shape, int64_t axis) : extent(shape[axis]) {
  for (int64_t i = 0; i < static_cast<int64_t>(shape.size()); ++i)
    if (i != axis) (i < axis ? outer : inner) *= shape[i];
}

//===-- Reductions ---------------------------------------------------------------------------===//

/// Where each element of x goes: strides of the reduced result along x's axes.
static Shape reducedStrides(const Shape &shape, std::span<const int64_t> axes, Shape &kept) {
  kept = shape;
  for (int64_t axis : axes) kept[axis] = 1;
  return broadcastStrides(kept, shape);
}

template <class T, class F>
static void fold(const HostTensor &x, const Shape &into, const std::vector<T> &from,
                 const std::vector<bool> *inside, const F &f) {
  walk(x.shape, std::array<Shape, 2>{stridesOf(x.shape), into}, [&](const auto &at) {
    if (!inside || (*inside)[at[0]]) f(at[1], from[at[0]]);
  });
}

static double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }
static double smaller(double a, double b) { return std::isnan(a) || a < b ? a : b; }

static void reduceReals(std::string_view op, const HostTensor &x, const Shape &into,
                        int64_t correction, const std::vector<bool> *inside, HostTensor &y) {
  const auto each = [&](const auto &f) { fold(x, into, x.reals, inside, f); };
  std::vector<double> &r = y.reals;
  std::vector<int64_t> count(r.size(), 0);
  each([&](int64_t at, double) { ++count[at]; });
  const auto sum = [&] { each([&](int64_t at, double v) { r[at] += v; }); };
  const auto extreme = [&](double start, double (*choose)(double, double)) {
    std::fill(r.begin(), r.end(), start);
    each([&](int64_t at, double v) { r[at] = choose(v, r[at]); });
  };
  if (op == "sum") {
    sum();
  } else if (op == "mean") {
    sum();
    for (size_t i = 0; i < r.size(); ++i) r[i] /= static_cast<double>(count[i]);
  } else if (op == "prod") {
    std::fill(r.begin(), r.end(), 1.0);
    each([&](int64_t at, double v) { r[at] *= v; });
  } else if (op == "amax") {
    extreme(-infinity, larger);
  } else if (op == "amin") {
    extreme(infinity, smaller);
  } else if (op == "logsumexp") {
    extreme(-infinity, larger);
    std::vector<double> total(r.size(), 0);
    for (double &top : r)
      if (std::isinf(top)) total[&top - r.data()] = -1;  // infinite already: nothing to add
    each([&](int64_t at, double v) {
      if (total[at] >= 0) total[at] += std::exp(v - r[at]);
    });
    for (size_t i = 0; i < r.size(); ++i)
      if (total[i] >= 0) r[i] += std::log(total[i]);
  } else {  // var: two passes
    std::vector<double> mean(r.size(), 0);
    each([&](int64_t at, double v) { mean[at] += v; });
    for (size_t i = 0; i < r.size(); ++i) mean[i] /= static_cast<double>(count[i]);
    each([&](int64_t at, double v) { r[at] += (v - mean[at]) * (v - mean[at]); });
    for (size_t i = 0; i < r.size(); ++i)
      r[i] /= static_cast<double>(std::max<int64_t>(count[i] - correction, 0));
  }
}

static void reduceIntegers(std::string_view op, const HostTensor &x, const Shape &into,
                           const std::vector<bool> *inside, HostTensor &y) {
  const bool isWide = x.dType == DType::i64;  // the others are computed in 32 bits
  using Wide = std::numeric_limits<int64_t>;
  using Narrow = std::numeric_limits<int32_t>;
  std::vector<int64_t> &r = y.integers;
  const int64_t start = op == "prod" || op == "all" ? 1
                        : op == "amax"              ? (isWide ? Wide::min() : Narrow::min())
                        : op == "amin"              ? (isWide ? Wide::max() : Narrow::max())
                                                    : 0;
  std::fill(r.begin(), r.end(), start);
  fold(x, into, x.integers, inside, [&](int64_t at, int64_t v) {
    int64_t &to = r[at];
    if (op == "sum") to += v;
    else if (op == "prod") to *= v;
    else if (op == "amax") to = std::max(to, v);
    else if (op == "amin") to = std::min(to, v);
    else if (op == "any") to |= v != 0;
    else to &= v != 0;
  });
}

HostTensor reduce(std::string_view op, const HostTensor &x, std::span<const int64_t> axes,
                  bool keepdim, int64_t correction, const std::vector<bool> *inside) {
  Shape kept;
  const Shape into = reducedStrides(x.shape, axes, kept);
  HostTensor y(x.dType, kept);
  if (x.isReal()) reduceReals(op, x, into, correction, inside, y);
  else reduceIntegers(op, x, into, inside, y);
  if (!keepdim) {
    Shape shape;
    for (int64_t i = 0; i < x.rank(); ++i)
      if (std::find(axes.begin(), axes.end(), i) == axes.end()) shape.push_back(x.shape[i]);
    y.shape = shape;
  }
  return y;
}

//===-- Order --------------------------------------------------------------------------------===//

/// Whether a goes before b: NaN is the extreme of both orders.
static bool before(double a, double b, bool largest) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && !std::isnan(b);
  return largest ? a > b : a < b;
}

/// The index in an empty lane is 0.
HostTensor argReduce(const HostTensor &x, int64_t axis, bool keepdim, bool largest) {
  const Lanes lanes(x.shape, axis);
  Shape shape = x.shape;
  if (keepdim) shape[axis] = 1;
  else shape.erase(shape.begin() + axis);
  HostTensor y(DType::i64, shape);
  for (int64_t o = 0; o < lanes.outer; ++o)
    for (int64_t i = 0; i < lanes.inner; ++i) {
      int64_t best = 0;
      for (int64_t k = 1; k < lanes.extent; ++k)
        if (before(x.real(lanes.at(o, i, k)), x.real(lanes.at(o, i, best)), largest)) best = k;
      y.integers[o * lanes.inner + i] = best;
    }
  return y;
}

std::pair<HostTensor, HostTensor> topK(const HostTensor &x, int64_t k, int64_t axis, bool largest) {
  const Lanes lanes(x.shape, axis);
  if (k > lanes.extent)
    throw Fault("wants the first " + std::to_string(k) + " of " + std::to_string(lanes.extent));
  Shape shape = x.shape;
  shape[axis] = k;
  HostTensor values(x.dType, shape), indices(DType::i64, shape);
  const Lanes out(shape, axis);
  std::vector<int64_t> order(lanes.extent);
  for (int64_t o = 0; o < lanes.outer; ++o)
    for (int64_t i = 0; i < lanes.inner; ++i) {
      std::iota(order.begin(), order.end(), 0);
      std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        const double left = x.real(lanes.at(o, i, a)), right = x.real(lanes.at(o, i, b));
        // Here, unlike for argmin, NaN is larger than every number in both orders.
        const bool isFirst = largest ? before(left, right, true) : before(right, left, true);
        const bool isLast = largest ? before(right, left, true) : before(left, right, true);
        return isFirst || (!isLast && a < b);
      });
      for (int64_t j = 0; j < k; ++j) {
        const int64_t from = lanes.at(o, i, order[j]), to = out.at(o, i, j);
        if (x.isReal()) values.reals[to] = x.reals[from];
        else values.integers[to] = x.integers[from];
        indices.integers[to] = order[j];
      }
    }
  return {values, indices};
}

HostTensor cumsum(const HostTensor &x, int64_t axis) {
  const Lanes lanes(x.shape, axis);
  HostTensor y = x;
  for (int64_t o = 0; o < lanes.outer; ++o)
    for (int64_t i = 0; i < lanes.inner; ++i)
      for (int64_t k = 1; k < lanes.extent; ++k) {
        const int64_t at = lanes.at(o, i, k), last = lanes.at(o, i, k - 1);
        if (y.isReal()) y.reals[at] += y.reals[last];
        else y.integers[at] += y.integers[last];
      }
  return y;
}

//===-- Softmax and norms --------------------------------------------------------------------===//

HostTensor softmax(const HostTensor &x, const HostTensor *mask, int64_t axis, bool logarithm) {
  const Lanes lanes(x.shape, axis);
  HostTensor y(x.dType, x.shape);
  const HostTensor wide = mask ? broadcast(*mask, x.shape) : HostTensor();
  for (int64_t o = 0; o < lanes.outer; ++o)
    for (int64_t i = 0; i < lanes.inner; ++i) {
      const auto takesPart = [&](int64_t at) { return !mask || wide.integers[at] != 0; };
      double top = -infinity, total = 0;
      bool some = false;
      for (int64_t k = 0; k < lanes.extent; ++k)
        if (const int64_t at = lanes.at(o, i, k); takesPart(at)) {
          top = larger(x.reals[at], top);
          some = true;
        }
      if (!some) continue;
      for (int64_t k = 0; k < lanes.extent; ++k)
        if (const int64_t at = lanes.at(o, i, k); takesPart(at))
          total += std::exp(x.reals[at] - top);
      for (int64_t k = 0; k < lanes.extent; ++k) {
        const int64_t at = lanes.at(o, i, k);
        if (!takesPart(at)) y.reals[at] = logarithm ? -infinity : 0;
        else if (logarithm) y.reals[at] = x.reals[at] - top - std::log(total);
        else y.reals[at] = std::exp(x.reals[at] - top) / total;
      }
    }
  return y;
}

HostTensor layerNorm(const HostTensor &x, const HostTensor *weight, const HostTensor *bias,
                     int64_t rank, double eps) {
  int64_t width = 1;
  for (int64_t i = x.rank() - rank; i < x.rank(); ++i) width *= x.shape[i];
  HostTensor y(x.dType, x.shape);
  if (y.reals.empty()) return y;
  for (int64_t row = 0; row < x.size(); row += width) {
    const auto first = x.reals.begin() + row, last = first + width;
    const double mean = std::accumulate(first, last, 0.0) / static_cast<double>(width);
    double squares = 0;
    for (auto v = first; v != last; ++v) squares += (*v - mean) * (*v - mean);
    const double scale = 1 / std::sqrt(squares / static_cast<double>(width) + eps);
    for (int64_t i = 0; i < width; ++i)
      y.reals[row + i] = (x.reals[row + i] - mean) * scale * (weight ? weight->reals[i] : 1) +
                         (bias ? bias->reals[i] : 0);
  }
  return y;
}

HostTensor batchNorm(const HostTensor &x, const HostTensor &weight, const HostTensor &bias,
                     const HostTensor &mean, const HostTensor &variance, int64_t axis, double eps) {
  const Lanes lanes(x.shape, axis);
  HostTensor y(x.dType, x.shape);
  for (int64_t o = 0; o < lanes.outer; ++o)
    for (int64_t c = 0; c < lanes.extent; ++c) {
      const double scale = weight.reals[c] / std::sqrt(variance.reals[c] + eps);
      for (int64_t i = 0; i < lanes.inner; ++i) {
        const int64_t at = lanes.at(o, i, c);
        y.reals[at] = (x.reals[at] - mean.reals[c]) * scale + bias.reals[c];
      }
    }
  return y;
}

}  // namespace sinter::kernels
