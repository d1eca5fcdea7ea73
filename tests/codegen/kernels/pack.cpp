// The weight block: layouts, rounds, alignment, errors; and packing of activations at run time.
#include <catch2/catch.hpp>
#include <cstring>
#include <sstream>

#include "Harness.h"
#include "codegen/Call.h"
#include "codegen/Gemm.h"
#include "codegen/Pack.h"

using namespace sinter;
using namespace sinter::test;

namespace {

/// Tensor `name`'s element i is hash(name) + i.
float element(const std::string& name, int64_t i) {
  float base = 0;
  for (char c : name) base = base * 2 + static_cast<float>(c % 16);
  return base + static_cast<float>(i);
}

std::optional<std::vector<std::byte>> source(const std::string& name, SinterType,
                                             std::span<const int64_t> shape, std::string& error) {
  if (name == "absent") {
    error = "no weight 'absent'";
    return std::nullopt;
  }
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(element(name, i));
  std::vector<std::byte> bytes(count * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace

TEST_CASE("parts of a weight are stored as the matrices that are read", "[pack]") {
  // Of a [3, 100]: transposed columns 2, 4, … 98, and row 1 as a matrix of five rows.
  const StoredWeight weights[] = {
      {.name = "w", .shape = {3, 100}, .layout = WeightLayout::kPanel48,
       .part = MatrixView{49, 3, 2, 2, 100}},
      {.name = "w", .shape = {3, 100}, .layout = WeightLayout::kPanel48,
       .part = MatrixView{5, 20, 100, 20, 1}},
  };
  BlockPlan plan = planBlock(weights);
  CHECK(plan.places[0].bytes == 2 * 48 * 3 * sizeof(float));
  CHECK(describeBlock(weights, plan)[0].shape == std::vector<int64_t>{49, 3});
  std::ostringstream out;
  REQUIRE(writeBlock(weights, plan, source, out) == "");
  auto at = [&](size_t weight, int64_t row, int64_t column, int64_t columns) {
    int64_t i = (row / 48 * columns + column) * 48 + row % 48;
    float value;
    std::memcpy(&value, out.view().data() + plan.places[weight].offset + i * sizeof(float),
                sizeof(float));
    return value;
  };
  for (int64_t row = 0; row < 96; ++row)
    for (int64_t column = 0; column < 3; ++column)
      CHECK(at(0, row, column, 3) ==
            (row < 49 ? element("w", column * 100 + 2 + 2 * row) : 0));
  for (int64_t row = 0; row < 5; ++row)
    for (int64_t column = 0; column < 20; ++column)
      CHECK(at(1, row, column, 20) == element("w", 100 + row * 20 + column));
}

TEST_CASE("the block holds rows and panels, rounds at equal strides", "[pack]") {
  const StoredWeight weights[] = {
      {.name = "bias", .shape = {5}},
      {.name = "layer.{}.weight", .shape = {50, 3}, .layout = WeightLayout::kPanel48, .count = 3,
       .first = 2},
      {.name = "conv", .shape = {2, 3, 4}, .layout = WeightLayout::kPanel48},
      {.name = "scale", .shape = {}},
      {.name = "norm.{}", .shape = {7}, .count = 2},
  };
  BlockPlan plan = planBlock(weights);
  auto params = describeBlock(weights, plan);
  CHECK(params[1].shape == std::vector<int64_t>{3, 50, 3});
  CHECK(params[1].layout == "panel48");
  CHECK(params[0].layout == "rows");
  std::ostringstream out;
  REQUIRE(writeBlock(weights, plan, source, out) == "");
  std::string block = out.str();
  REQUIRE(block.size() == plan.size);
  auto at = [&](size_t weight, int64_t round, int64_t i) {
    float value;
    uint64_t place = plan.places[weight].offset + round * plan.places[weight].stride;
    REQUIRE(place % 64 == 0);
    std::memcpy(&value, block.data() + place + i * sizeof(float), sizeof value);
    return value;
  };
  for (int64_t i = 0; i < 5; ++i) CHECK(at(0, 0, i) == element("bias", i));
  for (int64_t round = 0; round < 3; ++round) {
    std::string name = "layer." + std::to_string(2 + round) + ".weight";
    for (int64_t row = 0; row < 96; ++row)
      for (int64_t k = 0; k < 3; ++k) {
        float want = row < 50 ? element(name, row * 3 + k) : 0.0f;
        REQUIRE(at(1, round, row / 48 * 48 * 3 + k * 48 + row % 48) == want);
      }
  }
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t k = 0; k < 12; ++k) CHECK(at(2, 0, k * 48 + row) == element("conv", row * 12 + k));
  CHECK(at(3, 0, 0) == element("scale", 0));
  CHECK(at(4, 1, 6) == element("norm.1", 6));
}

TEST_CASE("a source's error and a wrong size end the block", "[pack]") {
  std::ostringstream out;
  const StoredWeight absent[] = {{.name = "absent", .shape = {1}}};
  CHECK(writeBlock(absent, planBlock(absent), source, out) == "no weight 'absent'");
  auto shorter = [](const std::string&, SinterType, std::span<const int64_t>, std::string&) {
    return std::optional(std::vector<std::byte>(4));
  };
  const StoredWeight pair[] = {{.name = "pair", .shape = {2}}};
  CHECK(writeBlock(pair, planBlock(pair), shorter, out) ==
        "weight 'pair' has 4 bytes, wanted 8");
}

TEST_CASE("activations pack as weights do", "[pack]") {
  using Run = void(const float* source, float* panels, int64_t n, int64_t k, int64_t rows,
                   int64_t columns, int64_t panelCount);
  Kernels kernels;
  // The source is rows x columns of memory; "strided" reads it transposed.
  for (PackSource kind : {PackSource::kRows, PackSource::kColumns, PackSource::kStrided}) {
    auto name = "pack" + std::to_string(static_cast<int>(kind));
    kernels.add(name, 2, 5, [&](mlir::OpBuilder& b, mlir::Location loc, mlir::ValueRange x) {
      auto dynamic = mlir::ShapedType::kDynamic;
      auto type = mlir::MemRefType::get({dynamic, dynamic}, b.getF32Type());
      mlir::Value memory = viewPointer(b, loc, x[0], type, mlir::ValueRange{x[4], x[5]});
      auto panels = viewPointer(b, loc, x[1], gemmPanelType(b.getContext(), dynamic),
                                mlir::ValueRange{x[6], x[3]});
      if (kind == PackSource::kStrided) {
        auto map = mlir::AffineMap::getPermutationMap(llvm::ArrayRef<unsigned>{1, 0},
                                                      b.getContext());
        memory = mlir::memref::TransposeOp::create(b, loc, memory, mlir::AffineMapAttr::get(map));
      }
      mlir::Value zero = mlir::arith::ConstantIndexOp::create(b, loc, 0);
      callPack(b, loc, declarePack(kernels.module(), loc, kind), memory, panels, zero, x[6]);
    });
  }
  for (const Target* target : runnable())
    for (int64_t n : {1, 15, 16, 17, 48, 53, 97})
      for (int64_t k : {0, 1, 15, 16, 33}) {
        std::vector<float> rows(n * k), want;
        fill(rows, 3);
        want = packPanels(rows, n, k);
        int64_t panels = (n + kPanel - 1) / kPanel;
        Guarded<float> natural(n * k), turned(n * k);
        for (int64_t i = 0; i < n; ++i)
          for (int64_t j = 0; j < k; ++j)
            natural[i * k + j] = turned[j * n + i] = rows[i * k + j];
        for (int kind = 0; kind < 3; ++kind) {
          Guarded<float> packed(want.size(), 99.0f);
          bool isTurned = kind > 0;
          kernels.get<Run>(*target, "pack" + std::to_string(kind))(
              (isTurned ? turned : natural).data(), packed.data(), n, k, isTurned ? k : n,
              isTurned ? n : k, panels);
          CAPTURE(target->suffix, n, k, kind);
          REQUIRE(std::equal(want.begin(), want.end(), packed.data()));
        }
      }
}
