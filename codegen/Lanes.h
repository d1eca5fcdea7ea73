// Arithmetic on f32 scalars or vectors of any shape, written as expressions. Private to Math*.cpp.
// Non-goals: no folding; canonicalisation does that.
#ifndef SINTER_CODEGEN_LANES_H
#define SINTER_CODEGEN_LANES_H

#include <initializer_list>

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace sinter {

/// One shape of lanes; methods keep the type of their operands unless their name says otherwise.
struct Lanes {
  mlir::OpBuilder& b;
  mlir::Location loc;
  mlir::Type shape;  // f32 or vector<...xf32>
  using Value = mlir::Value;
  using Compare = mlir::arith::CmpFPredicate;

  mlir::Type typed(mlir::Type element) const {
    if (auto vector = mlir::dyn_cast<mlir::VectorType>(shape)) return vector.clone(element);
    return element;
  }
  mlir::Type i32() const { return typed(b.getI32Type()); }
  mlir::Type i64() const { return typed(b.getI64Type()); }
  mlir::Type f64() const { return typed(b.getF64Type()); }

  Value constant(mlir::TypedAttr element, mlir::Type type) {
    mlir::TypedAttr value = element;
    if (auto vector = mlir::dyn_cast<mlir::VectorType>(type))
      value = mlir::DenseElementsAttr::get(vector, mlir::Attribute(element));
    return mlir::arith::ConstantOp::create(b, loc, type, value);
  }
  Value f(double value) { return constant(b.getF32FloatAttr(value), shape); }
  Value d(double value) { return constant(b.getF64FloatAttr(value), f64()); }
  Value i(int32_t value) { return constant(b.getI32IntegerAttr(value), i32()); }
  Value l(int64_t value) { return constant(b.getI64IntegerAttr(value), i64()); }

  Value add(Value x, Value y) { return mlir::arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return mlir::arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return mlir::arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return mlir::arith::DivFOp::create(b, loc, x, y); }
  Value neg(Value x) { return mlir::arith::NegFOp::create(b, loc, x); }
  Value abs(Value x) { return mlir::math::AbsFOp::create(b, loc, x); }
  Value floor(Value x) { return mlir::math::FloorOp::create(b, loc, x); }
  Value trunc(Value x) { return mlir::math::TruncOp::create(b, loc, x); }
  Value copySign(Value x, Value sign) { return mlir::math::CopySignOp::create(b, loc, x, sign); }
  /// x * y + z, rounded once where the target can.
  Value fma(Value x, Value y, Value z) { return mlir::math::FmaOp::create(b, loc, x, y, z); }

  Value iadd(Value x, Value y) { return mlir::arith::AddIOp::create(b, loc, x, y); }
  Value isub(Value x, Value y) { return mlir::arith::SubIOp::create(b, loc, x, y); }
  Value iand(Value x, Value y) { return mlir::arith::AndIOp::create(b, loc, x, y); }
  Value ior(Value x, Value y) { return mlir::arith::OrIOp::create(b, loc, x, y); }
  Value ixor(Value x, Value y) { return mlir::arith::XOrIOp::create(b, loc, x, y); }
  Value shl(Value x, Value y) { return mlir::arith::ShLIOp::create(b, loc, x, y); }
  Value sar(Value x, Value y) { return mlir::arith::ShRSIOp::create(b, loc, x, y); }
  Value shr(Value x, Value y) { return mlir::arith::ShRUIOp::create(b, loc, x, y); }

  Value compare(Compare predicate, Value x, Value y) {
    return mlir::arith::CmpFOp::create(b, loc, predicate, x, y);
  }
  Value icompare(mlir::arith::CmpIPredicate predicate, Value x, Value y) {
    return mlir::arith::CmpIOp::create(b, loc, predicate, x, y);
  }
  Value select(Value condition, Value x, Value y) {
    return mlir::arith::SelectOp::create(b, loc, condition, x, y);
  }
  Value bits(Value x, mlir::Type type) {
    return mlir::arith::BitcastOp::create(b, loc, type, x);
  }
  Value toF32(Value x) { return mlir::arith::SIToFPOp::create(b, loc, shape, x); }
  Value widen(Value x) { return mlir::arith::ExtFOp::create(b, loc, f64(), x); }
  Value narrow(Value x) { return mlir::arith::TruncFOp::create(b, loc, shape, x); }

  /// c[0] + c[1] x + c[2] x² …, by Horner's rule; `type` f32 or f64 as x is.
  Value polynomial(Value x, std::initializer_list<double> coefficients, bool wide = false) {
    Value sum;
    for (auto c = std::rbegin(coefficients); c != std::rend(coefficients); ++c) {
      Value coefficient = wide ? d(*c) : f(*c);
      sum = sum ? fma(sum, x, coefficient) : coefficient;
    }
    return sum;
  }
};

}  // namespace sinter
#endif
