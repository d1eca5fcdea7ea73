// Elementary functions as plain arithmetic on f32 scalars and vectors, equal bits for both, with
// C's results for NaN, infinities and denormals, and fixed-order reductions of 16 lanes.
// Errors are a few ulp (tests/codegen/kernels holds the bounds). Non-goals: f64 inputs, errno,
// rounding modes, signs of zero results and NaN payloads.
#ifndef SINTER_CODEGEN_MATH_H
#define SINTER_CODEGEN_MATH_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace sinter {

/// Each takes and returns f32 or vector<...xf32>. They expand at once; `math.exp` and its kin are
/// expanded by `expandMath`, so code built elsewhere may use either.
mlir::Value buildExp(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildExpm1(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildLog(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildLog1p(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildTanh(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildErf(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildSin(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildCos(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildPow(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x, mlir::Value y);
mlir::Value buildSigmoid(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildSoftplus(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
/// C's fmod, and the remainder with the divisor's sign (torch.remainder). Exact for |x / y| < 2^28.
mlir::Value buildFmod(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x, mlir::Value y);
mlir::Value buildRemainder(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x, mlir::Value y);
/// x/2 (1 + erf(x / sqrt 2)), and its form with tanh.
mlir::Value buildGelu(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);
mlir::Value buildGeluTanh(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x);

enum class LaneFold { kAdd, kMul, kMin, kMax };  // kMin and kMax propagate NaN

/// The fold of two values of equal type.
mlir::Value combineLanes(mlir::OpBuilder& b, mlir::Location loc, mlir::Value x, mlir::Value y,
                         LaneFold fold);

/// vector<16xf32> -> f32 by the one fixed tree of all targets: lanes i and i + 8, then + 4, 2, 1.
mlir::Value foldLanes(mlir::OpBuilder& b, mlir::Location loc, mlir::Value lanes, LaneFold fold);

/// Replaces math.{exp, expm1, log, log1p, tanh, erf, sin, cos, powf, rsqrt} and arith.remf on f32
/// and vectors of f32, and conversions between bf16 and f32. When `fma` is false, the target has
/// neither FMA nor f16 conversions, and those become plain arithmetic too; otherwise vector.fma
/// becomes math.fma.
void expandMath(mlir::ModuleOp module, bool fma);

}  // namespace sinter
#endif
