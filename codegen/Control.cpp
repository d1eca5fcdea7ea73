// Recurrences, repeated layers and loops run on the host: their states lie in buffers of their
// own, each round computes the next ones beside them and then copies.
#include "codegen/Frame.h"
#include "codegen/Parallel.h"

using namespace mlir;

namespace sinter {

/// state = next, but rows that are at their end keep what they have.
void EntryLowering::freezeInto(Value next, const Buffer& state, int ragged, Value step) {
  TensorType type = getTensorType(next);
  Owner owner = ragged >= 0 ? ownerOfSymbol(type, ragged) : Owner();
  int rows = owner.axis;
  forEach(loc, type, [&](Frame& f, const Indices& at) {
    Value lanes = pull(f, next, at);
    if (rows >= 0) {
      Value old = load(f, state, type, at);
      Value length;
      if (at[rows].isUniform()) {
        length = broadcastLanes(f, lengthOf(f.b, ragged, at[rows].base, owner.perRow));
      } else {
        Buffer all;
        all.memory = lengthArrays[ragged];
        all.offset = index(f.b, 0);
        all.strides = {index(f.b, 1)};
        TensorType i64 = TensorType::get(f.b.getContext(),
                                         ArrayRef<StringRef>{ext.ragged[ragged].owner}, DType::i64);
        Index row = at[rows];
        if (owner.perRow > 1)
          row = mapIndex(f, row, [&](OpBuilder& k, Value x) -> Value {
            return div(k, x, broadcastLanes(f, index(k, owner.perRow)));
          });
        Value wide = load(f, all, i64, {row});
        auto indices = VectorType::get({kLanes}, f.b.getIndexType());
        length = arith::IndexCastOp::create(f.b, f.loc, indices, wide);
      }
      Value running = arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::slt,
                                            broadcastLanes(f, step), length);
      lanes = arith::SelectOp::create(f.b, f.loc, running, lanes, old);
    }
    store(f, lanes, state, type, at);
  });
}

/// A next state may read another state, so all that share memory with one are copied before any is
/// replaced.
void EntryLowering::replaceStates(ValueRange next, ValueRange arguments, ArrayRef<Buffer> states,
                                  int ragged, Value step) {
  for (auto [value, argument] : llvm::zip(next, arguments)) {
    auto found = buffers.find(value);
    if (value == argument || (found != buffers.end() && found->second.slot >= 0)) continue;
    Buffer copy = allocate(getTensorType(value));
    copyInto(value, copy);
    buffers[value] = copy;
  }
  for (auto [value, argument, state] : llvm::zip(next, arguments, states))
    if (value != argument) freezeInto(value, state, ragged, step);
}

LogicalResult EntryLowering::lowerScan(ScanOp op) {
  int64_t axis = op.getAxis();
  TensorType first = getTensorType(op.getSequences()[0]);
  int ragged = ext.raggedIndex(first.getDimText(axis));
  if (ragged >= 0 && ownerAxis(first, axis) < 0) ragged = -1;
  Value steps = extent(first.getDimText(axis));
  bool perRow = ragged >= 0 && op.getReverse();  // rows start at different places
  Block& body = op.getBody().front();
  unsigned xs = op.getXs();

  SmallVector<Buffer> states, stacked;
  for (auto [i, init] : llvm::enumerate(op.getInits())) {
    Buffer state = allocate(getTensorType(init));
    copyInto(init, state);
    retain(op.getFinalStates()[i], state);
    states.push_back(state);
  }
  for (Value result : op.getStacked()) {
    stacked.push_back(allocate(getTensorType(result)));
    retain(result, stacked.back());
  }
  SmallVector<Buffer> sequences;
  for (Value sequence : op.getSequences()) sequences.push_back(materialise(sequence));

  auto loop = scf::ForOp::create(b, loc, index(b, 0), steps, index(b, 1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value step = loop.getInductionVar();
  Value place = op.getReverse() ? sub(b, sub(b, steps, index(b, 1)), step) : step;
  Block* outer = block;
  block = &body;
  // The place of a row's element at this step, counted from the row's own end.
  auto rowPlace = [&](OpBuilder& k, Value row, int64_t perRow) {
    Value length = lengthOf(k, ragged, row, perRow);
    return max(k, index(k, 0), sub(k, sub(k, length, index(k, 1)), step));
  };
  for (unsigned i = 0; i < xs; ++i) {
    BlockArgument slice = body.getArgument(i);
    TensorType type = getTensorType(slice), whole = getTensorType(op.getSequences()[i]);
    if (!perRow) {
      Buffer view = sequences[i];
      view.offset = add(b, view.offset, mul(b, place, view.strides[axis]));
      view.strides.erase(view.strides.begin() + axis);
      view.contiguous = view.contiguous && axis == 0;
      view.slot = -1;
      buffers[slice] = view;
      continue;
    }
    Buffer copy = allocate(type);
    Owner owner = ownerOf(whole, static_cast<unsigned>(axis));
    int rows = owner.axis;
    int64_t eachRow = owner.perRow;
    int rowsHere = rows > axis ? rows - 1 : rows;
    forEach(loc, type, [&](Frame& f, const Indices& at) {
      Indices from = at;
      Index moved;
      if (at[rowsHere].isUniform()) {
        moved = uniform(rowPlace(f.b, at[rowsHere].base, eachRow));
      } else {
        Value lanes = splat(f, 0, f.b.getI64Type());
        auto indices = VectorType::get({kLanes}, f.b.getIndexType());
        lanes = arith::IndexCastOp::create(f.b, f.loc, indices, lanes);
        Value all = lanesOf(f, at[rowsHere]);
        Value last = index(f.b, 0);
        last = sub(f.b, extent(whole.getDimText(rows)), index(f.b, 1));
        for (int64_t lane = 0; lane < kLanes; ++lane) {
          Value row = vector::ExtractOp::create(f.b, f.loc, all, ArrayRef<int64_t>{lane});
          row = min(f.b, row, last);
          lanes = vector::InsertOp::create(f.b, f.loc, rowPlace(f.b, row, eachRow), lanes,
                                           ArrayRef<int64_t>{lane});
        }
        moved = {{}, lanes, false};
      }
      from.insert(from.begin() + axis, moved);
      store(f, load(f, sequences[i], whole, from), copy, type, at);
    });
    retain(slice, copy);
  }
  for (auto [i, state] : llvm::enumerate(states)) {
    Buffer own = state;
    own.slot = -1;
    buffers[body.getArgument(xs + i)] = own;
  }
  if (failed(lowerBlock(body))) return failure();
  block = &body;
  loc = op.getLoc();

  YieldOp yield = op.getYield();
  unsigned count = op.getNumStates();
  // Outputs first: they may be the old state.
  for (auto [i, target] : llvm::enumerate(stacked)) {
    Value value = yield.getOperands()[count + i];
    TensorType whole = getTensorType(op.getStacked()[i]), type = getTensorType(value);
    Owner owner = ragged >= 0 ? ownerOf(whole, static_cast<unsigned>(axis)) : Owner();
    int rows = owner.axis;
    int rowsHere = rows > axis ? rows - 1 : rows;
    forEach(loc, type, [&](Frame& f, const Indices& at) {
      Value lanes = pull(f, value, at);
      Indices to = at;
      Index where = uniform(place);
      if (rows >= 0) {
        // One row at a time along the last axis, or a row for each lane.
        auto isRunning = [&](OpBuilder& k, Value row) -> Value {
          return arith::CmpIOp::create(k, loc, arith::CmpIPredicate::slt, step,
                                       lengthOf(k, ragged, row, owner.perRow));
        };
        auto placeOf = [&](OpBuilder& k, Value row) -> Value {
          Value running = isRunning(k, row);
          Value own = op.getReverse() ? rowPlace(k, row, owner.perRow) : step;
          return arith::SelectOp::create(k, loc, running, own, step);
        };
        Value zero = splat(f, 0, compute(type.getDType()));
        if (at[rowsHere].isUniform()) {
          Value running = isRunning(f.b, at[rowsHere].base);
          lanes = arith::SelectOp::create(f.b, f.loc, broadcastLanes(f, running), lanes, zero);
          where = uniform(placeOf(f.b, at[rowsHere].base));
        } else {
          Value all = lanesOf(f, at[rowsHere]), places = all;
          Value running = splat(f, 0, f.b.getI1Type());
          Value last = sub(f.b, extent(whole.getDimText(rows)), index(f.b, 1));
          for (int64_t lane = 0; lane < kLanes; ++lane) {
            Value row = vector::ExtractOp::create(f.b, f.loc, all, ArrayRef<int64_t>{lane});
            row = min(f.b, row, last);
            places = vector::InsertOp::create(f.b, f.loc, placeOf(f.b, row), places,
                                              ArrayRef<int64_t>{lane});
            running = vector::InsertOp::create(f.b, f.loc, isRunning(f.b, row), running,
                                               ArrayRef<int64_t>{lane});
          }
          lanes = arith::SelectOp::create(f.b, f.loc, running, lanes, zero);
          where = {{}, places, false};
        }
      }
      to.insert(to.begin() + axis, where);
      store(f, lanes, target, whole, to);
    });
  }
  replaceStates(yield.getOperands().take_front(count), body.getArguments().drop_front(xs), states,
                ragged, step);
  releaseBlock(&body);
  block = outer;
  return success();
}

LogicalResult EntryLowering::lowerRepeat(RepeatOp op) {
  Block& body = op.getBody().front();
  SmallVector<Buffer> states, stacked;
  for (auto [i, init] : llvm::enumerate(op.getOperands())) {
    Buffer state = allocate(getTensorType(init));
    copyInto(init, state);
    retain(op.getFinalStates()[i], state);
    Buffer own = state;
    own.slot = -1;
    buffers[body.getArgument(i)] = own;
    states.push_back(state);
  }
  for (Value result : op.getStacked()) {
    stacked.push_back(allocate(getTensorType(result)));
    retain(result, stacked.back());
  }
  auto loop = scf::ForOp::create(b, loc, index(b, 0), index(b, op.getCount()), index(b, 1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value outerRound = round;
  round = loop.getInductionVar();
  Block* outer = block;
  if (failed(lowerBlock(body))) return failure();
  block = &body;
  loc = op.getLoc();
  YieldOp yield = op.getYield();
  for (auto [i, target] : llvm::enumerate(stacked)) {
    Buffer part = target;
    part.offset = add(b, part.offset, mul(b, round, part.strides[0]));
    part.strides.erase(part.strides.begin());
    copyInto(yield.getOperands()[states.size() + i], part);
  }
  replaceStates(yield.getOperands().take_front(states.size()), body.getArguments(), states);
  releaseBlock(&body);
  block = outer;
  round = outerRound;
  return success();
}

LogicalResult EntryLowering::lowerLoop(LoopOp op) {
  Block &test = op.getCondition().front(), &body = op.getBody().front();
  SmallVector<Buffer> states;
  for (auto [i, init] : llvm::enumerate(op.getOperands())) {
    Buffer state = allocate(getTensorType(init));
    copyInto(init, state);
    retain(op.getResults()[i], state);
    Buffer own = state;
    own.slot = -1;
    buffers[test.getArgument(i)] = own;
    buffers[body.getArgument(i)] = own;
    states.push_back(state);
  }
  Type indexType = b.getIndexType();
  auto loop = scf::WhileOp::create(b, loc, TypeRange{indexType}, ValueRange{index(b, 0)});
  OpBuilder::InsertionGuard guard(b);
  Block* outer = block;
  Block* before = b.createBlock(&loop.getBefore(), {}, {indexType}, {loc});
  b.setInsertionPointToStart(before);
  if (failed(lowerBlock(test))) return failure();
  block = &test;
  loc = op.getLoc();
  Value holds = loadScalar(op.getConditionYield().getOperands()[0]);
  Value count = before->getArgument(0);
  Value within =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, count, index(b, op.getBound()));
  Value go = arith::AndIOp::create(b, loc, holds, within);
  scf::ConditionOp::create(b, loc, go, ValueRange{count});
  releaseBlock(&test);
  Block* after = b.createBlock(&loop.getAfter(), {}, {indexType}, {loc});
  b.setInsertionPointToStart(after);
  if (failed(lowerBlock(body))) return failure();
  block = &body;
  loc = op.getLoc();
  YieldOp yield = op.getYield();
  replaceStates(yield.getOperands().take_front(states.size()), body.getArguments(), states);
  Value next = add(b, after->getArgument(0), index(b, 1));
  scf::YieldOp::create(b, loc, ValueRange{next});
  releaseBlock(&body);
  block = outer;
  return success();
}

}  // namespace sinter
