// Moves rearranges below element-wise ops, so that these fuse with the product above.
// Non-goals: ops that read two arrangements, broadcasts of rows.
#include "compiler/Passes.h"

using namespace mlir;

namespace sinter {

#define GEN_PASS_DEF_SINKREARRANGES
#include "compiler/Passes.h.inc"

namespace {

/// The one operand that is no scalar, if there is one and only one.
OpOperand *findTensorOperand(Operation *op) {
  OpOperand *found = nullptr;
  for (OpOperand &operand : op->getOpOperands()) {
    if (getTensorType(operand.get()).isScalar()) continue;
    if (found) return nullptr;
    found = &operand;
  }
  return found;
}

void sink(Operation *op) {
  OpOperand *operand = findTensorOperand(op);
  auto rearrange = operand ? operand->get().getDefiningOp<RearrangeOp>() : RearrangeOp();
  if (!rearrange || !rearrange->hasOneUse() || rearrange->getBlock() != op->getBlock()) return;
  Value result = op->getResult(0);
  TensorType type = getTensorType(result);
  Value source = rearrange.getInput();
  operand->set(source);
  result.setType(getTensorType(source).withDType(type.getDType()));
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  auto moved = RearrangeOp::create(builder, rearrange.getLoc(), type, result,
                                   rearrange.getPatternAttr(), rearrange.getSizesAttr());
  result.replaceAllUsesExcept(moved, moved);
  rearrange.erase();
}

struct SinkRearranges : impl::SinkRearrangesBase<SinkRearranges> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if ((isElementwiseUnary(op) || isElementwiseBinary(op)) && !isa<NameOp>(op)) sink(op);
    });
  }
};

}  // namespace
}  // namespace sinter
