// From the dialect's types and attributes to dsl/rules.h and back. Verifiers ask through it, and so
// may passes and lowerings that need a plan (Einsum, Rearrange) or arithmetic on dimensions.
#pragma once

#include <deque>
#include <vector>

#include "compiler/Dialect.h"
#include "dsl/rules.h"

namespace sinter {

inline llvm::StringRef toStringRef(std::string_view text) { return {text.data(), text.size()}; }

/// A type's dimensions become numbers of the table.
rules::Shape toShape(rules::Rules &rules, TensorType type);
TensorType toType(mlir::MLIRContext *context, const rules::Rules &rules,
                  const rules::Shape &shape);

/// A dimension as an attribute holds it: a text or an integer.
rules::Dim toDim(rules::Rules &rules, mlir::Attribute dim);

/// The dimension's canonical text; `why` says what is wrong with a text that is none.
std::string canonicalDim(llvm::StringRef text, std::string &why);

/// The sizes of a rearrange's letters.
llvm::SmallVector<rules::LetterSize> toSizes(rules::Rules &rules, mlir::DictionaryAttr sizes);

/// One op's operands and attributes in the form that the rules take them.
class RuleCheck {
 public:
  explicit RuleCheck(mlir::Operation *op);

  rules::Rules table;

  const rules::Shape &operator[](unsigned operand) const { return shapes[operand]; }
  /// Null when the op has not so many operands.
  const rules::Shape *optional(unsigned operand) const {
    return operand < shapes.size() ? &shapes[operand] : nullptr;
  }
  /// Pointers to the operands from this one on.
  const rules::Shape *const *pointers(unsigned first = 0) const { return addresses.data() + first; }
  int size() const { return static_cast<int>(shapes.size()); }
  rules::Shape result(unsigned index = 0);
  /// The result's extent along an axis, 0 when it has no such axis.
  rules::Dim resultDim(int64_t axis);
  std::string_view view(llvm::StringRef text) const { return {text.data(), text.size()}; }
  rules::Dim dim(mlir::Attribute dim) { return toDim(table, dim); }
  /// Valid as long as this object.
  rules::Ints ints(llvm::ArrayRef<int64_t> values);
  rules::Window window(llvm::ArrayRef<int64_t> size, llvm::ArrayRef<int64_t> stride,
                       llvm::ArrayRef<int64_t> padding, llvm::ArrayRef<int64_t> dilation,
                       bool ceil);
  rules::Shape einsum(llvm::StringRef equation);
  rules::Shape rearrange(llvm::StringRef pattern, mlir::DictionaryAttr sizes);

  /// Fails with the rule's sentence, or when the rule arrived at another shape than the result's.
  mlir::LogicalResult expect(const rules::Shape &computed, unsigned index = 0);
  /// Fails with the sentence of a rule that gives no shape.
  mlir::LogicalResult expectNoError();

 private:
  mlir::Operation *op;
  llvm::SmallVector<rules::Shape, 3> shapes;
  llvm::SmallVector<const rules::Shape *, 3> addresses;
  std::deque<std::vector<long long>> lists;  // a deque: its elements stay where they are
};

}  // namespace sinter
