// Folding axes away. Along the last axis element e sits in lane e mod 16 and the lanes end in one
// fixed tree; along other axes elements come in ascending order, one lane each. A ragged axis ends
// where its row ends. So a result depends on its own row alone, on every target.
#include "codegen/Frame.h"
#include "codegen/Math.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace sinter {

EntryLowering::Fold EntryLowering::makeFold(TensorType type, ArrayRef<int64_t> axes) {
  Fold fold{type, SmallVector<bool>(type.getRank(), false), false};
  for (int64_t axis : axes) fold.folded[axis < 0 ? axis + type.getRank() : axis] = true;
  fold.across = type.getRank() > 0 && fold.folded.back();
  return fold;
}

void EntryLowering::forEachKept(const Fold& fold, Body body) {
  auto maskType = VectorType::get({kLanes}, b.getI1Type());
  SmallVector<bool> inner = fold.folded;
  if (!fold.across && !inner.empty()) inner.back() = true;
  Location where = loc;
  forEachRow(loc, fold.type, inner, [&](OpBuilder& k, ArrayRef<Value> at, Value) {
    Indices known;
    for (Value i : at) known.push_back({i, {}, false});
    if (fold.across || at.empty()) {
      Value all = arith::ConstantOp::create(k, where, DenseElementsAttr::get(maskType, true));
      Frame f{k, where, all};
      body(f, known);
      return;
    }
    Value size = rowExtent(k, fold.type, static_cast<unsigned>(fold.type.getRank() - 1), at);
    auto loop = scf::ForOp::create(k, where, index(k, 0), size, index(k, kLanes));
    OpBuilder::InsertionGuard guard(k);
    k.setInsertionPointToStart(loop.getBody());
    known.back() = {loop.getInductionVar(), {}, true};
    Frame f{k, where, maskOf(k, size, loop.getInductionVar())};
    body(f, known);
  });
}

EntryLowering::Lanes EntryLowering::foldAxes(
    Frame& f, const Fold& fold, const Indices& at, Lanes start,
    llvm::function_ref<Lanes(Frame&, const Indices&)> element,
    llvm::function_ref<Lanes(Frame&, const Lanes&, const Lanes&)> combine) {
  OpBuilder& k = f.b;
  Location where = f.loc;
  int64_t last = fold.type.getRank() - 1;
  std::function<Lanes(Indices, int64_t, Lanes)> nest = [&](Indices here, int64_t axis,
                                                           Lanes carried) {
    while (axis <= last && !fold.folded[axis]) ++axis;
    if (axis > last) {
      Frame inside{k, where, f.mask};
      return combine(inside, carried, element(inside, here));
    }
    SmallVector<Value> known;
    for (const Index& i : here) known.push_back(i.isUniform() ? i.base : Value());
    Value size = rowExtent(k, fold.type, axis, known);
    bool lanes = axis == last;
    auto loop =
        scf::ForOp::create(k, where, index(k, 0), size, index(k, lanes ? kLanes : 1), carried);
    OpBuilder::InsertionGuard guard(k);
    k.setInsertionPointToStart(loop.getBody());
    Lanes inner(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end()), next;
    here[axis] = {loop.getInductionVar(), {}, lanes};
    if (lanes) {
      Frame inside{k, where, maskOf(k, size, loop.getInductionVar())};
      Lanes combined = combine(inside, inner, element(inside, here));
      for (auto [old, changed] : llvm::zip(inner, combined))
        next.push_back(arith::SelectOp::create(k, where, inside.mask, changed, old));
    } else {
      next = nest(here, axis + 1, inner);
    }
    scf::YieldOp::create(k, where, next);
    return Lanes(loop.getResults().begin(), loop.getResults().end());
  };
  Lanes folded = nest(at, 0, start);
  if (!fold.across) return folded;
  // The tree: lanes i and i + 8, then + 4, 2, 1; every lane ends with the whole.
  for (int64_t step = kLanes / 2; step > 0; step /= 2) {
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < kLanes; ++lane) order.push_back(lane ^ step);
    Lanes other;
    for (Value lanes : folded)
      other.push_back(vector::ShuffleOp::create(k, where, lanes, lanes, order));
    Frame inside{k, where, f.mask};
    folded = combine(inside, folded, other);
  }
  return folded;
}

void EntryLowering::forEachFolded(Frame& f, const Fold& fold, const Indices& at, Body body) {
  OpBuilder& k = f.b;
  int64_t last = fold.type.getRank() - 1;
  std::function<void(Indices, int64_t)> nest = [&](Indices here, int64_t axis) {
    while (axis <= last && !fold.folded[axis]) ++axis;
    if (axis > last) {
      Frame inside{k, f.loc, f.mask};
      body(inside, here);
      return;
    }
    SmallVector<Value> known;
    for (const Index& i : here) known.push_back(i.isUniform() ? i.base : Value());
    Value size = rowExtent(k, fold.type, axis, known);
    bool lanes = axis == last;
    auto loop = scf::ForOp::create(k, f.loc, index(k, 0), size, index(k, lanes ? kLanes : 1));
    OpBuilder::InsertionGuard guard(k);
    k.setInsertionPointToStart(loop.getBody());
    here[axis] = {loop.getInductionVar(), {}, lanes};
    if (!lanes) {
      nest(here, axis + 1);
      return;
    }
    Frame inside{k, f.loc, maskOf(k, size, loop.getInductionVar())};
    body(inside, here);
  };
  nest(at, 0);
}

Value EntryLowering::foldedCount(Frame& f, const Fold& fold, const Indices& at) {
  SmallVector<Value> known;
  for (const Index& i : at) known.push_back(i.isUniform() ? i.base : Value());
  OpBuilder& k = f.b;
  int64_t rank = fold.type.getRank();
  // Rows of different lengths that are folded too are counted one by one.
  std::function<Value(SmallVector<Value>, int64_t)> nest = [&](SmallVector<Value> here,
                                                               int64_t axis) {
    while (axis < rank && !fold.folded[axis]) ++axis;
    if (axis == rank) return index(k, 1);
    Value size = rowExtent(k, fold.type, axis, here);
    bool owns = false;
    for (int64_t later = axis + 1; later < rank; ++later)
      owns = owns || (fold.folded[later] && ownerAxis(fold.type, later) == axis);
    if (!owns) return mul(k, size, nest(here, axis + 1));
    auto loop =
        scf::ForOp::create(k, f.loc, index(k, 0), size, index(k, 1), ValueRange{index(k, 0)});
    OpBuilder::InsertionGuard guard(k);
    k.setInsertionPointToStart(loop.getBody());
    here[axis] = loop.getInductionVar();
    scf::YieldOp::create(k, f.loc, add(k, loop.getRegionIterArg(0), nest(here, axis + 1)));
    return loop.getResult(0);
  };
  Value wide = arith::IndexCastOp::create(k, f.loc, k.getI64Type(), nest(known, 0));
  return broadcastLanes(f, arith::SIToFPOp::create(k, f.loc, k.getF32Type(), wide));
}

Value EntryLowering::simpleFold(Frame& f, const Fold& fold, const Indices& at, StringRef kind,
                                llvm::function_ref<Value(Frame&, const Indices&)> element,
                                Type type) {
  bool isFloat = isa<FloatType>(type);
  double identity = kind == "prod" || kind == "all" ? 1 : 0;
  Value start;
  if (kind == "amax" || kind == "amin") {
    bool most = kind == "amax";
    if (isFloat) {
      start = splat(f, most ? -INFINITY : INFINITY, type);
    } else {
      auto vectorType = VectorType::get({kLanes}, type);
      unsigned bits = type.getIntOrFloatBitWidth();
      llvm::APInt limit =
          most ? llvm::APInt::getSignedMinValue(bits) : llvm::APInt::getSignedMaxValue(bits);
      start = arith::ConstantOp::create(f.b, f.loc, DenseElementsAttr::get(vectorType, limit));
    }
  } else {
    start = splat(f, identity, type);
  }
  auto combine = [&](Frame& g, const Lanes& x, const Lanes& y) -> Lanes {
    Value l = x[0], r = y[0];
    if (kind == "sum" || kind == "mean")
      return {isFloat ? Value(arith::AddFOp::create(g.b, g.loc, l, r))
                      : Value(arith::AddIOp::create(g.b, g.loc, l, r))};
    if (kind == "prod")
      return {isFloat ? Value(arith::MulFOp::create(g.b, g.loc, l, r))
                      : Value(arith::MulIOp::create(g.b, g.loc, l, r))};
    if (kind == "amax")
      return {isFloat ? Value(arith::MaximumFOp::create(g.b, g.loc, l, r))
                      : Value(arith::MaxSIOp::create(g.b, g.loc, l, r))};
    if (kind == "amin")
      return {isFloat ? Value(arith::MinimumFOp::create(g.b, g.loc, l, r))
                      : Value(arith::MinSIOp::create(g.b, g.loc, l, r))};
    if (kind == "any") return {arith::OrIOp::create(g.b, g.loc, l, r)};
    return {arith::AndIOp::create(g.b, g.loc, l, r)};
  };
  return foldAxes(
      f, fold, at, {start}, [&](Frame& g, const Indices& here) { return Lanes{element(g, here)}; },
      combine)[0];
}

}  // namespace sinter
