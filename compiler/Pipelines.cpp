// The order of the graph passes, and why.
#include "compiler/Pipelines.h"

#include "compiler/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

namespace sinter {

void buildFusionPipeline(mlir::OpPassManager &manager) {
  auto &entry = manager.nest<ModelOp>().nest<EntryOp>();
  entry.addPass(createPrepareInference());         // identities would stand between ops that fuse
  entry.addPass(createExpandBatchNorm());          // element-wise ops fuse, batch_norm does not
  entry.addPass(createDecomposeEinsum());          // kernels know one form of product
  entry.addPass(mlir::createCanonicalizerPass());  // fewer ops, constants known
  entry.addPass(mlir::createCSEPass());            // a value used twice must be one value
  entry.addPass(createSinkRearranges());           // element-wise ops meet the product above
  entry.addPass(createFuse());                     // last: it settles what is a kernel
}

void buildProgramPipeline(mlir::OpPassManager &manager) {
  manager.nest<ModelOp>().addPass(createExposeNames());  // names are still there
  buildFusionPipeline(manager);
}

void registerPasses() {
  registerSinterPasses();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  mlir::PassPipelineRegistration<>("fusion", "The graph as fused kernels.", buildFusionPipeline);
}

}  // namespace sinter
