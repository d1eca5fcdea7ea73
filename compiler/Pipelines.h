// Named sequences of passes; the only place where their order exists is Pipelines.cpp.
#pragma once

namespace mlir {
class OpPassManager;
}

namespace sinter {

/// From the graph as the DSL prints it to fused kernels (stage "fused").
void buildFusionPipeline(mlir::OpPassManager &manager);

/// The same for a program, which can be asked for values that its model names.
void buildProgramPipeline(mlir::OpPassManager &manager);

/// Makes every pass and pipeline known to command lines.
void registerPasses();

}  // namespace sinter
