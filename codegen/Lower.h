// From a model in the sinter dialect to host functions and kernels in scf, vector and memref, and
// the description that the runtime reads. One function per entry; a kernel is the body of a loop
// that SinterCall.parallel splits.
//
// An op is written as a function of an output index ("pull"): its operands are asked for their
// elements, sixteen neighbours of the last axis at a time, under a mask. Layout ops are views where
// strides can say them. Ragged tensors are stored padded; only rows' own elements take part in
// anything that combines elements.
// Non-goals: choosing targets, machine code (Emit.h), weights' bytes (Pack.h).
#ifndef SINTER_CODEGEN_LOWER_H
#define SINTER_CODEGEN_LOWER_H

#include <vector>

#include "codegen/Descriptor.h"
#include "codegen/Pack.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace sinter {
class ModelOp;

struct Lowered {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  ModelDescription description;       // without weights, assets and targets
  std::vector<StoredWeight> weights;  // in the order of description.params
  BlockPlan places;                   // where they lie
};

enum class LowerStage {
  kLoops,    // kernels over buffers that are allocated where they are needed
  kBuffers,  // all buffers at planned places of one arena
};

/// `model` has been through the fusion pipeline. Failures are diagnosed at the op.
mlir::FailureOr<Lowered> lowerModel(ModelOp model, LowerStage stage = LowerStage::kBuffers);

/// The dialects of the result.
void registerLowerDialects(mlir::DialectRegistry& registry);

}  // namespace sinter
#endif
