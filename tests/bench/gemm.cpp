// Matrix kernels as a share of the machine's own FMA peak, which is measured beside every figure:
// "hot" uses one weight matrix again and again, "cold" walks through 256 MB of them, as models do.
// Usage: bench_gemm [v2|v3|v4]. One thread; medians of 15 rounds.
#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "Harness.h"
#include "codegen/Call.h"
#include "codegen/Gemm.h"
#include "codegen/Math.h"
#include "codegen/Pack.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace sinter;
using namespace sinter::test;
using mlir::Location;
using mlir::OpBuilder;
using mlir::Value;

namespace {

double now() {
  auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(time).count();
}

// Twelve independent chains of FMAs (v2: products and sums) in the target's widest registers.
constexpr int kPeakRounds = 100000;

__attribute__((target("avx512f"))) double peakV4() {
  __m512 x[12];
  for (auto& v : x) v = _mm512_set1_ps(1.0f);
  __m512 factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(0.001f);
  double start = now();
  for (int i = 0; i < kPeakRounds; ++i) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 12; ++j) x[j] = _mm512_fmadd_ps(x[j], factor, term);
    asm volatile("" : "+v"(x[0]));
  }
  double seconds = now() - start;
  for (auto& v : x) asm volatile("" : : "v"(v));
  return 2.0 * 16 * 12 * kPeakRounds / seconds;
}

__attribute__((target("avx2,fma"))) double peakV3() {
  __m256 x[12];
  for (auto& v : x) v = _mm256_set1_ps(1.0f);
  __m256 factor = _mm256_set1_ps(0.999f), term = _mm256_set1_ps(0.001f);
  double start = now();
  for (int i = 0; i < kPeakRounds; ++i) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 12; ++j) x[j] = _mm256_fmadd_ps(x[j], factor, term);
    asm volatile("" : "+x"(x[0]));
  }
  double seconds = now() - start;
  for (auto& v : x) asm volatile("" : : "x"(v));
  return 2.0 * 8 * 12 * kPeakRounds / seconds;
}

double peakV2() {
  __m128 x[12];
  for (auto& v : x) v = _mm_set1_ps(1.0f);
  __m128 factor = _mm_set1_ps(0.999f), term = _mm_set1_ps(0.001f);
  double start = now();
  for (int i = 0; i < kPeakRounds; ++i) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 12; ++j) x[j] = _mm_add_ps(_mm_mul_ps(x[j], factor), term);
    asm volatile("" : "+x"(x[0]));
  }
  double seconds = now() - start;
  for (auto& v : x) asm volatile("" : : "x"(v));
  return 2.0 * 4 * 12 * kPeakRounds / seconds;
}

double peak(const Target& target) {
  double best = 0;
  for (int i = 0; i < 3; ++i)
    best = std::max(best, target.vectorBits == 512   ? peakV4()
                          : target.vectorBits == 256 ? peakV3()
                                                     : peakV2());
  return best;
}

using Run = void(const float* a, const float* panels, float* c, const float* bias, int64_t rows);

void addGemm(Kernels& kernels, const std::string& name, int64_t n, int64_t k, bool gelu) {
  kernels.add(name, 4, 1, [&](OpBuilder& b, Location loc, mlir::ValueRange x) {
    auto f32 = b.getF32Type();
    auto view = [&](int i, llvm::ArrayRef<int64_t> shape, mlir::ValueRange extents) {
      return viewPointer(b, loc, x[i], mlir::MemRefType::get(shape, f32), extents);
    };
    constexpr int64_t any = mlir::ShapedType::kDynamic;
    int64_t panelCount = (n + kPanel - 1) / kPanel;
    Value bias = view(3, {n}, {});
    GemmSpec spec{.hint = name, .n = n, .k = k, .extras = {bias.getType()}};
    spec.start = [](OpBuilder& b, Location loc, const GemmLanes& lanes) {
      return loadColumns(b, loc, lanes.extras[0], lanes);
    };
    if (gelu)
      spec.epilogue = [](OpBuilder& b, Location loc, Value sum, const GemmLanes&) {
        return buildGelu(b, loc, sum);
      };
    GemmCall call;
    call.a = view(0, {any, k}, x[4]);
    call.panels = view(1, {panelCount, k, kPanel}, {});
    call.c = view(2, {any, n}, x[4]);
    call.rowBegin = call.panelBegin = mlir::arith::ConstantIndexOp::create(b, loc, 0);
    call.rowEnd = x[4];
    call.panelEnd = mlir::arith::ConstantIndexOp::create(b, loc, panelCount);
    call.extras = {bias};
    callGemm(b, loc, declareGemm(kernels.module(), loc, spec), call);
  });
}

struct Shape {
  int64_t m, n, k;
  bool gelu = false;
};

constexpr Shape kShapes[] = {
    {128, 768, 768}, {128, 2304, 768}, {128, 3072, 768}, {128, 3072, 768, true}, {128, 768, 3072},
    {128, 64, 128},  {128, 200, 200},  {384, 768, 768},  {17, 768, 768},         {16, 3072, 768},
    {16, 768, 3072}, {8, 3072, 768},   {4, 3072, 768},   {2, 3072, 768},         {1, 3072, 768},
    {1, 768, 3072}};

std::string nameOf(const Shape& s) {
  return "g" + std::to_string(s.n) + "_" + std::to_string(s.k) + (s.gelu ? "_gelu" : "");
}

/// Seconds of one product, the median over rounds; `copies` matrices in turn.
double measure(Run* gemm, const Shape& s, const std::vector<float*>& weights, const float* a,
               float* c, const float* bias) {
  std::vector<double> rounds;
  size_t next = 0;
  double work = 2.0 * s.m * s.n * s.k;
  int repeats = std::max(1, static_cast<int>(2e9 / work / 8));
  for (int round = 0; round < 15; ++round) {
    double start = now();
    for (int i = 0; i < repeats; ++i) {
      gemm(a, weights[next], c, bias, s.m);
      next = (next + 1) % weights.size();
    }
    rounds.push_back((now() - start) / repeats);
  }
  std::nth_element(rounds.begin(), rounds.begin() + 7, rounds.end());
  return rounds[7];
}

}  // namespace

int main(int argc, char** argv) {
  const Target* target = argc > 1 ? findTarget(argv[1]) : runnable().back();
  if (!target || !runs(*target)) return std::puts("no such target here"), 2;
  Kernels kernels;
  std::vector<std::string> added;
  for (const Shape& s : kShapes)
    if (std::find(added.begin(), added.end(), nameOf(s)) == added.end()) {
      addGemm(kernels, nameOf(s), s.n, s.k, s.gelu);
      added.push_back(nameOf(s));
    }
  constexpr size_t kFloats = size_t{64} << 20;  // 256 MB
  std::unique_ptr<float[], decltype(&std::free)> pool(
      static_cast<float*>(std::aligned_alloc(64, kFloats * sizeof(float))), std::free);
  std::span<float> all(pool.get(), kFloats);
  fill(all, 1);
  std::vector<float> a(384 * 3072), c(384 * 3072), bias(3072);
  fill(a, 2), fill(bias, 3);
  double start = now();
  kernels.get<Run>(*target, nameOf(kShapes[0]));
  std::printf("%s: %zu kernels compiled in %.0f ms\n", target->suffix.data(),
              added.size(), (now() - start) * 1e3);
  std::printf("%-22s %9s %7s %7s %9s\n", "M x N x K", "us cold", "hot", "cold", "GB/s cold");
  for (const Shape& s : kShapes) {
    auto gemm = kernels.get<Run>(*target, nameOf(s));
    std::vector<float*> hot = {all.data()}, cold;
    size_t size = (s.n + kPanel - 1) / kPanel * kPanel * s.k;
    for (size_t at = 0; at + size <= kFloats; at += size) cold.push_back(all.data() + at);
    double flops = 2.0 * s.m * s.n * s.k;
    double before = peak(*target);
    double hotTime = measure(gemm, s, hot, a.data(), c.data(), bias.data());
    double coldTime = measure(gemm, s, cold, a.data(), c.data(), bias.data());
    double reference = std::max(before, peak(*target));
    std::printf("%3ld x %4ld x %4ld %-5s %9.1f %6.1f%% %6.1f%% %9.1f\n", s.m, s.n, s.k,
                s.gelu ? "gelu" : "", coldTime * 1e6, 100 * flops / hotTime / reference,
                100 * flops / coldTime / reference, size * 4 / coldTime * 1e-9);
  }
}
