// Products: `linear` over packed weights and batched products of activations. All run the kernels
// of Gemm.h, so each element is one chain over the summed axis. What lies beyond the end of a
// ragged row is not multiplied. Non-goals: what follows a product in its kernel (Epilogue.cpp).
#include "codegen/Frame.h"
#include "codegen/Parallel.h"
#include "codegen/WeightPart.h"

using namespace mlir;

namespace sinter {

Value EntryLowering::matrix(OpBuilder& k, const Buffer& buffer, Value offset, MemRefType type,
                            ArrayRef<Value> sizes, ArrayRef<Value> strides) {
  auto fold = [](ArrayRef<Value> xs) {
    SmallVector<OpFoldResult> folded;
    for (Value x : xs) folded.push_back(getAsOpFoldResult(x));
    return folded;
  };
  // The static sizes of the type must be said statically.
  SmallVector<OpFoldResult> shape = fold(sizes), steps = fold(strides);
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (!type.isDynamicDim(axis))
      shape[axis] = k.getIndexAttr(type.getDimSize(axis));
    else if (auto attr = dyn_cast<Attribute>(shape[axis]))
      shape[axis] = index(k, cast<IntegerAttr>(attr).getInt());
  SmallVector<int64_t> layout;
  int64_t start = 0;
  (void)type.getStridesAndOffset(layout, start);
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (!ShapedType::isDynamic(layout[axis]))
      steps[axis] = k.getIndexAttr(layout[axis]);
    else if (auto attr = dyn_cast<Attribute>(steps[axis]))
      steps[axis] = index(k, cast<IntegerAttr>(attr).getInt());
  OpFoldResult from = getAsOpFoldResult(offset);
  if (!ShapedType::isDynamic(start))
    from = k.getIndexAttr(start);
  else if (auto attr = dyn_cast<Attribute>(from))
    from = index(k, cast<IntegerAttr>(attr).getInt());
  return memref::ReinterpretCastOp::create(k, loc, type, buffer.memory, from, shape, steps);
}

Value EntryLowering::panelsAt(OpBuilder& k, Value memory, Value element, Value panels,
                              Value depth) {
  auto pointerType = LLVM::LLVMPointerType::get(k.getContext());
  Value pointer = memref::ExtractAlignedPointerAsIndexOp::create(k, loc, memory);
  pointer = arith::IndexCastOp::create(k, loc, k.getI64Type(), pointer);
  pointer = LLVM::IntToPtrOp::create(k, loc, pointerType, pointer);
  pointer = offsetPointer(k, loc, pointer, mul(k, element, index(k, sizeof(float))));
  MemRefType type = gemmPanelType(k.getContext(), ShapedType::kDynamic);
  return viewPointer(k, loc, pointer, type, ValueRange{panels, depth});
}

/// How many elements a matrix [rows, depth] has as panels.
int32_t EntryLowering::panelElements(StringRef rows, StringRef depth) {
  Expressions& e = ext.expressions;
  int32_t panels = e.binary(SINTER_CEILDIV, ext.expression(rows), e.constant(kPanel));
  return e.binary(SINTER_MUL, ext.expression(depth),
                  e.binary(SINTER_MUL, e.constant(kPanel), panels));
}

/// A weight as panels: as it is stored, or packed in this run.
Value EntryLowering::panelsOf(Value weight, Location where) {
  TensorType type = getTensorType(weight);
  int64_t k = type.getStaticDim(1);
  Value rows = extent(type.getDimText(0)), depth = extent(type.getDimText(1));
  Value count = b.createOrFold<arith::CeilDivUIOp>(where, rows, index(b, kPanel));
  Value panel = mul(b, depth, index(b, kPanel));
  MemRefType panelType = gemmPanelType(b.getContext(), k < 0 ? ShapedType::kDynamic : k);
  Buffer known;
  if (std::optional<WeightPart> part = weightPart(weight))
    if (size_t i = storedIndex(part->param, part->matrix); out.weights[i].part)
      known = storedBuffer(i, type);
  if (!known.memory) known = materialise(weight);
  if (known.panels)
    return matrix(b, known, index(b, 0), panelType, {count, depth, index(b, kPanel)},
                  {panel, index(b, kPanel), index(b, 1)});
  Buffer scratch =
      allocateFlat(b.getF32Type(), panelElements(type.getDimText(0), type.getDimText(1)));
  MemRefType anyPanels = gemmPanelType(b.getContext(), ShapedType::kDynamic);
  Value packed = matrix(b, scratch, index(b, 0), anyPanels, {count, depth, index(b, kPanel)},
                        {panel, index(b, kPanel), index(b, 1)});
  func::FuncOp pack = declarePack(module, where, PackSource::kStrided);
  auto any = StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic,
                                    {ShapedType::kDynamic, ShapedType::kDynamic});
  auto sourceType =
      MemRefType::get({ShapedType::kDynamic, ShapedType::kDynamic}, b.getF32Type(), any);
  Value source = matrix(b, known, known.offset, sourceType, {rows, depth}, known.strides);
  buildParallel(b, where, call, count, [&](OpBuilder& p, Location, Value begin, Value end, Value) {
    callPack(p, where, pack, source, packed, begin, end);
  });
  if (k < 0) return packed;
  return memref::CastOp::create(b, where, panelType, packed);
}

/// The axis whose rows end early when the axes before the last are flattened; -1: there is none.
int64_t EntryLowering::runAxis(TensorType type) {
  for (int64_t axis = 0; axis + 1 < type.getRank(); ++axis)
    if (int owner = ownerAxis(type, axis); owner >= 0 && owner < axis) return axis;
  return -1;
}

void EntryLowering::forEachRun(OpBuilder& k, TensorType type, Value begin, Value end,
                               llvm::function_ref<void(OpBuilder&, Value, Value)> body) {
  int64_t ragged = runAxis(type);
  if (ragged < 0) return body(k, begin, end);
  SmallVector<Value> sizes = extents(type);
  Value inner = productOf(k, ArrayRef<Value>(sizes).slice(ragged + 1).drop_back());
  Value stored = max(k, mul(k, sizes[ragged], inner), index(k, 1));  // flat rows of one row
  auto compare = [&](arith::CmpIPredicate predicate, Value x, Value y) -> Value {
    return arith::CmpIOp::create(k, loc, predicate, x, y);
  };
  auto flush = [&](Value wanted, Value from, Value to) {
    auto run = scf::IfOp::create(k, loc, wanted, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(k);
    k.setInsertionPointToStart(&run.getThenRegion().front());
    body(k, from, to);
  };
  Value first = div(k, begin, stored);
  Value last = div(k, add(k, end, sub(k, stored, index(k, 1))), stored);
  auto loop = scf::ForOp::create(k, loc, first, last, index(k, 1), ValueRange{begin, begin});
  Value runBegin = loop.getRegionIterArg(0), runEnd = loop.getRegionIterArg(1);
  {
    OpBuilder::InsertionGuard guard(k);
    k.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> at =
        placeOf(k, loop.getInductionVar(), ArrayRef<Value>(sizes).take_front(ragged));
    at.resize(sizes.size());
    Value origin = mul(k, loop.getInductionVar(), stored);
    Value length = mul(k, rowExtent(k, type, static_cast<unsigned>(ragged), at), inner);
    Value from = max(k, begin, origin), to = max(k, from, min(k, end, add(k, origin, length)));
    // A row of no elements leaves the run as it is; one that begins where the run ends extends it.
    Value empty = compare(arith::CmpIPredicate::eq, from, to);
    Value extends = compare(arith::CmpIPredicate::eq, from, runEnd);
    Value keeps = arith::OrIOp::create(k, loc, empty, extends);
    Value some = compare(arith::CmpIPredicate::ult, runBegin, runEnd);
    Value kept = arith::ConstantIntOp::create(k, loc, 1, 1);
    kept = arith::XOrIOp::create(k, loc, keeps, kept);
    flush(arith::AndIOp::create(k, loc, kept, some), runBegin, runEnd);
    Value nextBegin = arith::SelectOp::create(k, loc, keeps, runBegin, from);
    Value nextEnd = arith::SelectOp::create(k, loc, empty, runEnd, to);
    scf::YieldOp::create(k, loc, ValueRange{nextBegin, nextEnd});
  }
  Value restBegin = loop.getResult(0), restEnd = loop.getResult(1);
  flush(compare(arith::CmpIPredicate::ult, restBegin, restEnd), restBegin, restEnd);
}

LogicalResult EntryLowering::lowerLinear(LinearOp op, Epilogue* epilogue) {
  TensorType type = getTensorType(op.getResult()), xType = getTensorType(op.getInput());
  int64_t last = xType.getRank() - 1;
  Buffer x = materialise(op.getInput());
  bool rows = last == 1 && !x.panels && isConstantIntValue(x.strides[1], 1);
  if (!x.contiguous && !rows) {
    x = allocate(xType);
    copyInto(op.getInput(), x);
  }
  SmallVector<Value> sizes = extents(type);
  Value m = productOf(b, ArrayRef<Value>(sizes).drop_back());
  Value n = sizes.back(), k = extent(xType.getDimText(last));
  Value panels = panelsOf(op.getWeight(), loc);
  GemmSpec spec;
  int64_t staticN = type.getStaticDim(last), staticK = xType.getStaticDim(last);
  if (staticN >= 0) spec.n = staticN;
  if (staticK >= 0) spec.k = staticK;
  SmallVector<Value> extras;
  if (op.getBias()) {
    spec.hint = "bias";
    spec.extras = {MemRefType::get({ShapedType::kDynamic}, b.getF32Type())};
    spec.start = [](OpBuilder& k, Location where, const GemmLanes& lanes) {
      return loadColumns(k, where, lanes.extras[0], lanes);
    };
    extras.push_back(contiguous(op.getBias()).memory);
  }
  if (epilogue) {
    extendSpec(spec, *epilogue);
    extendCall(b, extras, *epilogue, spec, {m, n, index(b, 0), n, {}});
  }
  Buffer result = allocate(type);
  func::FuncOp kernel = declareGemm(module, loc, spec);
  Value xStride = last == 0 ? k : x.contiguous ? k : x.strides[last - 1];
  Value a =
      matrix(b, x, x.offset, gemmAType(b.getContext(), spec.k), {m, k}, {xStride, index(b, 1)});
  Value c =
      matrix(b, result, result.offset, gemmCType(b.getContext(), spec.n), {m, n}, {n, index(b, 1)});
  Value panelCount = b.createOrFold<arith::CeilDivUIOp>(loc, n, index(b, kPanel));
  Location where = loc;
  // Few columns: split the rows. Neither changes a bit of the result.
  bool byRows = staticN >= 0 && staticN <= 96;
  auto multiply = [&](OpBuilder& p, Value rowBegin, Value rowEnd, Value begin, Value end) {
    callGemm(p, where, kernel, {a, panels, c, rowBegin, rowEnd, begin, end, extras});
  };
  buildParallel(
      b, where, call, byRows ? m : panelCount,
      [&](OpBuilder& p, Location, Value begin, Value end, Value) {
        Value zero = index(p, 0);
        if (byRows || runAxis(type) < 0) {
          forEachRun(p, type, byRows ? begin : zero, byRows ? end : m,
                     [&](OpBuilder& q, Value from, Value to) {
                       multiply(q, from, to, byRows ? zero : begin, byRows ? panelCount : end);
                     });
          return;
        }
        // All runs use a panel while it is near.
        auto loop = scf::ForOp::create(p, where, begin, end, index(p, 1));
        OpBuilder::InsertionGuard guard(p);
        p.setInsertionPointToStart(loop.getBody());
        Value panel = loop.getInductionVar(), next = add(p, panel, index(p, 1));
        forEachRun(p, type, zero, m,
                   [&](OpBuilder& q, Value from, Value to) { multiply(q, from, to, panel, next); });
      });
  retain(epilogue ? epilogue->result : op.getResult(), result);
  return success();
}

/// "…mk,…nk->…mn": for each index of the batch axes, B is packed and multiplied.
LogicalResult EntryLowering::lowerProduct(EinsumOp op, Epilogue* epilogue) {
  if (op.getOperands().size() != 2)
    return op.emitOpError("reaches the lowering before decompose-einsum");
  TensorType aType = getTensorType(op.getOperands()[0]), bType = getTensorType(op.getOperands()[1]),
             type = getTensorType(op.getResult());
  int64_t rank = type.getRank(), batch = rank - 2;
  Buffer x = materialise(op.getOperands()[0]);
  if (x.panels || !isConstantIntValue(x.strides[rank - 1], 1)) {
    x = allocate(aType);
    copyInto(op.getOperands()[0], x);
  }
  Buffer y = materialise(op.getOperands()[1]);
  if (y.panels) y = contiguous(op.getOperands()[1]);
  PackSource source = isConstantIntValue(y.strides[rank - 1], 1)   ? PackSource::kRows
                      : isConstantIntValue(y.strides[rank - 2], 1) ? PackSource::kColumns
                                                                   : PackSource::kStrided;
  Buffer result = allocate(type);
  // One scratch for each thread: packed B.
  int32_t each = panelElements(bType.getDimText(batch), bType.getDimText(batch + 1));
  Buffer scratch =
      allocateFlat(b.getF32Type(), ext.expressions.binary(SINTER_MUL, each, ext.threads));
  OpBuilder before(prologue);
  Value scratchStride = loadExtent(before, loc, values, each);
  GemmSpec spec;
  if (epilogue) extendSpec(spec, *epilogue);
  func::FuncOp kernel = declareGemm(module, loc, spec);
  func::FuncOp pack = declarePack(module, loc, source);
  SmallVector<bool> inner(rank, false);
  inner[rank - 2] = inner[rank - 1] = true;
  Location where = loc;
  forEachRow(loc, type, inner, [&](OpBuilder& p, ArrayRef<Value> at, Value thread) {
    SmallVector<Value> known(at.begin(), at.end());
    Value m = rowExtent(p, aType, batch, known), k = rowExtent(p, aType, batch + 1, known),
          n = rowExtent(p, bType, batch, known);
    Value xAt = x.offset, yAt = y.offset, cAt = result.offset;
    for (int64_t axis = 0; axis < batch; ++axis) {
      xAt = add(p, xAt, mul(p, at[axis], x.strides[axis]));
      yAt = add(p, yAt, mul(p, at[axis], y.strides[axis]));
      cAt = add(p, cAt, mul(p, at[axis], result.strides[axis]));
    }
    Value width = index(p, kPanel), one = index(p, 1);
    Value panelCount = p.createOrFold<arith::CeilDivUIOp>(where, n, width);
    MLIRContext* context = p.getContext();
    constexpr int64_t any = ShapedType::kDynamic;
    auto sourceType = [&](int64_t s0, int64_t s1) {
      return MemRefType::get({any, any}, p.getF32Type(),
                             StridedLayoutAttr::get(context, any, {s0, s1}));
    };
    Value matrixOfB;
    if (source == PackSource::kRows)
      matrixOfB = matrix(p, y, yAt, sourceType(any, 1), {n, k}, {y.strides[rank - 2], one});
    else if (source == PackSource::kColumns)
      matrixOfB = matrix(p, y, yAt, sourceType(any, 1), {k, n}, {y.strides[rank - 1], one});
    else
      matrixOfB = matrix(p, y, yAt, sourceType(any, any), {n, k},
                         {y.strides[rank - 2], y.strides[rank - 1]});
    Value packed = panelsAt(p, scratch.memory, mul(p, thread, scratchStride), panelCount, k);
    Value zero = index(p, 0);
    callPack(p, where, pack, matrixOfB, packed, zero, panelCount);
    Value a = matrix(p, x, xAt, gemmAType(context, any), {m, k}, {x.strides[rank - 2], one});
    Value c =
        matrix(p, result, cAt, gemmCType(context, any), {m, n}, {result.strides[rank - 2], one});
    SmallVector<Value> extras;
    if (epilogue) extendCall(p, extras, *epilogue, spec, {m, n, cAt, result.strides[rank - 2], {}});
    callGemm(p, where, kernel, {a, packed, c, zero, m, zero, panelCount, extras});
  });
  retain(epilogue ? epilogue->result : op.getResult(), result);
  return success();
}

}  // namespace sinter
