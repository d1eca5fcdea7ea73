// Ops that combine or order the elements of axes: reductions, softmax, layer_norm, arg*, top_k,
// cumsum. Their arithmetic; where elements sit and in which order they come is Folds.cpp's.
#include "codegen/Frame.h"
#include "codegen/Math.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace sinter {

LogicalResult EntryLowering::lowerRows(Operation* op) {
  // A length belongs to a row, and the lanes of a kept last axis must not be different rows.
  TensorType type = getTensorType(op->getOperand(0));
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (int owner = ownerAxis(type, axis); owner == type.getRank() - 1)
      return op->emitOpError(
          "with the rows of a ragged axis on the last axis cannot be lowered; "
          "rearrange the rows to the front");
  if (isa<SoftmaxOp, LogSoftmaxOp>(op)) return lowerSoftmax(op);
  if (auto norm = dyn_cast<LayerNormOp>(op)) return lowerLayerNorm(norm);
  if (isa<ArgmaxOp, ArgminOp, TopKOp>(op)) return lowerExtremes(op);
  if (auto cumsum = dyn_cast<CumsumOp>(op)) return lowerCumsum(cumsum);
  return lowerReduction(op);
}

LogicalResult EntryLowering::lowerReduction(Operation* op) {
  Value x = op->getOperand(0), result = op->getResult(0);
  TensorType type = getTensorType(x), to = getTensorType(result);
  ArrayRef<int64_t> axes = op->getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef();
  StringRef kind = op->getName().stripDialect();
  Buffer out = allocate(to);
  Type element = compute(type.getDType());
  if (axes.empty()) {
    copyInto(x, out);
    retain(result, out);
    return success();
  }
  Fold fold = makeFold(type, axes);
  bool keepdim =
      op->getAttrOfType<BoolAttr>("keepdim") && op->getAttrOfType<BoolAttr>("keepdim").getValue();
  auto elements = [&](Frame& f, const Indices& at) { return pull(f, x, at); };
  forEachKept(fold, [&](Frame& f, const Indices& at) {
    Value folded;
    if (kind == "logsumexp") {
      Value most = simpleFold(f, fold, at, "amax", elements, element);
      Value finite = arith::CmpFOp::create(f.b, f.loc, arith::CmpFPredicate::OLT,
                                           math::AbsFOp::create(f.b, f.loc, most),
                                           splat(f, INFINITY, element));
      Value shift = arith::SelectOp::create(f.b, f.loc, finite, most, splat(f, 0, element));
      Value sum = simpleFold(
          f, fold, at, "sum",
          [&](Frame& g, const Indices& here) -> Value {
            return math::ExpOp::create(g.b, g.loc,
                                       arith::SubFOp::create(g.b, g.loc, pull(g, x, here), shift));
          },
          element);
      folded = arith::AddFOp::create(f.b, f.loc, math::LogOp::create(f.b, f.loc, sum), shift);
    } else if (kind == "var") {
      Value count = foldedCount(f, fold, at);
      Value mean = arith::DivFOp::create(f.b, f.loc,
                                         simpleFold(f, fold, at, "sum", elements, element), count);
      Value squares = simpleFold(
          f, fold, at, "sum",
          [&](Frame& g, const Indices& here) -> Value {
            Value centred = arith::SubFOp::create(g.b, g.loc, pull(g, x, here), mean);
            return arith::MulFOp::create(g.b, g.loc, centred, centred);
          },
          element);
      double correction = static_cast<double>(cast<VarOp>(op).getCorrection());
      Value divisor = arith::SubFOp::create(f.b, f.loc, count, splat(f, correction, element));
      divisor = arith::MaximumFOp::create(f.b, f.loc, divisor, splat(f, 0, element));
      folded = arith::DivFOp::create(f.b, f.loc, squares, divisor);
    } else {
      folded = simpleFold(f, fold, at, kind, elements, element);
      if (kind == "mean")
        folded = arith::DivFOp::create(f.b, f.loc, folded, foldedCount(f, fold, at));
    }
    Indices to_at;
    for (size_t axis = 0; axis < at.size(); ++axis) {
      if (!fold.folded[axis])
        to_at.push_back(at[axis]);
      else if (keepdim)
        to_at.push_back(uniform(index(f.b, 0)));
    }
    store(f, folded, out, to, to_at);
  });
  retain(result, out);
  return success();
}

LogicalResult EntryLowering::lowerSoftmax(Operation* op) {
  Value x = op->getOperand(0), mask = op->getNumOperands() > 1 ? op->getOperand(1) : Value();
  TensorType type = getTensorType(x);
  bool logarithm = isa<LogSoftmaxOp>(op);
  int64_t axis = op->getAttrOfType<IntegerAttr>("axis").getInt();
  Fold fold = makeFold(type, {axis});
  Buffer out = allocate(type);
  Type f32 = b.getF32Type();
  forEachKept(fold, [&](Frame& f, const Indices& at) {
    auto isPart = [&](Frame& g, const Indices& here) {
      return pull(g, mask, broadcastIndices(g, getTensorType(mask), type, here));
    };
    // What an element is where it takes part, and `otherwise` where the mask leaves it out.
    auto where = [&](Frame& g, const Indices& here, Value lanes, Value otherwise) -> Value {
      if (!mask) return lanes;
      return arith::SelectOp::create(g.b, g.loc, isPart(g, here), lanes, otherwise);
    };
    Value most, some;  // `some`: whether any element takes part
    if (mask) {
      Lanes folded = foldAxes(
          f, fold, at, {splat(f, -INFINITY, f32), splat(f, 0, b.getI1Type())},
          [&](Frame& g, const Indices& here) -> Lanes {
            Value lanes = where(g, here, pull(g, x, here), splat(g, -INFINITY, f32));
            return {lanes, isPart(g, here)};
          },
          [&](Frame& g, const Lanes& x, const Lanes& y) -> Lanes {
            return {arith::MaximumFOp::create(g.b, g.loc, x[0], y[0]),
                    arith::OrIOp::create(g.b, g.loc, x[1], y[1])};
          });
      most = folded[0];
      some = folded[1];
    } else {
      most = simpleFold(
          f, fold, at, "amax", [&](Frame& g, const Indices& here) { return pull(g, x, here); },
          f32);
    }
    auto shifted = [&](Frame& g, const Indices& here) -> Value {
      return where(g, here, arith::SubFOp::create(g.b, g.loc, pull(g, x, here), most),
                   splat(g, -INFINITY, f32));
    };
    // The powers wait in the result for their sum, unless it would round them.
    bool keeps = !logarithm && type.getDType() == DType::f32;
    Value sum = simpleFold(
        f, fold, at, "sum",
        [&](Frame& g, const Indices& here) -> Value {
          Value power = math::ExpOp::create(g.b, g.loc, shifted(g, here));
          if (keeps) store(g, power, out, type, here);
          return power;
        },
        f32);
    Value log = logarithm ? Value(math::LogOp::create(f.b, f.loc, sum)) : Value();
    Value scale = logarithm ? Value() : arith::DivFOp::create(f.b, f.loc, splat(f, 1, f32), sum);
    Value otherwise = splat(f, 0, f32);  // also of a row without any part
    if (logarithm && mask)
      otherwise = arith::SelectOp::create(f.b, f.loc, some, splat(f, -INFINITY, f32), otherwise);
    forEachFolded(f, fold, at, [&](Frame& g, const Indices& here) {
      Value lanes = keeps ? load(g, out, type, here) : shifted(g, here);
      if (logarithm) {
        lanes = arith::SubFOp::create(g.b, g.loc, lanes, log);
      } else {
        if (!keeps) lanes = math::ExpOp::create(g.b, g.loc, lanes);
        lanes = arith::MulFOp::create(g.b, g.loc, lanes, scale);
      }
      store(g, where(g, here, lanes, otherwise), out, type, here);
    });
  });
  retain(op->getResult(0), out);
  return success();
}

LogicalResult EntryLowering::lowerLayerNorm(LayerNormOp op) {
  Value x = op.getInput();
  TensorType type = getTensorType(x);
  SmallVector<int64_t> axes;
  for (int64_t axis = type.getRank() - op.getRank(); axis < type.getRank(); ++axis)
    axes.push_back(axis);
  Fold fold = makeFold(type, axes);
  Buffer out = allocate(type);
  Type f32 = b.getF32Type();
  double eps = op.getEps().convertToDouble();
  forEachKept(fold, [&](Frame& f, const Indices& at) {
    Value count = foldedCount(f, fold, at);
    Value mean = arith::DivFOp::create(
        f.b, f.loc,
        simpleFold(
            f, fold, at, "sum", [&](Frame& g, const Indices& here) { return pull(g, x, here); },
            f32),
        count);
    auto centred = [&](Frame& g, const Indices& here) -> Value {
      return arith::SubFOp::create(g.b, g.loc, pull(g, x, here), mean);
    };
    Value squares = simpleFold(
        f, fold, at, "sum",
        [&](Frame& g, const Indices& here) -> Value {
          Value c = centred(g, here);
          return arith::MulFOp::create(g.b, g.loc, c, c);
        },
        f32);
    Value variance = arith::AddFOp::create(
        f.b, f.loc, arith::DivFOp::create(f.b, f.loc, squares, count), splat(f, eps, f32));
    Value scale = arith::DivFOp::create(f.b, f.loc, splat(f, 1, f32),
                                        math::SqrtOp::create(f.b, f.loc, variance));
    forEachFolded(f, fold, at, [&](Frame& g, const Indices& here) {
      Value lanes = arith::MulFOp::create(g.b, g.loc, centred(g, here), scale);
      for (auto [i, parameter] : llvm::enumerate(op.getParameters())) {
        Value p = pull(g, parameter, broadcastIndices(g, getTensorType(parameter), type, here));
        if (i == 0)
          lanes = arith::MulFOp::create(g.b, g.loc, lanes, p);
        else
          lanes = arith::AddFOp::create(g.b, g.loc, lanes, p);
      }
      store(g, lanes, out, type, here);
    });
  });
  retain(op.getResult(), out);
  return success();
}

/// The best (element, place) of an axis, or the k best in order. NaN is the most extreme for
/// argmax, argmin and the largest k, and the last of the smallest k, as torch has it.
LogicalResult EntryLowering::lowerExtremes(Operation* op) {
  Value x = op->getOperand(0);
  TensorType type = getTensorType(x);
  int64_t axis = op->getAttrOfType<IntegerAttr>("axis").getInt();
  auto topK = dyn_cast<TopKOp>(op);
  bool most = isa<ArgmaxOp>(op) || (topK && topK.getLargest());
  bool nanFirst = !topK || most;
  Fold fold = makeFold(type, {axis});
  Type element = compute(type.getDType()), i64 = b.getI64Type();
  bool isFloat = isa<FloatType>(element);
  constexpr double kNone = 9007199254740992.0;  // a place beyond every axis
  auto bits = [](Frame& g, Value x, Value y, bool both) -> Value {
    if (both) return arith::AndIOp::create(g.b, g.loc, x, y);
    return arith::OrIOp::create(g.b, g.loc, x, y);
  };
  auto isNan = [&](Frame& g, Value v) -> Value {
    return arith::CmpFOp::create(g.b, g.loc, arith::CmpFPredicate::UNO, v, v);
  };
  auto flip = [&](Frame& g, Value v) -> Value {
    return arith::XOrIOp::create(g.b, g.loc, v, splat(g, 1, g.b.getI1Type()));
  };
  /// Whether element x at place i comes before y at place j.
  auto before = [&](Frame& g, Value x, Value i, Value y, Value j) -> Value {
    Value ahead, same;
    if (isFloat) {
      ahead = arith::CmpFOp::create(
          g.b, g.loc, most ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT, x, y);
      same = arith::CmpFOp::create(g.b, g.loc, arith::CmpFPredicate::OEQ, x, y);
      Value nx = isNan(g, x), ny = isNan(g, y);
      Value nan = nanFirst ? bits(g, nx, flip(g, ny), true) : bits(g, flip(g, nx), ny, true);
      ahead = bits(g, ahead, nan, false);
      same = bits(g, same, bits(g, nx, ny, true), false);
    } else {
      ahead = arith::CmpIOp::create(
          g.b, g.loc, most ? arith::CmpIPredicate::sgt : arith::CmpIPredicate::slt, x, y);
      same = arith::CmpIOp::create(g.b, g.loc, arith::CmpIPredicate::eq, x, y);
    }
    Value lower = arith::CmpIOp::create(g.b, g.loc, arith::CmpIPredicate::slt, i, j);
    return bits(g, ahead, bits(g, same, lower, true), false);
  };
  auto isNone = [&](Frame& g, Value place) -> Value {
    return arith::CmpIOp::create(g.b, g.loc, arith::CmpIPredicate::eq, place, splat(g, kNone, i64));
  };
  /// The first of the axis, of those that come after (after, afterPlace) unless it is none.
  auto first = [&](Frame& f, const Indices& at, Value after, Value afterPlace) {
    return foldAxes(
        f, fold, at, {splat(f, 0, element), splat(f, kNone, i64)},
        [&](Frame& g, const Indices& here) -> Lanes {
          Value place = arith::IndexCastOp::create(g.b, g.loc, VectorType::get({kLanes}, i64),
                                                   lanesOf(g, here[axis]));
          Value value = pull(g, x, here);
          if (after) {
            Value left =
                bits(g, isNone(g, afterPlace), before(g, after, afterPlace, value, place), false);
            place = arith::SelectOp::create(g.b, g.loc, left, place, splat(g, kNone, i64));
          }
          return {value, place};
        },
        [&](Frame& g, const Lanes& x, const Lanes& y) -> Lanes {
          Value take = bits(g, isNone(g, x[1]), before(g, y[0], y[1], x[0], x[1]), false);
          take = bits(g, take, flip(g, isNone(g, y[1])), true);
          return {arith::SelectOp::create(g.b, g.loc, take, y[0], x[0]),
                  arith::SelectOp::create(g.b, g.loc, take, y[1], x[1])};
        });
  };
  if (!topK) {
    Value result = op->getResult(0);
    TensorType to = getTensorType(result);
    Buffer out = allocate(to);
    bool keepdim = to.getRank() == type.getRank();
    forEachKept(fold, [&](Frame& f, const Indices& at) {
      Lanes best = first(f, at, {}, {});
      Value place =
          arith::SelectOp::create(f.b, f.loc, isNone(f, best[1]), splat(f, 0, i64), best[1]);
      Indices to_at = at;
      if (keepdim)
        to_at[axis] = uniform(index(f.b, 0));
      else
        to_at.erase(to_at.begin() + axis);
      store(f, place, out, to, to_at);
    });
    retain(result, out);
    return success();
  }
  TensorType to = getTensorType(topK.getValues()), toPlaces = getTensorType(topK.getIndices());
  Buffer values = allocate(to), places = allocate(toPlaces);
  forEachKept(fold, [&](Frame& f, const Indices& at) {
    SmallVector<Value> known;
    for (const Index& i : at) known.push_back(i.isUniform() ? i.base : Value());
    Value has = rowExtent(f.b, type, axis, known), wants = index(f.b, topK.getK());
    if (Value less = f.b.createOrFold<arith::CmpIOp>(f.loc, arith::CmpIPredicate::slt, has, wants);
        !isConstantIntValue(less, 0)) {
      int owner = ownerAxis(type, axis);
      reportWhere(f.b, less, op, SINTER_SHORT_ROW, [&](OpBuilder&) -> Found {
        return {owner < 0 ? Value() : known[owner], has, wants};
      });
    }
    Value start = splat(f, 0, element), none = splat(f, kNone, i64);
    auto loop = scf::ForOp::create(f.b, f.loc, index(f.b, 0), index(f.b, topK.getK()),
                                   index(f.b, 1), ValueRange{start, none});
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(loop.getBody());
    Frame inside{f.b, f.loc, f.mask};
    Lanes best = first(inside, at, loop.getRegionIterArg(0), loop.getRegionIterArg(1));
    Indices to_at = at;
    to_at[axis] = uniform(loop.getInductionVar());
    store(inside, best[0], values, to, to_at);
    store(inside, best[1], places, toPlaces, to_at);
    scf::YieldOp::create(f.b, f.loc, best);
  });
  retain(topK.getValues(), values);
  retain(topK.getIndices(), places);
  return success();
}

LogicalResult EntryLowering::lowerCumsum(CumsumOp op) {
  Value x = op.getInput();
  TensorType type = getTensorType(x);
  int64_t axis = op.getAxis();
  Fold fold = makeFold(type, {axis});
  Buffer out = allocate(type);
  Type element = compute(type.getDType());
  forEachKept(fold, [&](Frame& f, const Indices& at) {
    SmallVector<Value> known;
    for (const Index& i : at) known.push_back(i.isUniform() ? i.base : Value());
    Value size = rowExtent(f.b, type, axis, known);
    auto loop = scf::ForOp::create(f.b, f.loc, index(f.b, 0), size, index(f.b, 1),
                                   ValueRange{splat(f, 0, element)});
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(loop.getBody());
    Frame inside{f.b, f.loc, f.mask};
    Indices here = at;
    here[axis] = uniform(loop.getInductionVar());
    Value sum = loop.getRegionIterArg(0), lanes = pull(inside, x, here);
    if (isa<FloatType>(element))
      sum = arith::AddFOp::create(f.b, f.loc, sum, lanes);
    else
      sum = arith::AddIOp::create(f.b, f.loc, sum, lanes);
    store(inside, sum, out, type, here);
    scf::YieldOp::create(f.b, f.loc, ValueRange{sum});
  });
  retain(op.getResult(), out);
  return success();
}

}  // namespace sinter
