// Verifiers that are more than one rule: several results, regions, and ops without operands. The
// others stand as `rule` in the *Ops.td. Sentences about shapes come from dsl/rules.h.
#include "compiler/Rules.h"

using namespace mlir;

namespace sinter {

//===-- Ops without a rule of their own ------------------------------------------------------===//

LogicalResult TopKOp::verify() {
  RuleCheck in(getOperation());
  rules::Shape values = rules::top_k(in.table, in[0], getK(), getAxis());
  if (failed(in.expect(values, 0))) return failure();
  return in.expect(values.with(DType::i64), 1);
}

LogicalResult IotaOp::verify() {
  RuleCheck in(getOperation());
  return in.expect(rules::iota(in.table, in.result(), getAxis()));
}

LogicalResult ConstantOp::verify() {
  auto elements = dyn_cast<ElementsAttr>(getValue());
  if (!elements) return success();
  if (elements.getNumElements() != getType().getNumElements())
    return emitError("constant: gives ")
           << elements.getNumElements() << " elements, but is written as " << getType();
  unsigned width = elements.getElementType().getIntOrFloatBitWidth();
  if (width != 64 || isa<FloatType>(elements.getElementType()) != getType().isFloat())
    return emitError("constant: wants f64 elements for a float result and i64 for the others, got ")
           << elements.getElementType();
  return success();
}

static bool isIndexScalar(TensorType type) { return type.isScalar() && type.getDType() == DType::i64; }

LogicalResult SizeOp::verify() {
  RuleCheck in(getOperation());
  in.dim(getDim());
  if (failed(in.expectNoError())) return failure();
  if (!isIndexScalar(getType()))
    return emitError("size: gives a scalar i64, but is written as ") << getType();
  return success();
}

LogicalResult LengthsOp::verify() {
  RuleCheck in(getOperation());
  rules::Dim dim = in.dim(getDimAttr());
  if (failed(in.expectNoError())) return failure();
  if (!in.table.dims.is_ragged(dim))
    return emitError("lengths: '" + getDim() + "' is not a ragged dimension");
  if (getType().getRank() != 1 || getType().getDType() != DType::i64)
    return emitError("lengths: gives one i64 for each row, but is written as ") << getType();
  return success();
}

LogicalResult RandomOp::verify() {
  RuleCheck in(getOperation());
  rules::Shape result = in.result();
  if (failed(in.expect(rules::random(in.table, in[0], in[1], in.view(getKind()), result))))
    return failure();
  bool isBits = getKind() == "bits";
  bool fits = isBits ? getType().isInteger() : getType().getDType() == DType::f32;
  if (!fits)
    return emitError("random: '" + getKind() + "' gives ")
           << (isBits ? "integers" : "f32") << ", but is written as " << getType();
  return success();
}

//===-- Regions ------------------------------------------------------------------------------===//

static LogicalResult checkArguments(Operation *op, Region &region, TypeRange wanted) {
  if (region.getArgumentTypes() == wanted) return success();
  InFlightDiagnostic error = op->emitError() << op->getName().stripDialect()
                                             << ": the region wants (";
  llvm::interleaveComma(wanted, error);
  error << "), but takes (";
  llvm::interleaveComma(region.getArgumentTypes(), error);
  return error << ")";
}

static LogicalResult checkCount(Operation *op, StringRef what, size_t wanted, size_t got) {
  if (wanted == got) return success();
  return op->emitError() << op->getName().stripDialect() << ": wants " << wanted << " " << what
                         << ", got " << got;
}

/// Each state leaves the body as it entered.
static LogicalResult checkStates(RuleCheck &in, Operation *op, ValueRange inits, YieldOp yield) {
  for (auto [index, init, next] : llvm::enumerate(inits, yield.getOperands().take_front(inits.size()))) {
    std::string name = std::to_string(index);
    rules::state(in.table, in.view(op->getName().stripDialect()), name,
                 toShape(in.table, getTensorType(init)), toShape(in.table, getTensorType(next)));
    if (failed(in.expectNoError()) || failed(in.expect(toShape(in.table, getTensorType(init)), index)))
      return failure();
  }
  return success();
}

/// What each step yields beyond the states comes out stacked.
static LogicalResult checkStacked(RuleCheck &in, Operation *op, unsigned states, YieldOp yield,
                                  int64_t axis, rules::Dim extent) {
  for (auto [index, each] : llvm::enumerate(yield.getOperands().drop_front(states))) {
    rules::Shape stacked =
        rules::stack(in.table, in.view(op->getName().stripDialect()),
                     toShape(in.table, getTensorType(each)), axis, extent);
    if (failed(in.expect(stacked, states + index))) return failure();
  }
  return success();
}

LogicalResult ScanOp::verifyRegions() {
  if (getXs() < 1 || getXs() > getNumOperands())
    return emitError("scan: cannot take ")
           << getXs() << " sequences from " << getNumOperands() << " operands";
  RuleCheck in(getOperation());
  rules::Dim extent = getAxis() >= 0 && getAxis() < in[0].rank ? in[0].dims[getAxis()] : 0;
  SmallVector<Type> wanted;
  for (unsigned i = 0; i < getXs(); ++i) {
    rules::Shape slice = rules::scan_slice(in.table, in[i], getAxis(), extent);
    if (failed(in.expectNoError())) return failure();
    wanted.push_back(toType(getContext(), in.table, slice));
  }
  llvm::append_range(wanted, getInits().getTypes());
  if (failed(checkArguments(*this, getBody(), wanted))) return failure();
  YieldOp yield = getYield();
  if (failed(checkCount(yield, "values", getNumResults(), yield.getNumOperands())) ||
      getNumStates() > getNumResults())
    return failure();
  if (failed(checkStates(in, *this, getInits(), yield))) return failure();
  return checkStacked(in, *this, getNumStates(), yield, getAxis(), extent);
}

LogicalResult RepeatOp::verifyRegions() {
  RuleCheck in(getOperation());
  rules::bound(in.table, "repeat", getCount());
  if (failed(in.expectNoError()) ||
      failed(checkArguments(*this, getBody(), getOperandTypes())) ||
      failed(checkCount(*this, "results", getNumStates() + getYs(), getNumResults())))
    return failure();
  YieldOp yield = getYield();
  if (failed(checkCount(yield, "values", getNumResults(), yield.getNumOperands())) ||
      failed(checkStates(in, *this, getOperands(), yield)))
    return failure();
  return checkStacked(in, *this, getNumStates(), yield, 0, getCount());
}

LogicalResult LoopOp::verifyRegions() {
  RuleCheck in(getOperation());
  rules::bound(in.table, "loop", getBound());
  if (failed(in.expectNoError()) ||
      failed(checkArguments(*this, getCondition(), getOperandTypes())) ||
      failed(checkArguments(*this, getBody(), getOperandTypes())) ||
      failed(checkCount(*this, "results", getNumOperands(), getNumResults())))
    return failure();
  YieldOp goes = getConditionYield(), yield = getYield();
  if (failed(checkCount(goes, "values", 1, goes.getNumOperands())) ||
      failed(checkCount(yield, "values", getNumResults(), yield.getNumOperands())))
    return failure();
  rules::condition(in.table, toShape(in.table, getTensorType(goes.getOperand(0))));
  if (failed(in.expectNoError())) return failure();
  return checkStates(in, *this, getOperands(), yield);
}

LogicalResult FusedOp::verifyRegions() {
  if (failed(checkArguments(*this, getBody(), TypeRange()))) return failure();
  if (getYield().getOperandTypes() == getResultTypes()) return success();
  return emitError("fused: the region yields (")
         << getYield().getOperandTypes() << "), but gives (" << getResultTypes() << ")";
}

}  // namespace sinter
