// From a module of func, scf, memref, vector, arith and math to one target's text or object.
// The module is written once for all targets; functions of the result end in "_<suffix>", and all
// but the module's public functions are internal, so objects of several targets link together.
// Non-goals: no linking, no graph passes, no choice of targets.
#ifndef SINTER_CODEGEN_EMIT_H
#define SINTER_CODEGEN_EMIT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"

#include "codegen/Target.h"

namespace llvm {
class raw_pwrite_stream;
}

namespace sinter {

/// Everything that `emit` creates or translates; once per context.
void registerEmitDialects(mlir::DialectRegistry& registry);

/// The stages in order; each but the object is text.
enum class EmitStage {
  kVector,    // kernels written for the target, math expanded
  kLlvm,      // LLVM dialect
  kLlvmIr,    // LLVM IR, optimised
  kAssembly,  // with .loc lines
  kObject,    // relocatable, position independent, with DWARF line tables
};

/// Lowers a copy of `module` for `target` and writes `stage` of it. Failures are diagnosed, among
/// them an object that would need a symbol which is neither defined nor one of memcpy, memmove,
/// memset and memcmp.
mlir::LogicalResult emit(mlir::ModuleOp module, const Target& target, EmitStage stage,
                         llvm::raw_pwrite_stream& out);

}  // namespace sinter
#endif
