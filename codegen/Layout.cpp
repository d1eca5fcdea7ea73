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

Value EntryLowering::startOf(OpBuilder& k, Attribute start) {
  if (auto text = dyn_cast<StringAttr>(start)) return extent(text.getValue());
  return index(k, cast<IntegerAttr>(start).getInt());
}

/// A place outside is moved inside, so that no run reads or writes beyond a buffer.
Value EntryLowering::startOf(OpBuilder& k, Attribute start, Value place, Value all, Value size) {
  if (!place) return startOf(k, start);
  const Buffer& scalar = buffers.find(place)->second;  // see materialisePlace
  Value number = memref::LoadOp::create(k, loc, scalar.memory, ValueRange{scalar.offset});
  number = arith::IndexCastOp::create(k, loc, k.getIndexType(), number);
  Value last = sub(k, all, size);
  return max(k, index(k, 0), min(k, last, add(k, startOf(k, start), number)));
}

/// A place that the run computes is in memory before the kernel that uses it.
void EntryLowering::materialisePlace(Operation* op) {
  if (auto slice = dyn_cast<SliceOp>(op); slice && slice.getIndex()) materialise(slice.getIndex());
  if (auto update = dyn_cast<UpdateSliceOp>(op); update && update.getIndex())
    materialise(update.getIndex());
}

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
    // Each row has its own end, which what is taken of it may not fit in.
    if (ownerAxis(from, axis) >= 0 && ownerAxis(to, axis) < 0) return false;
    Value start = startOf(b, slice.getStart(), slice.getIndex(), extent(from.getDimText(axis)),
                          extent(to.getDimText(axis)));
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

/// The size of the last letter, where lanes fall into runs that share a row of what is looked up:
/// each run is then loaded as it lies. 0 where they do not.
static int64_t runOf(const Pattern& p, RearrangeOp op, const Indices& at) {
  const auto& right = p.plan.right;
  int begin = right.starts[right.group_count - 1], end = right.starts[right.group_count];
  if (!isa_and_nonnull<GatherOp>(op.getInput().getDefiningOp())) return 0;
  if (!at.back().counting || end - begin < 2 || right.items[end - 1] < 0) return 0;
  for (const Index& x : ArrayRef(at).drop_back())
    if (!x.isUniform()) return 0;
  rules::Dim size = p.plan.dims[right.items[end - 1]];
  bool divides = rules::is_constant(size) && size > 1 && size < kLanes && kLanes % size == 0;
  return divides ? size : 0;
}

Value EntryLowering::pullRearrange(Frame& f, RearrangeOp op, const Indices& at) {
  Pattern p;
  read(p, op);
  auto wide = [&](OpBuilder& b, Value like, Value x) -> Value {
    if (!isa<VectorType>(like.getType())) return x;
    return vector::BroadcastOp::create(b, f.loc, like.getType(), x);
  };
  auto split = [&](Frame& g, const Indices& whole) {
    SmallVector<Index> letters(p.plan.letter_count, uniform(index(g.b, 0)));
    for (int group = 0; group < p.plan.right.group_count; ++group) {
      int begin = p.plan.right.starts[group], end = p.plan.right.starts[group + 1];
      Index rest = whole[group];
      for (int i = end; i-- > begin;) {
        int letter = p.plan.right.items[i];
        if (letter < 0) continue;
        if (i == begin) {
          letters[letter] = rest;
          continue;
        }
        Value size = extent(p.letterText(letter));
        letters[letter] =
            mapIndex(g, rest, [&](OpBuilder& b, Value x) { return rem(b, x, wide(b, x, size)); });
        rest =
            mapIndex(g, rest, [&](OpBuilder& b, Value x) { return div(b, x, wide(b, x, size)); });
      }
    }
    return letters;
  };
  auto merge = [&](Frame& g, ArrayRef<Index> letters) {
    Indices from;
    for (int group = 0; group < p.plan.left.group_count; ++group) {
      Index merged = uniform(index(g.b, 0));
      bool first = true;
      for (int i = p.plan.left.starts[group]; i < p.plan.left.starts[group + 1]; ++i) {
        int letter = p.plan.left.items[i];
        if (letter < 0) continue;
        if (first) {
          merged = letters[letter];
          first = false;
          continue;
        }
        Value size = extent(p.letterText(letter));
        if (merged.isUniform()) {
          merged = shift(g, letters[letter], mul(g.b, merged.base, size));
        } else {
          Value scaled =
              arith::MulIOp::create(g.b, g.loc, lanesOf(g, merged), broadcastLanes(g, size));
          Value sum = arith::AddIOp::create(g.b, g.loc, scaled, lanesOf(g, letters[letter]));
          merged = {{}, sum, false};
        }
      }
      from.push_back(merged);
    }
    return from;
  };
  int64_t run = runOf(p, op, at);
  if (run == 0) return pull(f, op.getInput(), merge(f, split(f, at)));

  TensorType type = getTensorType(op.getResult());
  int64_t size = type.getStaticDim(type.getRank() - 1);
  int last = p.plan.right.items[p.plan.right.starts[p.plan.right.group_count] - 1];
  auto maskType = VectorType::get({kLanes}, f.b.getI1Type());
  SmallVector<bool> asked(kLanes, false);
  std::fill_n(asked.begin(), run, true);
  Value mask =
      arith::ConstantOp::create(f.b, f.loc, DenseElementsAttr::get(maskType, ArrayRef(asked)));
  Value lanes = splat(f, 0, compute(type.getDType()));
  Frame g{f.b, f.loc, mask, run, false, f.known};
  for (int64_t first = 0; first < kLanes; first += run) {
    Value place = add(f.b, at.back().base, index(f.b, first));
    // Lanes behind the end are nobody's; their run reads the last row's.
    if (size % kLanes != 0)
      place =
          min(f.b, place, sub(f.b, extent(type.getDimText(type.getRank() - 1)), index(f.b, run)));
    Indices here = at;
    here.back() = uniform(place);
    SmallVector<Index> letters = split(g, here);
    letters[last] = {index(f.b, 0), {}, true};
    Value part = pull(g, op.getInput(), merge(g, letters));
    part = vector::ExtractStridedSliceOp::create(f.b, f.loc, part, ArrayRef<int64_t>{0},
                                                 ArrayRef<int64_t>{run}, ArrayRef<int64_t>{1});
    lanes = vector::InsertStridedSliceOp::create(f.b, f.loc, part, lanes, ArrayRef<int64_t>{first},
                                                 ArrayRef<int64_t>{1});
  }
  return lanes;
}

Value EntryLowering::pullLayout(Frame& f, Operation* op, const Indices& at) {
  TensorType type = getTensorType(op->getResult(0));
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

  if (auto rearrange = dyn_cast<RearrangeOp>(op)) return pullRearrange(f, rearrange, at);

  if (auto slice = dyn_cast<SliceOp>(op)) {
    Indices from = at;
    int64_t axis = slice.getAxis();
    TensorType whole = getTensorType(slice.getInput());
    Value start =
        startOf(f.b, slice.getStart(), slice.getIndex(), rowExtent(f.b, whole, axis, uniformAt(at)),
                extent(type.getDimText(axis)));
    if (slice.getStep() != 1)
      from[axis] = mapIndex(f, from[axis], [&](OpBuilder& b, Value x) -> Value {
        Value step = index(b, slice.getStep());
        if (isa<VectorType>(x.getType()))
          step = vector::BroadcastOp::create(b, f.loc, x.getType(), step);
        return mul(b, x, step);
      });
    from[axis] = shift(f, from[axis], start);
    if (ownerAxis(whole, axis) < 0 || ownerAxis(type, axis) >= 0)
      return pull(f, slice.getInput(), from);
    // A row that is too short is reported (Faults.cpp); what it lacks is not read.
    Value lanes = indexLanes(from[axis]);
    Value inside =
        compare(arith::CmpIPredicate::ult, lanes, wideIndex(extent(whole.getDimText(axis))));
    return pullWhere(f, inside, slice.getInput(), from);
  }

  if (auto update = dyn_cast<UpdateSliceOp>(op)) {
    int64_t axis = update.getAxis();
    TensorType part = getTensorType(update.getValue());
    Value size = extent(part.getDimText(axis));
    Value start = startOf(f.b, update.getStart(), update.getIndex(),
                          rowExtent(f.b, type, axis, uniformAt(at)), size);
    Value lanes = arith::SubIOp::create(f.b, f.loc, indexLanes(at[axis]), wideIndex(start));
    Value inside = compare(arith::CmpIPredicate::ult, lanes, wideIndex(size));
    Indices from = at;
    from[axis] = {{}, clampLanes(lanes, size), false};
    Value put = pullWhere(f, inside, update.getValue(), from);
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
      Value got = pullWhere(f, inside, part, from);
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
    Value got = pullWhere(f, inside, pad.getInput(), from);
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
    Value inside;
    for (size_t axis = 0; axis < static_cast<size_t>(inner.getRank()); ++axis) {
      if (!inner.isRagged(axis)) continue;
      Value size = rowExtent(f.b, inner, axis, uniformAt(at));
      Value in = compare(arith::CmpIPredicate::slt, indexLanes(at[axis]), wideIndex(size));
      inside = inside ? both(inside, in) : in;
    }
    Value got = pullWhere(f, inside, dense.getInput(), at);
    return select(inside, got, splat(f, 0, compute(type.getDType())));
  }

  if (isa<GatherOp, GatherAlongOp>(op)) return pullGather(f, op, at);

  if (auto oneHot = dyn_cast<OneHotOp>(op)) {
    Indices place(at.begin(), at.end() - 1);
    Value ids = pull(f, oneHot.getIndices(), place);
    auto idType = VectorType::get({kLanes}, f.b.getI64Type());
    if (ids.getType() != idType) ids = arith::ExtSIOp::create(f.b, f.loc, idType, ids);
    int64_t below = idsBelow(oneHot.getIndices()), classes = oneHot.getClasses();
    if (below == 0 || below > classes)
      ids = checkIds(f, op, ids, index(f.b, classes), place.empty() ? nullptr : place.data());
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
