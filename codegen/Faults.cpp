// What generated code reports of values that it cannot go on with: ids outside their table, rows
// too short for what an op takes of them. The run goes on with values that are safe; the runtime
// tells the first fault. Non-goals: what is known before the run (the runtime's checks of a call).
#include "codegen/Frame.h"

using namespace mlir;

namespace sinter {
namespace {

/// The first place in a file that a location names.
FileLineColLoc findPlace(Location loc) {
  FileLineColLoc place;
  loc->walk([&](Location inner) {
    if (auto found = dyn_cast<FileLineColLoc>(inner); found && !place) place = found;
    return place ? WalkResult::interrupt() : WalkResult::advance();
  });
  return place;
}

}  // namespace

/// "bert.cpp:83: gather", an address of constant text.
Value EntryLowering::placeText(OpBuilder& k, Operation* op) {
  std::string text;
  if (FileLineColLoc place = findPlace(op->getLoc()))
    text = (place.getFilename().getValue() + ":" + Twine(place.getLine()) + ": ").str();
  text += op->getName().stripDialect();
  std::string name = "at " + text;
  if (!module.lookupSymbol(name)) {
    auto chars = StringAttr::get(k.getContext(), StringRef(text.c_str(), text.size() + 1));
    OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
    LLVM::GlobalOp::create(top, op->getLoc(),
                           LLVM::LLVMArrayType::get(k.getI8Type(), text.size() + 1),
                           /*isConstant=*/true, LLVM::Linkage::Internal, name, chars);
  }
  return LLVM::AddressOfOp::create(k, loc, LLVM::LLVMPointerType::get(k.getContext()), name);
}

void EntryLowering::reportWhere(OpBuilder& k, Value wrong, Operation* op, SinterFault fault,
                                llvm::function_ref<Found(OpBuilder&)> find) {
  auto branch = scf::IfOp::create(k, loc, wrong, /*withElseRegion=*/false);
  OpBuilder inside = OpBuilder::atBlockBegin(&branch.getThenRegion().front());
  Type i64 = inside.getI64Type(), pointer = LLVM::LLVMPointerType::get(k.getContext());
  auto number = [&](Value x) -> Value {
    if (!x) return arith::ConstantIntOp::create(inside, loc, -1, 64);
    return x.getType() == i64 ? x : Value(arith::IndexCastOp::create(inside, loc, i64, x));
  };
  Found found = find(inside);
  Value report = loadField(inside, loc, call, CallField::kReport),
        faults = loadField(inside, loc, call, CallField::kFaults),
        code = arith::ConstantIntOp::create(inside, loc, fault, 64);
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(k.getContext()),
                                          {pointer, i64, i64, i64, i64, pointer});
  LLVM::CallOp::create(inside, loc, type,
                       ValueRange{report, faults, code, number(found.row), number(found.value),
                                  number(found.limit), placeText(inside, op)});
}

/// `numbers` (vector<16xi64>) with 0 where they are negative or not below `end`. The first such
/// lane is reported.
Value EntryLowering::checkNumbers(Frame& f, Operation* op, SinterFault fault, Value numbers,
                                  Value end, Value limit, const Index* row) {
  Type i64 = f.b.getI64Type();
  Value wide = broadcastLanes(f, arith::IndexCastOp::create(f.b, f.loc, i64, end));
  Value inside = arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::ult, numbers, wide);
  Value outside = arith::XOrIOp::create(f.b, f.loc, inside, splat(f, 1, f.b.getI1Type()));
  outside = arith::AndIOp::create(f.b, f.loc, outside, f.mask);
  Value any = vector::ReductionOp::create(f.b, f.loc, vector::CombiningKind::OR, outside);
  reportWhere(f.b, any, op, fault, [&](OpBuilder& k) -> Found {
    Frame g{k, f.loc, f.mask};
    Value lanes = lanesOf(g, {index(k, 0), {}, true});
    Value first =
        arith::SelectOp::create(k, f.loc, outside, lanes, broadcastLanes(g, index(k, kLanes - 1)));
    first = vector::ReductionOp::create(k, f.loc, vector::CombiningKind::MINUI, first);
    auto take = [&](Value all) -> Value {
      return vector::ExtractOp::create(k, f.loc, all, OpFoldResult(first));
    };
    return {row ? take(lanesOf(g, *row)) : Value(), take(numbers), limit};
  });
  return arith::SelectOp::create(f.b, f.loc, inside, numbers, splat(f, 0, i64));
}

Value EntryLowering::checkIds(Frame& f, Operation* op, Value ids, Value limit, const Index* row) {
  return checkNumbers(f, op, SINTER_WRONG_ID, ids, limit, limit, row);
}

Value EntryLowering::checkLengths(Frame& f, Operation* op, Value lengths, Value room,
                                  const Index& row) {
  Value end = add(f.b, room, index(f.b, 1));
  return checkNumbers(f, op, SINTER_LONG_ROW, lengths, end, room, &row);
}

/// A slice that takes more of a row than the row has, or puts something beyond its end.
void EntryLowering::checkRows(Operation* op) {
  int64_t axis, step = 1;
  Attribute start;
  TensorType part;
  bool moves = false;  // the run chooses the place, inside the row
  if (auto slice = dyn_cast<SliceOp>(op)) {
    axis = slice.getAxis();
    step = slice.getStep();
    start = slice.getStart();
    moves = slice.getIndex() != nullptr;
    part = getTensorType(slice.getResult());
  } else if (auto update = dyn_cast<UpdateSliceOp>(op)) {
    axis = update.getAxis();
    start = update.getStart();
    moves = update.getIndex() != nullptr;
    part = getTensorType(update.getValue());
  } else {
    return;
  }
  TensorType type = getTensorType(op->getOperand(0));
  int rows = ownerAxis(type, axis);
  if (rows < 0 || (!moves && type.getDimText(axis) == part.getDimText(axis))) return;
  Value from = moves ? index(b, 0) : startOf(b, start);
  auto loop = scf::ForOp::create(b, loc, index(b, 0), extent(type.getDimText(rows)), index(b, 1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value row = loop.getInductionVar();
  SmallVector<Value> at(type.getRank());
  at[rows] = row;
  Value has = rowExtent(b, type, axis, at), size = rowExtent(b, part, axis, at);
  Value wants = add(b, from, mul(b, sub(b, size, index(b, 1)), index(b, step)));
  wants = add(b, wants, index(b, 1));
  Value some = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, size, index(b, 0));
  Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, wants, has);
  reportWhere(b, arith::AndIOp::create(b, loc, some, more), op, SINTER_SHORT_ROW,
              [&](OpBuilder&) -> Found { return {row, has, wants}; });
}

}  // namespace sinter
