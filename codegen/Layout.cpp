// Ops that move elements: as views of their operand's buffer where strides can say them, otherwise
// as pulls at other indices.
#include "codegen/Frame.h"
#include "dsl/rules.h"

using namespace mlir;

namespace sinter {
namespace {

/// A rearrange read by the language's own rule, against dims as texts.
struct Pattern {
  rules::Rules rules;
  rules::Rearrange plan;
  std::string letterText(int letter) const {
    return std::string(rules.print(plan.dims[letter]).view());
  }
};

void read(Pattern& p, RearrangeOp op) {
  TensorType type = getTensorType(op.getInput());
  rules::Shape shape;
  shape.rank = static_cast<int>(type.getRank());
  Text why;
  for (int axis = 0; axis < shape.rank; ++axis)
    shape.dims[axis] = p.rules.dims.parse(std::string_view(type.getDimText(axis)), why);
  rules::LetterSize sizes[rules::Rearrange::max_letters];
  int count = 0;
  if (DictionaryAttr given = op.getSizesAttr())
    for (NamedAttribute size : given) {
      rules::Dim dim = 0;
      if (auto text = dyn_cast<StringAttr>(size.getValue()))
        dim = p.rules.dims.parse(std::string_view(text.getValue()), why);
      else
        dim = cast<IntegerAttr>(size.getValue()).getInt();
      sizes[count++] = {size.getName().getValue()[0], dim};
    }
  rules::rearrange(p.rules, std::string_view(op.getPattern()), sizes, count, shape, p.plan);
}

}  // namespace

// ---- views --------------------------------------------------------------------------------------

bool EntryLowering::makeView(Operation* op) {
  auto input = [&](Value x) -> const Buffer* {
    auto found = buffers.find(x);
    return found == buffers.end() || found->second.panels ? nullptr : &found->second;
  };
  if (isa<NameOp, DropoutOp>(op)) {
    auto found = buffers.find(op->getOperand(0));
    if (found == buffers.end()) return false;
    retain(op->getResult(0), Buffer(found->second));
    return true;
  }
  if (isa<BroadcastOp>(op)) {
    const Buffer* x = input(op->getOperand(0));
    if (!x) return false;
    TensorType from = getTensorType(op->getOperand(0)), to = getTensorType(op->getResult(0));
    Buffer view = *x;
    view.contiguous = false;
    view.strides.clear();
    size_t lead = to.getRank() - from.getRank();
    for (size_t axis = 0; axis < static_cast<size_t>(to.getRank()); ++axis) {
      bool same = axis >= lead && from.getDimText(axis - lead) == to.getDimText(axis);
      view.strides.push_back(same ? x->strides[axis - lead] : index(b, 0));
    }
    retain(op->getResult(0), view);
    return true;
  }
  if (auto slice = dyn_cast<SliceOp>(op)) {
    const Buffer* x = input(slice.getInput());
    if (!x) return false;
    Buffer view = *x;
    int64_t axis = slice.getAxis();
    TensorType from = getTensorType(slice.getInput()), to = getTensorType(slice.getResult());
    Value start;
    if (auto text = dyn_cast<StringAttr>(slice.getStart()))
      start = extent(text.getValue());
    else
      start = index(b, cast<IntegerAttr>(slice.getStart()).getInt());
    if (Value at = slice.getIndex()) {
      // A place outside is moved inside, so that no run reads beyond the buffer.
      Value last = sub(b, extent(from.getDimText(axis)), extent(to.getDimText(axis)));
      start = max(b, index(b, 0), min(b, last, add(b, start, loadScalar(at))));
    }
    view.offset = add(b, view.offset, mul(b, start, view.strides[axis]));
    view.strides[axis] = mul(b, view.strides[axis], index(b, slice.getStep()));
    bool whole = from.getDimText(axis) == to.getDimText(axis) && slice.getStep() == 1;
    view.contiguous = x->contiguous && (whole || (axis == 0 && slice.getStep() == 1));
    retain(slice.getResult(), view);
    return true;
  }
  auto rearrange = dyn_cast<RearrangeOp>(op);
  if (!rearrange) return false;
  const Buffer* x = input(rearrange.getInput());
  if (!x) return false;
  Pattern p;
  read(p, rearrange);
  // A stride for each letter, and the order in which they lie.
  SmallVector<Value> strides(p.plan.letter_count), sizes(p.plan.letter_count);
  SmallVector<int> order, group(p.plan.letter_count);
  for (int g = 0; g < p.plan.left.group_count; ++g) {
    Value stride = x->strides[g];
    for (int i = p.plan.left.starts[g + 1]; i-- > p.plan.left.starts[g];) {
      int letter = p.plan.left.items[i];
      if (letter < 0) continue;
      strides[letter] = stride;
      sizes[letter] = extent(p.letterText(letter));
      group[letter] = g;
      stride = mul(b, stride, sizes[letter]);
    }
    for (int i = p.plan.left.starts[g]; i < p.plan.left.starts[g + 1]; ++i)
      if (p.plan.left.items[i] >= 0) order.push_back(p.plan.left.items[i]);
  }
  auto place = [&](int letter) { return llvm::find(order, letter) - order.begin(); };
  auto isUnit = [&](int letter) { return p.plan.dims[letter] == 1; };
  Buffer view = *x;
  view.strides.clear();
  int previous = -1;
  bool inOrder = true;
  for (int g = 0; g < p.plan.right.group_count; ++g) {
    Value stride = index(b, 0);
    int last = -1;
    for (int i = p.plan.right.starts[g]; i < p.plan.right.starts[g + 1]; ++i) {
      int letter = p.plan.right.items[i];
      if (letter < 0 || isUnit(letter)) continue;
      // Merged letters must lie one after the other.
      if (last >= 0) {
        bool adjacent = place(letter) == place(last) + 1;
        for (auto between = place(last) + 1; !adjacent && between < place(letter); ++between)
          if (!isUnit(order[between]))
            break;
          else
            adjacent = between + 1 == place(letter);
        if (!adjacent || !(x->contiguous || group[letter] == group[last])) return false;
      }
      inOrder = inOrder && (previous < 0 || place(letter) > place(previous));
      previous = last = letter;
      stride = strides[letter];
    }
    view.strides.push_back(stride);
  }
  view.contiguous = x->contiguous && inOrder;
  if (view.contiguous) {  // unit axes too have the strides of row-major order
    Buffer plain = row(view.memory, view.offset, extents(getTensorType(rearrange.getResult())));
    view.strides = plain.strides;
  }
  retain(rearrange.getResult(), view);
  return true;
}

// ---- pulls --------------------------------------------------------------------------------------

Value EntryLowering::checkIds(Frame& f, Value ids, Value limit) {
  // ids: vector<16xi64>. Those outside are recorded and read row 0.
  Type i64 = f.b.getI64Type();
  Value wide = broadcastLanes(f, arith::IndexCastOp::create(f.b, f.loc, i64, limit));
  Value zero = splat(f, 0, i64);
  Value inside = arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::ult, ids, wide);
  Value outside = arith::XOrIOp::create(f.b, f.loc, inside, splat(f, 1, f.b.getI1Type()));
  outside = arith::AndIOp::create(f.b, f.loc, outside, f.mask);
  Value any = vector::ReductionOp::create(f.b, f.loc, vector::CombiningKind::OR, outside);
  auto branch = scf::IfOp::create(f.b, f.loc, any, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(&branch.getThenRegion().front());
    Value fault = loadField(f.b, f.loc, call, CallField::kFault);
    auto pointer = LLVM::LLVMPointerType::get(f.b.getContext());
    auto put = [&](int64_t place, Value value) {
      Value at = LLVM::GEPOp::create(f.b, f.loc, pointer, i64, fault,
                                     ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(place)});
      LLVM::StoreOp::create(f.b, f.loc, value, at);
    };
    Value bad = arith::SelectOp::create(f.b, f.loc, outside, ids, splat(f, INT64_MIN, i64));
    put(1, vector::ReductionOp::create(f.b, f.loc, vector::CombiningKind::MAXSI, bad));
    put(2, arith::IndexCastOp::create(f.b, f.loc, i64, limit));
    put(0, arith::ConstantIntOp::create(f.b, f.loc, 1, 64));
  }
  return arith::SelectOp::create(f.b, f.loc, inside, ids, zero);
}

Value EntryLowering::pullLayout(Frame& f, Operation* op, const Indices& at) {
  TensorType type = getTensorType(op->getResult(0));
  Type i64 = f.b.getI64Type();
  auto indexLanes = [&](const Index& x) { return lanesOf(f, x); };
  auto wideIndex = [&](Value x) { return broadcastLanes(f, x); };
  auto clampLanes = [&](Value lanes, Value limit) {  // into [0, max(limit, 1))
    Value last = sub(f.b, max(f.b, limit, index(f.b, 1)), index(f.b, 1));
    lanes = arith::MinSIOp::create(f.b, f.loc, lanes, wideIndex(last));
    return Value(arith::MaxSIOp::create(f.b, f.loc, lanes, wideIndex(index(f.b, 0))));
  };
  auto compare = [&](arith::CmpIPredicate predicate, Value x, Value y) {
    return Value(arith::CmpIOp::create(f.b, f.loc, predicate, x, y));
  };
  auto both = [&](Value x, Value y) { return Value(arith::AndIOp::create(f.b, f.loc, x, y)); };
  auto select = [&](Value c, Value x, Value y) {
    return Value(arith::SelectOp::create(f.b, f.loc, c, x, y));
  };
  auto uniformAt = [&](const Indices& indices) {
    SmallVector<Value> values;
    for (const Index& i : indices) values.push_back(i.isUniform() ? i.base : Value());
    return values;
  };

  if (isa<NameOp, DropoutOp, RaggedOp>(op)) return pull(f, op->getOperand(0), at);
  if (isa<BroadcastOp>(op))
    return pull(f, op->getOperand(0),
                broadcastIndices(f, getTensorType(op->getOperand(0)), type, at));

  if (auto rearrange = dyn_cast<RearrangeOp>(op)) {
    Pattern p;
    read(p, rearrange);
    SmallVector<Index> letters(p.plan.letter_count, uniform(index(f.b, 0)));
    for (int g = 0; g < p.plan.right.group_count; ++g) {
      int begin = p.plan.right.starts[g], end = p.plan.right.starts[g + 1];
      Index rest = at[g];
      for (int i = end; i-- > begin;) {
        int letter = p.plan.right.items[i];
        if (letter < 0) continue;
        if (i == begin) {
          letters[letter] = rest;
          continue;
        }
        Value size = extent(p.letterText(letter));
        auto like = [&](OpBuilder& b, Value x) -> Value {
          if (!isa<VectorType>(x.getType())) return size;
          return vector::BroadcastOp::create(b, f.loc, x.getType(), size);
        };
        letters[letter] =
            mapIndex(f, rest, [&](OpBuilder& b, Value x) { return rem(b, x, like(b, x)); });
        rest = mapIndex(f, rest, [&](OpBuilder& b, Value x) { return div(b, x, like(b, x)); });
      }
    }
    Indices from;
    for (int g = 0; g < p.plan.left.group_count; ++g) {
      int begin = p.plan.left.starts[g], end = p.plan.left.starts[g + 1];
      Index merged = uniform(index(f.b, 0));
      bool first = true;
      for (int i = begin; i < end; ++i) {
        int letter = p.plan.left.items[i];
        if (letter < 0) continue;
        if (first) {
          merged = letters[letter];
          first = false;
          continue;
        }
        Value size = extent(p.letterText(letter));
        if (merged.isUniform()) {
          merged = shift(f, letters[letter], mul(f.b, merged.base, size));
        } else {
          Value scaled = arith::MulIOp::create(f.b, f.loc, indexLanes(merged), wideIndex(size));
          merged = {
              {}, arith::AddIOp::create(f.b, f.loc, scaled, indexLanes(letters[letter])), false};
        }
      }
      from.push_back(merged);
    }
    return pull(f, rearrange.getInput(), from);
  }

  if (auto slice = dyn_cast<SliceOp>(op)) {
    Indices from = at;
    Value start;
    if (auto text = dyn_cast<StringAttr>(slice.getStart()))
      start = extent(text.getValue());
    else
      start = index(f.b, cast<IntegerAttr>(slice.getStart()).getInt());
    int64_t axis = slice.getAxis();
    if (slice.getStep() != 1)
      from[axis] = mapIndex(f, from[axis], [&](OpBuilder& b, Value x) -> Value {
        Value step = index(b, slice.getStep());
        if (isa<VectorType>(x.getType()))
          step = vector::BroadcastOp::create(b, f.loc, x.getType(), step);
        return mul(b, x, step);
      });
    from[axis] = shift(f, from[axis], start);
    return pull(f, slice.getInput(), from);
  }

  if (auto update = dyn_cast<UpdateSliceOp>(op)) {
    int64_t axis = update.getAxis();
    TensorType part = getTensorType(update.getValue());
    Value start;
    if (auto text = dyn_cast<StringAttr>(update.getStart()))
      start = extent(text.getValue());
    else
      start = index(f.b, cast<IntegerAttr>(update.getStart()).getInt());
    Value size = extent(part.getDimText(axis));
    if (Value place = update.getIndex()) {
      Value last = sub(f.b, extent(type.getDimText(axis)), size);
      Buffer& scalar = buffers[place];
      Value number = memref::LoadOp::create(f.b, f.loc, scalar.memory, ValueRange{scalar.offset});
      number = arith::IndexCastOp::create(f.b, f.loc, f.b.getIndexType(), number);
      start = max(f.b, index(f.b, 0), min(f.b, last, add(f.b, start, number)));
    }
    Value lanes = arith::SubIOp::create(f.b, f.loc, indexLanes(at[axis]), wideIndex(start));
    Value inside = compare(arith::CmpIPredicate::ult, lanes, wideIndex(size));
    Indices from = at;
    from[axis] = {{}, clampLanes(lanes, size), false};
    Value mask = f.mask;
    f.mask = both(mask, inside);
    Value put = pull(f, update.getValue(), from);
    f.mask = mask;
    return select(inside, put, pull(f, update.getInput(), at));
  }

  if (auto concat = dyn_cast<ConcatOp>(op)) {
    int64_t axis = concat.getAxis();
    Value lanes = indexLanes(at[axis]), begin = index(f.b, 0), result;
    for (Value part : concat.getOperands()) {
      TensorType partType = getTensorType(part);
      Value size = extent(partType.getDimText(axis));
      Value own = arith::SubIOp::create(f.b, f.loc, lanes, wideIndex(begin));
      Value inside = compare(arith::CmpIPredicate::ult, own, wideIndex(size));
      Indices from = at;
      if (at[axis].isUniform()) {
        Value moved = sub(f.b, at[axis].base, begin);
        Value last = sub(f.b, max(f.b, size, index(f.b, 1)), index(f.b, 1));
        from[axis] = uniform(max(f.b, index(f.b, 0), min(f.b, moved, last)));
      } else {
        from[axis] = {{}, clampLanes(own, size), false};
      }
      Value mask = f.mask;
      f.mask = both(mask, inside);
      // An empty part has no element that could be read.
      Value got = pull(f, part, from);
      f.mask = mask;
      result = result ? select(inside, got, result) : got;
      begin = add(f.b, begin, size);
    }
    return result;
  }

  if (auto pad = dyn_cast<PadOp>(op)) {
    TensorType inner = getTensorType(pad.getInput());
    StringRef mode = pad.getMode();
    Indices from = at;
    Value inside;
    for (size_t axis = 0; axis < static_cast<size_t>(inner.getRank()); ++axis) {
      int64_t low = pad.getLow()[axis], high = pad.getHigh()[axis];
      if (low == 0 && high == 0) continue;
      SmallVector<Value> where = uniformAt(at);
      Value size = rowExtent(f.b, inner, axis, where);
      Value own =
          arith::SubIOp::create(f.b, f.loc, indexLanes(at[axis]), wideIndex(index(f.b, low)));
      if (mode == "reflect") {
        Value zero = wideIndex(index(f.b, 0)), last = wideIndex(sub(f.b, size, index(f.b, 1)));
        Value mirrored = arith::SubIOp::create(f.b, f.loc, zero, own);
        own = arith::MaxSIOp::create(f.b, f.loc, own, mirrored);  // |own|
        Value twice = arith::AddIOp::create(f.b, f.loc, last, last);
        own =
            arith::MinSIOp::create(f.b, f.loc, own, arith::SubIOp::create(f.b, f.loc, twice, own));
      } else if (mode == "constant") {
        Value in = compare(arith::CmpIPredicate::ult, own, wideIndex(size));
        inside = inside ? both(inside, in) : in;
      }
      from[axis] = {{}, clampLanes(own, size), false};
    }
    if (!inside) return pull(f, pad.getInput(), from);
    Value mask = f.mask;
    f.mask = both(mask, inside);
    Value got = pull(f, pad.getInput(), from);
    f.mask = mask;
    double value = pad.getValue().convertToDouble();
    return select(inside, got, splat(f, value, compute(type.getDType())));
  }

  if (auto flip = dyn_cast<FlipOp>(op)) {
    Indices from = at;
    for (int64_t axis : flip.getAxes()) {
      Value size = rowExtent(f.b, type, axis, uniformAt(at));
      Value last = sub(f.b, size, index(f.b, 1));
      from[axis] = mapIndex(f, at[axis], [&](OpBuilder& b, Value x) -> Value {
        if (!isa<VectorType>(x.getType())) return max(b, sub(b, last, x), index(b, 0));
        Value wide = vector::BroadcastOp::create(b, f.loc, x.getType(), last);
        return arith::SubIOp::create(b, f.loc, wide, x);
      });
      if (!from[axis].isUniform()) from[axis].lanes = clampLanes(from[axis].lanes, size);
    }
    return pull(f, flip.getInput(), from);
  }

  if (auto dense = dyn_cast<DenseOp>(op)) {
    TensorType inner = getTensorType(dense.getInput());
    Value got = pull(f, dense.getInput(), at), inside;
    for (size_t axis = 0; axis < static_cast<size_t>(inner.getRank()); ++axis) {
      if (!inner.isRagged(axis)) continue;
      Value size = rowExtent(f.b, inner, axis, uniformAt(at));
      Value in = compare(arith::CmpIPredicate::slt, indexLanes(at[axis]), wideIndex(size));
      inside = inside ? both(inside, in) : in;
    }
    return select(inside, got, splat(f, 0, compute(type.getDType())));
  }

  if (isa<GatherOp, GatherAlongOp>(op)) {
    Value table = op->getOperand(0), ids = op->getOperand(1);
    TensorType tableType = getTensorType(table), idsType = getTensorType(ids);
    bool along = isa<GatherAlongOp>(op);
    size_t axis = along ? cast<GatherAlongOp>(op).getAxis() : cast<GatherOp>(op).getAxis();
    size_t width = along ? 0 : idsType.getRank();
    Indices idsAt = along ? at : Indices(at.begin() + axis, at.begin() + axis + width);
    Value lanes = pull(f, ids, idsAt);
    if (!lanes.getType().isInteger(64) && cast<VectorType>(lanes.getType()).getElementType() != i64)
      lanes = arith::ExtSIOp::create(f.b, f.loc, VectorType::get({kLanes}, i64), lanes);
    bool single = llvm::all_of(idsAt, [](const Index& i) { return i.isUniform(); });
    lanes = checkIds(f, lanes, extent(tableType.getDimText(axis)));
    Index row;
    if (single) {
      Value scalar = vector::ExtractOp::create(f.b, f.loc, lanes, ArrayRef<int64_t>{0});
      row = uniform(arith::IndexCastOp::create(f.b, f.loc, f.b.getIndexType(), scalar));
    } else {
      auto type = VectorType::get({kLanes}, f.b.getIndexType());
      row = {{}, arith::IndexCastOp::create(f.b, f.loc, type, lanes), false};
    }
    Indices from;
    if (along) {
      from = at;
      from[axis] = row;
    } else {
      from.append(at.begin(), at.begin() + axis);
      from.push_back(row);
      from.append(at.begin() + axis + width, at.end());
    }
    return pull(f, table, from);
  }

  if (auto oneHot = dyn_cast<OneHotOp>(op)) {
    Value ids = pull(f, oneHot.getIndices(), Indices(at.begin(), at.end() - 1));
    auto idType = cast<VectorType>(ids.getType());
    Value lanes = arith::IndexCastOp::create(f.b, f.loc, idType, indexLanes(at.back()));
    Value hit = compare(arith::CmpIPredicate::eq, ids, lanes);
    Type element = compute(type.getDType());
    if (element.isInteger(1)) return hit;
    return select(hit, splat(f, 1, element), splat(f, 0, element));
  }
  op->emitOpError("has no lowering");
  return splat(f, 0, compute(type.getDType()));
}

}  // namespace sinter
