// Row kernels over every length near a vector's, against double, with memory that ends at the row.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "Harness.h"
#include "codegen/Call.h"
#include "codegen/Lanes.h"
#include "codegen/Rows.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace sinter;
using namespace sinter::test;
using mlir::Location;
using mlir::OpBuilder;
using mlir::Value;

namespace {

constexpr int64_t kAny = mlir::ShapedType::kDynamic;
constexpr int64_t kLengths[] = {0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 257};

using Run = void(const float* x, float* out, const float* weight, const float* bias, int64_t count);

/// A function of rows x, out, weight, bias, of `size` elements (dynamic: the argument says).
void addRow(Kernels& kernels, const std::string& name, int64_t size,
            const std::function<void(OpBuilder&, Location, Value* rows, Value count)>& body) {
  kernels.add(name, 4, 1, [&](OpBuilder& b, Location loc, mlir::ValueRange x) {
    auto type = mlir::MemRefType::get({size}, b.getF32Type());
    Value rows[4], count = x[4];
    for (int i = 0; i < 4; ++i)
      rows[i] = viewPointer(b, loc, x[i], type,
                            size == kAny ? mlir::ValueRange(count) : mlir::ValueRange());
    if (size != kAny) count = mlir::arith::ConstantIndexOp::create(b, loc, size);
    body(b, loc, rows, count);
  });
}

/// Lanes whose weight is positive take part.
Value positive(OpBuilder& b, Location loc, Value row, Value i, Value mask) {
  Value weight = loadLanes(b, loc, row, i, mask);
  Lanes l{b, loc, weight.getType()};
  return l.compare(mlir::arith::CmpFPredicate::OGT, weight, l.f(0));
}

std::vector<double> softmax(std::span<const float> x, std::span<const float> weight, bool masked,
                            bool logarithm) {
  double most = -INFINITY, sum = 0;
  auto takesPart = [&](size_t i) { return !masked || weight[i] > 0; };
  for (size_t i = 0; i < x.size(); ++i)
    if (takesPart(i)) most = std::max(most, double{x[i]});
  for (size_t i = 0; i < x.size(); ++i)
    if (takesPart(i)) sum += std::exp(x[i] - most);
  std::vector<double> y(x.size(), logarithm ? -INFINITY : 0.0);
  for (size_t i = 0; i < x.size(); ++i) {
    if (!takesPart(i)) continue;
    y[i] = logarithm ? x[i] - most - std::log(sum) : std::exp(x[i] - most) / sum;
  }
  return y;
}

}  // namespace

TEST_CASE("softmax takes the lanes that take part", "[rows]") {
  Kernels kernels;
  for (bool masked : {false, true})
    for (bool logarithm : {false, true})
      addRow(kernels, "softmax" + std::to_string(2 * masked + logarithm), kAny,
             [=](OpBuilder& b, Location loc, Value* rows, Value count) {
               auto lanes = [&](OpBuilder& b, Location loc, Value i, Value mask) {
                 return positive(b, loc, rows[2], i, mask);
               };
               if (masked)
                 softmaxRow(b, loc, rows[0], rows[1], count, logarithm, lanes);
               else
                 softmaxRow(b, loc, rows[0], rows[1], count, logarithm);
             });
  for (int kind = 0; kind < 4; ++kind)
    for (int64_t count : kLengths)
      for (bool noneTakesPart : {false, true}) {
        Guarded<float> x(count), weight(count), first(count);
        fill(x.span(), 9), fill(weight.span(), 10);
        for (float& value : x.span()) value *= 30;
        if (noneTakesPart)
          for (float& value : weight.span()) value = -1;
        auto want = softmax(x.span(), weight.span(), kind >= 2, kind % 2);
        for (const Target* target : runnable()) {
          Guarded<float> y(count, 7.0f);
          kernels.get<Run>(*target, "softmax" + std::to_string(kind))(
              x.data(), y.data(), weight.data(), weight.data(), count);
          for (int64_t i = 0; i < count; ++i) {
            CAPTURE(target->suffix, kind, count, i, y[i], want[i]);
            double bound = 1e-6 * std::max(1.0, std::fabs(want[i]));
            REQUIRE((y[i] == want[i] || std::fabs(y[i] - want[i]) < bound));
          }
          if (target->isa == SINTER_X86_64_V3) std::copy_n(y.data(), count, first.data());
          if (target->isa == SINTER_X86_64_V4)
            for (int64_t i = 0; i < count; ++i) REQUIRE(same(first[i], y[i]));
        }
      }
}

TEST_CASE("layer norm of static and dynamic rows is the same", "[rows]") {
  Kernels kernels;
  auto body = [](OpBuilder& b, Location loc, Value* rows, Value count) {
    layerNormRow(b, loc, rows[0], rows[1], count, 1e-5, rows[2], rows[3]);
  };
  addRow(kernels, "norm", kAny, body);
  for (int64_t size : {32, 100}) addRow(kernels, "norm" + std::to_string(size), size, body);
  for (const Target* target : runnable())
    for (int64_t count : kLengths) {
      Guarded<float> x(count), weight(count), bias(count), y(count);
      fill(x.span(), 1), fill(weight.span(), 2), fill(bias.span(), 3);
      for (float& value : x.span()) value += 100;
      auto norm = kernels.get<Run>(*target, "norm");
      norm(x.data(), y.data(), weight.data(), bias.data(), count);
      double mean = 0, variance = 0;
      for (float value : x.span()) mean += value / double(count);
      for (float value : x.span()) variance += (value - mean) * (value - mean) / double(count);
      for (int64_t i = 0; i < count; ++i) {
        double want = (x[i] - mean) / std::sqrt(variance + 1e-5) * weight[i] + bias[i];
        REQUIRE(std::fabs(y[i] - want) < 1e-4);  // x itself has 1e-5 of noise at 100
      }
      if (count == 32 || count == 100) {
        Guarded<float> fixed(count);
        kernels.get<Run>(*target, "norm" + std::to_string(count))(x.data(), fixed.data(),
                                                                 weight.data(), bias.data(), count);
        for (int64_t i = 0; i < count; ++i) REQUIRE(same(y[i], fixed[i]));
      }
      norm(x.data(), x.data(), weight.data(), bias.data(), count);  // in place
      for (int64_t i = 0; i < count; ++i) REQUIRE(same(y[i], x[i]));
    }
}

TEST_CASE("folds keep element e in lane e mod 16", "[rows]") {
  Kernels kernels;
  const std::pair<const char*, LaneFold> folds[] = {
      {"add", LaneFold::kAdd}, {"mul", LaneFold::kMul}, {"min", LaneFold::kMin},
      {"max", LaneFold::kMax}};
  for (auto [name, fold] : folds)
    addRow(kernels, name, kAny, [=](OpBuilder& b, Location loc, Value* rows, Value count) {
      auto load = [&](OpBuilder& b, Location loc, Value i, Value mask) {
        return loadLanes(b, loc, rows[0], i, mask);
      };
      Value result = foldRow(b, loc, count, fold, load);
      Value zero = mlir::arith::ConstantIndexOp::create(b, loc, 0);
      auto one = mlir::MemRefType::get({1}, b.getF32Type());
      Value place = mlir::memref::ReinterpretCastOp::create(
          b, loc, one, rows[1], 0, llvm::ArrayRef<int64_t>{1}, llvm::ArrayRef<int64_t>{1});
      mlir::memref::StoreOp::create(b, loc, result, place, zero);
    });
  auto apply = [](LaneFold fold, float x, float y) {
    switch (fold) {
      case LaneFold::kAdd: return x + y;
      case LaneFold::kMul: return x * y;
      case LaneFold::kMin: return std::min(x, y);
      case LaneFold::kMax: return std::max(x, y);
    }
    return 0.0f;
  };
  constexpr float inf = std::numeric_limits<float>::infinity();
  for (const Target* target : runnable())
    for (auto [name, fold] : folds)
      for (int64_t count : kLengths) {
        Guarded<float> x(count), out(1);
        fill(x.span(), 4);
        float identity = fold == LaneFold::kAdd   ? 0
                         : fold == LaneFold::kMul ? 1
                         : fold == LaneFold::kMin ? inf
                                                  : -inf;
        std::vector<float> lanes(kLanes, identity);
        for (int64_t i = 0; i < count; ++i) lanes[i % 16] = apply(fold, lanes[i % 16], x[i]);
        for (int64_t half = 8; half >= 1; half /= 2)
          for (int64_t i = 0; i < half; ++i) lanes[i] = apply(fold, lanes[i], lanes[i + half]);
        kernels.get<Run>(*target, name)(x.data(), out.data(), x.data(), x.data(), count);
        CAPTURE(target->suffix, name, count);
        REQUIRE(same(out[0], lanes[0]));
      }
}
