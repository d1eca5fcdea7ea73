// Loops over one contiguous row, sixteen lanes at a time, and the row kernels made of them.
// Element e of a row always sits in lane e mod 16, the last vector is the same code under a mask,
// and a fold ends in `foldLanes`' tree; so results depend on the row alone.
// Non-goals: no choice of rows or threads, no strided rows, no types but f32.
#ifndef SINTER_CODEGEN_ROWS_H
#define SINTER_CODEGEN_ROWS_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

#include "codegen/Math.h"

namespace sinter {

/// Writes code for the lanes [i, i + 16); `mask` is a vector<16xi1>, all true but in the tail.
using LanesBody =
    llvm::function_ref<void(mlir::OpBuilder&, mlir::Location, mlir::Value i, mlir::Value mask)>;
/// The same with a result, vector<16xf32> or, for `Participates`, vector<16xi1>.
using LanesValue = llvm::function_ref<mlir::Value(mlir::OpBuilder&, mlir::Location, mlir::Value i,
                                                  mlir::Value mask)>;

/// Runs `body` for i = 0, 16, 32 … below `count` (index).
void forLanes(mlir::OpBuilder& b, mlir::Location loc, mlir::Value count, LanesBody body);

/// The fold of `element` over [0, count), an f32: 0, 1, infinity or -infinity for no elements.
mlir::Value foldRow(mlir::OpBuilder& b, mlir::Location loc, mlir::Value count, LaneFold fold,
                    LanesValue element);

/// row[i + lane] of a memref<?xf32> with stride 1; masked lanes give 0 and are not stored.
mlir::Value loadLanes(mlir::OpBuilder& b, mlir::Location loc, mlir::Value row, mlir::Value i,
                      mlir::Value mask);
void storeLanes(mlir::OpBuilder& b, mlir::Location loc, mlir::Value lanes, mlir::Value row,
                mlir::Value i, mlir::Value mask);

/// Softmax or its logarithm over `count` elements. `participates`, when given, says which lanes
/// take part; the others become 0 (log: -infinity), as does a row of which none does. Input and
/// output may be the same memory.
void softmaxRow(mlir::OpBuilder& b, mlir::Location loc, mlir::Value input, mlir::Value output,
                mlir::Value count, bool logarithm = false, LanesValue participates = nullptr);

/// (x - mean) / sqrt(variance + eps) [* weight [+ bias]], rows of `count` elements; the two-pass
/// form. Input and output may be the same memory.
void layerNormRow(mlir::OpBuilder& b, mlir::Location loc, mlir::Value input, mlir::Value output,
                  mlir::Value count, double eps, mlir::Value weight = {}, mlir::Value bias = {});

}  // namespace sinter
#endif
