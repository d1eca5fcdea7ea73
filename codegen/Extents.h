// Dimensions of the dialect as entries of values[], and as index values in generated code.
// Non-goals: the memory plan.
#ifndef SINTER_CODEGEN_EXTENTS_H
#define SINTER_CODEGEN_EXTENTS_H

#include <string>

#include "codegen/Descriptor.h"
#include "compiler/Dialect.h"
#include "dsl/rules.h"
#include "llvm/ADT/StringMap.h"
#include "mlir/IR/Builders.h"

namespace sinter {

/// The symbols of one entry and the expressions in them.
class Extents {
 public:
  explicit Extents(EntryOp entry);

  Expressions expressions;
  int32_t threads = -1;  // of the run, as a symbol
  /// Rows' own lengths: the symbol without '~', and the dimension before it where it first occurs.
  struct Ragged {
    std::string symbol, owner;
    bool isInput;  // lengths come with the call; otherwise a `ragged` op of the graph gives them
  };
  std::vector<Ragged> ragged;

  /// The expression of a dimension's stored extent: `seq~` counts as `seq`, and what would be
  /// negative is 0.
  int32_t expression(llvm::StringRef dim);
  /// The same for numbers that are no extents.
  int32_t signedExpression(llvm::StringRef text);
  int32_t product(TensorType type);
  /// How often a dimension holds the rows of a ragged symbol: 12 for "12*batch"; 0: it does not.
  int64_t timesOwner(llvm::StringRef dim, int ragged);
  /// The ragged symbol of a dimension as an index into `ragged`, or -1.
  int raggedIndex(llvm::StringRef dim);

  /// A row's own extent, in the length of that row (index).
  mlir::Value ofRow(mlir::OpBuilder& b, mlir::Location loc, llvm::StringRef dim,
                    mlir::Value length);

 private:
  int32_t sum(rules::Dim dim);
  int32_t atom(const rules::Atom& atom);
  mlir::Value sumOfRow(mlir::OpBuilder& b, mlir::Location loc, rules::Dim dim, mlir::Value length);
  rules::DimTable dims;
  llvm::StringMap<int32_t> symbols;
};

}  // namespace sinter
#endif
