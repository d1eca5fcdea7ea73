// What generated functions read from `struct SinterCall`, and memrefs made from raw pointers.
// Non-goals: no knowledge of entries or of the memory plan.
#ifndef SINTER_CODEGEN_CALL_H
#define SINTER_CODEGEN_CALL_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

namespace sinter {

/// The pointer-valued fields of SinterCall, in its order.
enum class CallField {
  kParams,
  kInputs,
  kOutputs,
  kValues,
  kLengths,
  kArena,
  kReport,
  kFaults,
  kParallel,
  kPool
};

/// `call->field`; `call` and the result are !llvm.ptr.
mlir::Value loadField(mlir::OpBuilder& b, mlir::Location loc, mlir::Value call, CallField field);

/// `table[i]` of an array of pointers, such as the field kInputs.
mlir::Value loadPointer(mlir::OpBuilder& b, mlir::Location loc, mlir::Value table, int64_t i);

/// `call->values[i]` as an index.
mlir::Value loadExtent(mlir::OpBuilder& b, mlir::Location loc, mlir::Value values, int64_t i);

/// `pointer + bytes`; `bytes` is an index.
mlir::Value offsetPointer(mlir::OpBuilder& b, mlir::Location loc, mlir::Value pointer,
                          mlir::Value bytes);

/// A row-major memref over `pointer` (to element 0). `extents` has one index per dynamic size of
/// `type`, whose layout must be the identity. Becomes plain LLVM in Emit's conversion.
mlir::Value viewPointer(mlir::OpBuilder& b, mlir::Location loc, mlir::Value pointer,
                        mlir::MemRefType type, mlir::ValueRange extents);

}  // namespace sinter
#endif
