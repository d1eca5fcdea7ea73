// Ops of the reference interpreter that move, select or make elements.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "compiler/InterpreterKernels.h"

namespace sinter::kernels {

using rules::DType;

/// Copies x[from] to y[to] whatever the element type.
static void copyElement(const HostTensor &x, int64_t from, HostTensor &y, int64_t to) {
  if (x.isReal()) y.reals[to] = x.reals[from];
  else y.integers[to] = x.integers[from];
}

static void addElement(const HostTensor &x, int64_t from, HostTensor &y, int64_t to) {
  if (x.isReal()) y.reals[to] += x.reals[from];
  else y.integers[to] += x.integers[from];
}

/// y[i] = x[offset + i · strides]
static HostTensor pick(const HostTensor &x, const Shape &shape, const Shape &strides,
                       int64_t offset = 0) {
  HostTensor y(x.dType, shape);
  walk(shape, std::array<Shape, 2>{strides, stridesOf(shape)},
       [&](const auto &at) { copyElement(x, offset + at[0], y, at[1]); });
  return y;
}

//===-- Views --------------------------------------------------------------------------------===//

HostTensor rearrange(const HostTensor &x, std::string_view pattern,
                     const std::vector<rules::LetterSize> &sizes, const Shape &result) {
  if (x.size() == 0) return HostTensor(x.dType, result);  // an open size cannot be divided out
  rules::Rules rules;
  rules::Rearrange plan;
  rules::Shape shape{x.dType, static_cast<int>(x.rank()), {}};
  std::copy(x.shape.begin(), x.shape.end(), shape.dims);
  if (rules::rearrange(rules, pattern, sizes.data(), static_cast<int>(sizes.size()), shape, plan)
          .bad())
    throw Fault(std::string(rules.error.view()));
  // The strides of the letters in x, then the letters in the order of the result.
  int64_t stride = 1, strides[rules::Rearrange::max_letters] = {};
  for (int item = plan.left.starts[plan.left.group_count]; item-- > 0;)
    if (const int letter = plan.left.items[item]; letter >= 0) {
      strides[letter] = stride;
      stride *= plan.dims[letter];
    }
  Shape extents, from;
  for (int item = 0; item < plan.right.starts[plan.right.group_count]; ++item)
    if (const int letter = plan.right.items[item]; letter >= 0) {
      extents.push_back(plan.dims[letter]);
      from.push_back(strides[letter]);
    }
  HostTensor y = pick(x, extents, from);
  y.shape = result;
  return y;
}

HostTensor broadcast(const HostTensor &x, const Shape &result) {
  return pick(x, result, broadcastStrides(x.shape, result));
}

HostTensor slice(const HostTensor &x, int64_t axis, int64_t start, int64_t step, int64_t size) {
  if (size > 0 && (start < 0 || start + (size - 1) * step >= x.shape[axis]))
    throw Fault("wants " + std::to_string(size) + " elements from " + std::to_string(start) +
                ", step " + std::to_string(step) + ", of an axis of " +
                std::to_string(x.shape[axis]));
  Shape shape = x.shape, strides = stridesOf(x.shape);
  const int64_t offset = start * strides[axis];
  shape[axis] = size;
  strides[axis] *= step;
  return pick(x, shape, strides, offset);
}

HostTensor crop(const HostTensor &x, const Shape &begin, const Shape &size) {
  const Shape strides = stridesOf(x.shape);
  int64_t offset = 0;
  for (size_t axis = 0; axis < begin.size(); ++axis) offset += begin[axis] * strides[axis];
  return pick(x, size, strides, offset);
}

void paste(HostTensor &into, const HostTensor &x, const Shape &begin) {
  const Shape strides = stridesOf(into.shape);
  int64_t offset = 0;
  for (size_t axis = 0; axis < begin.size(); ++axis) offset += begin[axis] * strides[axis];
  walk(x.shape, std::array<Shape, 2>{stridesOf(x.shape), strides},
       [&](const auto &at) { copyElement(x, at[0], into, offset + at[1]); });
}

HostTensor updateSlice(HostTensor x, const HostTensor &value, int64_t axis, int64_t start) {
  if (start < 0 || start + value.shape[axis] > x.shape[axis])
    throw Fault("wants to put " + std::to_string(value.shape[axis]) + " elements at " +
                std::to_string(start) + " of an axis of " + std::to_string(x.shape[axis]));
  Shape begin(x.shape.size(), 0);
  begin[axis] = start;
  paste(x, value, begin);
  return x;
}

HostTensor concat(const Operands &parts, int64_t axis) {
  Shape shape = parts[0]->shape;
  for (size_t i = 1; i < parts.size(); ++i) shape[axis] += parts[i]->shape[axis];
  HostTensor y(parts[0]->dType, shape);
  Shape begin(shape.size(), 0);
  for (const HostTensor *part : parts) {
    paste(y, *part, begin);
    begin[axis] += part->shape[axis];
  }
  return y;
}

/// Where position `at` of a padded axis comes from; -1: from the constant.
static int64_t sourceOf(int64_t at, int64_t extent, std::string_view mode) {
  if (at >= 0 && at < extent) return at;
  if (mode == "constant") return -1;
  if (extent == 0) throw Fault("cannot pad an empty axis from its edge");
  if (mode == "replicate") return std::clamp<int64_t>(at, 0, extent - 1);
  const int64_t mirrored = at < 0 ? -at : 2 * (extent - 1) - at;
  if (mirrored < 0 || mirrored >= extent)
    throw Fault("reflects further than its axis of " + std::to_string(extent) + " reaches");
  return mirrored;
}

HostTensor pad(const HostTensor &x, std::span<const int64_t> low, std::span<const int64_t> high,
               std::string_view mode, double value) {
  HostTensor y = x;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    if (low[axis] == 0 && high[axis] == 0) continue;
    const HostTensor before = std::move(y);
    Shape shape = before.shape;
    shape[axis] = std::max<int64_t>(shape[axis] + low[axis] + high[axis], 0);
    y = HostTensor(x.dType, shape);
    const Lanes in(before.shape, axis), out(shape, axis);
    for (int64_t k = 0; k < out.extent && y.size() > 0; ++k) {
      const int64_t from = sourceOf(k - low[axis], in.extent, mode);
      for (int64_t o = 0; o < out.outer; ++o)
        for (int64_t i = 0; i < out.inner; ++i) {
          if (from >= 0) copyElement(before, in.at(o, i, from), y, out.at(o, i, k));
          else if (y.isReal()) y.reals[out.at(o, i, k)] = value;
          else y.integers[out.at(o, i, k)] = static_cast<int64_t>(value);
        }
    }
  }
  return y;
}

HostTensor flip(const HostTensor &x, std::span<const int64_t> axes) {
  Shape strides = stridesOf(x.shape);
  int64_t offset = 0;
  for (int64_t axis : axes) {
    offset += (x.shape[axis] - 1) * strides[axis];
    strides[axis] = -strides[axis];
  }
  return pick(x, x.shape, strides, offset);
}

//===-- By index -----------------------------------------------------------------------------===//

static int64_t checkedId(const HostTensor &ids, int64_t at, int64_t limit) {
  const int64_t id = ids.integers[at];
  if (id < 0 || id >= limit)
    throw Fault("id " + std::to_string(id) + " is outside of 0 … " + std::to_string(limit - 1));
  return id;
}

HostTensor gather(const HostTensor &table, const HostTensor &ids, int64_t axis) {
  Shape shape(table.shape.begin(), table.shape.begin() + axis);
  shape.insert(shape.end(), ids.shape.begin(), ids.shape.end());
  shape.insert(shape.end(), table.shape.begin() + axis + 1, table.shape.end());
  HostTensor y(table.dType, shape);
  const Lanes lanes(table.shape, axis);
  const int64_t count = ids.size();
  for (int64_t k = 0; k < count; ++k) {
    const int64_t id = checkedId(ids, k, lanes.extent);
    for (int64_t o = 0; o < lanes.outer; ++o)
      for (int64_t i = 0; i < lanes.inner; ++i)
        copyElement(table, lanes.at(o, i, id), y, (o * count + k) * lanes.inner + i);
  }
  return y;
}

/// Calls f(place in x along its axis by index, place in ids) for every index.
template <class F>
static void eachIndex(const HostTensor &x, const HostTensor &ids, int64_t axis, const F &f) {
  const Shape strides = stridesOf(x.shape);
  Shape base = strides;
  base[axis] = 0;
  walk(ids.shape, std::array<Shape, 2>{base, stridesOf(ids.shape)}, [&](const auto &at) {
    f(at[0] + checkedId(ids, at[1], x.shape[axis]) * strides[axis], at[1]);
  });
}

HostTensor gatherAlong(const HostTensor &x, const HostTensor &ids, int64_t axis) {
  HostTensor y(x.dType, ids.shape);
  eachIndex(x, ids, axis, [&](int64_t from, int64_t to) { copyElement(x, from, y, to); });
  return y;
}

HostTensor scatterAdd(HostTensor x, const HostTensor &ids, const HostTensor &source, int64_t axis) {
  const HostTensor &places = x;
  eachIndex(places, ids, axis, [&](int64_t to, int64_t from) { addElement(source, from, x, to); });
  return x;
}

HostTensor oneHot(const HostTensor &ids, int64_t classes, DType dType) {
  Shape shape = ids.shape;
  shape.push_back(classes);
  HostTensor y(dType, shape);
  for (int64_t i = 0; i < ids.size(); ++i) {
    const int64_t at = i * classes + checkedId(ids, i, classes);
    if (y.isReal()) y.reals[at] = 1;
    else y.integers[at] = 1;
  }
  return y;
}

HostTensor iota(DType dType, const Shape &shape, int64_t axis) {
  HostTensor y(dType, shape);
  const Lanes lanes(shape, axis);
  for (int64_t o = 0; o < lanes.outer; ++o)
    for (int64_t k = 0; k < lanes.extent; ++k)
      for (int64_t i = 0; i < lanes.inner; ++i) {
        if (y.isReal()) y.reals[lanes.at(o, i, k)] = static_cast<double>(k);
        else y.integers[lanes.at(o, i, k)] = k;
      }
  return y;
}

//===-- Random -------------------------------------------------------------------------------===//

static std::array<uint32_t, 4> philox(uint64_t counter, uint64_t row, uint64_t key) {
  std::array<uint32_t, 4> c = {static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32),
                               static_cast<uint32_t>(row), static_cast<uint32_t>(row >> 32)};
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * c[0], b = uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<uint32_t>(b >> 32) ^ c[1] ^ k0, static_cast<uint32_t>(b),
         static_cast<uint32_t>(a >> 32) ^ c[3] ^ k1, static_cast<uint32_t>(a)};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return c;
}

HostTensor random(std::string_view kind, DType dType, const Shape &shape, const HostTensor &seed,
                  const HostTensor &offset, int64_t row) {
  HostTensor y(dType, shape);
  const auto uniform = [](uint32_t bits) { return static_cast<double>(bits >> 8) * 0x1p-24; };
  // A seed or offset for each row of the first axes: both have as many rows, or one.
  const int64_t rows = std::max(seed.size(), offset.size()), size = rows ? y.size() / rows : 0;
  const auto of = [&](const HostTensor &x, int64_t k) {
    return static_cast<uint64_t>(x.integers[k / (y.size() / x.size())]);
  };
  for (int64_t k = 0; k < y.size(); ++k) {
    const int64_t i = k % size;
    const auto block = philox(of(offset, k) + static_cast<uint64_t>(i / 4),
                              static_cast<uint64_t>(row), of(seed, k));
    const uint32_t bits = block[i % 4];
    double value = uniform(bits);
    if (kind == "normal") {  // Box-Muller over lanes (0, 1) and (2, 3); 1 - u is never 0
      const size_t pair = i % 4 / 2 * 2;
      const double radius = std::sqrt(-2 * std::log(1 - uniform(block[pair])));
      const double angle = 2 * std::numbers::pi * uniform(block[pair + 1]);
      value = radius * (i % 2 == 0 ? std::cos(angle) : std::sin(angle));
    }
    if (y.isReal()) y.reals[k] = value;
    else if (dType == DType::i32) y.integers[k] = static_cast<int32_t>(bits);
    else y.integers[k] = bits;
  }
  return y;
}

}  // namespace sinter::kernels
