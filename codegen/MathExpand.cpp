// Replaces the operations that would become library calls. Each has one replacement here, so that
// code from any origin gets the same bits.
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"

#include "codegen/Lanes.h"
#include "codegen/Math.h"

using namespace mlir;

namespace sinter {
namespace {

using Predicate = arith::CmpIPredicate;

bool isOfF32(Operation* op) { return getElementTypeOrSelf(op->getResult(0)).isF32(); }

/// f16 -> f32 by moving the fields and one exact product, which also makes denormals normal.
Value widenHalf(Lanes& l, Value x) {
  Type i16 = l.typed(l.b.getIntegerType(16));
  Value bits = arith::ExtUIOp::create(l.b, l.loc, l.i32(), l.bits(x, i16));
  Value magnitude = l.shl(l.iand(bits, l.i(0x7FFF)), l.i(13));
  Value finite = l.bits(l.mul(l.bits(magnitude, l.shape), l.f(0x1p112)), l.i32());
  Value special = l.icompare(Predicate::sge, magnitude, l.i(0x7C00 << 13));
  Value result = l.select(special, l.ior(magnitude, l.i(0x7F800000)), finite);
  Value sign = l.shl(l.iand(bits, l.i(0x8000)), l.i(16));
  return l.bits(l.ior(result, sign), l.shape);
}

/// f32 -> f16, to nearest even.
Value narrowToHalf(Lanes& l, Value x, Type half) {
  Value bits = l.bits(x, l.i32());
  Value magnitude = l.iand(bits, l.i(0x7FFFFFFF));
  // Normal results: rebias, add just under half a unit, and one more where the last bit is odd.
  Value odd = l.iand(l.shr(magnitude, l.i(13)), l.i(1));
  Value normal = l.iadd(l.iadd(magnitude, l.i(0xFFF - (112 << 23))), odd);
  normal = l.shr(normal, l.i(13));
  // Denormal ones: adding 1/2 leaves the rounded digits in the low bits.
  Value shifted = l.add(l.bits(magnitude, l.shape), l.f(0.5));
  Value denormal = l.isub(l.bits(shifted, l.i32()), l.i(0x3F000000));
  Value isDenormal = l.icompare(Predicate::slt, magnitude, l.i(0x38800000));
  Value result = l.select(isDenormal, denormal, normal);
  Value tooLarge = l.icompare(Predicate::sge, magnitude, l.i(0x47800000));
  result = l.select(tooLarge, l.i(0x7C00), result);
  Value isNaN = l.icompare(Predicate::sgt, magnitude, l.i(0x7F800000));
  result = l.select(isNaN, l.i(0x7E00), result);
  result = l.ior(result, l.iand(l.shr(bits, l.i(16)), l.i(0x8000)));
  Type i16 = l.typed(l.b.getIntegerType(16));
  return l.bits(arith::TruncIOp::create(l.b, l.loc, i16, result), half);
}

Value expandFma(OpBuilder& b, Location loc, ValueRange operands) {
  Value product = arith::MulFOp::create(b, loc, operands[0], operands[1]);
  return arith::AddFOp::create(b, loc, product, operands[2]);
}

/// The replacement of `op`, null where it stays.
Value expand(Operation* op, bool fma) {
  OpBuilder b(op);
  Location loc = op->getLoc();
  ValueRange x = op->getOperands();
  if (isa<math::FmaOp, vector::FMAOp>(op) && !fma) return expandFma(b, loc, x);
  // vector.fma would become fmuladd, which LLVM may split again.
  if (isa<vector::FMAOp>(op)) return math::FmaOp::create(b, loc, x[0], x[1], x[2]);
  if (auto extension = dyn_cast<arith::ExtFOp>(op)) {
    if (fma || !isOfF32(op) || !getElementTypeOrSelf(x[0]).isF16()) return {};
    Lanes l{b, loc, op->getResult(0).getType()};
    return widenHalf(l, x[0]);
  }
  if (auto truncation = dyn_cast<arith::TruncFOp>(op)) {
    Type half = op->getResult(0).getType();
    if (fma || !getElementTypeOrSelf(x[0]).isF32() || !getElementTypeOrSelf(half).isF16())
      return {};
    Lanes l{b, loc, x[0].getType()};
    return narrowToHalf(l, x[0], half);
  }
  if (op->getNumResults() != 1 || !isOfF32(op)) return {};
  return llvm::TypeSwitch<Operation*, Value>(op)
      .Case([&](math::ExpOp) { return buildExp(b, loc, x[0]); })
      .Case([&](math::ExpM1Op) { return buildExpm1(b, loc, x[0]); })
      .Case([&](math::LogOp) { return buildLog(b, loc, x[0]); })
      .Case([&](math::Log1pOp) { return buildLog1p(b, loc, x[0]); })
      .Case([&](math::TanhOp) { return buildTanh(b, loc, x[0]); })
      .Case([&](math::ErfOp) { return buildErf(b, loc, x[0]); })
      .Case([&](math::SinOp) { return buildSin(b, loc, x[0]); })
      .Case([&](math::CosOp) { return buildCos(b, loc, x[0]); })
      .Case([&](math::PowFOp) { return buildPow(b, loc, x[0], x[1]); })
      .Case([&](arith::RemFOp) { return buildFmod(b, loc, x[0], x[1]); })
      .Case([&](math::RsqrtOp) {
        Lanes l{b, loc, x[0].getType()};
        return l.div(l.f(1), math::SqrtOp::create(b, loc, x[0]));
      })
      .Default([](Operation*) { return Value(); });
}

}  // namespace

void expandMath(ModuleOp module, bool fma) {
  // Replacements hold fused multiply-adds and conversions themselves, so those come second.
  for (bool second : {false, true}) {
    SmallVector<Operation*> found;
    module.walk([&](Operation* op) {
      bool primitive = isa<math::FmaOp, vector::FMAOp, arith::ExtFOp, arith::TruncFOp>(op);
      if (op->getNumResults() == 1 && primitive == second) found.push_back(op);
    });
    for (Operation* op : found) {
      Value replacement = expand(op, fma);
      if (!replacement) continue;
      op->getResult(0).replaceAllUsesWith(replacement);
      op->erase();
    }
  }
  RewritePatternSet patterns(module.getContext());
  arith::populateExpandBFloat16Patterns(patterns);
  (void)applyPatternsGreedily(module, std::move(patterns));
}

}  // namespace sinter
