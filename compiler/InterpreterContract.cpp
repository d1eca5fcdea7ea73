// Contractions and pools of the reference interpreter, the products by Eigen.
// Integer products go through f64, which is exact up to 2^53.
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/InterpreterKernels.h"

namespace sinter::kernels {

using rules::DType;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const Matrix>;

static HostTensor asReals(const HostTensor &x) {
  if (x.isReal()) return x;
  HostTensor y(DType::f32, x.shape);
  std::copy(x.integers.begin(), x.integers.end(), y.reals.begin());
  return y;
}

//===-- Einsum -------------------------------------------------------------------------------===//

namespace {

/// A real tensor with a label per axis.
struct Labelled {
  HostTensor tensor;
  std::vector<int> labels;

  bool has(int label) const {
    return std::find(labels.begin(), labels.end(), label) != labels.end();
  }
  int64_t extent(int label) const {
    return tensor.shape[std::find(labels.begin(), labels.end(), label) - labels.begin()];
  }
};

}  // namespace

/// The axes in `order`, each label once: diagonals taken, all other labels summed, absent ones 1.
static Labelled bring(const Labelled &x, const std::vector<int> &order) {
  const Shape strides = stridesOf(x.tensor.shape);
  Shape shape, from, to;
  std::vector<int> all = order;
  for (int label : x.labels)
    if (std::find(all.begin(), all.end(), label) == all.end()) all.push_back(label);
  Labelled y;
  y.labels = order;
  for (int label : all) {
    int64_t extent = 1, stride = 0;
    for (size_t axis = 0; axis < x.labels.size(); ++axis)
      if (x.labels[axis] == label) {
        extent = x.tensor.shape[axis];
        stride += strides[axis];  // a label twice: both indices advance
      }
    shape.push_back(extent);
    from.push_back(stride);
  }
  y.tensor = HostTensor(x.tensor.dType, Shape(shape.begin(), shape.begin() + order.size()));
  to = stridesOf(y.tensor.shape);
  to.resize(all.size(), 0);
  walk(shape, std::array<Shape, 2>{from, to},
       [&](const auto &at) { y.tensor.reals[at[1]] += x.tensor.reals[at[0]]; });
  return y;
}

/// Sums over every label of a or b that is not in `keep`.
static Labelled contractPair(const Labelled &a, const Labelled &b, const std::vector<int> &keep) {
  const auto isKept = [&](int label) {
    return std::find(keep.begin(), keep.end(), label) != keep.end();
  };
  // Labels of the product: batch (shared, kept), rows (a's), columns (b's), inner (summed). An axis
  // of "..." that one side has as 1 belongs to the other side.
  std::vector<int> batch, rows, columns, inner;
  const auto sortIn = [&](int label) {
    for (const auto *known : {&batch, &rows, &columns, &inner})
      if (std::find(known->begin(), known->end(), label) != known->end()) return;
    const bool shared = a.has(label) && b.has(label) && a.extent(label) == b.extent(label);
    if (!shared && !isKept(label)) return;  // summed by `bring`
    const bool inA = a.has(label) && (!b.has(label) || a.extent(label) != 1);
    (shared ? (isKept(label) ? batch : inner) : inA ? rows : columns).push_back(label);
  };
  for (const Labelled *x : {&a, &b})
    for (int label : x->labels) sortIn(label);

  const auto join = [](std::initializer_list<const std::vector<int> *> parts) {
    std::vector<int> all;
    for (const auto *part : parts) all.insert(all.end(), part->begin(), part->end());
    return all;
  };
  const Labelled left = bring(a, join({&batch, &rows, &inner}));
  const Labelled right = bring(b, join({&batch, &columns, &inner}));
  const auto extentOf = [](const Labelled &x, const std::vector<int> &labels) {
    int64_t product = 1;
    for (int label : labels) product *= x.extent(label);
    return product;
  };
  const int64_t count = extentOf(left, batch), m = extentOf(left, rows),
                n = extentOf(right, columns), k = extentOf(left, inner);
  Labelled y;
  y.labels = join({&batch, &rows, &columns});
  Shape shape;
  for (int label : batch) shape.push_back(left.extent(label));
  for (int label : rows) shape.push_back(left.extent(label));
  for (int label : columns) shape.push_back(right.extent(label));
  y.tensor = HostTensor(DType::f32, shape);
  for (int64_t i = 0; i < count; ++i)
    Eigen::Map<Matrix>(y.tensor.reals.data() + i * m * n, m, n) =
        View(left.tensor.reals.data() + i * m * k, m, k) *
        View(right.tensor.reals.data() + i * n * k, n, k).transpose();
  return y;
}

HostTensor einsum(std::string_view equation, const Operands &operands) {
  rules::Rules rules;
  rules::Einsum plan;
  std::vector<rules::Shape> shapes;
  std::vector<const rules::Shape *> pointers;
  for (const HostTensor *operand : operands) {
    rules::Shape shape{operand->dType, static_cast<int>(operand->rank()), {}};
    std::copy(operand->shape.begin(), operand->shape.end(), shape.dims);
    shapes.push_back(shape);
  }
  for (const rules::Shape &shape : shapes) pointers.push_back(&shape);
  const int count = static_cast<int>(pointers.size());
  if (rules::einsum(rules, equation, pointers.data(), count, plan).bad())
    throw Fault(std::string(rules.error.view()));

  std::vector<Labelled> terms;
  for (size_t i = 0; i < operands.size(); ++i)
    terms.push_back({asReals(*operands[i]),
                     {plan.operands[i], plan.operands[i] + plan.ranks[i]}});
  const std::vector<int> result(plan.result, plan.result + plan.result_rank);
  Labelled product = terms[0];
  for (size_t i = 1; i < terms.size(); ++i) {
    std::vector<int> keep = result;
    for (size_t later = i + 1; later < terms.size(); ++later)
      keep.insert(keep.end(), terms[later].labels.begin(), terms[later].labels.end());
    product = contractPair(product, terms[i], keep);
  }
  HostTensor y = bring(product, result).tensor;
  if (operands[0]->isReal()) return y;
  HostTensor whole(operands[0]->dType, y.shape);
  for (int64_t i = 0; i < y.size(); ++i) whole.integers[i] = static_cast<int64_t>(y.reals[i]);
  return whole;
}

HostTensor linear(const HostTensor &x, const HostTensor &weight, const HostTensor *bias) {
  const int64_t out = weight.shape[0], in = weight.shape[1];
  Shape shape = x.shape;
  shape.back() = out;
  HostTensor y(x.dType, shape);
  const int64_t rows = out == 0 ? 0 : y.size() / out;
  Eigen::Map<Matrix> result(y.reals.data(), rows, out);
  result = View(x.reals.data(), rows, in) * View(weight.reals.data(), out, in).transpose();
  if (bias) result.rowwise() += Eigen::Map<const Eigen::RowVectorXd>(bias->reals.data(), out);
  return y;
}

//===-- Windows ------------------------------------------------------------------------------===//

namespace {

/// One or two spatial axes seen as two.
struct Plane {
  int64_t height = 1, width = 1;
  explicit Plane(const Shape &shape) {
    if (shape.size() == 4) height = shape[2];
    width = shape.back();
  }
  int64_t size() const { return height * width; }
};

/// The window's geometry along the same two axes.
struct Place {
  int64_t size[2] = {1, 1}, stride[2] = {1, 1}, low[2] = {0, 0}, dilation[2] = {1, 1};
  int64_t high[2] = {0, 0};
  explicit Place(const Window &window, const Shape &sizes) {
    for (size_t i = 0, to = 2 - sizes.size(); i < sizes.size(); ++i, ++to) {
      size[to] = sizes[i];
      stride[to] = window.stride[i];
      low[to] = window.padding[2 * i];
      high[to] = window.padding[2 * i + 1];
      dilation[to] = window.dilation[i];
    }
  }
  /// Calls f(window element, input position) for the elements that lie inside the input, and
  /// outside(y, x) for those in the padding.
  template <class F, class G>
  void visit(const Plane &in, int64_t row, int64_t column, const F &f, const G &outside) const {
    for (int64_t a = 0; a < size[0]; ++a)
      for (int64_t b = 0; b < size[1]; ++b) {
        const int64_t y = row * stride[0] - low[0] + a * dilation[0];
        const int64_t x = column * stride[1] - low[1] + b * dilation[1];
        if (y >= 0 && y < in.height && x >= 0 && x < in.width) f(a * size[1] + b, y * in.width + x);
        else outside(y, x);
      }
  }
};

}  // namespace

HostTensor conv(const HostTensor &x, const HostTensor &weight, const HostTensor *bias,
                const Window &window, int64_t groups, const Shape &result) {
  HostTensor y(x.dType, result);
  const Place place(window, Shape(weight.shape.begin() + 2, weight.shape.end()));
  const Plane in(x.shape), out(result);
  const int64_t channels = weight.shape[1], outputs = weight.shape[0] / groups;
  const int64_t taps = place.size[0] * place.size[1];
  Matrix columns(channels * taps, out.size());  // every window of one group as a column
  for (int64_t n = 0; n < x.shape[0]; ++n)
    for (int64_t g = 0; g < groups; ++g) {
      columns.setZero();
      for (int64_t c = 0; c < channels; ++c) {
        const double *plane = x.reals.data() + ((n * groups + g) * channels + c) * in.size();
        for (int64_t at = 0; at < out.size(); ++at)
          place.visit(
              in, at / out.width, at % out.width,
              [&](int64_t tap, int64_t from) { columns(c * taps + tap, at) = plane[from]; },
              [](int64_t, int64_t) {});
      }
      const View kernel(weight.reals.data() + g * outputs * channels * taps, outputs,
                        channels * taps);
      Eigen::Map<Matrix> to(y.reals.data() + (n * groups + g) * outputs * out.size(), outputs,
                            out.size());
      to = kernel * columns;
      if (bias)
        to.colwise() +=
            Eigen::Map<const Eigen::VectorXd>(bias->reals.data() + g * outputs, outputs);
    }
  return y;
}

/// Calls f(plane of x, output index, row, column) for every window.
template <class F> static void eachWindow(const HostTensor &x, const Shape &result, const F &f) {
  const Plane in(x.shape), out(result);
  for (int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane)
    for (int64_t at = 0; at < out.size(); ++at)
      f(plane * in.size(), plane * out.size() + at, at / out.width, at % out.width);
}

HostTensor maxPool(const HostTensor &x, const Window &window, const Shape &result) {
  HostTensor y(x.dType, result);
  const Place place(window, window.size);
  const Plane in(x.shape);
  const auto nothing = [](int64_t, int64_t) {};
  eachWindow(x, result, [&](int64_t base, int64_t to, int64_t row, int64_t column) {
    if (x.isReal()) {
      double top = -std::numeric_limits<double>::infinity();
      place.visit(in, row, column, [&](int64_t, int64_t from) {
        const double v = x.reals[base + from];
        if (std::isnan(v) || v > top) top = v;
      }, nothing);
      y.reals[to] = top;
    } else {
      int64_t top = std::numeric_limits<int64_t>::min();
      place.visit(in, row, column,
                  [&](int64_t, int64_t from) { top = std::max(top, x.integers[base + from]); },
                  nothing);
      y.integers[to] = top;
    }
  });
  return y;
}

HostTensor averagePool(const HostTensor &x, const Window &window, bool countPadding,
                       const Shape &result) {
  HostTensor y(x.dType, result);
  const Place place(window, window.size);
  const Plane in(x.shape);
  eachWindow(x, result, [&](int64_t base, int64_t to, int64_t row, int64_t column) {
    double total = 0;
    int64_t count = 0;
    place.visit(in, row, column,
                [&](int64_t, int64_t from) {
                  total += x.real(base + from);
                  ++count;
                },
                // What only `ceil` adds beyond the padding never counts.
                [&](int64_t y, int64_t x) {
                  count += countPadding && y < in.height + place.high[0] &&
                           x < in.width + place.high[1];
                });
    const double mean = total / static_cast<double>(count);
    if (y.isReal()) y.reals[to] = mean;
    else y.integers[to] = static_cast<int64_t>(std::floor(mean));
  });
  return y;
}

}  // namespace sinter::kernels
