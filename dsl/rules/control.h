// Rules of structured control: what goes into a region must come out of it.
#pragma once
#include "dsl/rules/shape.h"

namespace sinter::rules {

/// State `name` (its field, or its number) as it enters and as the body returns it.
constexpr bool state(Rules& r, std::string_view op, std::string_view name, const Shape& enters,
                     const Shape& returns) {
  if (enters.bad() || returns.bad()) return false;
  if (enters == returns) return true;
  r.fail(op, "state '", name, "' enters as ", enters, " but the body returns ", returns);
  return false;
}

/// What the body of a scan sees of a sequence: it without the axis.
constexpr Shape scan_slice(Rules& r, const Shape& x, long long axis, Dim extent) {
  if (x.bad()) return poison;
  if (axis < 0 || axis >= x.rank) return r.fail("scan", "axis ", axis, " is outside of ", x);
  if (x.dims[axis] != extent)
    return r.fail("scan", "axis ", axis, " of ", x, " is not ", r.print(extent),
                  " as in the first sequence");
  Shape out{x.dtype, 0, {}};
  for (int i = 0; i < x.rank; ++i)
    if (i != axis) out.dims[out.rank++] = x.dims[i];
  return out;
}

/// An output of each step, stacked: `extent` is put in at `axis`.
constexpr Shape stack(Rules& r, std::string_view op, const Shape& each, long long axis, Dim extent) {
  if (each.bad()) return poison;
  if (each.rank == Shape::max_rank || axis > each.rank)
    return r.fail(op, "cannot stack ", each, " along axis ", axis);
  Shape out{each.dtype, 0, {}};
  for (int i = 0; i <= each.rank; ++i) {
    if (i == axis) out.dims[out.rank++] = extent;
    if (i < each.rank) out.dims[out.rank++] = each.dims[i];
  }
  return out;
}

constexpr bool condition(Rules& r, const Shape& x) {
  if (x.bad()) return false;
  if (x.dtype == DType::boolean && x.rank == 0) return true;
  r.fail("loop", "the condition wants a bool scalar, got ", x);
  return false;
}

constexpr bool bound(Rules& r, std::string_view op, long long count) {
  if (count >= 1) return true;
  r.fail(op, "wants at least 1 round, got ", count);
  return false;
}

}  // namespace sinter::rules
