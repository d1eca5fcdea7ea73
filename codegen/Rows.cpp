// Loops over rows. Each body is written twice, for whole vectors and for the tail; static counts
// that are multiples of 16 have no tail.
#include "codegen/Rows.h"

#include <limits>

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

#include "codegen/Lanes.h"
#include "codegen/Tiles.h"

using namespace mlir;

namespace sinter {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

VectorType lanesType(OpBuilder& b) { return VectorType::get({kLanes}, b.getF32Type()); }

Value splat(OpBuilder& b, Location loc, Value scalar) {
  return vector::BroadcastOp::create(b, loc, lanesType(b), scalar);
}

/// Runs `step` over whole vectors and then over the tail, handing `carried` from one to the next.
SmallVector<Value> overLanes(
    OpBuilder& b, Location loc, Value count, SmallVector<Value> carried,
    llvm::function_ref<SmallVector<Value>(OpBuilder&, Value i, Value mask, ValueRange)> step) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  auto maskType = VectorType::get({kLanes}, b.getI1Type());
  Value rest = b.createOrFold<arith::RemUIOp>(loc, count, constant(kLanes));
  Value whole = b.createOrFold<arith::SubIOp>(loc, count, rest);
  auto loop = scf::ForOp::create(
      b, loc, constant(0), whole, constant(kLanes), carried,
      [&](OpBuilder& inner, Location, Value i, ValueRange values) {
        Value all = arith::ConstantOp::create(inner, loc, DenseElementsAttr::get(maskType, true));
        scf::YieldOp::create(inner, loc, step(inner, i, all, values));
      });
  if (matchPattern(rest, m_Zero())) return loop.getResults();
  Value zero = constant(0);
  Value hasTail = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, rest, zero);
  auto tail = scf::IfOp::create(
      b, loc, hasTail,
      [&](OpBuilder& inner, Location) {
        Value mask = vector::CreateMaskOp::create(inner, loc, maskType, ValueRange{rest});
        scf::YieldOp::create(inner, loc, step(inner, whole, mask, loop.getResults()));
      },
      [&](OpBuilder& inner, Location) {
        scf::YieldOp::create(inner, loc, loop.getResults());
      });
  return tail.getResults();
}

float identityOf(LaneFold fold) {
  switch (fold) {
    case LaneFold::kAdd: return 0;
    case LaneFold::kMul: return 1;
    case LaneFold::kMin: return kInfinity;
    case LaneFold::kMax: return -kInfinity;
  }
  return 0;
}

Value toF32(OpBuilder& b, Location loc, Value count) {
  Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), count);
  return arith::SIToFPOp::create(b, loc, b.getF32Type(), wide);
}

}  // namespace

void forLanes(OpBuilder& b, Location loc, Value count, LanesBody body) {
  overLanes(b, loc, count, {}, [&](OpBuilder& inner, Value i, Value mask, ValueRange) {
    body(inner, loc, i, mask);
    return SmallVector<Value>{};
  });
}

Value foldRow(OpBuilder& b, Location loc, Value count, LaneFold fold, LanesValue element) {
  Lanes l{b, loc, lanesType(b)};
  SmallVector<Value> sums = overLanes(
      b, loc, count, {l.f(identityOf(fold))},
      [&](OpBuilder& inner, Value i, Value mask, ValueRange carried) -> SmallVector<Value> {
        Lanes lanes{inner, loc, lanesType(b)};
        Value value = element(inner, loc, i, mask);
        value = lanes.select(mask, value, lanes.f(identityOf(fold)));
        return {combineLanes(inner, loc, carried[0], value, fold)};
      });
  return foldLanes(b, loc, sums[0], fold);
}

Value loadLanes(OpBuilder& b, Location loc, Value row, Value i, Value mask) {
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(lanesType(b)));
  return vector::MaskedLoadOp::create(b, loc, lanesType(b), row, ValueRange{i}, mask, zero);
}

void storeLanes(OpBuilder& b, Location loc, Value lanes, Value row, Value i, Value mask) {
  vector::MaskedStoreOp::create(b, loc, row, ValueRange{i}, mask, lanes);
}

void softmaxRow(OpBuilder& b, Location loc, Value input, Value output, Value count, bool logarithm,
                LanesValue participates) {
  // x where a lane takes part, -infinity elsewhere.
  auto admitted = [&](OpBuilder& b, Location loc, Value i, Value mask) -> Value {
    Value x = loadLanes(b, loc, input, i, mask);
    if (!participates) return x;
    Lanes l{b, loc, lanesType(b)};
    return l.select(participates(b, loc, i, mask), x, l.f(-kInfinity));
  };
  Lanes scalar{b, loc, b.getF32Type()};
  Value most = foldRow(b, loc, count, LaneFold::kMax, admitted);
  Value none = scalar.compare(arith::CmpFPredicate::OEQ, most, scalar.f(-kInfinity));
  Value shift = splat(b, loc, scalar.select(none, scalar.f(0), most));
  auto powers = [&](OpBuilder& b, Location loc, Value i, Value mask) -> Value {
    Lanes l{b, loc, lanesType(b)};
    return buildExp(b, loc, l.sub(admitted(b, loc, i, mask), shift));
  };
  if (logarithm) {
    Value sum = foldRow(b, loc, count, LaneFold::kAdd, powers);
    Value log = splat(b, loc, scalar.select(none, scalar.f(0), buildLog(b, loc, sum)));
    forLanes(b, loc, count, [&](OpBuilder& b, Location loc, Value i, Value mask) {
      Lanes l{b, loc, lanesType(b)};
      Value shifted = l.sub(admitted(b, loc, i, mask), shift);
      storeLanes(b, loc, l.sub(shifted, log), output, i, mask);
    });
    return;
  }
  Value sum = foldRow(b, loc, count, LaneFold::kAdd,
                      [&](OpBuilder& b, Location loc, Value i, Value mask) {
                        Value power = powers(b, loc, i, mask);
                        storeLanes(b, loc, power, output, i, mask);
                        return power;
                      });
  Value divisor = scalar.select(none, scalar.f(1), sum);
  Value scale = splat(b, loc, scalar.div(scalar.f(1), divisor));
  forLanes(b, loc, count, [&](OpBuilder& b, Location loc, Value i, Value mask) {
    Lanes l{b, loc, lanesType(b)};
    storeLanes(b, loc, l.mul(loadLanes(b, loc, output, i, mask), scale), output, i, mask);
  });
}

void layerNormRow(OpBuilder& b, Location loc, Value input, Value output, Value count, double eps,
                  Value weight, Value bias) {
  Lanes scalar{b, loc, b.getF32Type()};
  Value elements = toF32(b, loc, count);
  auto load = [&](OpBuilder& b, Location loc, Value i, Value mask) {
    return loadLanes(b, loc, input, i, mask);
  };
  Value mean = scalar.div(foldRow(b, loc, count, LaneFold::kAdd, load), elements);
  Value means = splat(b, loc, mean);
  Value squares = foldRow(b, loc, count, LaneFold::kAdd,
                          [&](OpBuilder& b, Location loc, Value i, Value mask) {
                            Lanes l{b, loc, lanesType(b)};
                            Value centred = l.sub(load(b, loc, i, mask), means);
                            return l.mul(centred, centred);
                          });
  Value variance = scalar.add(scalar.div(squares, elements), scalar.f(eps));
  Value deviation = math::SqrtOp::create(b, loc, variance);
  Value scale = splat(b, loc, scalar.div(scalar.f(1), deviation));
  forLanes(b, loc, count, [&](OpBuilder& b, Location loc, Value i, Value mask) {
    Lanes l{b, loc, lanesType(b)};
    Value y = l.mul(l.sub(load(b, loc, i, mask), means), scale);
    if (weight) y = l.mul(y, loadLanes(b, loc, weight, i, mask));
    if (bias) y = l.add(y, loadLanes(b, loc, bias, i, mask));
    storeLanes(b, loc, y, output, i, mask);
  });
}

}  // namespace sinter
