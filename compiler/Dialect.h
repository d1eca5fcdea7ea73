// The sinter dialect in C++: its type, its ops and the questions passes ask about families of ops.
// Holds no pass and no lowering.
#pragma once

#include "dsl/rules.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace sinter {

using rules::DType;

llvm::StringRef getDTypeName(DType dType);
std::optional<DType> parseDType(llvm::StringRef name);
inline bool isFloat(DType dType) { return rules::is_float(dType); }

// The families of ops; a trait carries no behaviour beyond its name.
template <typename Op> struct ElementwiseUnary : mlir::OpTrait::TraitBase<Op, ElementwiseUnary> {};
template <typename Op> struct ElementwiseBinary : mlir::OpTrait::TraitBase<Op, ElementwiseBinary> {};
template <typename Op> struct Reduction : mlir::OpTrait::TraitBase<Op, Reduction> {};
template <typename Op> struct Contraction : mlir::OpTrait::TraitBase<Op, Contraction> {};
template <typename Op> struct Relayout : mlir::OpTrait::TraitBase<Op, Relayout> {};

/// One operand, the result has its shape: neg … name.
inline bool isElementwiseUnary(mlir::Operation *op) { return op->hasTrait<ElementwiseUnary>(); }
/// Two operands that broadcast: add … or.
inline bool isElementwiseBinary(mlir::Operation *op) { return op->hasTrait<ElementwiseBinary>(); }
/// Any op that computes each element from the operands' elements at the same place.
bool isElementwise(mlir::Operation *op);
/// Has `axes` and `keepdim`: sum … var.
inline bool isReduction(mlir::Operation *op) { return op->hasTrait<Reduction>(); }
/// einsum, linear, conv.
inline bool isContraction(mlir::Operation *op) { return op->hasTrait<Contraction>(); }
/// Moves elements only: rearrange, broadcast.
inline bool isRelayout(mlir::Operation *op) { return op->hasTrait<Relayout>(); }

}  // namespace sinter

#include "compiler/Dialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "compiler/Types.h.inc"

#define GET_OP_CLASSES
#include "compiler/Ops.h.inc"

namespace sinter {

/// The tensor type of a value of this dialect.
inline TensorType getTensorType(mlir::Value value) {
  return mlir::cast<TensorType>(value.getType());
}

/// The product of dimensions as one canonical dimension; 1 for none.
mlir::StringAttr multiplyDims(mlir::MLIRContext *context, llvm::ArrayRef<mlir::StringAttr> dims);

/// The number that a dimension in an attribute is, when it is constant.
std::optional<int64_t> getConstantDim(mlir::Attribute dim);

/// The number that fills a `sinter.constant`, if the value is one and one number fills it.
std::optional<double> getSplat(mlir::Value value);

}  // namespace sinter
