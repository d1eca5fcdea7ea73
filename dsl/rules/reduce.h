// Rules of ops that combine the elements along axes, and of normalisations.
#pragma once
#include "dsl/rules/elementwise.h"

namespace sinter::rules {

constexpr Elements reduction_elements(std::string_view op) {
  if (op == "any" || op == "all") return Elements::boolean;
  for (std::string_view real : {"mean", "logsumexp", "var"})
    if (op == real) return Elements::real;
  return Elements::number;
}

/// Without the axes that are set in `reduced`, or with 1 in their place.
constexpr Shape drop_axes(const Shape& x, const bool* reduced, bool keepdim) {
  Shape out{x.dtype, 0, {}};
  for (int i = 0; i < x.rank; ++i) {
    if (!reduced[i]) out.dims[out.rank++] = x.dims[i];
    else if (keepdim) out.dims[out.rank++] = 1;
  }
  return out;
}

constexpr Shape reduce(Rules& r, std::string_view op, const Shape& x, Ints axes, bool keepdim) {
  if (x.bad() || !want(r, op, x, reduction_elements(op))) return poison;
  bool reduced[Shape::max_rank]{};
  for (int i = 0; i < axes.size; ++i) {
    const int axis = find_axis(r, op, x, axes[i]);
    if (axis < 0) return poison;
    if (reduced[axis]) return r.fail(op, "axis ", axes[i], " is named twice for ", x);
    reduced[axis] = true;
  }
  return drop_axes(x, reduced, keepdim);
}

/// argmax, argmin
constexpr Shape arg_reduce(Rules& r, std::string_view op, const Shape& x, long long axis,
                           bool keepdim) {
  if (x.bad() || !want(r, op, x, Elements::number)) return poison;
  const int found = find_axis(r, op, x, axis);
  if (found < 0) return poison;
  if (x.dims[found] == 0) return r.fail(op, "axis ", axis, " of ", x, " is empty");
  bool reduced[Shape::max_rank]{};
  reduced[found] = true;
  return drop_axes(x, reduced, keepdim).with(DType::i64);
}

/// The values; the indices have the same dims and i64.
constexpr Shape top_k(Rules& r, const Shape& x, long long k, long long axis) {
  if (x.bad() || !want(r, "top_k", x, Elements::number)) return poison;
  const int found = find_axis(r, "top_k", x, axis);
  if (found < 0) return poison;
  if (k < 1 || (is_constant(x.dims[found]) && k > x.dims[found]))
    return r.fail("top_k", "cannot take ", k, " along axis ", axis, " of ", x);
  Shape out = x;
  out.dims[found] = k;
  return out;
}

constexpr Shape cumsum(Rules& r, const Shape& x, long long axis) {
  if (x.bad() || !want(r, "cumsum", x, Elements::number)) return poison;
  return find_axis(r, "cumsum", x, axis) < 0 ? poison : x;
}

/// softmax, log_softmax; `mask` is null or broadcasts to x.
constexpr Shape softmax(Rules& r, std::string_view op, const Shape& x, const Shape* mask,
                        long long axis) {
  if (x.bad() || (mask && mask->bad()) || !want(r, op, x, Elements::real)) return poison;
  if (find_axis(r, op, x, axis) < 0) return poison;
  if (!mask) return x;
  if (mask->dtype != DType::boolean) return r.fail(op, "wants a bool mask, got ", *mask);
  const Shape out = broadcast_pair(r, op, x, *mask);
  if (out.bad()) return poison;
  if (!(out == x)) return r.fail(op, "the mask ", *mask, " is larger than ", x);
  return x;
}

/// `weight` and `bias` are null or have the shape of x's last `rank` axes.
constexpr Shape layer_norm(Rules& r, const Shape& x, const Shape* weight, const Shape* bias,
                           long long rank) {
  if (x.bad() || !want(r, "layer_norm", x, Elements::real)) return poison;
  if (rank < 1 || rank > x.rank)
    return r.fail("layer_norm", "cannot normalise the last ", rank, " axes of ", x);
  for (const Shape* scale : {weight, bias}) {
    if (!scale) continue;
    if (scale->bad()) return poison;
    bool fits = scale->rank == rank;
    for (int i = 1; fits && i <= rank; ++i) fits = (*scale)[-i] == x[-i];
    if (!fits)
      return r.fail("layer_norm", scale == weight ? "weight " : "bias ", *scale,
                    " does not fit the last ", rank, rank == 1 ? " axis of " : " axes of ", x);
  }
  return x;
}

/// scales: weight, bias, mean, variance, one number for each channel.
constexpr Shape batch_norm(Rules& r, const Shape& x, const Shape* const* scales, long long axis) {
  if (x.bad() || !want(r, "batch_norm", x, Elements::real)) return poison;
  const int found = find_axis(r, "batch_norm", x, axis);
  if (found < 0) return poison;
  for (int i = 0; i < 4; ++i) {
    if (scales[i]->bad()) return poison;
    if (scales[i]->rank != 1 || scales[i]->dims[0] != x.dims[found])
      return r.fail("batch_norm", "wants ", r.print(x.dims[found]), " numbers for axis ", axis,
                    " of ", x, ", got ", *scales[i]);
  }
  return x;
}

}  // namespace sinter::rules
