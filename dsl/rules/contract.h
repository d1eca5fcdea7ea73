// Rules of ops that multiply and add: einsum, linear, conv; and pooling, which shares its windows.
#pragma once
#include "dsl/rules/elementwise.h"

namespace sinter::rules {

/// An einsum equation with every axis of every operand named: letters, and numbers from 128 for
/// the axes under "..." (128 is the last of them). `dims` holds each name's extent.
struct Einsum {
  static constexpr int max_operands = 3, ellipsis = 128, names = ellipsis + Shape::max_rank;
  int operand_count = 0;
  int ranks[max_operands]{};
  int operands[max_operands][Shape::max_rank]{};
  int result_rank = 0;
  int result[Shape::max_rank]{};
  Dim dims[names]{};
  bool known[names]{};
};

namespace detail {
constexpr bool is_label(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Names the axes of one term; dots stand for `dots` axes. False after an error.
constexpr bool name_axes(Rules& r, std::string_view equation, std::string_view term, int dots,
                         int* labels, int& rank) {
  rank = 0;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (rank == Shape::max_rank) {
      r.fail("einsum", "'", equation, "': '", term, "' names more than ", Shape::max_rank, " axes");
      return false;
    }
    if (is_label(term[i])) {
      labels[rank++] = term[i];
    } else if (term.substr(i, 3) == "...") {
      for (int d = dots; d > 0 && rank < Shape::max_rank; --d)
        labels[rank++] = Einsum::ellipsis + d - 1;
      i += 2;
    } else if (term[i] != ' ') {
      r.fail("einsum", "'", equation, "': '", term.substr(i, 1), "' is not a letter or '...'");
      return false;
    }
  }
  return true;
}
constexpr int letters_of(std::string_view term, bool& has_dots) {
  int letters = 0;
  has_dots = term.find("...") != std::string_view::npos;
  for (char c : term) letters += is_label(c) ? 1 : 0;
  return letters;
}
}  // namespace detail

/// Reads the equation against its operands; `out` may be used when the result is not poisoned.
constexpr Shape einsum(Rules& r, std::string_view equation, const Shape* const* operands, int count,
                       Einsum& out) {
  out.operand_count = count;
  if (count < 1 || count > Einsum::max_operands)
    return r.fail("einsum", "wants 1 to ", Einsum::max_operands, " operands, got ", count);
  const std::size_t arrow = equation.find("->");
  std::string_view left = equation.substr(0, arrow);
  int most_dots = 0;
  for (int i = 0; i < count; ++i) {
    const Shape& x = *operands[i];
    if (x.bad()) return poison;
    if (x.dtype != operands[0]->dtype)
      return r.fail("einsum", "element types differ: ", *operands[0], " and ", x);
    if (!want(r, "einsum", x, Elements::number)) return poison;
    const std::size_t comma = left.find(',');
    if ((comma == std::string_view::npos) != (i == count - 1))
      return r.fail("einsum", "'", equation, "' does not name ", count,
                    count == 1 ? " operand" : " operands");
    const std::string_view term = left.substr(0, comma);
    left = comma == std::string_view::npos ? std::string_view() : left.substr(comma + 1);
    bool has_dots = false;
    const int letters = detail::letters_of(term, has_dots);
    if (has_dots ? x.rank < letters : x.rank != letters)
      return r.fail("einsum", "'", equation, "': '", term, "' names ", letters,
                    " axes, but operand ", i + 1, " is ", x);
    const int dots = x.rank - letters;
    if (dots > most_dots) most_dots = dots;
    if (!detail::name_axes(r, equation, term, dots, out.operands[i], out.ranks[i])) return poison;
    for (int axis = 0; axis < x.rank; ++axis) {
      const int label = out.operands[i][axis];
      const Dim dim = x.dims[axis];
      if (out.known[label] && out.dims[label] != dim) {
        const bool stretches = label >= Einsum::ellipsis && (dim == 1 || out.dims[label] == 1);
        if (!stretches && label >= Einsum::ellipsis)
          return r.fail("einsum", "'", equation, "': '...' is ", r.print(out.dims[label]),
                        " and, in operand ", i + 1, ", ", r.print(dim));
        if (!stretches)
          return r.fail("einsum", "'", equation, "': '", static_cast<char>(label), "' is ",
                        r.print(out.dims[label]), " and, in operand ", i + 1, ", ", r.print(dim));
        if (dim == 1) continue;
      }
      out.known[label] = true;
      out.dims[label] = dim;
    }
  }
  if (arrow == std::string_view::npos) {  // numpy's implicit form: dots, then letters named once
    for (int d = most_dots; d > 0; --d) out.result[out.result_rank++] = Einsum::ellipsis + d - 1;
    for (int label = 'A'; label <= 'z'; ++label) {
      int uses = 0;
      for (int i = 0; i < count; ++i)
        for (int axis = 0; axis < out.ranks[i]; ++axis) uses += out.operands[i][axis] == label;
      if (uses == 1 && out.result_rank < Shape::max_rank) out.result[out.result_rank++] = label;
    }
  } else if (!detail::name_axes(r, equation, equation.substr(arrow + 2), most_dots, out.result,
                                out.result_rank)) {
    return poison;
  }
  Shape shape{operands[0]->dtype, out.result_rank, {}};
  for (int axis = 0; axis < out.result_rank; ++axis) {
    const int label = out.result[axis];
    if (!out.known[label])
      return r.fail("einsum", "'", equation, "': the result names an axis that no operand has");
    for (int other = 0; other < axis; ++other)
      if (out.result[other] == label)
        return r.fail("einsum", "'", equation, "': the result names an axis twice");
    shape.dims[axis] = out.dims[label];
  }
  return shape;
}

/// x [..., in], weight [out, in], bias null or [out].
constexpr Shape linear(Rules& r, const Shape& x, const Shape& weight, const Shape* bias) {
  if (x.bad() || weight.bad() || (bias && bias->bad())) return poison;
  if (!want(r, "linear", x, Elements::real)) return poison;
  if (weight.rank != 2) return r.fail("linear", "wants a weight [out, in], got ", weight);
  if (x.rank < 1 || x[-1] != weight[1])
    return r.fail("linear", "maps ", r.print(weight[1]), " -> ", r.print(weight[0]),
                  " features, but its input is ", x);
  if (bias && (bias->rank != 1 || bias->dims[0] != weight[0]))
    return r.fail("linear", "wants a bias [", r.print(weight[0]), "], got ", *bias);
  Shape out = x;
  out[-1] = weight[0];
  return out;
}

/// One entry for each axis of the window; padding has two, before and after.
struct Window {
  Ints size, stride, padding, dilation;
  bool ceil = false;
};

namespace detail {
constexpr bool check_window(Rules& r, std::string_view op, const Window& w, int axes) {
  bool right = w.stride.size == axes && w.dilation.size == axes && w.padding.size == 2 * axes &&
               w.size.size == axes;
  if (!right) {
    r.fail(op, "wants ", axes, " sizes, strides and dilations and ", 2 * axes, " paddings");
    return false;
  }
  for (int i = 0; right && i < axes; ++i)
    right = w.stride[i] >= 1 && w.dilation[i] >= 1 && w.size[i] >= 1 && w.padding[2 * i] >= 0 &&
            w.padding[2 * i + 1] >= 0;
  if (!right) r.fail(op, "wants sizes, strides and dilations of at least 1 and paddings of at least 0");
  return right;
}
/// How many windows start on axis i of extent `dim`.
constexpr Dim windows(Rules& r, const Window& w, int i, Dim dim) {
  const Dim padded = r.dims.add(dim, w.padding[2 * i] + w.padding[2 * i + 1]);
  const Dim room = r.dims.sub(padded, w.dilation[i] * (w.size[i] - 1) + 1);
  if (!w.ceil) return r.dims.add(r.dims.floordiv(room, w.stride[i]), 1);
  // No window may start in the padding behind.
  const Dim last = r.dims.add(r.dims.ceildiv(room, w.stride[i]), 1);
  return r.dims.min(last, r.dims.ceildiv(r.dims.add(dim, w.padding[2 * i]), w.stride[i]));
}
constexpr bool fill_windows(Rules& r, std::string_view op, const Shape& x, const Window& w, int axes,
                            Shape& out) {
  for (int i = 0; i < axes; ++i) {
    out.dims[2 + i] = windows(r, w, i, x.dims[2 + i]);
    const Sum sum = r.dims.sum_of(out.dims[2 + i]);
    const bool negative =
        sum.count == 1 && sum.terms[0].count == 0 && sum.terms[0].coefficient < 0;
    if (negative || out.dims[2 + i] == 0) {
      r.fail(op, "a window of ", w.size[i], " does not fit into axis ", 2 + i, " of ", x);
      return false;
    }
  }
  return true;
}
}  // namespace detail

/// x [N, C, spatial…], weight [O, C / groups, size…], bias null or [O]. `w.size` is ignored.
constexpr Shape conv(Rules& r, const Shape& x, const Shape& weight, const Shape* bias, Window w,
                     long long groups) {
  if (x.bad() || weight.bad() || (bias && bias->bad())) return poison;
  if (!want(r, "conv", x, Elements::real)) return poison;
  const int axes = x.rank - 2;
  if (axes < 1 || axes > 2 || weight.rank != x.rank)
    return r.fail("conv", "wants x [batch, channels, 1 or 2 axes] and a weight of that rank, got ", x,
                  " and ", weight);
  long long size[2]{};
  for (int i = 0; i < axes; ++i) {
    size[i] = weight.dims[2 + i];
    if (!is_constant(size[i])) return r.fail("conv", "wants a window of constant size, got ", weight);
  }
  w.size = {size, axes};
  if (!detail::check_window(r, "conv", w, axes)) return poison;
  bool exact = false;
  const Dim channels = groups < 1 ? 0 : r.dims.divide(x.dims[1], groups, exact);
  if (!exact) return r.fail("conv", "cannot split the channels of ", x, " into ", groups, " groups");
  if (channels != weight.dims[1])
    return r.fail("conv", "wants ", r.print(r.dims.scale(weight.dims[1], groups)),
                  " channels on axis 1, got ", x);
  r.dims.divide(weight.dims[0], groups, exact);
  if (!exact)
    return r.fail("conv", "cannot split the outputs of ", weight, " into ", groups, " groups");
  if (bias && (bias->rank != 1 || bias->dims[0] != weight.dims[0]))
    return r.fail("conv", "wants a bias [", r.print(weight.dims[0]), "], got ", *bias);
  Shape out = x;
  out.dims[1] = weight.dims[0];
  if (!detail::fill_windows(r, "conv", x, w, axes, out)) return poison;
  return r.checked("conv", out);
}

/// max_pool, avg_pool over x [N, C, spatial…].
constexpr Shape pool(Rules& r, std::string_view op, const Shape& x, const Window& w) {
  if (x.bad() || !want(r, op, x, Elements::number)) return poison;
  const int axes = x.rank - 2;
  if (axes < 1 || axes > 2) return r.fail(op, "wants x [batch, channels, 1 or 2 axes], got ", x);
  if (!detail::check_window(r, op, w, axes)) return poison;
  for (int i = 0; i < axes; ++i)
    if (w.padding[2 * i] >= w.size[i] || w.padding[2 * i + 1] >= w.size[i])
      return r.fail(op, "a padding must be smaller than the window of ", w.size[i]);
  Shape out = x;
  if (!detail::fill_windows(r, op, x, w, axes, out)) return poison;
  return r.checked(op, out);
}

}  // namespace sinter::rules
