// Matrix products C[M, N] = epilogue(start + A[M, K] * B[N, K]^T) as one function per distinct
// (n, k, start, epilogue), shared by all call sites and written anew for each target's tile.
//
// Every output is one chain of FMAs over ascending k, begun from `start`; so its bits do not
// depend on M, on how rows and panels are split over threads, or on the target (FMA given).
// Nothing is read or written outside the rows and columns that exist.
//
// Layouts: A is row-major with any row stride, B lies in panels [ceil(N/48)][K][48] whose columns
// beyond N are zero, C is row-major with any row stride.
// Non-goals: choosing how work is split (callers pass ranges), batching, other element types.
#ifndef SINTER_CODEGEN_GEMM_H
#define SINTER_CODEGEN_GEMM_H

#include <functional>
#include <string>

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

#include "codegen/Target.h"

namespace sinter {

/// Sixteen neighbouring elements of one row of C, as an epilogue sees them.
struct GemmLanes {
  mlir::Value row;          // index
  mlir::Value column;       // index, of lane 0
  mlir::Value mask;         // vector<16xi1>: the lanes whose column exists
  mlir::ValueRange extras;  // the kernel's extra arguments
};

/// `matrix[row, column + lane]` (memref<?x?xf32>, innermost stride 1), 0 in masked lanes.
mlir::Value loadMatrix(mlir::OpBuilder& b, mlir::Location loc, mlir::Value matrix,
                       const GemmLanes& lanes);
/// `vector[column + lane]` (memref<?xf32>, stride 1), 0 in masked lanes.
mlir::Value loadColumns(mlir::OpBuilder& b, mlir::Location loc, mlir::Value vector,
                        const GemmLanes& lanes);
/// `vector[row]` in all lanes.
mlir::Value loadRow(mlir::OpBuilder& b, mlir::Location loc, mlir::Value vector,
                    const GemmLanes& lanes);

/// Both return a vector<16xf32>. They may use constants, their arguments and nothing else from
/// outside, and no regions with other blocks' values; they run once, when a kernel is declared.
using GemmStart = std::function<mlir::Value(mlir::OpBuilder&, mlir::Location, const GemmLanes&)>;
using GemmEpilogue =
    std::function<mlir::Value(mlir::OpBuilder&, mlir::Location, mlir::Value, const GemmLanes&)>;

struct GemmSpec {
  std::string hint = "";  // readable part of the name, such as "bias_gelu"
  int64_t n = mlir::ShapedType::kDynamic;
  int64_t k = mlir::ShapedType::kDynamic;
  llvm::SmallVector<mlir::Type> extras = {};  // types of what start and epilogue read
  GemmStart start = {};                       // absent: zero
  GemmEpilogue epilogue = {};                 // absent: the sums themselves
};

/// The types that a kernel's matrices are cast to. Sizes n and k may be kDynamic.
mlir::MemRefType gemmAType(mlir::MLIRContext* context, int64_t k);     // ?xk, strides ?, 1
mlir::MemRefType gemmPanelType(mlir::MLIRContext* context, int64_t k); // ?xkx48
mlir::MemRefType gemmCType(mlir::MLIRContext* context, int64_t n);     // ?xn, strides ?, 1

/// Declares the kernel in `module`, or returns the equal one that is already there. Start and
/// epilogue become functions of their own beside it; `defineGemms` inlines them.
mlir::func::FuncOp declareGemm(mlir::ModuleOp module, mlir::Location loc, const GemmSpec& spec);

struct GemmCall {
  mlir::Value a, panels, c;          // cast to the kernel's types where they differ
  mlir::Value rowBegin, rowEnd;      // index: rows of A and C
  mlir::Value panelBegin, panelEnd;  // index: panels of B, 48 columns of C each
  llvm::SmallVector<mlir::Value> extras = {};
};

void callGemm(mlir::OpBuilder& b, mlir::Location loc, mlir::func::FuncOp kernel,
              const GemmCall& call);

/// What a packing function reads: a memref<?x?xf32> of these axes, strides and offset dynamic but
/// for the innermost stride, which is 1 in the first two.
enum class PackSource {
  kRows,     // [N, K], unit stride along K
  kColumns,  // [K, N], unit stride along N
  kStrided,  // [N, K], any strides
};

/// Declares `(source, panels, panelBegin, panelEnd)`, which writes activations as panels, the
/// zeros beyond N included, and their K is the source's. Called through `callPack`.
mlir::func::FuncOp declarePack(mlir::ModuleOp module, mlir::Location loc, PackSource source);

void callPack(mlir::OpBuilder& b, mlir::Location loc, mlir::func::FuncOp pack, mlir::Value source,
              mlir::Value panels, mlir::Value panelBegin, mlir::Value panelEnd);

/// Gives every declared kernel and packing function of `module` its body for `target`.
void defineGemms(mlir::ModuleOp module, const Target& target);

}  // namespace sinter
#endif
