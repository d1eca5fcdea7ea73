// Registration, the text form of the type, and the small helpers that Dialect.h declares.
#include "compiler/Dialect.h"

#include "compiler/Fold.h"
#include "compiler/Rules.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FoldInterfaces.h"

using namespace mlir;

#include "compiler/Dialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "compiler/Types.cpp.inc"

#define GET_OP_CLASSES
#include "compiler/Ops.cpp.inc"

namespace sinter {

StringRef getDTypeName(DType dType) { return toStringRef(rules::name_of(dType)); }

std::optional<DType> parseDType(StringRef name) {
  for (auto [index, known] : llvm::enumerate(rules::dtype_names))
    if (name == toStringRef(known)) return static_cast<DType>(index);
  return std::nullopt;
}

bool isElementwise(Operation *op) {
  return isElementwiseUnary(op) || isElementwiseBinary(op) || isa<WhereOp>(op);
}

//===-- TensorType ---------------------------------------------------------------------------===//

TensorType TensorType::get(MLIRContext *context, ArrayRef<StringRef> dims, DType dType) {
  return get(context,
             llvm::map_to_vector(dims, [&](StringRef d) { return StringAttr::get(context, d); }),
             dType);
}

TensorType TensorType::get(MLIRContext *context, ArrayRef<int64_t> dims, DType dType) {
  auto text = [&](int64_t d) { return StringAttr::get(context, Twine(d)); };
  return get(context, llvm::map_to_vector(dims, text), dType);
}

int64_t TensorType::getStaticDim(unsigned axis) const {
  int64_t size;
  return getDimText(axis).getAsInteger(10, size) ? -1 : size;
}

bool TensorType::hasStaticShape() const { return getNumElements() >= 0; }

int64_t TensorType::getNumElements() const {
  int64_t product = 1;
  for (unsigned axis = 0; axis < getDims().size(); ++axis) {
    if (!isStatic(axis)) return -1;
    product *= getStaticDim(axis);
  }
  return product;
}

bool TensorType::hasRaggedDim() const {
  return llvm::any_of(getDims(), [](StringAttr d) { return d.getValue().contains('~'); });
}

Type TensorType::getStorageType(MLIRContext *context) const {
  switch (getDType()) {
    case DType::f32: return Float32Type::get(context);
    case DType::f16: return Float16Type::get(context);
    case DType::bf16: return BFloat16Type::get(context);
    case DType::u8:
    case DType::i8:
    case DType::boolean: return IntegerType::get(context, 8);
    case DType::i32: return IntegerType::get(context, 32);
    case DType::i64: return IntegerType::get(context, 64);
  }
  llvm_unreachable("every element type has a storage type");
}

TensorType TensorType::withDType(DType dType) const { return get(getContext(), getDims(), dType); }

TensorType TensorType::withDims(ArrayRef<StringAttr> dims) const {
  return get(getContext(), dims, getDType());
}

//===-- Text form of the type ----------------------------------------------------------------===//

/// Parses from the whole text, because MLIR's lexer knows no `~`.
Type SinterDialect::parseType(DialectAsmParser &parser) const {
  StringRef text = parser.getFullSymbolSpec();
  auto fail = [&](const Twine &message) {
    parser.emitError(parser.getNameLoc(), message);
    return Type();
  };
  if (!text.consume_front("tensor<") || !text.consume_back(">"))
    return fail("unknown type '!sinter." + text + "', expected '!sinter.tensor<…>'");
  SmallVector<StringRef> parts;
  text.split(parts, " x ");
  std::optional<DType> dType = parseDType(parts.back().trim());
  if (!dType)
    return fail("'" + parts.back().trim() + "' is no element type of !sinter.tensor<" + text + ">");
  if (parts.size() > rules::Shape::max_rank + 1)
    return fail("a tensor has at most " + Twine(rules::Shape::max_rank) + " axes");
  SmallVector<StringAttr> dims;
  for (StringRef part : ArrayRef(parts).drop_back()) {
    std::string why, dim = canonicalDim(part.trim(), why);
    if (!why.empty()) return fail(why);
    dims.push_back(StringAttr::get(getContext(), dim));
  }
  return TensorType::get(getContext(), dims, *dType);
}

void SinterDialect::printType(Type type, DialectAsmPrinter &printer) const {
  auto tensor = cast<TensorType>(type);
  printer << "tensor<";
  for (StringAttr dim : tensor.getDims()) printer << dim.getValue() << " x ";
  printer << getDTypeName(tensor.getDType()) << ">";
}

//===-- Constants ----------------------------------------------------------------------------===//

Operation *SinterDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                              Location loc) {
  return ConstantOp::create(builder, loc, type, value);
}

//===-- Regions ------------------------------------------------------------------------------===//

static YieldOp yieldOf(Region &region) { return cast<YieldOp>(region.front().getTerminator()); }
YieldOp ScanOp::getYield() { return yieldOf(getBody()); }
YieldOp RepeatOp::getYield() { return yieldOf(getBody()); }
YieldOp LoopOp::getConditionYield() { return yieldOf(getCondition()); }
YieldOp LoopOp::getYield() { return yieldOf(getBody()); }
YieldOp FusedOp::getYield() { return yieldOf(getBody()); }

namespace {

/// Constants that folding makes in a fused region stay there: its kernel must know them.
struct FoldInterface : DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;
  bool shouldMaterializeInto(Region *region) const final {
    return isa<FusedOp>(region->getParentOp());
  }
};

}  // namespace

void SinterDialect::initialize() {
  addInterfaces<FoldInterface>();
  addTypes<
#define GET_TYPEDEF_LIST
#include "compiler/Types.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "compiler/Ops.cpp.inc"
      >();
}

}  // namespace sinter
