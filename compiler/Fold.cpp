// Folding: constants, identities and ops that undo each other.
//
// Arithmetic on constants is done only where IEEE 754 or integers leave one answer (never exp or
// log), so that folding cannot change a result; `x + 0.0` stays, because it turns -0 into 0.
#include <cmath>

#include "compiler/Fold.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace sinter {

//===-- Splat constants ----------------------------------------------------------------------===//

/// The number that fills a constant, if one number does.
static std::optional<double> asFloat(Attribute value) {
  if (auto number = dyn_cast_or_null<FloatAttr>(value)) return number.getValueAsDouble();
  if (auto number = dyn_cast_or_null<IntegerAttr>(value)) return double(number.getInt());
  return std::nullopt;
}

static std::optional<int64_t> asInteger(Attribute value) {
  auto number = dyn_cast_or_null<IntegerAttr>(value);
  return number ? std::optional(number.getInt()) : std::nullopt;
}

std::optional<double> getSplat(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? asFloat(constant.getValue()) : std::nullopt;
}

static Attribute makeFloat(MLIRContext *context, double value, DType dType) {
  if (dType == DType::f32) value = static_cast<float>(value);
  return FloatAttr::get(Float64Type::get(context), value);
}

/// Wraps around as the element type does.
static Attribute makeInteger(MLIRContext *context, int64_t value, DType dType) {
  switch (dType) {
    case DType::u8: value = static_cast<uint8_t>(value); break;
    case DType::i8: value = static_cast<int8_t>(value); break;
    case DType::i32: value = static_cast<int32_t>(value); break;
    default: break;
  }
  return IntegerAttr::get(IntegerType::get(context, 64), value);
}

/// Whether folding may compute with this type: f16 and bf16 would round twice.
static bool isFoldable(DType d) { return d != DType::f16 && d != DType::bf16; }

static Attribute foldCast(CastOp op, Attribute value) {
  DType from = getTensorType(op.getInput()).getDType(), to = op.getType().getDType();
  std::optional<double> number = asFloat(value);
  if (!number || !isFoldable(from) || !isFoldable(to)) return {};
  std::optional<int64_t> whole = asInteger(value);
  if (to == DType::boolean) return makeInteger(op.getContext(), *number != 0, to);
  if (isFloat(to)) return makeFloat(op.getContext(), *number, to);
  if (whole) return makeInteger(op.getContext(), *whole, to);
  if (!(std::abs(*number) < 0x1p31)) return {};  // beyond it the targets differ
  return makeInteger(op.getContext(), static_cast<int64_t>(*number), to);
}

static Attribute foldUnaryConstant(Operation *op, Attribute value, DType dType) {
  StringRef name = op->getName().stripDialect();
  MLIRContext *context = op->getContext();
  if (isFloat(dType)) {
    std::optional<double> number = asFloat(value);
    if (!number) return {};
    double x = *number;
    auto result = llvm::StringSwitch<std::optional<double>>(name)
                      .Case("neg", -x)
                      .Case("abs", std::abs(x))
                      .Case("floor", std::floor(x))
                      .Case("ceil", std::ceil(x))
                      .Case("round", std::nearbyint(x))
                      .Case("sqrt", std::sqrt(x))
                      .Case("square", x * x)
                      .Case("reciprocal", 1 / x)
                      .Default(std::nullopt);
    return result ? makeFloat(context, *result, dType) : Attribute();
  }
  std::optional<int64_t> number = asInteger(value);
  if (!number) return {};
  uint64_t x = *number;
  auto result = llvm::StringSwitch<std::optional<uint64_t>>(name)
                    .Case("neg", -x)
                    .Case("square", x * x)
                    .Case("not", x == 0)
                    .Default(std::nullopt);
  return result ? makeInteger(context, *result, dType) : Attribute();
}

template <typename T>
static std::optional<bool> compare(StringRef name, T x, T y) {
  return llvm::StringSwitch<std::optional<bool>>(name)
      .Case("eq", x == y)
      .Case("ne", x != y)
      .Case("lt", x < y)
      .Case("le", x <= y)
      .Case("gt", x > y)
      .Case("ge", x >= y)
      .Default(std::nullopt);
}

static Attribute foldBinaryConstant(Operation *op, Attribute lhs, Attribute rhs, DType dType) {
  StringRef name = op->getName().stripDialect();
  MLIRContext *context = op->getContext();
  if (isFloat(dType)) {
    std::optional<double> a = asFloat(lhs), b = asFloat(rhs);
    if (!a || !b) return {};
    if (auto truth = compare(name, *a, *b)) return makeInteger(context, *truth, DType::boolean);
    auto result = llvm::StringSwitch<std::optional<double>>(name)
                      .Case("add", *a + *b)
                      .Case("sub", *a - *b)
                      .Case("mul", *a * *b)
                      .Case("div", *a / *b)
                      .Default(std::nullopt);
    return result ? makeFloat(context, *result, dType) : Attribute();
  }
  std::optional<int64_t> a = asInteger(lhs), b = asInteger(rhs);
  if (!a || !b) return {};
  if (auto truth = compare(name, *a, *b)) return makeInteger(context, *truth, DType::boolean);
  uint64_t x = *a, y = *b;  // unsigned: wraps
  auto result = llvm::StringSwitch<std::optional<uint64_t>>(name)
                    .Case("add", x + y)
                    .Case("sub", x - y)
                    .Case("mul", x * y)
                    .Case("minimum", std::min(*a, *b))
                    .Case("maximum", std::max(*a, *b))
                    .Case("and", x & y)
                    .Case("or", x | y)
                    .Default(std::nullopt);
  return result ? makeInteger(context, *result, dType) : Attribute();
}

//===-- Element-wise identities --------------------------------------------------------------===//

/// f(x) where f undoes or repeats what made x.
static Value foldUnaryIdentity(Operation *op) {
  Value input = op->getOperand(0);
  Operation *before = input.getDefiningOp();
  if (isa<CastOp>(op) && input.getType() == op->getResult(0).getType()) return input;
  if (auto clamp = dyn_cast<ClampOp>(op))
    if (!clamp.getMin() && !clamp.getMax()) return input;
  if (!before || before->getName() != op->getName()) return {};
  if (isa<NegOp, NotOp>(op)) return before->getOperand(0);
  if (isa<AbsOp, ReluOp, FloorOp, CeilOp, RoundOp, SignOp>(op)) return input;
  return {};
}

/// Whether every value of one type is a value of the other.
static bool isExact(DType from, DType to) {
  if (from == to || from == DType::boolean) return true;
  if (to == DType::f32) return isFloat(from) || from == DType::u8 || from == DType::i8;
  if (to == DType::i64) return from == DType::i32 || from == DType::u8 || from == DType::i8;
  return to == DType::i32 && (from == DType::u8 || from == DType::i8);
}

/// cast(cast(x)) is one cast when the first loses nothing.
static LogicalResult skipExactCast(CastOp op) {
  auto before = op.getInput().getDefiningOp<CastOp>();
  if (!before || op.getType().isBool()) return failure();
  if (!isExact(getTensorType(before.getInput()).getDType(), before.getType().getDType()))
    return failure();
  op.getInputMutable().assign(before.getInput());
  return success();
}

static Value foldBinaryIdentity(Operation *op, ArrayRef<Attribute> operands) {
  Value lhs = op->getOperand(0), rhs = op->getOperand(1);
  Type type = op->getResult(0).getType();
  if (isa<MinimumOp, MaximumOp, AndOp, OrOp>(op) && lhs == rhs) return lhs;
  std::optional<double> right = asFloat(operands[1]);
  if (!right || lhs.getType() != type) return {};
  bool whole = !isFloat(getTensorType(lhs).getDType());
  if (isa<MulOp, DivOp, PowOp>(op) && *right == 1) return lhs;
  if (isa<AddOp>(op) && *right == 0 && (whole || std::signbit(*right))) return lhs;
  if (isa<SubOp>(op) && *right == 0 && !std::signbit(*right)) return lhs;
  return {};
}

/// Reads through a broadcast that the op itself would do, while another operand keeps the shape.
static LogicalResult skipBroadcast(Operation *op) {
  auto shape = getTensorType(op->getResult(0)).getDims();
  for (OpOperand &operand : op->getOpOperands()) {
    auto broadcast = operand.get().getDefiningOp<BroadcastOp>();
    if (!broadcast) continue;
    bool kept = llvm::any_of(op->getOpOperands(), [&](OpOperand &other) {
      return &other != &operand && getTensorType(other.get()).getDims() == shape;
    });
    if (!kept) continue;
    operand.set(broadcast.getInput());
    return success();
  }
  return failure();
}

OpFoldResult foldElementwise(Operation *op, ArrayRef<Attribute> operands) {
  DType dType = getTensorType(op->getOperand(0)).getDType();
  if (isElementwiseUnary(op)) {
    if (Value same = foldUnaryIdentity(op)) return same;
    if (auto cast = dyn_cast<CastOp>(op)) {
      if (succeeded(skipExactCast(cast))) return op->getResult(0);
      return foldCast(cast, operands[0]);
    }
    return isFoldable(dType) ? foldUnaryConstant(op, operands[0], dType) : Attribute();
  }
  if (Value same = foldBinaryIdentity(op, operands)) return same;
  if (succeeded(skipBroadcast(op))) return op->getResult(0);
  return isFoldable(dType) ? foldBinaryConstant(op, operands[0], operands[1], dType) : Attribute();
}

OpFoldResult WhereOp::fold(FoldAdaptor adaptor) {
  Type type = getType();
  if (getX() == getY() && getX().getType() == type) return getX();
  if (std::optional<int64_t> condition = asInteger(adaptor.getCondition())) {
    Value chosen = *condition ? getX() : getY();
    if (chosen.getType() == type) return chosen;
  }
  if (succeeded(skipBroadcast(getOperation()))) return getResult();
  return {};
}

//===-- Shape ops ----------------------------------------------------------------------------===//

/// A number fills any shape.
static Attribute keepSplat(Attribute value) {
  return isa_and_nonnull<FloatAttr, IntegerAttr>(value) ? value : Attribute();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

std::optional<int64_t> getConstantDim(Attribute dim) {
  if (auto number = dyn_cast<IntegerAttr>(dim)) return number.getInt();
  int64_t size;
  if (cast<StringAttr>(dim).getValue().getAsInteger(10, size)) return std::nullopt;
  return size;
}

OpFoldResult SizeOp::fold(FoldAdaptor) {
  std::optional<int64_t> size = getConstantDim(getDim());
  if (!size) return {};
  return IntegerAttr::get(IntegerType::get(getContext(), 64), *size);
}

OpFoldResult RearrangeOp::fold(FoldAdaptor adaptor) {
  auto [from, to] = getPattern().split("->");
  if (from == to && getInput().getType() == getType()) return getInput();
  return keepSplat(adaptor.getInput());
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType()) return getInput();
  if (auto before = getInput().getDefiningOp<BroadcastOp>()) {
    getInputMutable().assign(before.getInput());
    return getResult();
  }
  return keepSplat(adaptor.getInput());
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  bool whole = getConstantDim(getStart()) == 0 && getStep() == 1 && !getIndex();
  if (whole && getInput().getType() == getType()) return getInput();
  return keepSplat(adaptor.getInput());
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  auto isZero = [](int64_t amount) { return amount == 0; };
  if (llvm::all_of(getLow(), isZero) && llvm::all_of(getHigh(), isZero)) return getInput();
  return {};
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getOperands().size() == 1) return getOperands()[0];
  return {};
}

OpFoldResult FlipOp::fold(FoldAdaptor adaptor) {
  if (getAxes().empty()) return getInput();
  auto before = getInput().getDefiningOp<FlipOp>();
  if (before && before.getAxes() == getAxes()) return before.getInput();
  return keepSplat(adaptor.getInput());
}

//===-- Softmax ------------------------------------------------------------------------------===//

/// A mask that is true everywhere masks nothing.
template <typename Op>
static LogicalResult dropTrueMask(Op op, PatternRewriter &rewriter) {
  if (!op.getMask() || getSplat(op.getMask()) != 1.0) return failure();
  rewriter.modifyOpInPlace(op, [&] { op.getMaskMutable().clear(); });
  return success();
}

LogicalResult SoftmaxOp::canonicalize(SoftmaxOp op, PatternRewriter &rewriter) {
  return dropTrueMask(op, rewriter);
}
LogicalResult LogSoftmaxOp::canonicalize(LogSoftmaxOp op, PatternRewriter &rewriter) {
  return dropTrueMask(op, rewriter);
}

}  // namespace sinter
