// What each op of the dialect computes, over dense host tensors: the numeric half of the reference
// interpreter. Shapes were checked by the rules; every function trusts them.
// Knows no MLIR, no symbols, no ragged rows (Interpreter.cpp cuts those).
#pragma once

#include <array>
#include <span>
#include <stdexcept>
#include <string_view>

#include "compiler/HostTensor.h"

namespace sinter::kernels {

using Shape = std::vector<int64_t>;
using Operands = std::vector<const HostTensor *>;

/// What a run can meet that shapes do not tell; the text is fit for a message.
struct Fault : std::runtime_error {
  using runtime_error::runtime_error;
};

//===-- Indexing -----------------------------------------------------------------------------===//

/// Strides of `shape` read as `target`: 0 where an axis is absent or stretched from 1.
Shape broadcastStrides(const Shape &shape, const Shape &target);

/// Calls f with the offsets of N operands for each index of `shape`, in row-major order.
template <size_t N, class F>
void walk(const Shape &shape, const std::array<Shape, N> &strides, const F &f) {
  const size_t rank = shape.size();
  for (int64_t extent : shape)
    if (extent == 0) return;
  Shape index(rank, 0);
  std::array<int64_t, N> at{};
  while (true) {
    f(at);
    size_t axis = rank;
    while (axis-- > 0) {
      for (size_t n = 0; n < N; ++n) at[n] += strides[n][axis];
      if (++index[axis] < shape[axis]) break;
      for (size_t n = 0; n < N; ++n) at[n] -= strides[n][axis] * shape[axis];
      index[axis] = 0;
    }
    if (axis == static_cast<size_t>(-1)) return;
  }
}

/// A tensor seen as [outer, extent, inner] around one axis.
struct Lanes {
  int64_t outer = 1, extent = 1, inner = 1;
  Lanes(const Shape &shape, int64_t axis);
  int64_t at(int64_t o, int64_t i, int64_t k) const { return (o * extent + k) * inner + i; }
};

//===-- Element-wise -------------------------------------------------------------------------===//

/// Attributes of the unary ops that have some.
struct UnaryOptions {
  bool tanhForm = false;                                      // gelu
  double alpha = 1, slope = 0, offset = 0;                    // elu, leaky_relu, hard_sigmoid
  double min = -__builtin_inf(), max = __builtin_inf();       // clamp
};
HostTensor unary(std::string_view op, const HostTensor &x, const UnaryOptions &options = {});
HostTensor cast(const HostTensor &x, rules::DType dType);
HostTensor binary(std::string_view op, const HostTensor &x, const HostTensor &y);
HostTensor where(const HostTensor &condition, const HostTensor &x, const HostTensor &y);

//===-- Reductions and normalisations --------------------------------------------------------===//

/// `inside` says of each element of x whether it takes part; null: all do.
HostTensor reduce(std::string_view op, const HostTensor &x, std::span<const int64_t> axes,
                  bool keepdim, int64_t correction, const std::vector<bool> *inside = nullptr);
HostTensor argReduce(const HostTensor &x, int64_t axis, bool keepdim, bool largest);
std::pair<HostTensor, HostTensor> topK(const HostTensor &x, int64_t k, int64_t axis, bool largest);
HostTensor cumsum(const HostTensor &x, int64_t axis);
HostTensor softmax(const HostTensor &x, const HostTensor *mask, int64_t axis, bool logarithm);
HostTensor layerNorm(const HostTensor &x, const HostTensor *weight, const HostTensor *bias,
                     int64_t rank, double eps);
HostTensor batchNorm(const HostTensor &x, const HostTensor &weight, const HostTensor &bias,
                     const HostTensor &mean, const HostTensor &variance, int64_t axis, double eps);

//===-- Contractions -------------------------------------------------------------------------===//

HostTensor einsum(std::string_view equation, const Operands &operands);
HostTensor linear(const HostTensor &x, const HostTensor &weight, const HostTensor *bias);

/// One entry per spatial axis; padding has two.
struct Window {
  Shape size, stride, padding, dilation;
};
HostTensor conv(const HostTensor &x, const HostTensor &weight, const HostTensor *bias,
                const Window &window, int64_t groups, const Shape &result);
HostTensor maxPool(const HostTensor &x, const Window &window, const Shape &result);
HostTensor averagePool(const HostTensor &x, const Window &window, bool countPadding,
                       const Shape &result);

//===-- Layout -------------------------------------------------------------------------------===//

HostTensor rearrange(const HostTensor &x, std::string_view pattern,
                     const std::vector<rules::LetterSize> &sizes, const Shape &result);
HostTensor broadcast(const HostTensor &x, const Shape &result);
HostTensor slice(const HostTensor &x, int64_t axis, int64_t start, int64_t step, int64_t size);
HostTensor updateSlice(HostTensor x, const HostTensor &value, int64_t axis, int64_t start);
HostTensor concat(const Operands &parts, int64_t axis);
HostTensor pad(const HostTensor &x, std::span<const int64_t> low, std::span<const int64_t> high,
               std::string_view mode, double value);
HostTensor flip(const HostTensor &x, std::span<const int64_t> axes);
HostTensor gather(const HostTensor &table, const HostTensor &ids, int64_t axis);
HostTensor gatherAlong(const HostTensor &x, const HostTensor &ids, int64_t axis);
HostTensor scatterAdd(HostTensor x, const HostTensor &ids, const HostTensor &source, int64_t axis);
HostTensor oneHot(const HostTensor &ids, int64_t classes, rules::DType dType);
HostTensor iota(rules::DType dType, const Shape &shape, int64_t axis);

/// The box [begin, begin + size) of x, and x put at `begin` of a larger tensor.
HostTensor crop(const HostTensor &x, const Shape &begin, const Shape &size);
void paste(HostTensor &into, const HostTensor &x, const Shape &begin);

/// Philox4x32-10 (Salmon et al. 2011): element i is lane i % 4 of the block with counter
/// offset + i / 4 in its lower and `row` in its upper half, under key `seed`. A seed or offset of the
/// result's first axes gives each of their rows its own stream, whose elements i counts.
HostTensor random(std::string_view kind, rules::DType dType, const Shape &shape,
                  const HostTensor &seed, const HostTensor &offset, int64_t row = 0);

}  // namespace sinter::kernels
