// Rules of ops that move elements: rearrange, slices, pads, gathers, and raggedness.
#pragma once
#include "dsl/rules/elementwise.h"

namespace sinter::rules {

/// A rearrange pattern read against its operand: split every left group into letters, permute,
/// merge the right groups. `letters[i]` has extent `dims[i]`; left and right list, group by group,
/// indices of letters, -1 for a unit axis.
struct Rearrange {
  static constexpr int max_letters = 16;
  int letter_count = 0;
  char letters[max_letters]{};
  Dim dims[max_letters]{};
  struct Side {
    int group_count = 0;
    int starts[Shape::max_rank + 1]{};  // group g holds items starts[g] … starts[g + 1]
    int items[max_letters]{};
  } left, right;

  constexpr int find(char letter) const {
    for (int i = 0; i < letter_count; ++i)
      if (letters[i] == letter) return i;
    return -1;
  }
};

/// A size given for a letter of a pattern.
struct LetterSize {
  char letter;
  Dim size;
};

namespace detail {
constexpr bool read_side(Rules& r, std::string_view pattern, std::string_view side, bool is_left,
                         Rearrange& plan, Rearrange::Side& out) {
  int items = 0;
  bool inside = false;
  for (char c : side) {
    if (c == ' ') continue;
    const bool opens = c == '(' && !inside, closes = c == ')' && inside;
    if (closes) {
      inside = false;
      out.starts[out.group_count] = items;
      continue;
    }
    if (!inside && out.group_count == Shape::max_rank) {
      r.fail("rearrange", "'", pattern, "' has more than ", Shape::max_rank, " axes on a side");
      return false;
    }
    if (opens) {
      inside = true;
      out.starts[++out.group_count] = items;
      continue;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if ((!letter && c != '1') || (c == '1' && inside)) {
      r.fail("rearrange", "'", pattern, "': '", c, "' is not a letter, a group or 1");
      return false;
    }
    int item = letter ? plan.find(c) : -1;
    if (letter && is_left) {
      if (item >= 0) {
        r.fail("rearrange", "'", pattern, "': '", c, "' stands twice on the left");
        return false;
      }
      if (plan.letter_count == Rearrange::max_letters) {
        r.fail("rearrange", "'", pattern, "' has more than ", Rearrange::max_letters, " letters");
        return false;
      }
      item = plan.letter_count;
      plan.letters[plan.letter_count++] = c;
    } else if (letter && item < 0) {
      r.fail("rearrange", "'", pattern, "': '", c, "' stands only on the right");
      return false;
    }
    if (items == Rearrange::max_letters) {
      r.fail("rearrange", "'", pattern, "' has more than ", Rearrange::max_letters, " letters");
      return false;
    }
    out.items[items++] = item;
    if (!inside) out.starts[++out.group_count] = items;
    else out.starts[out.group_count] = items;
  }
  if (inside) r.fail("rearrange", "'", pattern, "': ')' is missing");
  // starts[g + 1] was written when group g ended; group 0 starts at 0.
  return !inside;
}
}  // namespace detail

/// "bs(hd)->bhsd" with sizes {h = 12}; one letter of a group may be left to be found.
constexpr Shape rearrange(Rules& r, std::string_view pattern, const LetterSize* sizes, int size_count,
                          const Shape& x, Rearrange& plan) {
  if (x.bad()) return poison;
  const std::size_t arrow = pattern.find("->");
  if (arrow == std::string_view::npos) return r.fail("rearrange", "'", pattern, "' has no '->'");
  if (!detail::read_side(r, pattern, pattern.substr(0, arrow), true, plan, plan.left) ||
      !detail::read_side(r, pattern, pattern.substr(arrow + 2), false, plan, plan.right))
    return poison;
  if (plan.left.group_count != x.rank)
    return r.fail("rearrange", "'", pattern, "' names ", plan.left.group_count,
                  " axes, but its input is ", x);
  bool known[Rearrange::max_letters]{};
  for (int i = 0; i < size_count; ++i) {
    const int letter = plan.find(sizes[i].letter);
    if (letter < 0)
      return r.fail("rearrange", "'", pattern, "' has no letter '", sizes[i].letter, "' to size");
    plan.dims[letter] = sizes[i].size;
    known[letter] = true;
  }
  for (int g = 0; g < x.rank; ++g) {
    const int begin = plan.left.starts[g], end = plan.left.starts[g + 1];
    if (end == begin + 1 && plan.left.items[begin] < 0) {
      if (x.dims[g] != 1)
        return r.fail("rearrange", "'", pattern, "' drops axis ", g, " of ", x, ", which is not 1");
      continue;
    }
    Dim product = 1;
    int open = -1;
    for (int i = begin; i < end; ++i) {
      const int letter = plan.left.items[i];
      if (known[letter]) {
        product = r.dims.mul(product, plan.dims[letter]);
      } else if (open >= 0) {
        return r.fail("rearrange", "'", pattern, "': give the size of '", plan.letters[open],
                      "' or '", plan.letters[letter], "'");
      } else {
        open = letter;
      }
    }
    if (end > begin + 1 && r.dims.is_ragged(x.dims[g]))
      return r.fail("rearrange", "'", pattern, "' splits the ragged axis ", g, " of ", x);
    bool exact = true;
    if (open >= 0) plan.dims[open] = r.dims.divide(x.dims[g], product, exact);
    else exact = product == x.dims[g];
    if (!exact)
      return r.fail("rearrange", "'", pattern, "': axis ", g, " of ", x, " is not ",
                    open >= 0 ? "divisible by " : "", r.print(product));
  }
  bool used[Rearrange::max_letters]{};
  Shape out{x.dtype, plan.right.group_count, {}};
  for (int g = 0; g < out.rank; ++g) {
    const int begin = plan.right.starts[g], end = plan.right.starts[g + 1];
    out.dims[g] = 1;
    for (int i = begin; i < end; ++i) {
      const int letter = plan.right.items[i];
      if (letter < 0) continue;
      if (used[letter])
        return r.fail("rearrange", "'", pattern, "': '", plan.letters[letter],
                      "' stands twice on the right");
      if (end > begin + 1 && r.dims.is_ragged(plan.dims[letter]))
        return r.fail("rearrange", "'", pattern, "' merges the ragged axis '", plan.letters[letter],
                      "' of ", x);
      used[letter] = true;
      out.dims[g] = r.dims.mul(out.dims[g], plan.dims[letter]);
    }
  }
  for (int i = 0; i < plan.letter_count; ++i)
    if (!used[i] && plan.dims[i] != 1)
      return r.fail("rearrange", "'", pattern, "' loses '", plan.letters[i], "', which is ",
                    r.print(plan.dims[i]));
  return r.checked("rearrange", out);
}

/// `size` elements from `start`, every `step`th. `index` is null or a scalar added to start.
constexpr Shape slice(Rules& r, const Shape& x, const Shape* index, long long axis, Dim start,
                      Dim size, long long step) {
  if (x.bad() || (index && index->bad())) return poison;
  const int found = find_axis(r, "slice", x, axis);
  if (found < 0) return poison;
  if (index && (index->rank != 0 || !is_id(index->dtype)))
    return r.fail("slice", "wants a scalar i32 or i64 index, got ", *index);
  const Dim extent = x.dims[found];
  bool fits = step >= 1 && !r.dims.is_ragged(start) && !(r.dims.sum_of(start).count == 1 && !is_constant(start) &&
                             r.dims.sum_of(start).terms[0].count == 0);
  if (fits && is_constant(start) && is_constant(size) && is_constant(extent))
    fits = size == 0 ? start <= extent : start + (size - 1) * step < extent;
  const Sum sum = r.dims.sum_of(size);
  if (!is_constant(size) && sum.count == 1 && sum.terms[0].count == 0) fits = false;  // negative
  if (!fits)
    return r.fail("slice", "cannot take ", r.print(size), " from ", r.print(start), ", step ", step,
                  ", along axis ", axis, " of ", x);
  Shape out = x;
  out.dims[found] = size;
  return r.checked("slice", out);
}

constexpr Shape update_slice(Rules& r, const Shape& x, const Shape& value, const Shape* index,
                             long long axis, Dim start) {
  if (x.bad() || value.bad() || (index && index->bad())) return poison;
  const int found = find_axis(r, "update_slice", x, axis);
  if (found < 0) return poison;
  if (index && (index->rank != 0 || !is_id(index->dtype)))
    return r.fail("update_slice", "wants a scalar i32 or i64 index, got ", *index);
  bool fits = value.rank == x.rank && value.dtype == x.dtype;
  for (int i = 0; fits && i < x.rank; ++i) fits = i == found || value.dims[i] == x.dims[i];
  if (fits && is_constant(start) && is_constant(value.dims[found]) && is_constant(x.dims[found]))
    fits = start + value.dims[found] <= x.dims[found];
  if (!fits)
    return r.fail("update_slice", "cannot put ", value, " at ", r.print(start), " along axis ", axis,
                  " of ", x);
  return x;
}

constexpr Shape concat(Rules& r, const Shape* const* parts, int count, long long axis) {
  if (count < 1) return r.fail("concat", "wants at least one operand");
  for (int p = 0; p < count; ++p)
    if (parts[p]->bad()) return poison;
  const int found = find_axis(r, "concat", *parts[0], axis);
  if (found < 0) return poison;
  Shape out = *parts[0];
  for (int p = 1; p < count; ++p) {
    const Shape& part = *parts[p];
    bool fits = part.rank == out.rank && part.dtype == out.dtype;
    for (int i = 0; fits && i < out.rank; ++i) fits = i == found || part.dims[i] == out.dims[i];
    if (!fits)
      return r.fail("concat", *parts[0], " and ", part, " differ beyond axis ", axis);
    out.dims[found] = r.dims.add(out.dims[found], part.dims[found]);
  }
  if (count > 1 && r.dims.is_ragged(out.dims[found]))
    return r.fail("concat", "cannot join the ragged axis ", axis, " of ", *parts[0]);
  return r.checked("concat", out);
}

constexpr Shape pad(Rules& r, const Shape& x, Ints low, Ints high, std::string_view mode) {
  if (x.bad()) return poison;
  if (low.size != x.rank || high.size != x.rank)
    return r.fail("pad", "wants a pair of amounts for each axis of ", x, ", got ", low.size, " and ",
                  high.size);
  if (mode != "constant" && mode != "reflect" && mode != "replicate")
    return r.fail("pad", "mode '", mode, "' is not constant, reflect or replicate");
  Shape out = x;
  for (int i = 0; i < x.rank; ++i) {
    const long long grown = low[i] + high[i];  // a negative number is no Dim
    out.dims[i] = grown < 0 ? r.dims.sub(x.dims[i], -grown) : r.dims.add(x.dims[i], grown);
    bool fits = !is_constant(x.dims[i]) || x.dims[i] + low[i] + high[i] >= 0;
    if (mode == "reflect" && is_constant(x.dims[i]))
      fits = fits && low[i] < x.dims[i] && high[i] < x.dims[i];
    if (mode == "replicate" && x.dims[i] == 0) fits = fits && low[i] <= 0 && high[i] <= 0;
    if (!fits)
      return r.fail("pad", "cannot ", mode, "-pad axis ", i, " of ", x, " by ", low[i], " and ",
                    high[i]);
  }
  return r.checked("pad", out);
}

constexpr Shape flip(Rules& r, const Shape& x, Ints axes) {
  if (x.bad()) return poison;
  for (int i = 0; i < axes.size; ++i)
    if (find_axis(r, "flip", x, axes[i]) < 0) return poison;
  return x;
}

namespace detail {
constexpr bool want_ids(Rules& r, std::string_view op, const Shape& ids) {
  if (is_id(ids.dtype)) return true;
  r.fail(op, "wants i32 or i64 indices, got ", ids);
  return false;
}
}  // namespace detail

/// The table's axis is replaced by the dims of `ids`.
constexpr Shape gather(Rules& r, const Shape& table, const Shape& ids, long long axis) {
  if (table.bad() || ids.bad() || !detail::want_ids(r, "gather", ids)) return poison;
  const int found = find_axis(r, "gather", table, axis);
  if (found < 0) return poison;
  if (table.rank - 1 + ids.rank > Shape::max_rank)
    return r.fail("gather", "the result of ", table, " by ", ids, " has more than ", Shape::max_rank,
                  " axes");
  Shape out{table.dtype, 0, {}};
  for (int i = 0; i < table.rank; ++i) {
    if (i != found) out.dims[out.rank++] = table.dims[i];
    else
      for (int j = 0; j < ids.rank; ++j) out.dims[out.rank++] = ids.dims[j];
  }
  return out;
}

/// y[i, j] = x[i, ids[i, j]] for axis 1.
constexpr Shape gather_along(Rules& r, const Shape& x, const Shape& ids, long long axis) {
  if (x.bad() || ids.bad() || !detail::want_ids(r, "gather_along", ids)) return poison;
  const int found = find_axis(r, "gather_along", x, axis);
  if (found < 0) return poison;
  bool fits = x.rank == ids.rank;
  for (int i = 0; fits && i < x.rank; ++i) {
    const bool both = is_constant(x.dims[i]) && is_constant(ids.dims[i]);
    fits = i == found || (both ? ids.dims[i] <= x.dims[i] : ids.dims[i] == x.dims[i]);
  }
  if (!fits) return r.fail("gather_along", "indices ", ids, " do not fit ", x, " along axis ", axis);
  return ids.with(x.dtype);
}

/// x plus source[i, j] at [i, ids[i, j]] for axis 1.
constexpr Shape scatter_add(Rules& r, const Shape& x, const Shape& ids, const Shape& source,
                            long long axis) {
  if (x.bad() || ids.bad() || source.bad() || !detail::want_ids(r, "scatter_add", ids))
    return poison;
  if (!want(r, "scatter_add", x, Elements::number)) return poison;
  const int found = find_axis(r, "scatter_add", x, axis);
  if (found < 0) return poison;
  bool fits = x.rank == ids.rank && source.rank == ids.rank && source.dtype == x.dtype;
  for (int i = 0; fits && i < x.rank; ++i) {
    const bool all = is_constant(x.dims[i]) && is_constant(ids.dims[i]);
    fits = ids.dims[i] == source.dims[i] &&
           (i == found || (all ? ids.dims[i] <= x.dims[i] : ids.dims[i] == x.dims[i]));
  }
  if (!fits)
    return r.fail("scatter_add", "cannot add ", source, " at ", ids, " along axis ", axis, " of ", x);
  return x;
}

constexpr Shape one_hot(Rules& r, const Shape& ids, long long classes, DType dtype) {
  if (ids.bad() || !detail::want_ids(r, "one_hot", ids)) return poison;
  if (classes < 1) return r.fail("one_hot", "wants at least 1 class, got ", classes);
  if (ids.rank == Shape::max_rank)
    return r.fail("one_hot", "the result for ", ids, " has more than ", Shape::max_rank, " axes");
  Shape out = ids.with(dtype);
  out.dims[out.rank++] = classes;
  return out;
}

constexpr Shape iota(Rules& r, const Shape& result, long long axis) {
  if (result.bad() || !want(r, "iota", result, Elements::number)) return poison;
  return find_axis(r, "iota", result, axis) < 0 ? poison : result;
}

/// seed and offset are i64, each a scalar or of the result's first axes.
constexpr Shape random(Rules& r, const Shape& seed, const Shape& offset, std::string_view kind,
                       const Shape& result) {
  if (seed.bad() || offset.bad() || result.bad()) return poison;
  for (const Shape* x : {&seed, &offset}) {
    bool leads = x->dtype == DType::i64 && x->rank <= result.rank;
    for (int i = 0; leads && i < x->rank; ++i) leads = x->dims[i] == result.dims[i];
    if (!leads)
      return r.fail("random", "wants i64 seed and offset, scalars or of the first axes of ", result,
                    ", got ", seed, " and ", offset);
  }
  if (kind != "uniform" && kind != "normal" && kind != "bits")
    return r.fail("random", "kind '", kind, "' is not uniform, normal or bits");
  return result;
}

/// x [rows, extent, …] dense and lengths [rows] -> [rows, symbol, …]; `symbol` ends in '~'.
constexpr Shape ragged(Rules& r, const Shape& x, const Shape& lengths, Dim symbol) {
  if (x.bad() || lengths.bad()) return poison;
  if (!r.dims.is_ragged(symbol))
    return r.fail("ragged", "'", r.print(symbol), "' is not the name of a ragged dimension");
  if (x.rank < 2 || r.dims.is_ragged(x.dims[1]) || lengths.rank != 1 || !is_id(lengths.dtype) ||
      lengths.dims[0] != x.dims[0])
    return r.fail("ragged", "wants x [rows, extent, ...] and i32 or i64 lengths [rows], got ", x,
                  " and ", lengths);
  Shape out = x;
  out.dims[1] = symbol;
  return out;
}

/// Every `seq~` becomes `seq`, with zeros beyond each row's length.
constexpr Shape dense(Rules& r, const Shape& x) {
  if (x.bad()) return poison;
  Shape out = x;
  bool any = false;
  for (int i = 0; i < x.rank; ++i) {
    any = any || r.dims.is_ragged(x.dims[i]);
    out.dims[i] = r.dims.dense(x.dims[i]);
  }
  if (!any) return r.fail("dense", "wants a ragged axis, got ", x);
  return out;
}

}  // namespace sinter::rules
