// Doors between the ops' generated code and Fold.cpp.
#pragma once

#include "compiler/Dialect.h"

namespace sinter {

/// `fold` of every element-wise op with one or two operands.
mlir::OpFoldResult foldElementwise(mlir::Operation *op, llvm::ArrayRef<mlir::Attribute> operands);

}  // namespace sinter
