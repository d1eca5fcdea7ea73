// Convolution as products: for each image, group and 48 neighbouring output places, the windows of
// these places become one panel [K][48], and C[O/g, 48] = weight rows [O/g, K] times that panel
// lies in the order of the output at once. Threads share panels, so one image keeps all of them
// busy. Non-goals: Winograd and other transforms, which change the bits.
#include "codegen/Frame.h"
#include "codegen/Parallel.h"

using namespace mlir;

namespace sinter {

/// Writes element (k, place) of the windows of places [first, first + 48), k over the input
/// channels [firstChannel, …) and then the cells of the window, to scratch[origin + 48 k + place].
void EntryLowering::packWindows(OpBuilder& p, ConvOp op, Value image, Value firstChannel,
                                Value first, const Buffer& scratch, Value origin) {
  TensorType type = getTensorType(op.getResult()), xType = getTensorType(op.getInput()),
             wType = getTensorType(op.getWeight());
  ArrayRef<int64_t> stride = op.getStride(), padding = op.getPadding(), dilation = op.getDilation();
  size_t axes = stride.size();
  const Buffer& x = buffers.find(op.getInput())->second;
  Location where = loc;
  auto indices = VectorType::get({kLanes}, p.getIndexType());
  auto wide = [&](Value v) -> Value {
    return isa<VectorType>(v.getType()) ? v
                                        : Value(vector::BroadcastOp::create(p, where, indices, v));
  };
  auto forRange = [&](int64_t end, int64_t step, llvm::function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(p, where, index(p, 0), index(p, end), index(p, step));
    OpBuilder::InsertionGuard guard(p);
    p.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  };
  int64_t cells = 1;
  for (size_t axis = 0; axis < axes; ++axis) cells *= wType.getStaticDim(2 + axis);
  SmallVector<Value> sizes = extents(type), known(2 + axes);
  known[0] = image;
  Value places = productOf(p, ArrayRef<Value>(sizes).drop_front(2));
  // Lanes are neighbours in memory where a step of the window moves all of them alike.
  bool sameWidth = axes == 1 || (x.contiguous && xType.getDimText(3) == type.getDimText(3));
  bool near = llvm::all_of(stride, [](int64_t s) { return s == 1; }) && sameWidth;

  forRange(kPanel, kLanes, [&](Value lane) {
    Value place = add(p, first, lane);
    Frame f{p, where, maskOf(p, places, place)};
    Value all = f.mask;
    // The output place of each lane along each axis.
    SmallVector<Value> at(axes);
    Value rest = lanesOf(f, {place, {}, true});
    for (size_t axis = axes; axis-- > 1;) {
      at[axis] = arith::RemUIOp::create(p, where, rest, wide(sizes[2 + axis]));
      rest = arith::DivUIOp::create(p, where, rest, wide(sizes[2 + axis]));
    }
    at[0] = rest;
    // `cell` counts the cells of the window; `flat` is how far it moves the lanes in memory.
    std::function<void(size_t, Value, Value, Value, Indices)> nest = [&](size_t axis, Value cell,
                                                                         Value flat, Value inside,
                                                                         Indices from) {
      if (axis == axes) {
        forRange(wType.getStaticDim(1), 1, [&](Value channel) {
          Frame g{p, where, inside};
          Buffer memory = x;
          Indices here = from;
          here[1] = uniform(add(p, firstChannel, channel));
          if (near) {  // the spatial axes as one
            here.resize(2);
            here.push_back({add(p, place, flat), {}, true});
            memory.strides = {x.strides[0], x.strides[1], x.strides.back()};
          }
          Value lanes = load(g, memory, xType, here);
          if (!near || !isConstantIntValue(x.strides.back(), 1))
            lanes = arith::SelectOp::create(p, where, inside, lanes, splat(g, 0, p.getF32Type()));
          Value row = add(p, mul(p, channel, index(p, cells)), cell);
          Value to = add(p, add(p, origin, mul(p, row, index(p, kPanel))), lane);
          vector::StoreOp::create(p, where, lanes, scratch.memory, ValueRange{to});
        });
        return;
      }
      forRange(wType.getStaticDim(2 + axis), 1, [&](Value own) {
        Value moved = sub(p, mul(p, own, index(p, dilation[axis])), index(p, padding[2 * axis]));
        Value lanes = arith::MulIOp::create(p, where, at[axis], wide(index(p, stride[axis])));
        lanes = arith::AddIOp::create(p, where, lanes, wide(moved));
        unsigned spatial = static_cast<unsigned>(2 + axis);
        Value extentHere = rowExtent(p, xType, spatial, known);
        Value in =
            arith::CmpIOp::create(p, where, arith::CmpIPredicate::ult, lanes, wide(extentHere));
        Indices next = from;
        if (!near) {
          Value last = max(p, index(p, 0), sub(p, extentHere, index(p, 1)));
          lanes = arith::MinSIOp::create(p, where, lanes, wide(last));
          next[2 + axis] = {{}, arith::MaxSIOp::create(p, where, lanes, wide(index(p, 0))), false};
        }
        Value width = axis + 1 < axes ? sizes[3 + axis] : index(p, 1);
        nest(axis + 1, add(p, mul(p, cell, index(p, wType.getStaticDim(2 + axis))), own),
             add(p, flat, mul(p, moved, width)), arith::AndIOp::create(p, where, inside, in), next);
      });
    };
    Indices from(2 + axes, uniform(index(p, 0)));
    from[0] = uniform(image);
    nest(0, index(p, 0), index(p, 0), all, from);
  });
}

LogicalResult EntryLowering::lowerConv(ConvOp op, Epilogue* epilogue) {
  TensorType type = getTensorType(op.getResult()), wType = getTensorType(op.getWeight());
  int64_t groups = op.getGroups(), outs = wType.getStaticDim(0) / groups,
          inner = wType.getStaticDim(1), depth = inner;
  size_t axes = op.getStride().size();
  for (size_t axis = 0; axis < axes; ++axis) depth *= wType.getStaticDim(2 + axis);
  if (outs < 0 || inner < 0) return op.emitOpError("wants constant numbers of channels");
  Buffer weight = contiguous(op.getWeight());
  materialise(op.getInput());
  GemmSpec spec;
  if (op.getBias()) {
    spec.hint = "row_bias";
    spec.extras = {rowVectorType()};
    spec.start = [](OpBuilder& k, Location where, const GemmLanes& lanes) {
      return loadRow(k, where, lanes.extras[0], lanes);
    };
  }
  Buffer bias = op.getBias() ? contiguous(op.getBias()) : Buffer();
  if (epilogue) {
    extendSpec(spec, *epilogue);
  }
  func::FuncOp kernel = declareGemm(module, loc, spec);
  Buffer result = allocate(type);

  Expressions& e = ext.expressions;
  Buffer scratch =
      allocateFlat(b.getF32Type(), e.binary(SINTER_MUL, ext.threads, e.constant(kPanel * depth)));
  SmallVector<Value> sizes = extents(type);
  Value places = productOf(b, ArrayRef<Value>(sizes).drop_front(2));
  Value panels = b.createOrFold<arith::CeilDivUIOp>(loc, places, index(b, kPanel));
  Value count = mul(b, mul(b, sizes[0], index(b, groups)), panels);
  Location where = loc;
  buildParallel(
      b, where, call, count, [&](OpBuilder& p, Location, Value begin, Value end, Value thread) {
        auto loop = scf::ForOp::create(p, where, begin, end, index(p, 1));
        OpBuilder::InsertionGuard guard(p);
        p.setInsertionPointToStart(loop.getBody());
        Value number = loop.getInductionVar();
        Value first = mul(p, rem(p, number, panels), index(p, kPanel));
        number = div(p, number, panels);
        Value image = div(p, number, index(p, groups)), group = rem(p, number, index(p, groups));
        // What lies beyond a row's own end is not computed.
        SmallVector<Value> known(2 + axes);
        known[0] = image;
        if (axes == 1) known[2] = first;
        enterOwn(p, type, known);
        Value origin = mul(p, thread, index(p, kPanel * depth));
        packWindows(p, op, image, mul(p, group, index(p, inner)), first, scratch, origin);
        MLIRContext* context = p.getContext();
        constexpr int64_t any = ShapedType::kDynamic;
        Value rows = index(p, outs), one = index(p, 1), zero = index(p, 0), wideK = index(p, depth);
        Value panel = panelsAt(p, scratch.memory, origin, one, wideK);
        Value firstRow = mul(p, group, rows);
        Value a = matrix(p, weight, mul(p, firstRow, wideK), gemmAType(context, any), {rows, wideK},
                         {wideK, one});
        Value row = add(p, mul(p, image, index(p, outs * groups)), firstRow);
        Value cAt = add(p, mul(p, row, places), first);
        Value width = min(p, index(p, kPanel), sub(p, places, first));
        Value c = matrix(p, result, cAt, gemmCType(context, any), {rows, width}, {places, one});
        SmallVector<Value> extras;
        if (op.getBias())
          extras.push_back(matrix(p, bias, firstRow, rowVectorType(), {rows}, {one}));
        if (epilogue) extendCall(p, extras, *epilogue, spec, {rows, width, cAt, places, firstRow});
        callGemm(p, where, kernel, {a, panel, c, zero, rows, zero, one, extras});
      });
  retain(epilogue ? epilogue->result : op.getResult(), result);
  return success();
}

}  // namespace sinter
