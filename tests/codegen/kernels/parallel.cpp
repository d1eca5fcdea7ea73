// Outlined loops run through a SinterCall whose `parallel` splits in several ways.
#include <catch2/catch.hpp>
#include <thread>

#include "Harness.h"
#include "codegen/Call.h"
#include "codegen/Parallel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "runtime/abi.h"

using namespace sinter;
using namespace sinter::test;

namespace {

using Body = void (*)(void*, int64_t, int64_t, int64_t);

void whole(void*, int64_t count, Body body, void* context) { body(context, 0, count, 0); }

void singly(void*, int64_t count, Body body, void* context) {
  for (int64_t i = 0; i < count; ++i) body(context, i, i + 1, i);
}

void threaded(void*, int64_t count, Body body, void* context) {
  std::thread other([=] { body(context, count / 2, count, 1); });
  body(context, 0, count / 2, 0);
  other.join();
}

}  // namespace

TEST_CASE("a parallel loop sees what its function sees", "[parallel]") {
  Kernels kernels;
  // out[i] = in[i] * values[1] + round, and who[i] = thread, for 2 rounds over values[0] items.
  kernels.add("work", 1, 0, [&](mlir::OpBuilder& b, mlir::Location loc, mlir::ValueRange x) {
    using namespace mlir;
    Value values = loadField(b, loc, x[0], CallField::kValues);
    Value count = loadExtent(b, loc, values, 0), factor = loadExtent(b, loc, values, 1);
    auto type = MemRefType::get({ShapedType::kDynamic}, b.getI64Type());
    auto view = [&](CallField field, int64_t i) {
      return viewPointer(b, loc, loadPointer(b, loc, loadField(b, loc, x[0], field), i), type,
                         count);
    };
    Value in = view(CallField::kInputs, 0), out = view(CallField::kOutputs, 0);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value two = arith::ConstantIndexOp::create(b, loc, 2);
    auto rounds = scf::ForOp::create(b, loc, zero, two, one);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(rounds.getBody());
    Value round = rounds.getInductionVar();
    buildParallel(b, loc, x[0], count, [&](OpBuilder& b, Location loc, Value begin, Value end,
                                           Value thread) {
      Value who = viewPointer(b, loc, loadField(b, loc, x[0], CallField::kArena), type, count);
      auto loop = scf::ForOp::create(b, loc, begin, end, one);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value i = loop.getInductionVar();
      Value read = memref::LoadOp::create(b, loc, in, i);
      Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), factor);
      Value product = arith::MulIOp::create(b, loc, read, wide);
      Value added = arith::IndexCastOp::create(b, loc, b.getI64Type(), round);
      Value sum = arith::AddIOp::create(b, loc, product, added);
      memref::StoreOp::create(b, loc, sum, out, i);
      Value number = arith::IndexCastOp::create(b, loc, b.getI64Type(), thread);
      memref::StoreOp::create(b, loc, number, who, i);
    });
  });
  for (const Target* target : runnable())
    for (auto parallel : {whole, singly, threaded}) {
      int64_t in[10], out[10], who[10];
      for (int i = 0; i < 10; ++i) in[i] = i * i;
      const void* inputs[] = {in};
      void* outputs[] = {out};
      const int64_t values[] = {10, 3};
      SinterCall call = {};
      call.inputs = inputs, call.outputs = outputs, call.values = values, call.arena = who;
      call.parallel = parallel;
      kernels.get<void(const SinterCall*)>(*target, "work")(&call);
      for (int64_t i = 0; i < 10; ++i) {
        CHECK(out[i] == i * i * 3 + 1);
        CHECK(who[i] == (parallel == whole ? 0 : parallel == singly ? i : i / 5));
      }
    }
}
