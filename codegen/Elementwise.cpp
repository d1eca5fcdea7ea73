// One element from the operands' elements: the arithmetic of every element-wise op on
// vector<16x…> of compute types (f32, i32, i64, i1).
#include <cmath>
#include <limits>

#include "codegen/Frame.h"
#include "codegen/Math.h"
#include "llvm/ADT/StringSwitch.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace sinter {
namespace {

/// Writes expressions on lanes of one type.
struct Lane {
  OpBuilder& b;
  Location loc;
  VectorType type;
  bool isFloat() const { return isa<FloatType>(type.getElementType()); }

  Value constant(double value) {
    TypedAttr attr;
    if (isFloat())
      attr = b.getFloatAttr(type.getElementType(), value);
    else
      attr = b.getIntegerAttr(type.getElementType(), static_cast<int64_t>(value));
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, Attribute(attr)));
  }
  Value add(Value x, Value y) {
    if (isFloat()) return arith::AddFOp::create(b, loc, x, y);
    return arith::AddIOp::create(b, loc, x, y);
  }
  Value sub(Value x, Value y) {
    if (isFloat()) return arith::SubFOp::create(b, loc, x, y);
    return arith::SubIOp::create(b, loc, x, y);
  }
  Value mul(Value x, Value y) {
    if (isFloat()) return arith::MulFOp::create(b, loc, x, y);
    return arith::MulIOp::create(b, loc, x, y);
  }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value select(Value c, Value x, Value y) { return arith::SelectOp::create(b, loc, c, x, y); }
  /// Ordered, so false where either is NaN; "ne" is true there.
  Value compare(StringRef op, Value x, Value y) {
    if (isFloat()) {
      auto predicate = llvm::StringSwitch<arith::CmpFPredicate>(op)
                           .Case("eq", arith::CmpFPredicate::OEQ)
                           .Case("ne", arith::CmpFPredicate::UNE)
                           .Case("lt", arith::CmpFPredicate::OLT)
                           .Case("le", arith::CmpFPredicate::OLE)
                           .Case("gt", arith::CmpFPredicate::OGT)
                           .Default(arith::CmpFPredicate::OGE);
      return arith::CmpFOp::create(b, loc, predicate, x, y);
    }
    bool isBool = type.getElementType().isInteger(1);
    auto predicate = llvm::StringSwitch<arith::CmpIPredicate>(op)
                         .Case("eq", arith::CmpIPredicate::eq)
                         .Case("ne", arith::CmpIPredicate::ne)
                         .Case("lt", isBool ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt)
                         .Case("le", isBool ? arith::CmpIPredicate::ule : arith::CmpIPredicate::sle)
                         .Case("gt", isBool ? arith::CmpIPredicate::ugt : arith::CmpIPredicate::sgt)
                         .Default(isBool ? arith::CmpIPredicate::uge : arith::CmpIPredicate::sge);
    return arith::CmpIOp::create(b, loc, predicate, x, y);
  }
  Value maximum(Value x, Value y) {
    if (isFloat()) return arith::MaximumFOp::create(b, loc, x, y);
    return arith::MaxSIOp::create(b, loc, x, y);
  }
  Value minimum(Value x, Value y) {
    if (isFloat()) return arith::MinimumFOp::create(b, loc, x, y);
    return arith::MinSIOp::create(b, loc, x, y);
  }
};

Value unary(Lane& l, Operation* op, Value x) {
  OpBuilder& b = l.b;
  Location loc = l.loc;
  StringRef name = op->getName().stripDialect();
  auto number = [&](StringRef key) { return op->getAttrOfType<FloatAttr>(key).getValueAsDouble(); };
  Value zero = l.constant(0);
  if (name == "neg") return l.isFloat() ? Value(arith::NegFOp::create(b, loc, x)) : l.sub(zero, x);
  if (name == "abs")
    return l.isFloat() ? Value(math::AbsFOp::create(b, loc, x)) : l.maximum(x, l.sub(zero, x));
  if (name == "sign") {
    Value above = l.select(l.compare("gt", x, zero), l.constant(1), zero);
    Value signs = l.select(l.compare("lt", x, zero), l.constant(-1), above);
    if (!l.isFloat()) return signs;
    return l.select(l.compare("ne", x, x), x, signs);  // NaN stays
  }
  if (name == "floor") return math::FloorOp::create(b, loc, x);
  if (name == "ceil") return math::CeilOp::create(b, loc, x);
  if (name == "round") return math::RoundEvenOp::create(b, loc, x);
  if (name == "exp") return math::ExpOp::create(b, loc, x);
  if (name == "expm1") return math::ExpM1Op::create(b, loc, x);
  if (name == "log") return math::LogOp::create(b, loc, x);
  if (name == "log1p") return math::Log1pOp::create(b, loc, x);
  if (name == "sqrt") return math::SqrtOp::create(b, loc, x);
  if (name == "rsqrt") return l.div(l.constant(1), math::SqrtOp::create(b, loc, x));
  if (name == "reciprocal") return l.div(l.constant(1), x);
  if (name == "square") return l.mul(x, x);
  if (name == "sin") return math::SinOp::create(b, loc, x);
  if (name == "cos") return math::CosOp::create(b, loc, x);
  if (name == "tanh") return math::TanhOp::create(b, loc, x);
  if (name == "erf") return math::ErfOp::create(b, loc, x);
  if (name == "sigmoid") return buildSigmoid(b, loc, x);
  if (name == "softplus") return buildSoftplus(b, loc, x);
  if (name == "log_sigmoid")
    return arith::NegFOp::create(b, loc, buildSoftplus(b, loc, arith::NegFOp::create(b, loc, x)));
  if (name == "relu") return l.maximum(x, zero);
  if (name == "silu") {  // a finite number times 0, so that -infinity gives 0
    Value finite = l.maximum(x, l.constant(std::numeric_limits<float>::lowest()));
    return l.mul(finite, buildSigmoid(b, loc, x));
  }
  if (name == "not") return arith::XOrIOp::create(b, loc, x, l.constant(1));
  if (name == "gelu")
    return cast<GeluOp>(op).getApproximate() == "tanh" ? buildGeluTanh(b, loc, x)
                                                       : buildGelu(b, loc, x);
  if (name == "elu") {
    Value below = l.mul(l.constant(number("alpha")), math::ExpM1Op::create(b, loc, x));
    return l.select(l.compare("gt", x, zero), x, l.select(l.compare("ne", x, x), x, below));
  }
  if (name == "leaky_relu")
    return l.select(l.compare("gt", x, zero), x, l.mul(l.constant(number("slope")), x));
  if (name == "hard_sigmoid") {
    Value line =
        math::FmaOp::create(b, loc, l.constant(number("slope")), x, l.constant(number("offset")));
    return l.minimum(l.maximum(line, zero), l.constant(1));
  }
  if (name == "clamp") {
    auto clamp = cast<ClampOp>(op);
    if (clamp.getMin()) x = l.maximum(x, l.constant(clamp.getMin()->convertToDouble()));
    if (clamp.getMax()) x = l.minimum(x, l.constant(clamp.getMax()->convertToDouble()));
    return x;
  }
  return x;  // name, dropout
}

/// Rounds towards minus infinity; by 0 it gives 0. The processor traps on that, and on the smallest
/// number by -1, so it never divides by either.
Value floorDivide(Lane& l, Value x, Value y) {
  OpBuilder& b = l.b;
  Value zero = l.constant(0), byZero = l.compare("eq", y, zero);
  Value byMinusOne = l.compare("eq", y, l.constant(-1));
  Value divisor = l.select(arith::OrIOp::create(b, l.loc, byZero, byMinusOne), l.constant(1), y);
  Value quotient = arith::FloorDivSIOp::create(b, l.loc, x, divisor);
  return l.select(byZero, zero, l.select(byMinusOne, l.sub(zero, x), quotient));
}

Value binary(Lane& l, Operation* op, Value x, Value y) {
  OpBuilder& b = l.b;
  StringRef name = op->getName().stripDialect();
  if (name == "add") return l.add(x, y);
  if (name == "sub") return l.sub(x, y);
  if (name == "mul") return l.mul(x, y);
  if (name == "div") return l.isFloat() ? l.div(x, y) : floorDivide(l, x, y);
  if (name == "rem")
    return l.isFloat() ? buildRemainder(b, l.loc, x, y) : l.sub(x, l.mul(y, floorDivide(l, x, y)));
  if (name == "pow") {
    if (l.isFloat()) return buildPow(b, l.loc, x, y);
    // Integers: by squaring, for exponents below 64; a negative one gives 0 but for 1 and -1.
    Value result = l.constant(1), base = x, rest = l.maximum(y, l.constant(0));
    for (int bit = 0; bit < 6; ++bit) {
      Value odd = arith::AndIOp::create(b, l.loc, rest, l.constant(1));
      result = l.select(l.compare("ne", odd, l.constant(0)), l.mul(result, base), result);
      base = l.mul(base, base);
      rest = arith::ShRSIOp::create(b, l.loc, rest, l.constant(1));
    }
    Value negative = l.compare("lt", y, l.constant(0));
    Value parity = arith::AndIOp::create(b, l.loc, y, l.constant(1));
    Value ones = l.select(l.compare("eq", x, l.constant(1)), l.constant(1), l.constant(0));
    Value minus = l.select(l.compare("ne", parity, l.constant(0)), l.constant(-1), l.constant(1));
    ones = l.select(l.compare("eq", x, l.constant(-1)), minus, ones);
    return l.select(negative, ones, result);
  }
  if (name == "minimum") return l.minimum(x, y);
  if (name == "maximum") return l.maximum(x, y);
  if (name == "and") return arith::AndIOp::create(b, l.loc, x, y);
  if (name == "or") return arith::OrIOp::create(b, l.loc, x, y);
  return l.compare(name, x, y);
}

/// Truncates; what the type cannot hold becomes its nearest value, NaN 0.
Value truncate(Lane& l, Value x, DType to, Type compute) {
  bool isUnsigned = to == DType::u8;
  unsigned bits = to == DType::i64 ? 64 : to == DType::i32 ? 32 : 8;
  Lane whole{l.b, l.loc, VectorType::get({kLanes}, compute)};
  // Both bounds are powers of two, so exact; the one above is the first number too large.
  double low = isUnsigned ? 0 : -std::ldexp(1, bits - 1);
  double high = std::ldexp(1, isUnsigned ? bits : bits - 1);
  Value isLow = l.compare("lt", x, l.constant(low)), isHigh = l.compare("ge", x, l.constant(high));
  Value fits = arith::AndIOp::create(l.b, l.loc, l.compare("ge", x, l.constant(low)),
                                     l.compare("lt", x, l.constant(high)));
  Value inside = l.select(fits, x, l.constant(0));
  Value result = arith::FPToSIOp::create(l.b, l.loc, whole.type, inside);
  auto limit = [&](llvm::APInt value) -> Value {
    value = isUnsigned ? value.zext(32) : value.sextOrTrunc(compute.getIntOrFloatBitWidth());
    return arith::ConstantOp::create(l.b, l.loc, DenseElementsAttr::get(whole.type, value));
  };
  result = l.select(
      isLow,
      limit(isUnsigned ? llvm::APInt::getMinValue(bits) : llvm::APInt::getSignedMinValue(bits)),
      result);
  return l.select(
      isHigh,
      limit(isUnsigned ? llvm::APInt::getMaxValue(bits) : llvm::APInt::getSignedMaxValue(bits)),
      result);
}

/// Between compute types; anything to bool is x != 0.
Value castLanes(Lane& l, Value x, DType dType, Type to) {
  Type from = l.type.getElementType();
  auto type = VectorType::get({kLanes}, to);
  if (from == to) return x;
  if (to.isInteger(1)) return l.compare("ne", x, l.constant(0));
  if (isa<FloatType>(from)) return truncate(l, x, dType, to);
  bool isBool = from.isInteger(1);
  if (isa<FloatType>(to)) {
    if (isBool) return arith::UIToFPOp::create(l.b, l.loc, type, x);
    return arith::SIToFPOp::create(l.b, l.loc, type, x);
  }
  if (isBool) return arith::ExtUIOp::create(l.b, l.loc, type, x);
  if (to.getIntOrFloatBitWidth() > from.getIntOrFloatBitWidth())
    return arith::ExtSIOp::create(l.b, l.loc, type, x);
  return arith::TruncIOp::create(l.b, l.loc, type, x);
}

}  // namespace

Value EntryLowering::pullElementwise(Frame& f, Operation* op, ArrayRef<Value> operands) {
  if (isa<WhereOp>(op))
    return arith::SelectOp::create(f.b, f.loc, operands[0], operands[1], operands[2]);
  Lane l{f.b, f.loc, cast<VectorType>(operands[0].getType())};
  DType to = getTensorType(op->getResult(0)).getDType();
  Value lanes = isa<CastOp>(op)        ? castLanes(l, operands[0], to, compute(to))
                : operands.size() == 2 ? binary(l, op, operands[0], operands[1])
                                       : unary(l, op, operands[0]);
  // A type that is narrower than its lanes rounds or wraps as its storage does.
  bool narrower = to == DType::f16 || to == DType::bf16 || to == DType::u8 || to == DType::i8;
  return narrower ? widen(f, narrow(f, lanes, to), to) : lanes;
}

}  // namespace sinter
