// Look-ups: rows of a table by index, and what is known of the indices. Ids that may lie outside
// are checked where they are used (Faults.cpp).
#include "codegen/Frame.h"

using namespace mlir;

namespace sinter {

/// How many rows the smallest table has that an input of the entry chooses from; 0: none. The
/// runtime checks such an input before the run.
int64_t EntryLowering::idLimit(BlockArgument input) {
  int64_t limit = 0;
  for (OpOperand& use : input.getUses())
    if (auto gather = dyn_cast<GatherOp>(use.getOwner()); gather && use.getOperandNumber() == 1) {
      int64_t rows = getTensorType(gather.getTable()).getStaticDim(gather.getAxis());
      if (rows > 0) limit = limit == 0 ? rows : std::min(limit, rows);
    }
  return limit;
}

/// A number that all elements are below, none of which is negative; 0 where there is none.
int64_t EntryLowering::idsBelow(Value ids) {
  constexpr int64_t kMost = INT32_MAX;  // sums and products of two such fit
  if (auto argument = dyn_cast<BlockArgument>(ids))
    return argument.getOwner()->getParentOp() == entry ? idLimit(argument) : 0;
  Operation* op = ids.getDefiningOp();
  TensorType type = getTensorType(ids);
  if (type.getDType() == DType::u8) return 256;
  auto below = [&](unsigned i) { return idsBelow(op->getOperand(i)); };
  int64_t limit = 0;
  if (std::optional<double> number = getSplat(ids)) {
    limit = *number >= 0 && *number < kMost ? static_cast<int64_t>(*number) + 1 : 0;
  } else if (auto iota = dyn_cast<IotaOp>(op)) {
    limit = std::max<int64_t>(type.getStaticDim(iota.getAxis()), 0);
  } else if (isa<AddOp, MulOp>(op)) {
    int64_t x = below(0), y = below(1);
    if (x > 0 && y > 0) limit = isa<AddOp>(op) ? x + y - 1 : (x - 1) * (y - 1) + 1;
  } else if (isRelayout(op) || isa<GatherOp>(op)) {
    limit = below(0);
  } else if (isa<CastOp>(op) && !isFloat(getTensorType(op->getOperand(0)).getDType())) {
    limit = below(0);
  }
  int64_t holds = type.getDType() == DType::i8 ? 128 : kMost;
  return limit <= holds ? limit : 0;
}

Value EntryLowering::pullGather(Frame& f, Operation* op, const Indices& at) {
  Value table = op->getOperand(0), ids = op->getOperand(1);
  TensorType tableType = getTensorType(table), idsType = getTensorType(ids);
  bool along = isa<GatherAlongOp>(op);
  size_t axis = along ? cast<GatherAlongOp>(op).getAxis() : cast<GatherOp>(op).getAxis();
  size_t width = along ? 0 : idsType.getRank();
  Type i64 = f.b.getI64Type();
  Indices idsAt = along ? at : Indices(at.begin() + axis, at.begin() + axis + width);
  Value lanes = pull(f, ids, idsAt);
  if (cast<VectorType>(lanes.getType()).getElementType() != i64)
    lanes = arith::ExtSIOp::create(f.b, f.loc, VectorType::get({kLanes}, i64), lanes);
  bool single = llvm::all_of(idsAt, [](const Index& i) { return i.isUniform(); });
  int64_t below = idsBelow(ids), fixed = tableType.getStaticDim(axis);
  SmallVector<Value> known(tableType.getRank());  // the table's indices beside the looked-up one
  for (size_t i = 0; i < at.size() && (along || i < axis); ++i)
    if (i != axis && at[i].isUniform()) known[i] = at[i].base;
  Value limit = rowExtent(f.b, tableType, axis, known);
  if (below == 0 || below > fixed)
    lanes = checkIds(f, op, lanes, limit, idsAt.empty() ? nullptr : idsAt.data());
  Index row;
  if (single) {
    Value scalar = vector::ExtractOp::create(f.b, f.loc, lanes, ArrayRef<int64_t>{0});
    row = uniform(arith::IndexCastOp::create(f.b, f.loc, f.b.getIndexType(), scalar));
  } else {
    auto type = VectorType::get({kLanes}, f.b.getIndexType());
    row = {{}, arith::IndexCastOp::create(f.b, f.loc, type, lanes), false};
  }
  Indices from;
  if (along) {
    from = at;
    from[axis] = row;
  } else {
    from.append(at.begin(), at.begin() + axis);
    from.push_back(row);
    from.append(at.begin() + axis + width, at.end());
  }
  if (fixed > 0) return pull(f, table, from);
  Value some = arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::sgt, limit, index(f.b, 0));
  return pullWhere(f, broadcastLanes(f, some), table, from);  // an empty table has no row 0
}

}  // namespace sinter
