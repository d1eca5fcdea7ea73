// The way from types and attributes to the rules, and from a broken rule to a diagnostic.
#include "compiler/Rules.h"

using namespace mlir;

namespace sinter {

static std::string_view toView(StringRef text) { return {text.data(), text.size()}; }

rules::Shape toShape(rules::Rules &rules, TensorType type) {
  rules::Shape shape{type.getDType(), static_cast<int>(type.getRank()), {}};
  Text why;  // stays empty: types hold canonical dimensions only
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    shape.dims[axis] = rules.dims.parse(toView(type.getDimText(axis)), why);
  return shape;
}

TensorType toType(MLIRContext *context, const rules::Rules &rules, const rules::Shape &shape) {
  SmallVector<StringAttr> dims;
  for (int axis = 0; axis < shape.rank; ++axis)
    dims.push_back(
        StringAttr::get(context, toStringRef(rules.print(shape.dims[axis]).view())));
  return TensorType::get(context, dims, shape.dtype);
}

rules::Dim toDim(rules::Rules &rules, Attribute dim) {
  if (auto number = dyn_cast<IntegerAttr>(dim)) {
    int64_t size = number.getInt();
    return size >= 0 ? size : rules.dims.sub(0, -size);  // a negative number is no Dim
  }
  Text why;
  rules::Dim parsed = rules.dims.parse(toView(cast<StringAttr>(dim).getValue()), why);
  if (!why.empty() && rules.error.empty()) rules.error = why;
  return parsed;
}

std::string canonicalDim(StringRef text, std::string &why) {
  rules::Rules rules;
  Text problem;
  rules::Dim dim = rules.dims.parse(toView(text), problem);
  if (problem.empty() && !rules.dims.error.empty()) problem = rules.dims.error;
  std::string printed(rules.print(dim).view());
  if (int64_t size; problem.empty() && !StringRef(printed).getAsInteger(10, size) && size < 0)
    problem << "dimension '" << printed << "' is negative";
  why = std::string(problem.view());
  return printed;
}

StringAttr multiplyDims(MLIRContext *context, ArrayRef<StringAttr> dims) {
  rules::Rules rules;
  rules::Dim product = 1;
  for (StringAttr dim : dims) product = rules.dims.mul(product, toDim(rules, dim));
  return StringAttr::get(context, toStringRef(rules.print(product).view()));
}

SmallVector<rules::LetterSize> toSizes(rules::Rules &rules, DictionaryAttr sizes) {
  SmallVector<rules::LetterSize> list;
  for (NamedAttribute size : sizes) {
    StringRef name = size.getName();
    if (name.size() != 1 || !isa<IntegerAttr, StringAttr>(size.getValue())) {
      rules.fail("rearrange", "sizes wants a number or text for each letter, not for '",
                 toView(name), "'");
      return {};
    }
    list.push_back({name[0], toDim(rules, size.getValue())});
  }
  return list;
}

RuleCheck::RuleCheck(Operation *op) : op(op) {
  for (Value operand : op->getOperands()) shapes.push_back(toShape(table, getTensorType(operand)));
  for (const rules::Shape &shape : shapes) addresses.push_back(&shape);
}

rules::Shape RuleCheck::result(unsigned index) {
  return toShape(table, getTensorType(op->getResult(index)));
}

rules::Dim RuleCheck::resultDim(int64_t axis) {
  rules::Shape shape = result();
  if (axis < 0) axis += shape.rank;
  return axis >= 0 && axis < shape.rank ? shape.dims[axis] : 0;
}

rules::Ints RuleCheck::ints(ArrayRef<int64_t> values) {
  lists.emplace_back(values.begin(), values.end());
  return {lists.back().data(), static_cast<int>(lists.back().size())};
}

rules::Window RuleCheck::window(ArrayRef<int64_t> size, ArrayRef<int64_t> stride,
                                ArrayRef<int64_t> padding, ArrayRef<int64_t> dilation,
                                bool ceil) {
  return {ints(size), ints(stride), ints(padding), ints(dilation), ceil};
}

rules::Shape RuleCheck::einsum(StringRef equation) {
  rules::Einsum plan;
  return rules::einsum(table, toView(equation), pointers(), size(), plan);
}

rules::Shape RuleCheck::rearrange(StringRef pattern, DictionaryAttr sizes) {
  SmallVector<rules::LetterSize> list = toSizes(table, sizes);
  if (!table.error.empty()) return rules::poison;
  rules::Rearrange plan;
  return rules::rearrange(table, toView(pattern), list.data(), static_cast<int>(list.size()),
                          shapes[0], plan);
}

LogicalResult RuleCheck::expectNoError() {
  if (table.error.empty()) return success();
  return op->emitError(toStringRef(table.error.view()));
}

LogicalResult RuleCheck::expect(const rules::Shape &computed, unsigned index) {
  if (failed(expectNoError())) return failure();
  rules::Shape written = result(index);
  if (computed == written) return success();
  return op->emitError() << op->getName().stripDialect() << ": gives "
                         << toStringRef(table.print(computed).view()) << ", but is written as "
                         << toStringRef(table.print(written).view());
}

}  // namespace sinter
