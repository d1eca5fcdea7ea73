// Ops over windows and indices that are not folds of axes: pooling, scatter.
#include "codegen/Frame.h"
#include "codegen/Parallel.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace sinter {
namespace {

ArrayRef<int64_t> ints(Operation* op, StringRef key) {
  return op->getAttrOfType<DenseI64ArrayAttr>(key).asArrayRef();
}

}  // namespace

/// Loops over the window around one output place. Each cell of a spatial axis lies at
/// place * stride - before + cell * dilation; cells outside a row's own extent are not there.
Value EntryLowering::pullPool(Frame& f, Operation* op, const Indices& at) {
  Value x = op->getOperand(0);
  TensorType type = getTensorType(x);
  Type element = compute(type.getDType());
  bool isMax = isa<MaxPoolOp>(op), isFloat = isa<FloatType>(element);
  ArrayRef<int64_t> size = ints(op, "size"), stride = ints(op, "stride"),
                    padding = ints(op, "padding"), dilation = ints(op, "dilation");
  bool countPad = !isMax && cast<AvgPoolOp>(op).getCountIncludePad();
  size_t axes = size.size();
  auto indices = VectorType::get({kLanes}, f.b.getIndexType());
  auto wide = [&](Value v) -> Value { return vector::BroadcastOp::create(f.b, f.loc, indices, v); };
  SmallVector<Value> known;
  for (const Index& i : at) known.push_back(i.isUniform() ? i.base : Value());

  Value start;
  if (!isMax)
    start = splat(f, 0, f.b.getF32Type());
  else if (isFloat)
    start = splat(f, -INFINITY, element);
  else
    start = arith::ConstantOp::create(
        f.b, f.loc,
        DenseElementsAttr::get(VectorType::get({kLanes}, element),
                               llvm::APInt::getSignedMinValue(element.getIntOrFloatBitWidth())));
  Value counted = splat(f, 0, f.b.getF32Type()), one = splat(f, 1, f.b.getF32Type());

  std::function<SmallVector<Value>(size_t, Indices, Value, Value, SmallVector<Value>)> nest =
      [&](size_t axis, Indices here, Value inside, Value counts, SmallVector<Value> carried) {
        if (axis == axes) {
          Value lanes = pullWhere(f, inside, x, here);
          Value next;
          if (isMax && isFloat)
            next = arith::MaximumFOp::create(f.b, f.loc, carried[0], lanes);
          else if (isMax)
            next = arith::MaxSIOp::create(f.b, f.loc, carried[0], lanes);
          else
            next = arith::AddFOp::create(f.b, f.loc, carried[0], lanes);
          Value more = arith::AddFOp::create(f.b, f.loc, carried[1], one);
          return SmallVector<Value>{arith::SelectOp::create(f.b, f.loc, inside, next, carried[0]),
                                    arith::SelectOp::create(f.b, f.loc, counts, more, carried[1])};
        }
        auto loop = scf::ForOp::create(f.b, f.loc, index(f.b, 0), index(f.b, size[axis]),
                                       index(f.b, 1), carried);
        OpBuilder::InsertionGuard guard(f.b);
        f.b.setInsertionPointToStart(loop.getBody());
        Value extentHere = rowExtent(f.b, type, 2 + axis, known);
        Value cell = mul(f.b, loop.getInductionVar(), index(f.b, dilation[axis]));
        Value place = lanesOf(f, at[2 + axis]);
        place = arith::MulIOp::create(f.b, f.loc, place, wide(index(f.b, stride[axis])));
        place = arith::AddIOp::create(f.b, f.loc, place,
                                      wide(sub(f.b, cell, index(f.b, padding[2 * axis]))));
        Value in =
            arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::ult, place, wide(extentHere));
        // What only `ceil` adds beyond the padding counts for nothing.
        Value end = add(f.b, extentHere, index(f.b, padding[2 * axis + 1]));
        Value within =
            arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::slt, place, wide(end));
        Value last = max(f.b, index(f.b, 0), sub(f.b, extentHere, index(f.b, 1)));
        Value safe = arith::MinSIOp::create(f.b, f.loc, place, wide(last));
        safe = arith::MaxSIOp::create(f.b, f.loc, safe, wide(index(f.b, 0)));
        here[2 + axis] = {{}, safe, false};
        inside = arith::AndIOp::create(f.b, f.loc, inside, in);
        counts = arith::AndIOp::create(f.b, f.loc, counts, countPad ? within : in);
        SmallVector<Value> inner(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end());
        scf::YieldOp::create(f.b, f.loc, nest(axis + 1, here, inside, counts, inner));
        return SmallVector<Value>(loop.getResults().begin(), loop.getResults().end());
      };
  Value all = splat(f, 1, f.b.getI1Type());
  SmallVector<Value> folded = nest(0, at, all, all, {start, counted});
  if (isMax) return folded[0];
  Value divisor = arith::MaximumFOp::create(f.b, f.loc, folded[1], one);
  return arith::DivFOp::create(f.b, f.loc, folded[0], divisor);
}

/// x, then every source element added in order. One thread: repeats must add up in one order.
LogicalResult EntryLowering::lowerScatter(ScatterAddOp op) {
  TensorType type = getTensorType(op.getResult()), from = getTensorType(op.getSource());
  int64_t axis = op.getAxis();
  Buffer out = allocate(type);
  copyInto(op.getInput(), out);
  retain(op.getResult(), out);
  materialise(op.getIndices());
  materialise(op.getSource());
  Location where = loc;
  buildParallel(
      b, where, call, index(b, 1), [&](OpBuilder& p, Location, Value begin, Value end, Value) {
        auto once = scf::ForOp::create(p, where, begin, end, index(p, 1));
        OpBuilder::InsertionGuard guard(p);
        p.setInsertionPointToStart(once.getBody());
        SmallVector<Value> sizes = extents(from);
        auto loop = scf::ForOp::create(p, where, index(p, 0), productOf(p, sizes), index(p, 1));
        p.setInsertionPointToStart(loop.getBody());
        // Only a row's own elements, and only where the id names a place.
        SmallVector<Value> place = placeOf(p, loop.getInductionVar(), sizes);
        enterOwn(p, from, place);
        Indices at;
        for (Value i : place) at.push_back(uniform(i));
        Frame f{p, where, maskOf(p, index(p, 1), index(p, 0))};
        Value ids = pull(f, op.getIndices(), at);
        auto i64 = VectorType::get({kLanes}, p.getI64Type());
        if (ids.getType() != i64) ids = arith::ExtSIOp::create(p, where, i64, ids);
        Value limit = extent(type.getDimText(axis));
        Value given = vector::ExtractOp::create(p, where, ids, ArrayRef<int64_t>{0});
        ids = checkIds(f, op, ids, limit, at.empty() ? nullptr : at.data());
        Value id = vector::ExtractOp::create(p, where, ids, ArrayRef<int64_t>{0});
        Value wide = arith::IndexCastOp::create(p, where, p.getI64Type(), limit);
        Value valid = arith::CmpIOp::create(p, where, arith::CmpIPredicate::ult, given, wide);
        auto named = scf::IfOp::create(p, where, valid, /*withElseRegion=*/false);
        p.setInsertionPointToStart(&named.getThenRegion().front());
        Indices to = at;
        to[axis] = uniform(arith::IndexCastOp::create(p, where, p.getIndexType(), id));
        Value sum = load(f, out, type, to), more = pull(f, op.getSource(), at);
        if (type.isFloat())
          sum = arith::AddFOp::create(p, where, sum, more);
        else
          sum = arith::AddIOp::create(p, where, sum, more);
        store(f, sum, out, type, to);
      });
  return success();
}

}  // namespace sinter
