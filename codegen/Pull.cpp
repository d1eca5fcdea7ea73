// Elements on demand: sixteen neighbours of a value at given indices, from its buffer or, where it
// has none, from what its op computes of its operands' elements.
#include "codegen/Frame.h"
#include "codegen/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace sinter {
namespace {

VectorType vectorOf(Type element) { return VectorType::get({kLanes}, element); }

ArrayRef<bool> firstLane() {
  static const bool lanes[kLanes] = {true};
  return lanes;
}

/// `value` as a scalar or in all lanes.
Value number(Frame& f, int64_t value, Type type) {
  TypedAttr attr = f.b.getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return arith::ConstantOp::create(f.b, f.loc, type, attr);
}

}  // namespace

// ---- indices ------------------------------------------------------------------------------------

Value EntryLowering::index(OpBuilder& b, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}
Value EntryLowering::add(OpBuilder& b, Value x, Value y) {
  return b.createOrFold<arith::AddIOp>(loc, x, y);
}
Value EntryLowering::sub(OpBuilder& b, Value x, Value y) {
  return b.createOrFold<arith::SubIOp>(loc, x, y);
}
Value EntryLowering::mul(OpBuilder& b, Value x, Value y) {
  return b.createOrFold<arith::MulIOp>(loc, x, y);
}
Value EntryLowering::div(OpBuilder& b, Value x, Value y) {
  return b.createOrFold<arith::DivUIOp>(loc, x, y);
}
Value EntryLowering::rem(OpBuilder& b, Value x, Value y) {
  return b.createOrFold<arith::RemUIOp>(loc, x, y);
}
Value EntryLowering::min(OpBuilder& b, Value x, Value y) {
  return b.createOrFold<arith::MinSIOp>(loc, x, y);
}
Value EntryLowering::max(OpBuilder& b, Value x, Value y) {
  return b.createOrFold<arith::MaxSIOp>(loc, x, y);
}

Value EntryLowering::lanesOf(Frame& f, const Index& x) {
  if (x.lanes) return x.lanes;
  auto type = vectorOf(f.b.getIndexType());
  Value lanes = vector::BroadcastOp::create(f.b, f.loc, type, x.base);
  if (!x.counting) return lanes;
  return arith::AddIOp::create(f.b, f.loc, lanes, vector::StepOp::create(f.b, f.loc, type));
}

Index EntryLowering::shift(Frame& f, const Index& x, Value amount) {
  if (x.lanes) {
    Value wide = vector::BroadcastOp::create(f.b, f.loc, x.lanes.getType(), amount);
    return {{}, arith::AddIOp::create(f.b, f.loc, x.lanes, wide), false};
  }
  return {add(f.b, x.base, amount), {}, x.counting};
}

Index EntryLowering::mapIndex(Frame& f, const Index& x,
                              llvm::function_ref<Value(OpBuilder&, Value)> change) {
  if (x.isUniform()) return {change(f.b, x.base), {}, false};
  return {{}, change(f.b, lanesOf(f, x)), false};
}

// ---- lanes in memory ----------------------------------------------------------------------------

Value EntryLowering::splat(Frame& f, double value, Type element) {
  TypedAttr attr;
  if (isa<FloatType>(element))
    attr = f.b.getFloatAttr(element, value);
  else
    attr = f.b.getIntegerAttr(element, static_cast<int64_t>(value));
  return arith::ConstantOp::create(f.b, f.loc,
                                   DenseElementsAttr::get(vectorOf(element), Attribute(attr)));
}

Value EntryLowering::broadcastLanes(Frame& f, Value scalar) {
  return vector::BroadcastOp::create(f.b, f.loc, vectorOf(scalar.getType()), scalar);
}

Value EntryLowering::widen(Frame& f, Value stored, DType dType) {
  Type wanted = compute(dType);
  Type type = isa<VectorType>(stored.getType()) ? Type(vectorOf(wanted)) : wanted;
  if (dType == DType::boolean) {
    Value zero = arith::ConstantOp::create(f.b, f.loc, f.b.getZeroAttr(stored.getType()));
    return arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::ne, stored, zero);
  }
  if (dType == DType::bf16) {  // the upper half of an f32
    Type bits = isa<VectorType>(type) ? Type(vectorOf(f.b.getI32Type())) : f.b.getI32Type();
    Value wide = arith::ExtUIOp::create(f.b, f.loc, bits, stored);
    wide = arith::ShLIOp::create(f.b, f.loc, wide, number(f, 16, bits));
    return arith::BitcastOp::create(f.b, f.loc, type, wide);
  }
  if (stored.getType() == type) return stored;
  if (isFloat(dType)) return arith::ExtFOp::create(f.b, f.loc, type, stored);
  if (dType == DType::u8) return arith::ExtUIOp::create(f.b, f.loc, type, stored);
  return arith::ExtSIOp::create(f.b, f.loc, type, stored);
}

Value EntryLowering::narrow(Frame& f, Value computed, DType dType) {
  Type element = storage(dType);
  Type type = isa<VectorType>(computed.getType()) ? Type(vectorOf(element)) : element;
  if (dType == DType::bf16) {
    // To nearest even: add just under half a unit, and one more where the last bit is odd; a NaN
    // keeps its upper bits and becomes quiet.
    Type bits = isa<VectorType>(type) ? Type(vectorOf(f.b.getI32Type())) : f.b.getI32Type();
    auto constant = [&](int64_t value) { return number(f, value, bits); };
    Value x = arith::BitcastOp::create(f.b, f.loc, bits, computed);
    Value top = arith::ShRUIOp::create(f.b, f.loc, x, constant(16));
    Value odd = arith::AndIOp::create(f.b, f.loc, top, constant(1));
    Value half = arith::AddIOp::create(f.b, f.loc, odd, constant(0x7fff));
    Value rounded = arith::AddIOp::create(f.b, f.loc, x, half);
    rounded = arith::ShRUIOp::create(f.b, f.loc, rounded, constant(16));
    Value quiet = arith::OrIOp::create(f.b, f.loc, top, constant(0x40));
    Value isNan = arith::CmpFOp::create(f.b, f.loc, arith::CmpFPredicate::UNO, computed, computed);
    rounded = arith::SelectOp::create(f.b, f.loc, isNan, quiet, rounded);
    return arith::TruncIOp::create(f.b, f.loc, type, rounded);
  }
  if (computed.getType() == type) return computed;
  if (isFloat(dType)) return arith::TruncFOp::create(f.b, f.loc, type, computed);
  if (dType == DType::boolean) return arith::ExtUIOp::create(f.b, f.loc, type, computed);
  return arith::TruncIOp::create(f.b, f.loc, type, computed);
}

EntryLowering::Address EntryLowering::addressOf(Frame& f, const Buffer& buffer, const Indices& at) {
  Address a{buffer.offset, {}, false};
  for (size_t axis = 0; axis < at.size(); ++axis) {
    Value stride = buffer.strides[axis];
    if (isConstantIntValue(stride, 0)) continue;
    if (at[axis].isUniform()) {
      a.base = add(f.b, a.base, mul(f.b, at[axis].base, stride));
    } else if (at[axis].counting && isConstantIntValue(stride, 1) && !a.unit) {
      a.base = add(f.b, a.base, at[axis].base);
      a.unit = true;
    } else {
      Value lanes = lanesOf(f, at[axis]);
      Value wide = vector::BroadcastOp::create(f.b, f.loc, lanes.getType(), stride);
      Value scaled = arith::MulIOp::create(f.b, f.loc, lanes, wide);
      a.lanes = a.lanes ? Value(arith::AddIOp::create(f.b, f.loc, a.lanes, scaled)) : scaled;
    }
  }
  if (a.unit && a.lanes) {
    auto type = VectorType::get({kLanes}, f.b.getIndexType());
    a.lanes = arith::AddIOp::create(f.b, f.loc, a.lanes, vector::StepOp::create(f.b, f.loc, type));
    a.unit = false;
  }
  return a;
}

Value EntryLowering::load(Frame& f, const Buffer& buffer, TensorType type, const Indices& given) {
  Indices at = given;
  Buffer place = buffer;
  if (buffer.panels) {  // element (n, k) of [N, K] is at [n / 48][k][n % 48]
    Value width = index(f.b, kPanel);
    Value k = extent(type.getDimText(1));
    auto wide = [&](OpBuilder& b, Value like, Value x) -> Value {
      if (!isa<VectorType>(like.getType())) return x;
      return vector::BroadcastOp::create(b, f.loc, like.getType(), x);
    };
    Index panel =
        mapIndex(f, at[0], [&](OpBuilder& b, Value n) { return div(b, n, wide(b, n, width)); });
    Index column =
        mapIndex(f, at[0], [&](OpBuilder& b, Value n) { return rem(b, n, wide(b, n, width)); });
    at = {panel, at[1], column};
    place.strides = {mul(f.b, k, width), width, index(f.b, 1)};
  }
  Address a = addressOf(f, place, at);
  Type element = storage(type.getDType());
  if (!a.unit && !a.lanes && f.partial) {
    // One element, which is there if the first lane is.
    Value first = arith::ConstantOp::create(
        f.b, f.loc,
        DenseElementsAttr::get(VectorType::get({kLanes}, f.b.getI1Type()), firstLane()));
    first = arith::AndIOp::create(f.b, f.loc, f.mask, first);
    Value none = arith::ConstantOp::create(f.b, f.loc, f.b.getZeroAttr(vectorOf(element)));
    Value lanes = vector::MaskedLoadOp::create(f.b, f.loc, vectorOf(element), buffer.memory,
                                               ValueRange{a.base}, first, none);
    Value scalar = vector::ExtractOp::create(f.b, f.loc, lanes, ArrayRef<int64_t>{0});
    return broadcastLanes(f, widen(f, scalar, type.getDType()));
  }
  if (!a.unit && !a.lanes) {
    Value scalar = memref::LoadOp::create(f.b, f.loc, buffer.memory, ValueRange{a.base});
    return broadcastLanes(f, widen(f, scalar, type.getDType()));
  }
  Value none = arith::ConstantOp::create(f.b, f.loc, f.b.getZeroAttr(vectorOf(element)));
  Value lanes;
  if (a.unit && f.lanes < kLanes) {
    lanes = vector::LoadOp::create(f.b, f.loc, VectorType::get({f.lanes}, element), buffer.memory,
                                   ValueRange{a.base});
    lanes = vector::InsertStridedSliceOp::create(f.b, f.loc, lanes, none, ArrayRef<int64_t>{0},
                                                 ArrayRef<int64_t>{1});
  } else if (a.unit)
    lanes = vector::MaskedLoadOp::create(f.b, f.loc, vectorOf(element), buffer.memory,
                                         ValueRange{a.base}, f.mask, none);
  else
    lanes = vector::GatherOp::create(f.b, f.loc, vectorOf(element), buffer.memory,
                                     ValueRange{a.base}, a.lanes, f.mask, none);
  return widen(f, lanes, type.getDType());
}

void EntryLowering::store(Frame& f, Value lanes, const Buffer& buffer, TensorType type,
                          const Indices& at) {
  Address a = addressOf(f, buffer, at);
  Value stored = narrow(f, lanes, type.getDType());
  if (a.unit) {
    vector::MaskedStoreOp::create(f.b, f.loc, buffer.memory, ValueRange{a.base}, f.mask, stored);
  } else if (a.lanes) {
    vector::ScatterOp::create(f.b, f.loc, Type(), buffer.memory, ValueRange{a.base}, a.lanes,
                              f.mask, stored);
  } else {
    Value scalar = stored;
    if (isa<VectorType>(stored.getType()))
      scalar = vector::ExtractOp::create(f.b, f.loc, stored, ArrayRef<int64_t>{0});
    memref::StoreOp::create(f.b, f.loc, scalar, buffer.memory, ValueRange{a.base});
  }
}

// ---- pulls --------------------------------------------------------------------------------------

Indices EntryLowering::broadcastIndices(Frame& f, TensorType from, TensorType to,
                                        const Indices& at) {
  Indices mapped;
  size_t lead = to.getRank() - from.getRank();
  for (size_t axis = 0; axis < static_cast<size_t>(from.getRank()); ++axis) {
    bool stretched = from.getStaticDim(axis) == 1 && to.getStaticDim(lead + axis) != 1;
    mapped.push_back(stretched ? uniform(index(f.b, 0)) : at[lead + axis]);
  }
  return mapped;
}

static bool sameIndices(const Indices& x, const Indices& y) {
  if (x.size() != y.size()) return false;
  for (size_t i = 0; i < x.size(); ++i)
    if (x[i].base != y[i].base || x[i].lanes != y[i].lanes || x[i].counting != y[i].counting)
      return false;
  return true;
}

Value EntryLowering::pull(Frame& f, Value value, const Indices& at) {
  for (const Frame::Known& known : f.known)
    if (known.value == value && known.block == f.b.getInsertionBlock() && sameIndices(known.at, at))
      return known.lanes;
  Value lanes;
  auto found = buffers.find(value);
  if (found != buffers.end())
    lanes = load(f, found->second, getTensorType(value), at);
  else
    lanes = pullOp(f, value.getDefiningOp(), cast<OpResult>(value).getResultNumber(), at);
  f.known.push_back({value, f.b.getInsertionBlock(), at, lanes});
  return lanes;
}

Value EntryLowering::pullWhere(Frame& f, Value inside, Value value, const Indices& at) {
  Frame g{f.b, f.loc, arith::AndIOp::create(f.b, f.loc, f.mask, inside)};
  g.partial = true;
  g.known = f.known;  // what is known of more lanes; what g learns stays in g
  return pull(g, value, at);
}

Value EntryLowering::pullOp(Frame& f, Operation* op, unsigned result, const Indices& at) {
  TensorType type = getTensorType(op->getResult(result));
  Type element = compute(type.getDType());
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    Attribute attr = constant.getValue();
    if (auto dense = dyn_cast<DenseElementsAttr>(attr); dense && dense.isSplat())
      attr = dense.getSplatValue<Attribute>();
    if (auto number = dyn_cast<FloatAttr>(attr))
      return splat(f, number.getValueAsDouble(), element);
    if (auto number = dyn_cast<IntegerAttr>(attr)) {
      if (isa<FloatType>(element)) return splat(f, static_cast<double>(number.getInt()), element);
      auto attribute = f.b.getIntegerAttr(element, number.getInt());
      return arith::ConstantOp::create(
          f.b, f.loc, DenseElementsAttr::get(vectorOf(element), Attribute(attribute)));
    }
    op->emitOpError("with one value per element cannot be lowered; make it a frozen weight");
    return splat(f, 0, element);
  }
  if (auto iota = dyn_cast<IotaOp>(op)) {
    Value lanes = lanesOf(f, at[iota.getAxis()]);
    Value wide = arith::IndexCastOp::create(f.b, f.loc, vectorOf(f.b.getI64Type()), lanes);
    if (isa<FloatType>(element))
      return arith::SIToFPOp::create(f.b, f.loc, vectorOf(element), wide);
    if (element.isInteger(64)) return wide;
    return arith::TruncIOp::create(f.b, f.loc, vectorOf(element), wide);
  }
  if (auto size = dyn_cast<SizeOp>(op)) {
    Value value;
    if (auto text = dyn_cast<StringAttr>(size.getDim()))
      value = extent(text.getValue());
    else
      value = index(f.b, cast<IntegerAttr>(size.getDim()).getInt());
    return broadcastLanes(f, arith::IndexCastOp::create(f.b, f.loc, f.b.getI64Type(), value));
  }
  if (auto lengthsOp = dyn_cast<LengthsOp>(op)) {
    Buffer rows;
    rows.memory = lengthArrays[ext.raggedIndex(lengthsOp.getDim())];
    rows.offset = index(f.b, 0);
    rows.strides = {index(f.b, 1)};
    Value lanes = load(f, rows, type, at);
    if (lengthsOp.getDim().size() ==
        ext.ragged[ext.raggedIndex(lengthsOp.getDim())].symbol.size() + 1)
      return lanes;
    // A derived dimension: each lane's own value.
    Value out = splat(f, 0, element);
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      Value length = vector::ExtractOp::create(f.b, f.loc, lanes, ArrayRef<int64_t>{lane});
      length = arith::IndexCastOp::create(f.b, f.loc, f.b.getIndexType(), length);
      Value own = ext.ofRow(f.b, f.loc, lengthsOp.getDim(), length);
      own = arith::IndexCastOp::create(f.b, f.loc, f.b.getI64Type(), own);
      out = vector::InsertOp::create(f.b, f.loc, own, out, ArrayRef<int64_t>{lane});
    }
    return out;
  }
  if (auto random = dyn_cast<RandomOp>(op)) return pullRandom(f, random, at);
  if (isa<MaxPoolOp, AvgPoolOp>(op)) return pullPool(f, op, at);
  if (isElementwise(op)) {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(pull(f, operand, broadcastIndices(f, getTensorType(operand), type, at)));
    return pullElementwise(f, op, operands);
  }
  return pullLayout(f, op, at);
}

// ---- kernels ------------------------------------------------------------------------------------

Value EntryLowering::productOf(OpBuilder& b, ArrayRef<Value> factors) {
  Value product = index(b, 1);
  for (Value factor : factors) product = mul(b, product, factor);
  return product;
}

Indices EntryLowering::counted(ArrayRef<Value> outer, Value last) {
  Indices at;
  for (Value i : outer) at.push_back(uniform(i));
  at.push_back({last, {}, true});
  return at;
}

}  // namespace sinter
