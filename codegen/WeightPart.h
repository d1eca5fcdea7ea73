// Parts and rearrangements of weights that are matrices, as strides say them: they are packed when
// the model is built and not in every run. Non-goals: what strides cannot say.
#ifndef SINTER_CODEGEN_WEIGHTPART_H
#define SINTER_CODEGEN_WEIGHTPART_H

#include "codegen/Pack.h"
#include "compiler/Dialect.h"

namespace sinter {

struct WeightPart {
  ParamOp param;
  MatrixView matrix;
};

/// The weight that `value` [N, K] is, or is a slice or a rearrangement of.
std::optional<WeightPart> weightPart(mlir::Value value);

/// The weight at the end of a chain of slices and rearranges, or null.
ParamOp weightBehind(mlir::Value value);

/// Where products alone read the weight and read no element twice, the matrices that they read; else
/// nothing.
std::vector<MatrixView> matricesOf(ModelOp model, WeightOp weight);

}  // namespace sinter
#endif
