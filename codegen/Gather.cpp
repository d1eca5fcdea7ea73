// Look-ups: rows of a table by index, and what is known of the indices. Ids that may lie outside
// are checked where they are used and reported as a fault.
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

Value EntryLowering::checkIds(Frame& f, Value ids, Value limit) {
  // ids: vector<16xi64>. Those outside are recorded and read row 0.
  Type i64 = f.b.getI64Type();
  Value wide = broadcastLanes(f, arith::IndexCastOp::create(f.b, f.loc, i64, limit));
  Value zero = splat(f, 0, i64);
  Value inside = arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::ult, ids, wide);
  Value outside = arith::XOrIOp::create(f.b, f.loc, inside, splat(f, 1, f.b.getI1Type()));
  outside = arith::AndIOp::create(f.b, f.loc, outside, f.mask);
  Value any = vector::ReductionOp::create(f.b, f.loc, vector::CombiningKind::OR, outside);
  auto branch = scf::IfOp::create(f.b, f.loc, any, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(&branch.getThenRegion().front());
    Value fault = loadField(f.b, f.loc, call, CallField::kFault);
    auto pointer = LLVM::LLVMPointerType::get(f.b.getContext());
    auto put = [&](int64_t place, Value value) {
      Value at = LLVM::GEPOp::create(f.b, f.loc, pointer, i64, fault,
                                     ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(place)});
      LLVM::StoreOp::create(f.b, f.loc, value, at);
    };
    Value bad = arith::SelectOp::create(f.b, f.loc, outside, ids, splat(f, INT64_MIN, i64));
    put(1, vector::ReductionOp::create(f.b, f.loc, vector::CombiningKind::MAXSI, bad));
    put(2, arith::IndexCastOp::create(f.b, f.loc, i64, limit));
    put(0, arith::ConstantIntOp::create(f.b, f.loc, 1, 64));
  }
  return arith::SelectOp::create(f.b, f.loc, inside, ids, zero);
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
  int64_t below = idsBelow(ids);
  if (below == 0 || below > tableType.getStaticDim(axis))
    lanes = checkIds(f, lanes, extent(tableType.getDimText(axis)));
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
  return pull(f, table, from);
}

}  // namespace sinter
