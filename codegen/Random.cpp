// Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"):
// element i is word i mod 4 of the block of counter offset + i / 4 under the key of the seed, and i
// counts the elements of a row of the axes that seed and offset have. On a ragged axis it counts what
// a row has, of its own length, and the row's number is the counter's third word unless the rows have
// seeds or offsets of their own: neither padding nor other rows change a row's numbers.
// uniform: 24 bits, (word >> 8) * 2^-24. normal: Box-Muller on the words of two uniforms.
#include "codegen/Frame.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace sinter {
namespace {

/// 32-bit words carried in 64-bit lanes, so that a product's halves are a shift apart.
struct Words {
  OpBuilder& b;
  Location loc;
  VectorType type;  // vector<16xi64>
  Value constant(int64_t value) {
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(type, Attribute(b.getI64IntegerAttr(value))));
  }
  Value low(Value x) { return arith::AndIOp::create(b, loc, x, constant(0xffffffff)); }
  Value high(Value x) { return arith::ShRUIOp::create(b, loc, x, constant(32)); }
  Value mul(Value x, int64_t y) { return arith::MulIOp::create(b, loc, x, constant(y)); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value bitXor(Value x, Value y) { return arith::XOrIOp::create(b, loc, x, y); }
};

/// Word `word` (a vector of 0 … 3) of each lane's block.
Value philox(Words& w, Value counter, Value row, Value key, Value word) {
  Value c0 = w.low(counter), c1 = w.high(counter), c2 = w.low(row), c3 = w.high(row);
  Value k0 = w.low(key), k1 = w.high(key);
  for (int round = 0; round < 10; ++round) {
    if (round > 0) {
      k0 = w.low(w.add(k0, w.constant(0x9E3779B9)));
      k1 = w.low(w.add(k1, w.constant(0xBB67AE85)));
    }
    Value p0 = w.mul(c0, 0xD2511F53), p1 = w.mul(c2, 0xCD9E8D57);
    Value n0 = w.bitXor(w.bitXor(w.high(p1), c1), k0);
    Value n2 = w.bitXor(w.bitXor(w.high(p0), c3), k1);
    c1 = w.low(p1);
    c3 = w.low(p0);
    c0 = n0;
    c2 = n2;
  }
  auto pick = [&](int64_t i, Value x, Value y) -> Value {
    Value is = arith::CmpIOp::create(w.b, w.loc, arith::CmpIPredicate::eq, word, w.constant(i));
    return arith::SelectOp::create(w.b, w.loc, is, x, y);
  };
  return pick(0, c0, pick(1, c1, pick(2, c2, c3)));
}

}  // namespace

Value EntryLowering::pullRandom(Frame& f, RandomOp op, const Indices& at) {
  TensorType type = getTensorType(op.getResult());
  auto i64 = VectorType::get({kLanes}, f.b.getI64Type());
  auto f32 = VectorType::get({kLanes}, f.b.getF32Type());
  Words w{f.b, f.loc, i64};
  // The element's number in row-major order, in its own stream and row.
  int64_t streamAxes = std::max(getTensorType(op.getSeed()).getRank(),
                                getTensorType(op.getOffset()).getRank());
  Owner rows;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (Owner owner = ownerOf(type, axis); owner.axis >= 0) rows = owner;
  Value number = w.constant(0), row = number;
  SmallVector<Value> known;
  for (const Index& i : at) known.push_back(i.isUniform() ? i.base : Value());
  if (rows.axis >= 0 && !known[rows.axis])
    op.emitOpError(
        "with the rows of a ragged axis on the last axis cannot be lowered; "
        "rearrange the rows to the front");
  for (int64_t axis = streamAxes; axis < type.getRank(); ++axis) {
    Value place = arith::IndexCastOp::create(f.b, f.loc, i64, lanesOf(f, at[axis]));
    Value size = rowExtent(f.b, type, axis, known);
    if (axis == rows.axis) {
      Value perRow = w.constant(rows.perRow);
      row = arith::DivUIOp::create(f.b, f.loc, place, perRow);
      place = arith::RemUIOp::create(f.b, f.loc, place, perRow);
      size = index(f.b, rows.perRow);
    }
    size = arith::IndexCastOp::create(f.b, f.loc, f.b.getI64Type(), size);
    number = arith::MulIOp::create(f.b, f.loc, number, broadcastLanes(f, size));
    number = w.add(number, place);
  }
  auto ofStream = [&](Value x) {
    return pull(f, x, Indices(at.begin(), at.begin() + getTensorType(x).getRank()));
  };
  Value seed = ofStream(op.getSeed()), offset = ofStream(op.getOffset());
  if (seed.getType() != i64) seed = arith::ExtSIOp::create(f.b, f.loc, i64, seed);
  if (offset.getType() != i64) offset = arith::ExtSIOp::create(f.b, f.loc, i64, offset);
  auto wordAt = [&](Value element) {
    Value counter = w.add(offset, arith::ShRUIOp::create(f.b, f.loc, element, w.constant(2)));
    return philox(w, counter, row, seed, arith::AndIOp::create(f.b, f.loc, element, w.constant(3)));
  };
  auto uniform = [&](Value word) -> Value {
    Value bits = arith::ShRUIOp::create(f.b, f.loc, word, w.constant(8));
    Value real = arith::SIToFPOp::create(f.b, f.loc, f32, bits);
    return arith::MulFOp::create(f.b, f.loc, real, splat(f, 0x1p-24, f.b.getF32Type()));
  };
  if (op.getKind() == "bits") {
    auto i32 = VectorType::get({kLanes}, f.b.getI32Type());
    return arith::TruncIOp::create(f.b, f.loc, i32, wordAt(number));
  }
  if (op.getKind() == "uniform") return uniform(wordAt(number));
  // Elements 2j and 2j + 1 share two uniforms: sqrt(-2 log(1 - u)) times cos or sin of 2 pi v.
  Value odd = arith::AndIOp::create(f.b, f.loc, number, w.constant(1));
  Value even = arith::SubIOp::create(f.b, f.loc, number, odd);
  Value u = uniform(wordAt(even)), v = uniform(wordAt(w.add(even, w.constant(1))));
  Type real = f.b.getF32Type();
  Value rest = arith::SubFOp::create(f.b, f.loc, splat(f, 1, real), u);
  Value log =
      arith::MulFOp::create(f.b, f.loc, math::LogOp::create(f.b, f.loc, rest), splat(f, -2, real));
  Value radius = math::SqrtOp::create(f.b, f.loc, log);
  Value angle = arith::MulFOp::create(f.b, f.loc, v, splat(f, 6.283185307179586, real));
  Value isOdd = arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::eq, odd, w.constant(1));
  Value turn = arith::SelectOp::create(f.b, f.loc, isOdd, math::SinOp::create(f.b, f.loc, angle),
                                       math::CosOp::create(f.b, f.loc, angle));
  return arith::MulFOp::create(f.b, f.loc, radius, turn);
}

}  // namespace sinter
