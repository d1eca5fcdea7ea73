// What emitted stages look like and what an object may not contain.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "Harness.h"
#include "codegen/Call.h"
#include "codegen/Emit.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

using namespace sinter;
using namespace sinter::test;

namespace {

/// out[0, 16) = a * b + out, by vector.fma; all three from the first argument.
void addFma(Kernels& kernels) {
  kernels.add("sinter_m_e", 1, 0, [](mlir::OpBuilder& b, mlir::Location loc, mlir::ValueRange x) {
    auto type = mlir::MemRefType::get({48}, b.getF32Type());
    auto lanes = mlir::VectorType::get({16}, b.getF32Type());
    mlir::Value memory = viewPointer(b, loc, x[0], type, {});
    mlir::Value values[3];
    for (int i = 0; i < 3; ++i) {
      mlir::Value at = mlir::arith::ConstantIndexOp::create(b, loc, 16 * i);
      values[i] = mlir::vector::LoadOp::create(b, loc, lanes, memory, at);
    }
    mlir::Value sum = mlir::vector::FMAOp::create(b, loc, values[0], values[1], values[2]);
    mlir::Value zero = mlir::arith::ConstantIndexOp::create(b, loc, 0);
    mlir::vector::StoreOp::create(b, loc, sum, memory, zero);
  });
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every stage of every target names its functions and keeps locations", "[emit]") {
  Kernels kernels;
  addFma(kernels);
  for (const Target& target : kTargets) {
    std::string name = "sinter_m_e_" + std::string(target.suffix);
    for (EmitStage stage : {EmitStage::kVector, EmitStage::kLlvm, EmitStage::kLlvmIr,
                            EmitStage::kAssembly}) {
      std::string text = kernels.text(target, static_cast<int>(stage));
      CAPTURE(target.suffix, static_cast<int>(stage));
      CHECK(contains(text, name.c_str()));
      CHECK(contains(text, "kernels.cpp"));
      if (stage == EmitStage::kVector || stage == EmitStage::kLlvm)
        CHECK(mlir::parseSourceString<mlir::ModuleOp>(text, &kernels.context()));
    }
    std::string assembly = kernels.text(target, static_cast<int>(EmitStage::kAssembly));
    CHECK(contains(assembly, ".loc"));
    CHECK(contains(assembly, "vfmadd") == target.fma);
    CHECK(contains(assembly, "zmm") == (target.vectorBits == 512));
    CHECK(contains(assembly, "ymm") == (target.vectorBits == 256));
  }
}

TEST_CASE("separate products and sums stay separate", "[emit]") {
  Kernels kernels;
  kernels.add("f", 1, 0, [](mlir::OpBuilder& b, mlir::Location loc, mlir::ValueRange x) {
    auto type = mlir::MemRefType::get({3}, b.getF32Type());
    mlir::Value memory = viewPointer(b, loc, x[0], type, {}), v[3];
    for (int i = 0; i < 3; ++i) {
      mlir::Value at = mlir::arith::ConstantIndexOp::create(b, loc, i);
      v[i] = mlir::memref::LoadOp::create(b, loc, memory, at);
    }
    mlir::Value product = mlir::arith::MulFOp::create(b, loc, v[0], v[1]);
    mlir::Value sum = mlir::arith::AddFOp::create(b, loc, product, v[2]);
    mlir::Value zero = mlir::arith::ConstantIndexOp::create(b, loc, 0);
    mlir::memref::StoreOp::create(b, loc, sum, memory, zero);
  });
  for (const Target& target : kTargets)
    CHECK_FALSE(contains(kernels.text(target, static_cast<int>(EmitStage::kAssembly)), "fmadd"));
}

TEST_CASE("an object that needs the math library is refused with its name", "[emit]") {
  Kernels kernels;
  kernels.add("f", 1, 0, [](mlir::OpBuilder& b, mlir::Location loc, mlir::ValueRange x) {
    auto type = mlir::MemRefType::get({1}, b.getF64Type());
    mlir::Value memory = viewPointer(b, loc, x[0], type, {});
    mlir::Value zero = mlir::arith::ConstantIndexOp::create(b, loc, 0);
    mlir::Value value = mlir::memref::LoadOp::create(b, loc, memory, zero);
    value = mlir::math::ExpOp::create(b, loc, value);
    mlir::memref::StoreOp::create(b, loc, value, memory, zero);
  });
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&kernels.context(), [&](mlir::Diagnostic& diagnostic) {
    message = diagnostic.str();
    return mlir::success();
  });
  CHECK(kernels.text(kTargets[0], static_cast<int>(EmitStage::kObject)).empty());
  CHECK(message == "generated code calls functions outside itself: exp");
}

TEST_CASE("objects of all targets link into one static, position independent program", "[emit]") {
  Kernels kernels;
  addFma(kernels);
  char pattern[] = "/tmp/sinter-emit-XXXXXX";
  std::string folder = mkdtemp(pattern), declarations, calls, objects;
  for (const Target& target : kTargets) {
    std::string suffix(target.suffix), object = folder + "/" + suffix + ".o";
    std::ofstream(object, std::ios::binary)
        << kernels.text(target, static_cast<int>(EmitStage::kObject));
    objects += " " + object;
    declarations += "void sinter_m_e_" + suffix + "(float*);\n";
    if (runs(target)) calls += "sinter_m_e_" + suffix + "(x);\n";
  }
  std::ofstream(folder + "/main.c")
      << declarations << "int main(void) { float x[48], w = 2; for (int i = 0; i < 48; ++i) "
      << "x[i] = 2;\n" << calls << "for (int n = " << runnable().size()
      << "; n > 0; --n) w = w * 2 + 2;\nreturn x[15] != w; }\n";
  std::string command = SINTER_CLANG " -x c -fPIE -static-pie -fuse-ld=lld " + folder +
                        "/main.c -x none" + objects + " -o " + folder + "/main && " + folder +
                        "/main";
  CHECK(std::system(command.c_str()) == 0);
  std::filesystem::remove_all(folder);
}
