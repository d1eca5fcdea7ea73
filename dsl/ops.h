// The ops of the language as free functions and operators. Each asks its rule for the result's
// shape and adds one node; a few small ones are written in terms of others.
// Shapes beside results use the names of the arguments. Non-goals: control flow (control.h),
// layers with weights (nn.h).
#pragma once
#include <array>
#include <limits>

#include "dsl/graph.h"

namespace sinter {

// ---- numbers -----------------------------------------------------------------------------------

/// Square root of a constant (std::sqrt is not constexpr on both compilers).
constexpr double sqrt(double x) {
  double root = x > 1 ? x : 1;
  for (int i = 0; i < 200 && x > 0; ++i) {
    const double next = (root + x / root) / 2;
    if (next == root) break;
    root = next;
  }
  return x > 0 ? root : 0;
}
constexpr double sqrt(int x) { return sqrt(static_cast<double>(x)); }
inline constexpr double infinity = std::numeric_limits<double>::infinity();

// ---- constants ---------------------------------------------------------------------------------

/// `value` everywhere, with the element type of `like`: dims as given.
constexpr Tensor full(At like, std::initializer_list<DimArg> dims, double value, DType dtype) {
  if (like.bad()) return like;
  Shape shape{dtype, 0, {}};
  for (const DimArg& dim : dims) {
    if (shape.rank == Shape::max_rank) return like.graph->fail(like.loc, "full: more than 8 axes");
    shape.dims[shape.rank++] = like.graph->dim(dim);
  }
  if (!like.rules().error.empty()) return like.graph->fail_rule(like.loc);
  if (rules::is_float(dtype)) return like.graph->make(like.loc, "constant", {}, shape, {{"value", value}});
  return like.graph->make(like.loc, "constant", {}, shape,
                          {{"value", static_cast<long long>(value)}});
}
constexpr Tensor full(At like, std::initializer_list<DimArg> dims, double value) {
  return full(like, dims, value, like.dtype());
}
constexpr Tensor zeros(At like, std::initializer_list<DimArg> dims) { return full(like, dims, 0.0); }
constexpr Tensor ones(At like, std::initializer_list<DimArg> dims) { return full(like, dims, 1.0); }
/// A scalar of x's element type.
constexpr Tensor scalar(At like, double value) { return full(like, {}, value); }
/// 0, 1, 2 … along `axis` of the given dims.
constexpr Tensor iota(At like, std::initializer_list<DimArg> dims, int axis, DType dtype = i64) {
  if (like.bad()) return like;
  Shape shape{dtype, 0, {}};
  for (const DimArg& dim : dims) {
    if (shape.rank == Shape::max_rank) return like.graph->fail(like.loc, "iota: more than 8 axes");
    shape.dims[shape.rank++] = like.graph->dim(dim);
  }
  const int found = like.rules().error.empty() ? rules::find_axis(like.rules(), "iota", shape, axis) : -1;
  if (found < 0) return like.graph->fail_rule(like.loc);
  return like.graph->make(like.loc, "iota", {}, rules::iota(like.rules(), shape, found),
                          {{"axis", found}});
}

// ---- element-wise ------------------------------------------------------------------------------

namespace detail {
constexpr Tensor unary(std::string_view op, At x, std::initializer_list<Attribute> attrs = {}) {
  if (x.bad()) return x;
  return x.graph->make(x.loc, op, {x}, rules::unary(x.rules(), op, x.shape()), attrs);
}
constexpr Tensor binary(std::string_view op, At x, At y) {
  if (x.bad() || y.bad()) return {x.graph ? x.graph : y.graph, -1};
  return x.graph->make(x.loc, op, {x, y}, rules::binary(x.rules(), op, x.shape(), y.shape()));
}
constexpr Tensor binary(std::string_view op, At x, double y) {
  return x.bad() ? Tensor(x) : binary(op, x, At(scalar(x, y)));
}
constexpr Tensor binary(std::string_view op, double x, At y) {
  if (y.bad()) return y;
  At left(scalar(y, x));
  left.loc = y.loc;
  return binary(op, left, y);
}
}  // namespace detail

constexpr Tensor neg(At x) { return detail::unary("neg", x); }
constexpr Tensor abs(At x) { return detail::unary("abs", x); }
constexpr Tensor sign(At x) { return detail::unary("sign", x); }
constexpr Tensor floor(At x) { return detail::unary("floor", x); }
constexpr Tensor ceil(At x) { return detail::unary("ceil", x); }
/// To the nearest integer, halves to the even one.
constexpr Tensor round(At x) { return detail::unary("round", x); }
constexpr Tensor exp(At x) { return detail::unary("exp", x); }
constexpr Tensor expm1(At x) { return detail::unary("expm1", x); }
constexpr Tensor log(At x) { return detail::unary("log", x); }
constexpr Tensor log1p(At x) { return detail::unary("log1p", x); }
constexpr Tensor sqrt(At x) { return detail::unary("sqrt", x); }
constexpr Tensor rsqrt(At x) { return detail::unary("rsqrt", x); }
constexpr Tensor reciprocal(At x) { return detail::unary("reciprocal", x); }
constexpr Tensor square(At x) { return detail::unary("square", x); }
constexpr Tensor sin(At x) { return detail::unary("sin", x); }
constexpr Tensor cos(At x) { return detail::unary("cos", x); }
constexpr Tensor tanh(At x) { return detail::unary("tanh", x); }
constexpr Tensor erf(At x) { return detail::unary("erf", x); }
constexpr Tensor sigmoid(At x) { return detail::unary("sigmoid", x); }
constexpr Tensor log_sigmoid(At x) { return detail::unary("log_sigmoid", x); }
/// log(1 + e^x), exactly, for all x.
constexpr Tensor softplus(At x) { return detail::unary("softplus", x); }
constexpr Tensor relu(At x) { return detail::unary("relu", x); }
/// x * sigmoid(x)
constexpr Tensor silu(At x) { return detail::unary("silu", x); }
/// x/2 (1 + erf(x / sqrt 2)), Hendrycks & Gimpel 2016.
constexpr Tensor gelu(At x) { return detail::unary("gelu", x, {{"approximate", "none"}}); }
/// The approximation by tanh ("gelu_new").
constexpr Tensor gelu_tanh(At x) { return detail::unary("gelu", x, {{"approximate", "tanh"}}); }
/// x > 0 ? x : alpha (e^x - 1)
constexpr Tensor elu(At x, double alpha = 1.0) { return detail::unary("elu", x, {{"alpha", alpha}}); }
constexpr Tensor leaky_relu(At x, double slope = 0.01) {
  return detail::unary("leaky_relu", x, {{"slope", slope}});
}
/// clamp(slope x + offset, 0, 1); Keras 2's is 0.2 and 0.5, torch's and Keras 3's 1/6 and 0.5.
constexpr Tensor hard_sigmoid(At x, double slope = 0.2, double offset = 0.5) {
  return detail::unary("hard_sigmoid", x, {{"slope", slope}, {"offset", offset}});
}
constexpr Tensor clamp(At x, double min, double max) {
  return detail::unary("clamp", x, {{"min", min}, {"max", max}});
}
constexpr Tensor logical_not(At x) { return detail::unary("not", x); }
constexpr Tensor cast(At x, DType dtype) {
  if (x.bad()) return x;
  return x.graph->make(x.loc, "cast", {x}, rules::cast(x.rules(), x.shape(), dtype));
}
/// Where training drops elements with probability p; nothing in inference.
constexpr Tensor dropout(At x, double p) {
  return p == 0 ? Tensor(x) : detail::unary("dropout", x, {{"p", p}});
}
/// Gives x a name under which a program can be asked for it: in a repeat NAME.0, NAME.1 … of its
/// rounds, in a scan stacked over its time, in a loop [bound, …]. Not inside of `fused`.
constexpr Tensor name(At x, std::string_view text) { return detail::unary("name", x, {{"name", text}}); }

constexpr Tensor operator+(At x, At y) { return detail::binary("add", x, y); }
constexpr Tensor operator-(At x, At y) { return detail::binary("sub", x, y); }
constexpr Tensor operator*(At x, At y) { return detail::binary("mul", x, y); }
constexpr Tensor operator/(At x, At y) { return detail::binary("div", x, y); }
constexpr Tensor operator+(At x, double y) { return detail::binary("add", x, y); }
constexpr Tensor operator-(At x, double y) { return detail::binary("sub", x, y); }
constexpr Tensor operator*(At x, double y) { return detail::binary("mul", x, y); }
constexpr Tensor operator/(At x, double y) { return detail::binary("div", x, y); }
constexpr Tensor operator+(double x, At y) { return detail::binary("add", x, y); }
constexpr Tensor operator-(double x, At y) { return detail::binary("sub", x, y); }
constexpr Tensor operator*(double x, At y) { return detail::binary("mul", x, y); }
constexpr Tensor operator/(double x, At y) { return detail::binary("div", x, y); }
constexpr Tensor operator-(At x) { return neg(x); }
/// With the divisor's sign, as in Python.
constexpr Tensor remainder(At x, At y) { return detail::binary("rem", x, y); }
constexpr Tensor pow(At x, At y) { return detail::binary("pow", x, y); }
constexpr Tensor pow(At x, double y) { return detail::binary("pow", x, y); }
/// NaN if either is.
constexpr Tensor minimum(At x, At y) { return detail::binary("minimum", x, y); }
constexpr Tensor maximum(At x, At y) { return detail::binary("maximum", x, y); }
constexpr Tensor minimum(At x, double y) { return detail::binary("minimum", x, y); }
constexpr Tensor maximum(At x, double y) { return detail::binary("maximum", x, y); }

constexpr Tensor operator==(At x, At y) { return detail::binary("eq", x, y); }
constexpr Tensor operator!=(At x, At y) { return detail::binary("ne", x, y); }
constexpr Tensor operator<(At x, At y) { return detail::binary("lt", x, y); }
constexpr Tensor operator<=(At x, At y) { return detail::binary("le", x, y); }
constexpr Tensor operator>(At x, At y) { return detail::binary("gt", x, y); }
constexpr Tensor operator>=(At x, At y) { return detail::binary("ge", x, y); }
constexpr Tensor operator==(At x, double y) { return detail::binary("eq", x, y); }
constexpr Tensor operator!=(At x, double y) { return detail::binary("ne", x, y); }
constexpr Tensor operator<(At x, double y) { return detail::binary("lt", x, y); }
constexpr Tensor operator<=(At x, double y) { return detail::binary("le", x, y); }
constexpr Tensor operator>(At x, double y) { return detail::binary("gt", x, y); }
constexpr Tensor operator>=(At x, double y) { return detail::binary("ge", x, y); }
constexpr Tensor logical_and(At x, At y) { return detail::binary("and", x, y); }
constexpr Tensor logical_or(At x, At y) { return detail::binary("or", x, y); }

/// condition ? x : y, all three broadcast.
constexpr Tensor where(At condition, At x, At y) {
  if (condition.bad() || x.bad() || y.bad()) return {condition.graph, -1};
  return condition.graph->make(
      condition.loc, "where", {condition, x, y},
      rules::where(condition.rules(), condition.shape(), x.shape(), y.shape()));
}
constexpr Tensor where(At condition, At x, double y) {
  return x.bad() ? Tensor(x) : where(condition, x, At(scalar(x, y)));
}
constexpr Tensor where(At condition, double x, At y) {
  return y.bad() ? Tensor(y) : where(condition, At(scalar(y, x)), y);
}

// ---- reductions --------------------------------------------------------------------------------

/// One axis or several; negative ones count from the end.
struct Axes {
  long long list[Shape::max_rank]{};
  int count = 0;
  constexpr Axes(int axis) : count(1) { list[0] = axis; }
  constexpr Axes(std::initializer_list<int> axes) {
    for (int axis : axes)
      if (count < Shape::max_rank) list[count++] = axis;
  }
  /// Every axis of x.
  static constexpr Axes all(const Tensor& x) {
    Axes axes{};
    for (; axes.count < x.rank(); ++axes.count) axes.list[axes.count] = axes.count;
    return axes;
  }
  /// Counted from the start where the rank is known.
  constexpr Axes from_start(int rank) const {
    Axes out = *this;
    for (int i = 0; i < count; ++i)
      if (out.list[i] < 0) out.list[i] += rank;
    return out;
  }
  constexpr rules::Ints ints() const { return {list, count}; }
};

namespace detail {
constexpr Tensor reduce(std::string_view op, At x, const Axes& axes, bool keepdim) {
  if (x.bad()) return x;
  const Shape shape = rules::reduce(x.rules(), op, x.shape(), axes.ints(), keepdim);
  const Axes from_start = axes.from_start(x.rank());
  return x.graph->make(x.loc, op, {x}, shape, {{"axes", from_start.ints()}, {"keepdim", keepdim}});
}
constexpr Tensor along(std::string_view op, At x, int axis, const Shape& shape) {
  return x.graph->make(x.loc, op, {x}, shape, {{"axis", axis < 0 ? axis + x.rank() : axis}});
}
}  // namespace detail

constexpr Tensor sum(At x, Axes axes, bool keepdim = false) { return detail::reduce("sum", x, axes, keepdim); }
constexpr Tensor mean(At x, Axes axes, bool keepdim = false) { return detail::reduce("mean", x, axes, keepdim); }
constexpr Tensor prod(At x, Axes axes, bool keepdim = false) { return detail::reduce("prod", x, axes, keepdim); }
constexpr Tensor max(At x, Axes axes, bool keepdim = false) { return detail::reduce("amax", x, axes, keepdim); }
constexpr Tensor min(At x, Axes axes, bool keepdim = false) { return detail::reduce("amin", x, axes, keepdim); }
constexpr Tensor logsumexp(At x, Axes axes, bool keepdim = false) { return detail::reduce("logsumexp", x, axes, keepdim); }
constexpr Tensor any(At x, Axes axes, bool keepdim = false) { return detail::reduce("any", x, axes, keepdim); }
constexpr Tensor all(At x, Axes axes, bool keepdim = false) { return detail::reduce("all", x, axes, keepdim); }
/// The sum of squared deviations over count - correction.
constexpr Tensor var(At x, Axes axes, bool keepdim = false, int correction = 0) {
  if (x.bad()) return x;
  const Shape shape = rules::reduce(x.rules(), "var", x.shape(), axes.ints(), keepdim);
  const Axes from_start = axes.from_start(x.rank());
  return x.graph->make(x.loc, "var", {x}, shape,
                       {{"axes", from_start.ints()}, {"keepdim", keepdim}, {"correction", correction}});
}
/// (sum |x|^p)^(1/p)
constexpr Tensor norm(At x, Axes axes, bool keepdim = false, double p = 2) {
  const InLayer in_layer(x);
  if (p == 2) return sqrt(At(sum(At(square(x)), axes, keepdim)));
  if (p == 1) return sum(At(abs(x)), axes, keepdim);
  return pow(At(sum(At(pow(At(abs(x)), p)), axes, keepdim)), 1 / p);
}
/// x of length 1: x / max(|x|, eps)
constexpr Tensor l2_normalise(At x, int axis = -1, double eps = 1e-12) {
  const InLayer in_layer(x);
  return x / maximum(norm(x, axis, true), eps);
}
/// x.y / (max(|x|, eps) max(|y|, eps)), without the axis.
constexpr Tensor cosine_similarity(At x, Tensor y, int axis = -1, double eps = 1e-8) {
  const InLayer in_layer(x);
  return sum(x * y, axis) / (maximum(norm(x, axis), eps) * maximum(norm(y, axis), eps));
}
namespace detail {
constexpr Tensor arg_reduce(std::string_view op, At x, int axis, bool keepdim) {
  if (x.bad()) return x;
  return x.graph->make(x.loc, op, {x}, rules::arg_reduce(x.rules(), op, x.shape(), axis, keepdim),
                       {{"axis", axis < 0 ? axis + x.rank() : axis}, {"keepdim", keepdim}});
}
}  // namespace detail
/// i64; of equal elements the first.
constexpr Tensor argmax(At x, int axis, bool keepdim = false) { return detail::arg_reduce("argmax", x, axis, keepdim); }
constexpr Tensor argmin(At x, int axis, bool keepdim = false) { return detail::arg_reduce("argmin", x, axis, keepdim); }

struct TopK {
  Tensor values, indices;  // x's dims with k at the axis; indices i64
};
constexpr TopK top_k(At x, int k, int axis = -1, bool largest = true) {
  if (x.bad()) return {x, x};
  const Shape shape = rules::top_k(x.rules(), x.shape(), k, axis);
  if (!shape.bad()) x.graph->require(k, "<=", x.shape()[axis < 0 ? axis + x.rank() : axis]);
  const Tensor values = x.graph->make(
      x.loc, "top_k", {x}, shape,
      {{"k", k}, {"axis", axis < 0 ? axis + x.rank() : axis}, {"largest", largest}});
  if (values.bad()) return {values, values};
  const int node = x.graph->values[static_cast<std::size_t>(values.id)].node;
  return {values, x.graph->add_result(node, shape.with(i64))};
}
constexpr Tensor cumsum(At x, int axis) {
  return x.bad() ? Tensor(x)
                 : detail::along("cumsum", x, axis, rules::cumsum(x.rules(), x.shape(), axis));
}
constexpr Tensor softmax(At x, int axis = -1) {
  if (x.bad()) return x;
  return detail::along("softmax", x, axis, rules::softmax(x.rules(), "softmax", x.shape(), nullptr, axis));
}
constexpr Tensor log_softmax(At x, int axis = -1) {
  if (x.bad()) return x;
  return detail::along("log_softmax", x, axis,
                       rules::softmax(x.rules(), "log_softmax", x.shape(), nullptr, axis));
}
namespace detail {
constexpr Tensor masked(std::string_view op, At x, At mask, int axis) {
  if (x.bad() || mask.bad()) return {x.graph, -1};
  const Shape shape = rules::softmax(x.rules(), op, x.shape(), &mask.shape(), axis);
  return x.graph->make(x.loc, op, {x, mask}, shape, {{"axis", axis < 0 ? axis + x.rank() : axis}});
}
}  // namespace detail
/// Only elements whose mask is true take part; a row without any is 0.
constexpr Tensor masked_softmax(At x, At mask, int axis = -1) { return detail::masked("softmax", x, mask, axis); }
constexpr Tensor masked_log_softmax(At x, At mask, int axis = -1) {
  return detail::masked("log_softmax", x, mask, axis);
}

// ---- normalisation -----------------------------------------------------------------------------

/// Over the last `rank` axes: (x - mean) / sqrt(variance + eps).
constexpr Tensor layer_norm(At x, double eps, int rank = 1) {
  if (x.bad()) return x;
  return x.graph->make(x.loc, "layer_norm", {x},
                       rules::layer_norm(x.rules(), x.shape(), nullptr, nullptr, rank),
                       {{"rank", rank}, {"eps", eps}});
}
constexpr Tensor layer_norm(At x, Tensor weight, double eps, int rank = 1) {
  if (x.bad() || weight.bad()) return {x.graph, -1};
  return x.graph->make(x.loc, "layer_norm", {x, weight},
                       rules::layer_norm(x.rules(), x.shape(), &weight.shape(), nullptr, rank),
                       {{"rank", rank}, {"eps", eps}});
}
constexpr Tensor layer_norm(At x, Tensor weight, Tensor bias, double eps, int rank = 1) {
  if (x.bad() || weight.bad() || bias.bad()) return {x.graph, -1};
  return x.graph->make(x.loc, "layer_norm", {x, weight, bias},
                       rules::layer_norm(x.rules(), x.shape(), &weight.shape(), &bias.shape(), rank),
                       {{"rank", rank}, {"eps", eps}});
}
/// With stored statistics, per channel: (x - mean) / sqrt(variance + eps) weight + bias.
constexpr Tensor batch_norm(At x, Tensor weight, Tensor bias, Tensor mean, Tensor variance,
                            double eps, int axis = 1) {
  if (x.bad() || weight.bad() || bias.bad() || mean.bad() || variance.bad()) return {x.graph, -1};
  const Shape* scales[] = {&weight.shape(), &bias.shape(), &mean.shape(), &variance.shape()};
  return x.graph->make(x.loc, "batch_norm", {x, weight, bias, mean, variance},
                       rules::batch_norm(x.rules(), x.shape(), scales, axis),
                       {{"axis", axis < 0 ? axis + x.rank() : axis}, {"eps", eps}});
}

// ---- contractions ------------------------------------------------------------------------------

/// "bhqd,bhkd->bhqk"; a letter twice in a term is a diagonal, "..." broadcasts.
template <class... More> constexpr Tensor einsum(std::string_view equation, At x, const More&... more) {
  const Tensor all[] = {x, static_cast<Tensor>(more)...};
  constexpr int count = 1 + static_cast<int>(sizeof...(More));
  const Shape* shapes[count]{};
  for (int i = 0; i < count; ++i) {
    if (all[i].bad()) return {x.graph, -1};
    shapes[i] = &all[i].shape();
  }
  rules::Einsum plan;
  const Shape shape = rules::einsum(x.rules(), equation, shapes, count, plan);
  return x.graph->make(x.loc, "einsum", {x, static_cast<Tensor>(more)...}, shape, {{"equation", equation}});
}
/// The product over x's last and y's last but one axis; leading axes broadcast. A vector is a row
/// on the left and a column on the right, and that axis vanishes.
constexpr Tensor matmul(At x, Tensor y) {
  const bool row = x.rank() == 1, column = y.rank() == 1;
  if (row && column) return einsum("k,k->", x, y);
  if (row) return einsum("k,...kj->...j", x, y);
  if (column) return einsum("...ik,k->...i", x, y);
  return einsum("...ik,...kj->...ij", x, y);
}
/// x [..., in] times the transposed weight [out, in]: [..., out]
constexpr Tensor linear(At x, Tensor weight) {
  if (x.bad() || weight.bad()) return {x.graph, -1};
  return x.graph->make(x.loc, "linear", {x, weight},
                       rules::linear(x.rules(), x.shape(), weight.shape(), nullptr));
}
constexpr Tensor linear(At x, Tensor weight, Tensor bias) {
  if (x.bad() || weight.bad() || bias.bad()) return {x.graph, -1};
  return x.graph->make(x.loc, "linear", {x, weight, bias},
                       rules::linear(x.rules(), x.shape(), weight.shape(), &bias.shape()));
}

/// One number for all axes of a window, or one for each.
struct PerAxis {
  long long list[2]{};
  int count = 0;
  constexpr PerAxis(int all) : list{all, all} {}
  constexpr PerAxis(int first, int second) : list{first, second}, count(2) {}
};
/// Padding: one number for all sides, one for each axis, or before and after of each axis.
struct Padding {
  long long list[4]{};
  constexpr Padding(int all) : list{all, all, all, all} {}
  constexpr Padding(int before, int after, int before2 = 0, int after2 = 0)
      : list{before, after, before2, after2} {}
};
struct ConvOptions {
  PerAxis stride = 1;
  Padding padding = 0;
  PerAxis dilation = 1;
  int groups = 1;
};
struct PoolOptions {
  PerAxis stride = 0;  // 0: the window's size
  Padding padding = 0;
  PerAxis dilation = 1;
  bool ceil = false;               // round the number of windows up
  bool count_include_pad = false;  // average: padding counts in the divisor
};

namespace detail {
constexpr void require_windows(Graph& g, const Shape& out) {
  for (int i = 2; i < out.rank; ++i) g.require(out.dims[i], ">=", 1);
}
constexpr Tensor conv(At x, Tensor weight, const Tensor* bias, const ConvOptions& o) {
  if (x.bad() || weight.bad() || (bias && bias->bad())) return {x.graph, -1};
  const int axes = x.rank() - 2;
  const rules::Ints stride{o.stride.list, axes}, padding{o.padding.list, 2 * axes},
      dilation{o.dilation.list, axes};
  const Shape shape = rules::conv(x.rules(), x.shape(), weight.shape(), bias ? &bias->shape() : nullptr,
                                  {{}, stride, padding, dilation}, o.groups);
  if (!shape.bad()) require_windows(*x.graph, shape);
  const std::initializer_list<Attribute> attrs = {
      {"stride", stride}, {"padding", padding}, {"dilation", dilation}, {"groups", o.groups}};
  return bias ? x.graph->make(x.loc, "conv", {x, weight, *bias}, shape, attrs)
              : x.graph->make(x.loc, "conv", {x, weight}, shape, attrs);
}
constexpr Tensor pool(std::string_view op, At x, PerAxis size, const PoolOptions& o) {
  if (x.bad()) return x;
  const int axes = x.rank() - 2;
  const PerAxis steps = o.stride.list[0] == 0 ? size : o.stride;
  const rules::Ints sizes{size.list, axes}, stride{steps.list, axes},
      padding{o.padding.list, 2 * axes}, dilation{o.dilation.list, axes};
  const Shape shape = rules::pool(x.rules(), op, x.shape(), {sizes, stride, padding, dilation, o.ceil});
  if (!shape.bad()) require_windows(*x.graph, shape);
  if (op == "max_pool")
    return x.graph->make(x.loc, op, {x}, shape,
                         {{"size", sizes}, {"stride", stride}, {"padding", padding},
                          {"dilation", dilation}, {"ceil", o.ceil}});
  return x.graph->make(x.loc, op, {x}, shape,
                       {{"size", sizes}, {"stride", stride}, {"padding", padding},
                        {"dilation", dilation}, {"ceil", o.ceil},
                        {"count_include_pad", o.count_include_pad}});
}
}  // namespace detail

/// x [N, C, T] or [N, C, H, W], weight [O, C / groups, ...]: cross-correlation.
constexpr Tensor conv(At x, Tensor weight, const ConvOptions& o = {}) { return detail::conv(x, weight, nullptr, o); }
constexpr Tensor conv(At x, Tensor weight, Tensor bias, const ConvOptions& o = {}) {
  return detail::conv(x, weight, &bias, o);
}
/// Padding never wins.
constexpr Tensor max_pool(At x, PerAxis size, const PoolOptions& o = {}) { return detail::pool("max_pool", x, size, o); }
constexpr Tensor avg_pool(At x, PerAxis size, const PoolOptions& o = {}) { return detail::pool("avg_pool", x, size, o); }

// ---- layout ------------------------------------------------------------------------------------

/// The size of a letter in a pattern.
struct Letter {
  char letter;
  DimArg size;
};
/// "bs(hd)->bhsd": letters are axes, groups in parentheses split or merge, 1 is a unit axis.
constexpr Tensor rearrange(At x, std::string_view pattern, std::initializer_list<Letter> sizes = {}) {
  if (x.bad()) return x;
  rules::LetterSize given[rules::Rearrange::max_letters]{};
  int count = 0;
  for (const Letter& size : sizes)
    if (count < rules::Rearrange::max_letters) given[count++] = {size.letter, x.graph->dim(size.size)};
  rules::Rearrange plan;
  const Shape shape = rules::rearrange(x.rules(), pattern, given, count, x.shape(), plan);
  return count == 0 ? x.graph->make(x.loc, "rearrange", {x}, shape, {{"pattern", pattern}})
                    : x.graph->make(x.loc, "rearrange", {x}, shape,
                                    {{"pattern", pattern}, Attribute("sizes", given, count)});
}
/// Axis i of the result is axis order[i] of x.
constexpr Tensor transpose(At x, std::initializer_list<int> order) {
  if (x.bad()) return x;
  char pattern[2 * Shape::max_rank + 3]{};
  std::size_t n = 0;
  for (int i = 0; i < x.rank(); ++i) pattern[n++] = static_cast<char>('a' + i);
  pattern[n++] = '-';
  pattern[n++] = '>';
  for (int axis : order) {
    const int from = axis < 0 ? axis + x.rank() : axis;
    if (n < sizeof pattern) pattern[n++] = static_cast<char>(from < 0 || from > 25 ? '?' : 'a' + from);
  }
  return rearrange(x, {pattern, n});
}
/// The same elements in row-major order with other dims; a ragged axis cannot be merged.
constexpr Tensor reshape(At x, std::initializer_list<DimArg> dims) {
  if (x.bad()) return x;
  char merge[Shape::max_rank + 8]{}, split[Shape::max_rank + 8]{};
  std::size_t m = 0, s = 0;
  rules::LetterSize given[Shape::max_rank]{};
  rules::Dim total = 1, product = 1;
  merge[m++] = '(';
  for (int i = 0; i < x.rank(); ++i) {
    merge[m++] = static_cast<char>('a' + i);
    total = x.rules().dims.mul(total, x.shape().dims[i]);
  }
  merge[m++] = ')';
  split[s++] = '(';
  int rank = 0;
  for (const DimArg& dim : dims) {
    if (rank == Shape::max_rank) return x.graph->fail(x.loc, "reshape: more than 8 axes");
    const char letter = static_cast<char>('a' + rank);
    given[rank] = {letter, x.graph->dim(dim)};
    product = x.rules().dims.mul(product, given[rank++].size);
    split[s++] = letter;
  }
  split[s++] = ')';
  if (total != product) {
    Shape wanted{x.dtype(), rank, {}};
    for (int i = 0; i < rank; ++i) wanted.dims[i] = given[i].size;
    x.rules().fail("reshape", "cannot turn ", x.shape(), " into ", wanted, " (",
                   x.rules().print(total), " against ", x.rules().print(product), " elements)");
    return x.graph->fail_rule(x.loc);
  }
  const auto pattern = [&](const char* left, std::size_t l, const char* right, std::size_t r) {
    return join(std::string_view(left, l), "->", std::string_view(right, r));
  };
  // Through one axis of all elements: merge, then split.
  Text to_flat;
  if (x.rank() == 0) to_flat << "->1";
  else to_flat << pattern(merge + 1, m - 2, merge, m);
  At flat(rearrange(x, to_flat));
  flat.loc = x.loc;
  if (flat.bad()) return flat;
  if (rank == 0) return rearrange(flat, "1->");
  const Text from_flat = pattern(split, s, split + 1, s - 2);
  rules::Rearrange plan;
  const Shape shape = rules::rearrange(x.rules(), from_flat, given, rank, flat.shape(), plan);
  return x.graph->make(x.loc, "rearrange", {flat}, shape,
                       {{"pattern", std::string_view(from_flat)}, Attribute("sizes", given, rank)});
}
/// numpy's broadcast_to.
constexpr Tensor broadcast(At x, std::initializer_list<DimArg> dims) {
  if (x.bad()) return x;
  Shape target{x.dtype(), 0, {}};
  for (const DimArg& dim : dims) {
    if (target.rank == Shape::max_rank) return x.graph->fail(x.loc, "broadcast: more than 8 axes");
    target.dims[target.rank++] = x.graph->dim(dim);
  }
  if (!x.rules().error.empty()) return x.graph->fail_rule(x.loc);
  return x.graph->make(x.loc, "broadcast", {x}, rules::broadcast(x.rules(), x.shape(), target));
}
constexpr Tensor broadcast_like(At x, Tensor like) {
  if (x.bad() || like.bad()) return {x.graph, -1};
  return x.graph->make(x.loc, "broadcast", {x}, rules::broadcast(x.rules(), x.shape(), like.shape()));
}

namespace detail {
constexpr Tensor slice(At x, const Tensor* index, int axis, rules::Dim start, rules::Dim size, int step) {
  const int from = axis < 0 ? axis + x.rank() : axis;
  const Shape shape = rules::slice(x.rules(), x.shape(), index ? &index->shape() : nullptr, axis, start,
                                   size, step);
  if (shape.bad()) return x.graph->fail_rule(x.loc);
  rules::DimTable& dims = x.rules().dims;
  x.graph->require(dims.add(start, dims.add(dims.scale(dims.sub(size, 1), step), 1)), "<=",
                   x.shape().dims[from]);
  const Text text = x.rules().print(start);
  const std::initializer_list<Attribute> attrs = {
      {"axis", from}, {"start", std::string_view(text)}, {"step", step}};
  return index ? x.graph->make(x.loc, "slice", {x, *index}, shape, attrs)
               : x.graph->make(x.loc, "slice", {x}, shape, attrs);
}
}  // namespace detail
/// Elements [start, end) along an axis, every `step`th; negative places count from the end.
constexpr Tensor slice(At x, int axis, DimArg start, DimArg end, int step = 1) {
  if (x.bad()) return x;
  rules::DimTable& dims = x.rules().dims;
  const int found = rules::find_axis(x.rules(), "slice", x.shape(), axis);
  if (found < 0) return x.graph->fail_rule(x.loc);
  const rules::Dim extent = x.shape().dims[found];
  const rules::Dim from = x.graph->place(start, extent), to = x.graph->place(end, extent);
  if (!x.rules().error.empty()) return x.graph->fail_rule(x.loc);
  const rules::Dim size = step >= 1 ? dims.ceildiv(dims.sub(to, from), step) : 0;
  return detail::slice(x, nullptr, axis, from, size, step);
}
/// `size` elements from a place that is known only in the run; `index` is a scalar, and a place
/// outside is moved inside.
constexpr Tensor slice_at(At x, int axis, Tensor index, DimArg size) {
  if (x.bad() || index.bad()) return {x.graph, -1};
  return detail::slice(x, &index, axis, 0, x.graph->dim(size), 1);
}
/// x[..., i, ...] without the axis.
constexpr Tensor select(At x, int axis, int i) {
  if (x.bad()) return x;
  const int found = rules::find_axis(x.rules(), "select", x.shape(), axis);
  if (found < 0) return x.graph->fail_rule(x.loc);
  At one(detail::slice(x, nullptr, found, x.graph->place(i, x.shape().dims[found]), 1, 1));
  if (one.bad()) return one;
  one.loc = x.loc;
  Text pattern;
  for (int a = 0; a < x.rank(); ++a) pattern << (a == found ? '1' : static_cast<char>('a' + a));
  pattern << "->";
  for (int a = 0; a < x.rank(); ++a)
    if (a != found) pattern << static_cast<char>('a' + a);
  return rearrange(one, pattern);
}
/// A new axis of size 1.
constexpr Tensor unsqueeze(At x, int axis) {
  if (x.bad()) return x;
  const int at = axis < 0 ? axis + x.rank() + 1 : axis;
  Text pattern;
  for (int a = 0; a < x.rank(); ++a) pattern << static_cast<char>('a' + a);
  pattern << "->";
  for (int a = 0; a <= x.rank(); ++a) {
    if (a == at) pattern << '1';
    if (a < x.rank()) pattern << static_cast<char>('a' + a);
  }
  return rearrange(x, pattern);
}
/// N equal parts of an axis: auto [i, f, g, o] = chunk<4>(x).
template <int N> constexpr auto chunk(At x, int axis = -1) {
  std::array<Tensor, N> parts{};
  parts.fill({x.graph, -1});
  if (x.bad()) return parts;
  bool exact = false;
  const int found = rules::find_axis(x.rules(), "chunk", x.shape(), axis);
  if (found < 0) {
    x.graph->fail_rule(x.loc);
    return parts;
  }
  const rules::Dim size = x.rules().dims.divide(x.shape().dims[found], N, exact);
  if (!exact) {
    x.rules().fail("chunk", "axis ", axis, " of ", x.shape(), " is not divisible by ", N);
    x.graph->fail_rule(x.loc);
    return parts;
  }
  for (int i = 0; i < N; ++i)
    parts[static_cast<std::size_t>(i)] =
        detail::slice(x, nullptr, found, x.rules().dims.scale(size, i), size, 1);
  return parts;
}
namespace detail {
constexpr Tensor update_slice(At x, Tensor value, const Tensor* index, int axis, rules::Dim start) {
  const Shape shape = rules::update_slice(x.rules(), x.shape(), value.shape(),
                                          index ? &index->shape() : nullptr, axis, start);
  if (shape.bad()) return x.graph->fail_rule(x.loc);
  const int found = axis < 0 ? axis + x.rank() : axis;
  x.graph->require(x.rules().dims.add(start, value.shape().dims[found]), "<=", shape.dims[found]);
  const Text text = x.rules().print(start);
  const std::initializer_list<Attribute> attrs = {{"axis", found}, {"start", std::string_view(text)}};
  return index ? x.graph->make(x.loc, "update_slice", {x, value, *index}, shape, attrs)
               : x.graph->make(x.loc, "update_slice", {x, value}, shape, attrs);
}
}  // namespace detail
constexpr Tensor update_slice(At x, Tensor value, int axis, DimArg start) {
  if (x.bad() || value.bad()) return {x.graph, -1};
  return detail::update_slice(x, value, nullptr, axis, x.graph->dim(start));
}
/// x with `value` at a place that is known only in the run; a place outside is moved inside.
constexpr Tensor update_slice_at(At x, Tensor value, int axis, Tensor index) {
  if (x.bad() || value.bad() || index.bad()) return {x.graph, -1};
  return detail::update_slice(x, value, &index, axis, 0);
}

namespace detail {
constexpr Tensor concat(Graph* graph, const Loc& loc, const Tensor* parts, int count, int axis) {
  const Shape* shapes[64]{};
  if (count > 64) return graph->fail(loc, "concat: more than 64 operands");
  for (int i = 0; i < count; ++i) {
    if (parts[i].bad()) return {graph, -1};
    shapes[i] = &parts[i].shape();
  }
  const Shape shape = rules::concat(graph->rules, shapes, count, axis);
  if (shape.bad()) return graph->fail_rule(loc);
  const Attribute attribute("axis", axis < 0 ? axis + shape.rank : axis);
  return graph->add_result(graph->make_node(loc, "concat", parts, static_cast<std::size_t>(count), &attribute, 1),
                           shape);
}
}  // namespace detail
constexpr Tensor concat(std::initializer_list<Tensor> parts, int axis, Here here = Here::current()) {
  return detail::concat(parts.begin()->graph, here, parts.begin(), static_cast<int>(parts.size()), axis);
}
template <std::size_t N>
constexpr Tensor concat(const std::array<Tensor, N>& parts, int axis, Here here = Here::current()) {
  return detail::concat(parts[0].graph, here, parts.data(), static_cast<int>(N), axis);
}
/// Along a new axis.
template <std::size_t N>
constexpr Tensor stack(const std::array<Tensor, N>& parts, int axis, Here here = Here::current()) {
  std::array<Tensor, N> wide = parts;
  for (Tensor& part : wide) part = unsqueeze(At(part, here), axis);
  return concat(wide, axis, here);
}

constexpr Tensor stack(std::initializer_list<Tensor> parts, int axis, Here here = Here::current()) {
  Vec<Tensor> wide;
  for (const Tensor& part : parts) wide.push_back(unsqueeze(At(part, here), axis));
  return detail::concat(parts.begin()->graph, here, wide.data(), static_cast<int>(wide.size()), axis);
}

namespace detail {
/// Column minus row of x's last two axes: i64 [rows, columns]
constexpr Tensor diagonals(At x) {
  const Size rows = x.dim(-2), columns = x.dim(-1);
  return iota(x, {rows, columns}, 1) - iota(x, {rows, columns}, 0);
}
}  // namespace detail
/// x where column - row <= diagonal, else 0; over the last two axes.
constexpr Tensor tril(At x, int diagonal = 0) {
  const InLayer in_layer(x);
  return where(detail::diagonals(x) <= diagonal, x, 0.0);
}
/// x where column - row >= diagonal, else 0.
constexpr Tensor triu(At x, int diagonal = 0) {
  const InLayer in_layer(x);
  return where(detail::diagonals(x) >= diagonal, x, 0.0);
}

/// Pads with `value`; a pair for each axis, negative amounts crop.
struct Pads {
  int before, after;
};
constexpr Tensor pad(At x, std::initializer_list<Pads> amounts, double value = 0,
                     std::string_view mode = "constant") {
  if (x.bad()) return x;
  long long low[Shape::max_rank]{}, high[Shape::max_rank]{};
  int count = 0;
  for (const Pads& amount : amounts) {
    if (count == Shape::max_rank) break;
    low[count] = amount.before;
    high[count++] = amount.after;
  }
  const rules::Ints lows{low, count}, highs{high, count};
  return x.graph->make(x.loc, "pad", {x}, rules::pad(x.rules(), x.shape(), lows, highs, mode),
                       {{"low", lows}, {"high", highs}, {"mode", mode}, {"value", value}});
}
/// Reversed along the axes; on a ragged axis within each row's own length.
constexpr Tensor flip(At x, Axes axes) {
  if (x.bad()) return x;
  const Shape shape = rules::flip(x.rules(), x.shape(), axes.ints());
  const Axes from_start = axes.from_start(x.rank());
  return x.graph->make(x.loc, "flip", {x}, shape, {{"axes", from_start.ints()}});
}
/// Rows of a table: ids [...] -> [..., row]
constexpr Tensor gather(At table, Tensor ids, int axis = 0) {
  if (table.bad() || ids.bad()) return {table.graph, -1};
  return table.graph->make(table.loc, "gather", {table, ids},
                           rules::gather(table.rules(), table.shape(), ids.shape(), axis),
                           {{"axis", axis < 0 ? axis + table.rank() : axis}});
}
/// y[i, j] = x[i, ids[i, j]] for axis 1.
constexpr Tensor gather_along(At x, Tensor ids, int axis) {
  if (x.bad() || ids.bad()) return {x.graph, -1};
  return x.graph->make(x.loc, "gather_along", {x, ids},
                       rules::gather_along(x.rules(), x.shape(), ids.shape(), axis),
                       {{"axis", axis < 0 ? axis + x.rank() : axis}});
}
/// x plus source[i, j] at [i, ids[i, j]] for axis 1; repeats add up.
constexpr Tensor scatter_add(At x, Tensor ids, Tensor source, int axis) {
  if (x.bad() || ids.bad() || source.bad()) return {x.graph, -1};
  return x.graph->make(x.loc, "scatter_add", {x, ids, source},
                       rules::scatter_add(x.rules(), x.shape(), ids.shape(), source.shape(), axis),
                       {{"axis", axis < 0 ? axis + x.rank() : axis}});
}
/// x plus slice j of source at ids[j] of the axis; ids [K], repeats add up.
constexpr Tensor index_add(At x, Tensor ids, Tensor source, int axis) {
  const InLayer in_layer(x);
  if (x.bad() || ids.bad() || source.bad()) return {x.graph, -1};
  Tensor places = ids;  // [K], then [K, 1, ...]: along the axis of source
  for (int after = (axis < 0 ? axis + x.rank() : axis) + 1; after < source.rank(); ++after)
    places = unsqueeze(places, -1);
  return scatter_add(x, broadcast_like(places, source), source, axis);
}
/// ids [...] -> [..., classes]
constexpr Tensor one_hot(At ids, int classes, DType dtype = f32) {
  if (ids.bad()) return ids;
  return ids.graph->make(ids.loc, "one_hot", {ids},
                         rules::one_hot(ids.rules(), ids.shape(), classes, dtype),
                         {{"classes", classes}});
}
/// A dimension as a scalar i64.
constexpr Tensor size(At x, int axis) {
  if (x.bad()) return x;
  const Size dim = x.dim(axis);
  const Text text = x.rules().print(dim.dim);
  return x.graph->make(x.loc, "size", {}, Shape{i64, 0, {}}, {{"dim", std::string_view(text)}});
}

// ---- ragged rows -------------------------------------------------------------------------------

/// The rows' own lengths of x's ragged axis: i64 [rows]
constexpr Tensor lengths(At x) {
  if (x.bad()) return x;
  for (int axis = 1; axis < x.rank(); ++axis) {
    if (!x.rules().dims.is_ragged(x.shape().dims[axis])) continue;
    const Text text = x.rules().print(x.shape().dims[axis]);
    return x.graph->make(x.loc, "lengths", {}, Shape{i64, 1, {x.shape().dims[0]}},
                         {{"dim", std::string_view(text)}});
  }
  x.rules().fail("lengths", "wants a ragged axis, got ", x.shape());
  return x.graph->fail_rule(x.loc);
}
/// Gives the rows of a dense x [rows, extent, ...] their own lengths, under a name "seq".
constexpr Tensor make_ragged(At x, Tensor row_lengths, std::string_view symbol) {
  if (x.bad() || row_lengths.bad()) return {x.graph, -1};
  const Text text = join(symbol, '~');
  return x.graph->make(x.loc, "ragged", {x, row_lengths},
                       rules::ragged(x.rules(), x.shape(), row_lengths.shape(),
                                     x.rules().dims.symbol(text)));
}
/// Padded with zeros to one length.
constexpr Tensor make_dense(At x) {
  if (x.bad()) return x;
  return x.graph->make(x.loc, "dense", {x}, rules::dense(x.rules(), x.shape()));
}

// ---- random ------------------------------------------------------------------------------------

/// Philox4x32-10 from a seed: "uniform" in [0, 1) with 24 bits, "normal", or "bits" (i32). Element i
/// is word i % 4 of the block whose counter is offset + i / 4. seed and offset are i64, each a
/// scalar or of the result's first axes, whose rows are then streams of their own.
constexpr Tensor random(At seed, Tensor offset, std::string_view kind, std::initializer_list<DimArg> dims) {
  if (seed.bad() || offset.bad()) return {seed.graph, -1};
  Shape shape{kind == "bits" ? i32 : f32, 0, {}};
  for (const DimArg& dim : dims)
    if (shape.rank < Shape::max_rank) shape.dims[shape.rank++] = seed.graph->dim(dim);
  if (!seed.rules().error.empty()) return seed.graph->fail_rule(seed.loc);
  return seed.graph->make(seed.loc, "random", {seed, offset},
                          rules::random(seed.rules(), seed.shape(), offset.shape(), kind, shape),
                          {{"kind", kind}});
}

}  // namespace sinter
