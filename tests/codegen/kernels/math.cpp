// Elementary functions against the C library in double, over floats of every exponent; scalar
// against vector code and target against target bit for bit.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "Harness.h"
#include "codegen/Call.h"
#include "codegen/Math.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace sinter;
using namespace sinter::test;
using mlir::Location;
using mlir::OpBuilder;
using mlir::Value;

namespace {

using Run = void(const float* x, const float* y, float* out, int64_t count);
using Build = std::function<Value(OpBuilder&, Location, Value x, Value y)>;

template <class Op>
Value unary(OpBuilder& b, Location loc, Value x, Value) {
  return Op::create(b, loc, x);
}

/// name(x, y, out, count): out[i] = build(x[i], y[i]), `lanes` at a time (1: scalars).
void addLoop(Kernels& kernels, const std::string& name, int64_t lanes, const Build& build) {
  kernels.add(name, 3, 1, [&](OpBuilder& b, Location loc, mlir::ValueRange arguments) {
    auto type = mlir::MemRefType::get({mlir::ShapedType::kDynamic}, b.getF32Type());
    Value memory[3];
    for (int i = 0; i < 3; ++i)
      memory[i] = viewPointer(b, loc, arguments[i], type, arguments[3]);
    Value zero = mlir::arith::ConstantIndexOp::create(b, loc, 0);
    Value step = mlir::arith::ConstantIndexOp::create(b, loc, lanes);
    auto loop = mlir::scf::ForOp::create(b, loc, zero, arguments[3], step);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value i = loop.getInductionVar();
    auto vector = mlir::VectorType::get({lanes}, b.getF32Type());
    auto load = [&](Value from) -> Value {
      if (lanes == 1) return mlir::memref::LoadOp::create(b, loc, from, i);
      return mlir::vector::LoadOp::create(b, loc, vector, from, i);
    };
    Value result = build(b, loc, load(memory[0]), load(memory[1]));
    if (lanes == 1)
      mlir::memref::StoreOp::create(b, loc, result, memory[2], i);
    else
      mlir::vector::StoreOp::create(b, loc, result, memory[2], i);
  });
}

struct Function {
  const char* name;
  Build build;
  double (*exact)(double, double);
  double ulps;      // bound for targets with FMA
  double looseUlps;  // and without
  double from = -std::numeric_limits<double>::infinity();
  double to = std::numeric_limits<double>::infinity();
};

double gelu(double x, double) { return x == -INFINITY ? 0 : x / 2 * std::erfc(-x / std::sqrt(2)); }

const Function kUnary[] = {
    {"exp", unary<mlir::math::ExpOp>, [](double x, double) { return std::exp(x); }, 1.5, 2},
    {"expm1", unary<mlir::math::ExpM1Op>, [](double x, double) { return std::expm1(x); }, 2, 4},
    {"log", unary<mlir::math::LogOp>, [](double x, double) { return std::log(x); }, 1.5, 2},
    {"log1p", unary<mlir::math::Log1pOp>, [](double x, double) { return std::log1p(x); }, 2, 3},
    {"tanh", unary<mlir::math::TanhOp>, [](double x, double) { return std::tanh(x); }, 2, 3},
    {"erf", unary<mlir::math::ErfOp>, [](double x, double) { return std::erf(x); }, 2, 3},
    {"rsqrt", unary<mlir::math::RsqrtOp>, [](double x, double) { return 1 / std::sqrt(x); }, 1.5,
     1.5},
    {"sin", unary<mlir::math::SinOp>, [](double x, double) { return std::sin(x); }, 2, 2, -1e6,
     1e6},
    {"cos", unary<mlir::math::CosOp>, [](double x, double) { return std::cos(x); }, 2, 2, -1e6,
     1e6},
    {"sigmoid", [](OpBuilder& b, Location loc, Value x, Value) { return buildSigmoid(b, loc, x); },
     [](double x, double) {
       double e = std::exp(-std::fabs(x));
       return (x < 0 ? e : 1) / (1 + e);
     },
     3, 3},
    {"softplus",
     [](OpBuilder& b, Location loc, Value x, Value) { return buildSoftplus(b, loc, x); },
     [](double x, double) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }, 3,
     4},
};

double ulpsOff(float got, double want) {
  float rounded = static_cast<float>(want);
  if (std::isnan(want)) return std::isnan(got) ? 0 : INFINITY;
  if (got == rounded) return 0;
  if (!std::isfinite(got) || !std::isfinite(rounded)) {
    // The last float before infinity and infinity itself are neighbours.
    float limit = std::copysign(std::numeric_limits<float>::max(), rounded);
    return (got == limit || rounded == limit) && std::signbit(got) == std::signbit(rounded)
               ? 1 : INFINITY;
  }
  int exponent = std::max(std::ilogb(std::max(std::fabs(rounded), 0x1p-126f)), -126);
  return std::fabs(got - want) / std::ldexp(1.0, exponent - 23);
}

/// Floats of every exponent and sign, with the special ones first.
std::vector<float> everywhere() {
  std::vector<float> xs = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1.0f, -1.0f, 0x1p-149f,
                           -0x1p-149f, 0x1p-126f, 88.72283f, 88.7229f, -87.33655f, -103.97f,
                           -103.98f, 709.0f, 0.625f, 0.925f, 4.0f, 9.1f, 3.4028235e38f};
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 19997)
    xs.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  std::mt19937 random(7);
  for (int i = 0; i < 200000; ++i)  // the interesting range once more, evenly
    xs.push_back(std::uniform_real_distribution<float>(-20, 20)(random));
  while (xs.size() % kLanes) xs.push_back(0.5f);
  return xs;
}

}  // namespace

TEST_CASE("functions of one argument are right to a few ulp", "[math]") {
  Kernels kernels;
  for (const Function& f : kUnary) {
    addLoop(kernels, f.name, kLanes, f.build);
    addLoop(kernels, std::string(f.name) + "_scalar", 1, f.build);
  }
  const std::vector<float> xs = everywhere();
  std::vector<float> vectors(xs.size()), scalars(xs.size()), first;
  for (const Function& f : kUnary) {
    first.clear();
    for (const Target* target : runnable()) {
      auto count = static_cast<int64_t>(xs.size());
      kernels.get<Run>(*target, f.name)(xs.data(), xs.data(), vectors.data(), count);
      kernels.get<Run>(*target, std::string(f.name) + "_scalar")(xs.data(), xs.data(),
                                                                scalars.data(), count);
      double worst = 0;
      float worstAt = 0;
      int64_t differing = 0, acrossTargets = 0;
      for (size_t i = 0; i < xs.size(); ++i) {
        differing += !same(vectors[i], scalars[i]);
        if (target->fma && !first.empty()) acrossTargets += !same(vectors[i], first[i]);
        if (xs[i] < f.from || xs[i] > f.to) continue;
        double off = ulpsOff(vectors[i], f.exact(xs[i], 0));
        if (off > worst) worst = off, worstAt = xs[i];
      }
      if (target->fma) first = vectors;
      CAPTURE(target->suffix, f.name, worst, worstAt, differing, acrossTargets);
      CHECK(worst <= (target->fma ? f.ulps : f.looseUlps));
      CHECK(differing == 0);
      CHECK(acrossTargets == 0);
    }
  }
}

TEST_CASE("pow and remainders follow C and torch", "[math]") {
  const Function list[] = {
      {"pow", [](OpBuilder& b, Location loc, Value x, Value y) { return buildPow(b, loc, x, y); },
       [](double x, double y) { return std::pow(x, y); }, 1, 1},
      {"fmod",
       [](OpBuilder& b, Location loc, Value x, Value y) -> Value {
         return mlir::arith::RemFOp::create(b, loc, x, y);
       },
       [](double x, double y) { return std::fmod(x, y); }, 0.5, 0.5},
      {"remainder",
       [](OpBuilder& b, Location loc, Value x, Value y) { return buildRemainder(b, loc, x, y); },
       [](double x, double y) {
         double r = std::fmod(x, y);
         return r != 0 && (r < 0) != (y < 0) ? r + y : r;
       },
       0.5, 0.5},
  };
  std::vector<float> xs, ys;
  const float special[] = {0.0f, -0.0f, 1.0f, -1.0f, 2.0f, -2.0f, 0.5f, -0.5f, 3.0f, -3.0f, 2.5f,
                           -2.5f, INFINITY, -INFINITY, NAN, 1e-40f, -1e-40f, 3e38f, 1e9f};
  for (float x : special)
    for (float y : special) xs.push_back(x), ys.push_back(y);
  std::mt19937 random(11);
  for (int i = 0; i < 100000; ++i) {
    xs.push_back(std::uniform_real_distribution<float>(i % 2 ? -50 : 0, 50)(random));
    float y = std::uniform_real_distribution<float>(-30, 30)(random);
    ys.push_back(i % 2 ? std::round(y) : y);
  }
  while (xs.size() % kLanes) xs.push_back(1), ys.push_back(1);

  Kernels kernels;
  for (const Function& f : list) addLoop(kernels, f.name, kLanes, f.build);
  std::vector<float> out(xs.size());
  for (const Target* target : runnable())
    for (const Function& f : list) {
      kernels.get<Run>(*target, f.name)(xs.data(), ys.data(), out.data(), xs.size());
      double worst = 0;
      float x = 0, y = 0, got = 0;
      for (size_t i = 0; i < xs.size(); ++i) {
        bool isPow = f.name == std::string("pow");
        if (!isPow && std::fabs(xs[i] / ys[i]) > 0x1p28) continue;
        double off = ulpsOff(out[i], f.exact(xs[i], ys[i]));
        if (off > worst) worst = off, x = xs[i], y = ys[i], got = out[i];
      }
      CAPTURE(target->suffix, f.name, x, y, got);
      CHECK(worst <= f.ulps);
    }
}

TEST_CASE("gelu is right to 5e-7", "[math]") {
  Kernels kernels;
  addLoop(kernels, "gelu", kLanes,
          [](OpBuilder& b, Location loc, Value x, Value) { return buildGelu(b, loc, x); });
  addLoop(kernels, "gelu_tanh", kLanes,
          [](OpBuilder& b, Location loc, Value x, Value) { return buildGeluTanh(b, loc, x); });
  std::vector<float> xs;
  for (int i = -16000; i < 16000; ++i) xs.push_back(i / 1600.0f);
  std::vector<float> out(xs.size());
  for (const Target* target : runnable()) {
    double worst = 0, worstTanh = 0;
    kernels.get<Run>(*target, "gelu")(xs.data(), xs.data(), out.data(), xs.size());
    for (size_t i = 0; i < xs.size(); ++i)
      worst = std::max(worst, std::fabs(out[i] - gelu(xs[i], 0)) / std::max(1.0f, xs[i]));
    kernels.get<Run>(*target, "gelu_tanh")(xs.data(), xs.data(), out.data(), xs.size());
    for (size_t i = 0; i < xs.size(); ++i) {
      double x = xs[i], inner = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
      double want = x / 2 * (1 + std::tanh(inner));
      worstTanh = std::max(worstTanh, std::fabs(out[i] - want) / std::max(1.0, x));
    }
    CHECK(worst < 5e-7);
    CHECK(worstTanh < 5e-7);
  }
}

TEST_CASE("sin and cos of the largest numbers are right", "[math]") {
  Kernels kernels;
  addLoop(kernels, "sin", kLanes, unary<mlir::math::SinOp>);
  addLoop(kernels, "cos", kLanes, unary<mlir::math::CosOp>);
  std::vector<float> xs;
  for (uint64_t bits = 0x49000000; bits < 0x7F800000; bits += 9973)  // from 2^19 on
    for (uint32_t sign : {0u, 1u << 31})
      xs.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits) | sign));
  while (xs.size() % kLanes) xs.push_back(1e6f);
  std::vector<float> out(xs.size());
  for (const Target* target : runnable())
    for (bool cosine : {false, true}) {
      kernels.get<Run>(*target, cosine ? "cos" : "sin")(xs.data(), xs.data(), out.data(), xs.size());
      double worst = 0;
      for (size_t i = 0; i < xs.size(); ++i) {
        double x = xs[i], error = std::fabs(out[i] - (cosine ? std::cos(x) : std::sin(x)));
        worst = std::isnan(error) ? INFINITY : std::max(worst, error);
      }
      CHECK(worst < 0x1p-23);
    }
}

TEST_CASE("half precision conversions agree with the hardware's", "[math]") {
  Kernels kernels;
  for (bool brain : {false, true})
    addLoop(kernels, brain ? "bf16" : "f16", kLanes,
            [&](OpBuilder& b, Location loc, Value x, Value) -> Value {
              mlir::Type half = brain ? mlir::Type(b.getBF16Type()) : b.getF16Type();
              auto type = mlir::cast<mlir::VectorType>(x.getType()).clone(half);
              Value narrow = mlir::arith::TruncFOp::create(b, loc, type, x);
              return mlir::arith::ExtFOp::create(b, loc, x.getType(), narrow);
            });
  std::vector<float> xs = everywhere();
  for (uint32_t i = 0; i < (1u << 16); ++i)  // every value just beside a tie
    for (uint32_t low : {0x7FFF, 0x8000}) xs.push_back(std::bit_cast<float>(i << 16 | low));
  for (uint32_t i = 0; i < (1u << 19); ++i) xs.push_back(std::bit_cast<float>(i << 13 | 0x1000));
  while (xs.size() % kLanes) xs.push_back(0);
  std::vector<float> out(xs.size());
  for (const Target* target : runnable()) {
    kernels.get<Run>(*target, "f16")(xs.data(), xs.data(), out.data(), xs.size());
    int64_t wrong = 0;
    for (size_t i = 0; i < xs.size(); ++i)
      wrong += !same(out[i], static_cast<float>(static_cast<_Float16>(xs[i])));
    CHECK(wrong == 0);
    kernels.get<Run>(*target, "bf16")(xs.data(), xs.data(), out.data(), xs.size());
    wrong = 0;
    for (size_t i = 0; i < xs.size(); ++i) {
      uint32_t bits = std::bit_cast<uint32_t>(xs[i]);
      uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000;
      wrong += !same(out[i], std::isnan(xs[i]) ? NAN : std::bit_cast<float>(rounded));
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("lanes fold by one tree", "[math]") {
  Kernels kernels;
  const std::pair<const char*, LaneFold> folds[] = {{"add", LaneFold::kAdd},
                                                    {"mul", LaneFold::kMul},
                                                    {"min", LaneFold::kMin},
                                                    {"max", LaneFold::kMax}};
  for (auto [name, fold] : folds)
    addLoop(kernels, name, kLanes, [&](OpBuilder& b, Location loc, Value x, Value) -> Value {
      return mlir::vector::BroadcastOp::create(b, loc, x.getType(), foldLanes(b, loc, x, fold));
    });
  std::vector<float> xs(32 * kLanes), out(xs.size());
  fill(xs, 5);
  xs[100] = NAN;
  auto apply = [](LaneFold fold, float x, float y) {
    if (fold == LaneFold::kAdd) return x + y;
    if (fold == LaneFold::kMul) return x * y;
    if (std::isnan(x) || std::isnan(y)) return NAN;
    return fold == LaneFold::kMin ? std::min(x, y) : std::max(x, y);
  };
  for (const Target* target : runnable())
    for (auto [name, fold] : folds) {
      kernels.get<Run>(*target, name)(xs.data(), xs.data(), out.data(), xs.size());
      int64_t wrong = 0;
      for (size_t at = 0; at < xs.size(); at += kLanes) {
        std::vector<float> tree(xs.begin() + at, xs.begin() + at + kLanes);
        for (int64_t half = kLanes / 2; half >= 1; half /= 2)
          for (int64_t i = 0; i < half; ++i) tree[i] = apply(fold, tree[i], tree[i + half]);
        wrong += !same(tree[0], out[at]) + !same(tree[0], out[at + kLanes - 1]);
      }
      CHECK(wrong == 0);
    }
}
