// Loops that SinterCall.parallel splits over threads: the body becomes a function
// void(context, begin, end, thread), what it uses from outside travels in a struct on the stack.
// Non-goals: no choice of granularity; nested splits are the caller's mistake.
#ifndef SINTER_CODEGEN_PARALLEL_H
#define SINTER_CODEGEN_PARALLEL_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace sinter {

/// Writes the body for items [begin, end) on `thread` (all index) at the builder's place.
using ParallelBody = llvm::function_ref<void(mlir::OpBuilder&, mlir::Location, mlir::Value begin,
                                             mlir::Value end, mlir::Value thread)>;

/// Runs `body` over a split of [0, count) and waits. `call` is the entry's !llvm.ptr to SinterCall
/// and may be used inside the body, as may any value of the enclosing function: index, integer,
/// float, vector, !llvm.ptr and memref values are captured, constants are copied. The function is
/// named after the enclosing one.
void buildParallel(mlir::OpBuilder& b, mlir::Location loc, mlir::Value call, mlir::Value count,
                   ParallelBody body);

}  // namespace sinter
#endif
