// Gathers contractions with their epilogues, reductions with what they read, and element-wise
// clusters into sinter.fused.
// Non-goals: cost models, several results, producers that would be computed twice.
#include "compiler/Passes.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace sinter {

#define GEN_PASS_DEF_FUSE
#include "compiler/Passes.h.inc"

namespace {

/// The ops of a future region in their order; the last one gives its result.
using Cluster = SmallVector<Operation *>;

bool isF32(Value value) { return getTensorType(value).getDType() == DType::f32; }

bool haveEqualDims(Value a, Value b) {
  return getTensorType(a).getDims() == getTensorType(b).getDims();
}

//===-- Building the region ------------------------------------------------------------------===//

/// Moves the ops into a new region at the place of the last, where all operands are known.
FusedOp wrap(const Cluster &cluster, StringRef kind) {
  Operation *last = cluster.back();
  OpBuilder builder(last);
  auto fused = FusedOp::create(builder, cluster.front()->getLoc(), last->getResultTypes(), kind);
  last->replaceAllUsesWith(fused.getResults());
  Block &body = fused.getBody().emplaceBlock();
  for (Operation *op : cluster) op->moveBefore(&body, body.end());
  builder.setInsertionPointToEnd(&body);
  YieldOp::create(builder, last->getLoc(), last->getResults());
  return fused;
}

/// Copies the splat constants that the region reads into it, so that the kernel knows them.
void copyConstants(FusedOp fused) {
  OpBuilder builder = OpBuilder::atBlockBegin(&fused.getBody().front());
  llvm::SmallDenseMap<Value, Value> copies;
  fused.walk([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands()) {
      if (!getSplat(operand.get()) || operand.get().getParentBlock() == &fused.getBody().front())
        continue;
      Value &copy = copies[operand.get()];
      if (!copy) copy = builder.clone(*operand.get().getDefiningOp())->getResult(0);
      operand.set(copy);
    }
  });
}

//===-- Contractions with epilogues ----------------------------------------------------------===//

/// What an epilogue can read for each element: a number, a row or column of numbers, or an element
/// of a tensor of the result's shape.
bool isEpilogueOperand(Value operand, Operation *root) {
  TensorType type = getTensorType(operand), result = getTensorType(root->getResult(0));
  if (getSplat(operand) || type.getNumElements() == 1) return true;
  if (type.getDims() == result.getDims()) return true;
  int64_t features = isa<ConvOp>(root) ? 1 : result.getRank() - 1;  // the axis a bias belongs to
  int64_t offset = result.getRank() - type.getRank();
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    bool isFeature = axis + offset == features;
    if (type.getDimText(axis) != (isFeature ? result.getDimText(features) : "1")) return false;
  }
  return features >= offset;
}

bool isEpilogueOp(Operation *op, Value previous, Operation *root) {
  if (!(isElementwiseUnary(op) || isElementwiseBinary(op)) || isa<NameOp, CastOp>(op)) return false;
  if (!isF32(op->getResult(0)) || !haveEqualDims(op->getResult(0), root->getResult(0)))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return operand == previous || (isF32(operand) && isEpilogueOperand(operand, root));
  });
}

Cluster findEpilogue(Operation *root) {
  Cluster cluster{root};
  if (!isF32(root->getResult(0))) return cluster;
  for (;;) {
    Value value = cluster.back()->getResult(0);
    if (!value.hasOneUse()) return cluster;
    Operation *user = *value.getUsers().begin();
    if (user->getBlock() != root->getBlock() || !isEpilogueOp(user, value, root)) return cluster;
    cluster.push_back(user);
  }
}

//===-- Element-wise clusters ----------------------------------------------------------------===//

bool isClusterOp(Operation *op) { return isElementwise(op) && !isa<NameOp>(op); }

/// From the last op upwards: producers of the same shape that nothing outside reads.
Cluster findProducers(Operation *last) {
  llvm::SmallSetVector<Operation *, 8> members;
  members.insert(last);
  for (bool grown = true; grown;) {
    grown = false;
    for (Operation *member : SmallVector<Operation *>(members.getArrayRef())) {
      for (Value operand : member->getOperands()) {
        Operation *producer = operand.getDefiningOp();
        if (!producer || producer->getBlock() != last->getBlock() || !isClusterOp(producer))
          continue;
        if (!haveEqualDims(operand, last->getResult(0))) continue;
        auto isMember = [&](Operation *user) { return members.contains(user); };
        if (llvm::all_of(producer->getUsers(), isMember)) grown |= members.insert(producer);
      }
    }
  }
  Cluster cluster = members.takeVector();
  llvm::sort(cluster, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return cluster;
}

//===-- Reductions with what they read -------------------------------------------------------===//

/// Reads each element once.
bool isOnePassReduction(Operation *op) { return isReduction(op) && !isa<LogSumExpOp, VarOp>(op); }

/// Look-ups, their ids, new arrangements of what was looked up, and arithmetic on elements of the
/// reduction's own shape are computed where the reduction comes to them, and never stored. Nothing
/// is computed twice but ids and what a row of elements shares.
Cluster findRead(Operation *root) {
  llvm::SmallSetVector<Operation *, 8> members;
  members.insert(root);
  auto isId = [](Value value) { return !isFloat(getTensorType(value).getDType()); };
  auto comesFromLookUp = [](Operation *op) {
    for (; op && isRelayout(op); op = op->getOperand(0).getDefiningOp()) {}
    return isa_and_nonnull<GatherOp>(op);
  };
  auto joins = [&](Operation *op) {
    if (isRelayout(op)) return comesFromLookUp(op);
    if (!isClusterOp(op)) return isa<GatherOp>(op);
    return haveEqualDims(op->getResult(0), root->getOperand(0)) || isId(op->getResult(0));
  };
  for (bool grown = true; grown;) {
    grown = false;
    for (Operation *member : SmallVector<Operation *>(members.getArrayRef())) {
      for (Value operand : member->getOperands()) {
        Operation *producer = operand.getDefiningOp();
        if (!producer || producer->getBlock() != root->getBlock() || !joins(producer)) continue;
        auto isMember = [&](Operation *user) { return members.contains(user); };
        if (!llvm::all_of(producer->getUsers(), isMember)) continue;
        grown |= members.insert(producer);
      }
    }
  }
  Cluster cluster = members.takeVector();
  llvm::sort(cluster, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return cluster;
}

//===-- Regions that the model asked for -----------------------------------------------------===//

/// Weights, and new arrangements of values from outside, are no part of the kernel.
void hoist(FusedOp fused) {
  Block &body = fused.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
    bool isOutside = llvm::none_of(op.getOperands(), [&](Value operand) {
      return operand.getParentBlock() == &body;
    });
    if (isOutside && (isa<ParamOp>(op) || isRelayout(&op))) op.moveBefore(fused);
  }
}

/// The family of a region written by the user, or an error that says what prevents one kernel.
LogicalResult classify(FusedOp fused) {
  Cluster ops;
  for (Operation &op : fused.getBody().front().without_terminator())
    if (!isa<ConstantOp>(op)) ops.push_back(&op);
  auto refuse = [&](Operation *op, const Twine &why) {
    return op->emitError("fused: '" + op->getName().stripDialect() + "' " + why);
  };
  if (fused.getNumResults() != 1 || ops.empty())
    return fused.emitError("fused: one kernel has one result, but the region has ")
           << fused.getNumResults();
  if (fused.getYield().getOperand(0) != ops.back()->getResult(0))
    return fused.emitError("fused: the last op must give the region's result");
  Operation *root = isContraction(ops.front()) ? ops.front() : nullptr;
  for (size_t i = root ? 1 : 0; i < ops.size(); ++i) {
    if (root && !isEpilogueOp(ops[i], ops[i - 1]->getResult(0), root))
      return refuse(ops[i], "cannot follow '" + root->getName().stripDialect() +
                                "' in its kernel");
    if (!root && (!isClusterOp(ops[i]) || !haveEqualDims(ops[i]->getResult(0),
                                                         ops.back()->getResult(0))))
      return refuse(ops[i], "is not element-wise over the shape of the region's result");
  }
  fused.setKind(root ? "gemm" : "elementwise");
  return success();
}

//===-- The pass -----------------------------------------------------------------------------===//

struct Fuse : impl::FuseBase<Fuse> {
  void runOnOperation() override {
    SmallVector<Block *> blocks;
    WalkResult result = getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto fused = dyn_cast<FusedOp>(op)) {
        if (fused.getKind() == "user") {
          hoist(fused);
          if (failed(classify(fused))) return WalkResult::interrupt();
        }
        copyConstants(fused);
        return WalkResult::skip();
      }
      for (Region &region : op->getRegions())
        for (Block &block : region) blocks.push_back(&block);
      return WalkResult::advance();
    });
    if (result.wasInterrupted()) return signalPassFailure();
    for (Block *block : blocks) fuseBlock(*block);
  }

  static void fuseBlock(Block &block) {
    auto collect = [&](bool (*isSeed)(Operation *)) {
      Cluster seeds;
      for (Operation &op : block)
        if (isSeed(&op)) seeds.push_back(&op);
      return seeds;
    };
    for (Operation *root : collect(isContraction)) {
      Cluster cluster = findEpilogue(root);
      if (cluster.size() > 1) copyConstants(wrap(cluster, "gemm"));
    }
    for (Operation *root : collect(isOnePassReduction)) {
      Cluster cluster = findRead(root);
      if (cluster.size() > 1) copyConstants(wrap(cluster, "reduction"));
    }
    Cluster candidates = collect(isClusterOp);
    for (Operation *last : llvm::reverse(candidates)) {
      if (last->getBlock() != &block) continue;  // already in a cluster
      Cluster cluster = findProducers(last);
      if (cluster.size() > 1) copyConstants(wrap(cluster, "elementwise"));
    }
  }
};

}  // namespace
}  // namespace sinter
