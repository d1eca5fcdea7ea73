// Removes dropout and unasked names.
#include "compiler/Passes.h"

namespace sinter {

#define GEN_PASS_DEF_PREPAREINFERENCE
#include "compiler/Passes.h.inc"

namespace {

struct PrepareInference : impl::PrepareInferenceBase<PrepareInference> {
  using PrepareInferenceBase::PrepareInferenceBase;

  void runOnOperation() override {
    getOperation().walk([&](mlir::Operation *op) {
      auto name = mlir::dyn_cast<NameOp>(op);
      bool vanishes = mlir::isa<DropoutOp>(op) ||
                      (name && !llvm::is_contained(keepNames, name.getName()));
      if (!vanishes) return;
      op->getResult(0).replaceAllUsesWith(op->getOperand(0));
      op->erase();
    });
  }
};

}  // namespace
}  // namespace sinter
