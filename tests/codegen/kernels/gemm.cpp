// Matrix kernels against the chain they promise, bit for bit: start, then one FMA (v2: product and
// sum) per k. That implies what is asked of them: no dependence on M, on how ranges are split, on
// the tile, or, among targets with FMA, on the target.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

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
using mlir::ShapedType;
using mlir::Value;

namespace {

constexpr int64_t kAny = ShapedType::kDynamic;
constexpr float kUntouched = 12345.0f;

// a, panels, c, bias [n], residual (as c) and the sizes; lda and ldc are row strides.
using Run = void(const float* a, const float* panels, float* c, const float* bias,
                 const float* residual, int64_t m, int64_t n, int64_t k, int64_t lda, int64_t ldc,
                 int64_t rowBegin, int64_t rowEnd, int64_t panelBegin, int64_t panelEnd);

enum class Form { kPlain, kBias, kBiasRelu, kBiasResidualRelu, kAccumulate };

Value strided(OpBuilder& b, Location loc, Value pointer, Value rows, Value columns, Value stride,
              int64_t staticColumns) {
  auto flat = mlir::MemRefType::get({kAny}, b.getF32Type());
  Value size = mlir::arith::MulIOp::create(b, loc, rows, stride);
  Value memory = viewPointer(b, loc, pointer, flat, size);
  auto type = gemmCType(b.getContext(), staticColumns);
  mlir::OpFoldResult width = columns;
  if (!ShapedType::isDynamic(staticColumns)) width = b.getIndexAttr(staticColumns);
  llvm::SmallVector<mlir::OpFoldResult> sizes = {rows, width};
  llvm::SmallVector<mlir::OpFoldResult> strides = {stride, b.getIndexAttr(1)};
  mlir::OpFoldResult offset = b.getIndexAttr(0);
  auto made = mlir::memref::ReinterpretCastOp::create(b, loc, memory, offset, sizes, strides);
  return mlir::memref::CastOp::create(b, loc, type, made);
}

struct Operands {
  GemmCall call;
  Value bias, residual;
};

/// The arguments `x` of a Run.
Operands operandsOf(OpBuilder& b, Location loc, mlir::ValueRange x, int64_t n, int64_t k) {
  auto context = b.getContext();
  auto vector = mlir::MemRefType::get({kAny}, b.getF32Type());
  GemmCall call;
  call.a = strided(b, loc, x[0], x[5], x[7], x[8], k);
  llvm::SmallVector<Value> extents = {x[13]};  // panels up to panelEnd
  if (k == kAny) extents.push_back(x[7]);
  call.panels = viewPointer(b, loc, x[1], gemmPanelType(context, k), extents);
  call.c = strided(b, loc, x[2], x[5], x[6], x[9], n);
  call.rowBegin = x[10], call.rowEnd = x[11], call.panelBegin = x[12], call.panelEnd = x[13];
  return {call, viewPointer(b, loc, x[3], vector, x[6]),
          strided(b, loc, x[4], x[5], x[6], x[9], n)};
}

void addGemm(Kernels& kernels, const std::string& name, int64_t n, int64_t k, Form form) {
  kernels.add(name, 5, 9, [&](OpBuilder& b, Location loc, mlir::ValueRange x) {
    GemmSpec spec{.hint = name, .n = n, .k = k};
    auto [call, bias, residual] = operandsOf(b, loc, x, n, k);
    if (form != Form::kPlain) {
      spec.extras = {bias.getType(), residual.getType()};
      call.extras = {bias, residual};
    }
    if (form == Form::kBias || form == Form::kBiasResidualRelu)
      spec.start = [](OpBuilder& b, Location loc, const GemmLanes& lanes) {
        return loadColumns(b, loc, lanes.extras[0], lanes);
      };
    if (form == Form::kAccumulate)
      spec.start = [](OpBuilder& b, Location loc, const GemmLanes& lanes) {
        return loadMatrix(b, loc, lanes.extras[1], lanes);
      };
    if (form == Form::kBiasResidualRelu)
      spec.epilogue = [](OpBuilder& b, Location loc, Value sum, const GemmLanes& lanes) -> Value {
        Value residual = loadMatrix(b, loc, lanes.extras[1], lanes);
        Value both = mlir::arith::AddFOp::create(b, loc, sum, residual);
        Value zero = mlir::arith::ConstantOp::create(b, loc, b.getZeroAttr(both.getType()));
        return mlir::arith::MaximumFOp::create(b, loc, both, zero);
      };
    auto kernel = declareGemm(kernels.module(), loc, spec);
    callGemm(b, loc, kernel, call);
  });
}

/// The example of codegen/README.md, as it stands there: relu(bias + product) of 768 by 768.
void addReadme(Kernels& kernels) {
  kernels.add("readme", 5, 9, [&](OpBuilder& b, Location loc, mlir::ValueRange x) {
    using namespace mlir;
    ModuleOp module = kernels.module();
    auto [call, bias, residual] = operandsOf(b, loc, x, 768, 768);
    call.extras = {bias};
#include "readme.inc"
  });
}

struct Case {
  Case(int64_t m, int64_t n, int64_t k, int64_t slack = 3)
      : m(m), n(n), k(k), lda(k + slack), ldc(n + slack), panels((n + kPanel - 1) / kPanel),
        a(m * lda), b(n * k), packed(0), c(m * ldc, kUntouched), bias(n), residual(m * ldc) {
    fill(a.span(), 1), fill(b, 2), fill(bias.span(), 3), fill(residual.span(), 4);
    packed = packPanels(b, n, k);
  }

  void run(Run* gemm, int64_t rowBegin, int64_t rowEnd, int64_t panelBegin, int64_t panelEnd) {
    gemm(a.data(), packed.data(), c.data(), bias.data(), residual.data(), m, n, k, lda, ldc,
         rowBegin, rowEnd, panelBegin, panelEnd);
  }

  float expected(int64_t row, int64_t column, Form form, bool fma) {
    float sum = 0;
    if (form != Form::kPlain) sum = bias[column];
    if (form == Form::kAccumulate) sum = residual[row * ldc + column];
    for (int64_t i = 0; i < k; ++i) {
      float x = a[row * lda + i], y = b[column * k + i];
      if (fma) {
        sum = std::fma(x, y, sum);
      } else {
        volatile float product = x * y;
        sum = product + sum;
      }
    }
    if (form == Form::kBiasResidualRelu) sum += residual[row * ldc + column];
    if (form == Form::kBiasResidualRelu || form == Form::kBiasRelu)
      sum = std::isnan(sum) ? sum : std::max(sum, 0.0f);
    return sum;
  }

  /// The number of wrong elements, untouched gaps between rows included.
  int64_t wrong(Form form, bool fma) {
    int64_t count = 0;
    for (int64_t row = 0; row < m; ++row)
      for (int64_t column = 0; column < ldc; ++column) {
        float want = column < n ? expected(row, column, form, fma) : kUntouched;
        count += !same(c[row * ldc + column], want);
      }
    return count;
  }

  int64_t m, n, k, lda, ldc, panels;
  Guarded<float> a;
  std::vector<float> b, packed;
  Guarded<float> c, bias, residual;
};

}  // namespace

TEST_CASE("kernels of any size compute the promised chain", "[gemm]") {
  Kernels kernels;
  addGemm(kernels, "plain", kAny, kAny, Form::kPlain);
  addGemm(kernels, "relu", kAny, kAny, Form::kBiasResidualRelu);
  addGemm(kernels, "accumulate", kAny, kAny, Form::kAccumulate);
  const std::pair<const char*, Form> forms[] = {{"plain", Form::kPlain},
                                                {"relu", Form::kBiasResidualRelu},
                                                {"accumulate", Form::kAccumulate}};
  for (const Target* target : runnable())
    for (auto [name, form] : forms) {
      auto gemm = kernels.get<Run>(*target, name);
      for (int64_t m : {0, 1, 2, 3, 5, 7, 8, 9, 11, 17, 25})
        for (int64_t n : {1, 15, 16, 17, 47, 48, 49, 64, 97, 131})
          for (int64_t k : {0, 1, 3, 4, 5, 67}) {
            Case x(m, n, k);
            x.run(gemm, 0, m, 0, x.panels);
            CAPTURE(target->suffix, name, m, n, k);
            REQUIRE(x.wrong(form, target->fma) == 0);
          }
    }
}

TEST_CASE("kernels of fixed size compute the same", "[gemm]") {
  Kernels kernels;
  struct Fixed {
    int64_t n, k;
    Form form;
    std::string name = "fixed" + std::to_string(n) + "x" + std::to_string(k);
  };
  const Fixed list[] = {{96, 64, Form::kBias}, {100, 37, Form::kBiasResidualRelu},
                        {10, 5, Form::kBias},  {48, 4, Form::kPlain},
                        {1, 131, Form::kPlain}, {32, 7, Form::kAccumulate},
                        {64, 9, Form::kBias},  {72, 6, Form::kBiasResidualRelu}};
  for (const Fixed& f : list) addGemm(kernels, f.name, f.n, f.k, f.form);
  for (const Target* target : runnable())
    for (const Fixed& f : list)
      for (int64_t m : {0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 31, 130}) {
        Case x(m, f.n, f.k, /*slack=*/m % 2);
        x.run(kernels.get<Run>(*target, f.name), 0, m, 0, x.panels);
        CAPTURE(target->suffix, f.name, m);
        REQUIRE(x.wrong(f.form, target->fma) == 0);
      }
}

TEST_CASE("the README's example computes what it says", "[gemm]") {
  Kernels kernels;
  addReadme(kernels);
  for (const Target* target : runnable()) {
    Case x(3, 768, 768);
    x.run(kernels.get<Run>(*target, "readme"), 0, x.m, 0, x.panels);
    CHECK(x.wrong(Form::kBiasRelu, target->fma) == 0);
  }
}

TEST_CASE("ranges of rows and panels fill exactly their part", "[gemm]") {
  Kernels kernels;
  constexpr Form form = Form::kBiasResidualRelu;
  addGemm(kernels, "any", kAny, kAny, form);
  addGemm(kernels, "fixed", 163, 40, form);
  for (const Target* target : runnable())
    for (const char* name : {"any", "fixed"}) {
      auto gemm = kernels.get<Run>(*target, name);
      CAPTURE(target->suffix, name);
      for (int64_t step : {1, 2, 3, 8}) {
        Case x(19, 163, 40);
        for (int64_t row = 0; row < x.m; row += step)
          for (int64_t panel = 0; panel < x.panels; ++panel)
            x.run(gemm, row, std::min(row + step, x.m), panel, panel + 1);
        REQUIRE(x.wrong(form, target->fma) == 0);
      }
      for (auto [first, last] : {std::pair(1, 3), std::pair(3, 4), std::pair(2, 2)}) {
        Case part(19, 163, 40);
        part.run(gemm, 4, 9, first, last);
        for (int64_t row = 0; row < part.m; ++row)
          for (int64_t column = 0; column < part.n; ++column) {
            bool inside = row >= 4 && row < 9 && column >= first * kPanel &&
                          column < last * kPanel;
            float want = inside ? part.expected(row, column, form, target->fma) : kUntouched;
            REQUIRE(same(part.c[row * part.ldc + column], want));
          }
      }
    }
}

TEST_CASE("NaN, infinities and denormals stay in their row", "[gemm]") {
  Kernels kernels;
  addGemm(kernels, "plain", kAny, kAny, Form::kPlain);
  constexpr float inf = std::numeric_limits<float>::infinity();
  for (const Target* target : runnable()) {
    Case x(9, 50, 12);
    x.a[0 * x.lda + 3] = NAN, x.a[1 * x.lda + 11] = inf, x.a[2 * x.lda] = 0x1p-149f;
    x.a[7 * x.lda + 1] = -inf, x.a[7 * x.lda + 2] = inf, x.a[8 * x.lda + 5] = 0x1p-130f;
    x.run(kernels.get<Run>(*target, "plain"), 0, 9, 0, x.panels);
    CHECK(x.wrong(Form::kPlain, target->fma) == 0);
  }
}

TEST_CASE("equal kernels are declared once, different ones are not", "[gemm]") {
  Kernels kernels;
  auto module = kernels.module();
  auto loc = module.getLoc();
  auto scaled = [](double factor) {
    return [=](OpBuilder& b, Location loc, Value sum, const GemmLanes&) -> Value {
      auto type = mlir::cast<mlir::VectorType>(sum.getType());
      auto value = mlir::DenseElementsAttr::get(type, static_cast<float>(factor));
      Value constant = mlir::arith::ConstantOp::create(b, loc, value);
      return mlir::arith::MulFOp::create(b, loc, sum, constant);
    };
  };
  auto first = declareGemm(module, loc, {.hint = "x", .n = 48, .k = 4, .epilogue = scaled(2)});
  CHECK(first == declareGemm(module, loc, {.hint = "y", .n = 48, .k = 4, .epilogue = scaled(2)}));
  CHECK(first != declareGemm(module, loc, {.hint = "x", .n = 48, .k = 4, .epilogue = scaled(3)}));
  CHECK(first != declareGemm(module, loc, {.hint = "x", .n = 48, .k = 5, .epilogue = scaled(2)}));
  CHECK(first != declareGemm(module, loc, {.hint = "x", .n = 48, .k = 4}));
  CHECK(mlir::succeeded(module.verify()));
}
