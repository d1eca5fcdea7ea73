// Rules of ops that work element by element. Broadcasting is numpy's, over symbols too: two
// dimensions fit when they are equal or one of them is 1.
#pragma once
#include "dsl/rules/shape.h"

namespace sinter::rules {

enum class Elements { any, number, real, boolean };

constexpr bool accepts(Elements wanted, DType dtype) {
  if (wanted == Elements::number) return dtype != DType::boolean;
  if (wanted == Elements::real) return is_float(dtype);
  if (wanted == Elements::boolean) return dtype == DType::boolean;
  return true;
}
constexpr std::string_view name_of(Elements wanted) {
  if (wanted == Elements::number) return "numbers";
  if (wanted == Elements::real) return "floating-point numbers";
  if (wanted == Elements::boolean) return "truth values";
  return "elements";
}
constexpr bool want(Rules& r, std::string_view op, const Shape& x, Elements wanted) {
  if (accepts(wanted, x.dtype)) return true;
  r.fail(op, "wants ", name_of(wanted), ", got ", x);
  return false;
}

/// What unary op `op` works on.
constexpr Elements unary_elements(std::string_view op) {
  if (op == "not") return Elements::boolean;
  if (op == "name" || op == "dropout") return Elements::any;
  for (std::string_view integer : {"neg", "abs", "sign", "square", "relu", "clamp"})
    if (op == integer) return Elements::number;
  return Elements::real;
}
constexpr Shape unary(Rules& r, std::string_view op, const Shape& x) {
  if (x.bad() || !want(r, op, x, unary_elements(op))) return poison;
  return x;
}

/// The common shape of x and y; dtype is x's.
constexpr Shape broadcast_pair(Rules& r, std::string_view op, const Shape& x, const Shape& y) {
  Shape out = x.rank >= y.rank ? x : y;
  out.dtype = x.dtype;
  for (int i = 1; i <= x.rank && i <= y.rank; ++i) {
    const Dim a = x[-i], b = y[-i];
    if (a != b && a != 1 && b != 1)
      return r.fail(op, "cannot broadcast ", x, " with ", y, " (axis -", i, ": ", r.print(a),
                    " against ", r.print(b), ")");
    out[-i] = a == 1 ? b : a;
  }
  return out;
}

constexpr bool is_comparison(std::string_view op) {
  for (std::string_view name : {"eq", "ne", "lt", "le", "gt", "ge"})
    if (op == name) return true;
  return false;
}
constexpr Shape binary(Rules& r, std::string_view op, const Shape& x, const Shape& y) {
  if (x.bad() || y.bad()) return poison;
  if (x.dtype != y.dtype) return r.fail(op, "element types differ: ", x, " and ", y);
  const bool logical = op == "and" || op == "or", equality = op == "eq" || op == "ne";
  if (!want(r, op, x, logical ? Elements::boolean : equality ? Elements::any : Elements::number))
    return poison;
  Shape out = broadcast_pair(r, op, x, y);
  if (!out.bad() && is_comparison(op)) out.dtype = DType::boolean;
  return out;
}

constexpr Shape where(Rules& r, const Shape& condition, const Shape& x, const Shape& y) {
  if (condition.bad() || x.bad() || y.bad()) return poison;
  if (condition.dtype != DType::boolean)
    return r.fail("where", "wants a bool condition, got ", condition);
  if (x.dtype != y.dtype) return r.fail("where", "element types differ: ", x, " and ", y);
  const Shape values = broadcast_pair(r, "where", x, y);
  if (values.bad()) return poison;
  const Shape out = broadcast_pair(r, "where", condition, values);
  return out.bad() ? poison : out.with(x.dtype);
}

constexpr Shape cast(Rules&, const Shape& x, DType dtype) { return x.bad() ? poison : x.with(dtype); }

/// To the dims of `target`: each axis of x, aligned at the end, is equal or 1.
constexpr Shape broadcast(Rules& r, const Shape& x, const Shape& target) {
  if (x.bad() || target.bad()) return poison;
  bool fits = x.rank <= target.rank;
  for (int i = 1; fits && i <= x.rank; ++i) fits = x[-i] == target[-i] || x[-i] == 1;
  if (!fits) return r.fail("broadcast", "cannot turn ", x, " into ", target.with(x.dtype));
  return target.with(x.dtype);
}

}  // namespace sinter::rules
