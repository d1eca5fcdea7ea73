// One entry after the other: its prologue, its ops in order, its outputs, and what the runtime is
// told of it. See Lower.h for the shape of the result.
#include "codegen/Lower.h"

#include "codegen/Emit.h"
#include "codegen/Frame.h"
#include "codegen/Parallel.h"
#include "codegen/WeightPart.h"
#include "llvm/ADT/StringSet.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace sinter {

EntryLowering::EntryLowering(ModelOp model, EntryOp entry, ModuleOp module, Lowered& out)
    : model(model),
      entry(entry),
      module(module),
      out(out),
      b(module.getContext()),
      loc(entry.getLoc()),
      ext(entry) {}

// ---- extents ------------------------------------------------------------------------------------

Value EntryLowering::extent(StringRef dim) {
  int64_t constant;
  if (!dim.getAsInteger(10, constant)) return index(b, constant);
  Value& known = extentValues[dim];
  if (!known) {
    OpBuilder before(prologue);
    known = loadExtent(before, entry.getLoc(), values, ext.expression(dim));
  }
  return known;
}

SmallVector<Value> EntryLowering::extents(TensorType type) {
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    sizes.push_back(extent(type.getDimText(axis)));
  return sizes;
}

EntryLowering::Owner EntryLowering::ownerOfSymbol(TensorType type, int ragged, int exceptAxis) {
  StringRef owner = ext.ragged[ragged].owner;
  for (int axis = 0; axis < type.getRank(); ++axis)
    if (axis != exceptAxis && type.getDimText(axis) == owner) return {axis, 1};
  for (int axis = 0; axis < type.getRank(); ++axis)
    if (int64_t perRow = ext.timesOwner(type.getDimText(axis), ragged);
        axis != exceptAxis && perRow > 0)
      return {axis, perRow};
  return {};
}

EntryLowering::Owner EntryLowering::ownerOf(TensorType type, unsigned axis) {
  int ragged = ext.raggedIndex(type.getDimText(axis));
  return ragged < 0 ? Owner{} : ownerOfSymbol(type, ragged, static_cast<int>(axis));
}

Value EntryLowering::lengthOf(OpBuilder& b, int ragged, Value place, int64_t perRow) {
  Value row = perRow == 1 ? place : div(b, place, index(b, perRow));
  Value length = memref::LoadOp::create(b, loc, lengthArrays[ragged], ValueRange{row});
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), length);
}

Value EntryLowering::rowExtent(OpBuilder& b, TensorType type, unsigned axis, ArrayRef<Value> at) {
  Owner owner = ownerOf(type, axis);
  StringRef dim = type.getDimText(axis);
  Value stored = extent(dim);
  if (owner.axis < 0 || !at[owner.axis]) return stored;
  Value length = lengthOf(b, ext.raggedIndex(dim), at[owner.axis], owner.perRow);
  return min(b, stored, ext.ofRow(b, loc, dim, length));
}

// ---- kernels ------------------------------------------------------------------------------------

Value EntryLowering::maskOf(OpBuilder& k, Value size, Value i) {
  auto type = VectorType::get({kLanes}, k.getI1Type());
  if (auto known = getConstantIntValue(size); known && *known % kLanes == 0 && *known > 0)
    return arith::ConstantOp::create(k, loc, DenseElementsAttr::get(type, true));
  return vector::CreateMaskOp::create(k, loc, type, ValueRange{sub(k, size, i)});
}

/// Whether the place `at` belongs to its row along every ragged axis whose row it names; null when
/// there is no such axis.
Value EntryLowering::isOwn(OpBuilder& k, TensorType type, ArrayRef<Value> at) {
  Value own;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    int owner = ownerAxis(type, axis);
    if (owner < 0 || !at[axis] || !at[owner]) continue;
    Value inside = arith::CmpIOp::create(k, loc, arith::CmpIPredicate::ult, at[axis],
                                         rowExtent(k, type, axis, at));
    own = own ? Value(arith::AndIOp::create(k, loc, own, inside)) : inside;
  }
  return own;
}

void EntryLowering::enterOwn(OpBuilder& k, TensorType type, ArrayRef<Value> at) {
  Value own = isOwn(k, type, at);
  if (!own) return;
  auto inside = scf::IfOp::create(k, loc, own, /*withElseRegion=*/false);
  k.setInsertionPointToStart(&inside.getThenRegion().front());
}

SmallVector<Value> EntryLowering::placeOf(OpBuilder& k, Value number, ArrayRef<Value> sizes) {
  SmallVector<Value> at(sizes.size());
  for (size_t axis = sizes.size(); axis-- > 0;) {
    at[axis] = axis == 0 ? number : rem(k, number, sizes[axis]);
    if (axis > 0) number = div(k, number, sizes[axis]);
  }
  return at;
}

void EntryLowering::forEachRow(Location where, TensorType type, ArrayRef<bool> inner, RowBody body,
                               Places places) {
  SmallVector<Value> sizes = extents(type), outer;
  for (size_t axis = 0; axis < sizes.size(); ++axis)
    if (!inner[axis]) outer.push_back(sizes[axis]);
  Value count = productOf(b, outer);
  buildParallel(b, where, call, count,
                [&](OpBuilder& k, Location, Value begin, Value end, Value thread) {
                  auto loop = scf::ForOp::create(k, where, begin, end, index(k, 1));
                  OpBuilder::InsertionGuard guard(k);
                  k.setInsertionPointToStart(loop.getBody());
                  SmallVector<Value> place = placeOf(k, loop.getInductionVar(), outer);
                  SmallVector<Value> at(sizes.size());
                  for (size_t axis = 0, next = 0; axis < sizes.size(); ++axis)
                    if (!inner[axis]) at[axis] = place[next++];
                  if (places == Places::kOwn) enterOwn(k, type, at);
                  body(k, at, thread);
                });
}

void EntryLowering::forEach(Location where, TensorType type, Body body, Places places) {
  if (type.getRank() == 0) {
    Frame f{b, where, maskOf(b, index(b, 1), index(b, 0))};
    body(f, {});
    return;
  }
  SmallVector<bool> inner(type.getRank(), false);
  inner.back() = true;
  unsigned last = static_cast<unsigned>(type.getRank() - 1);
  auto ofRow = [&](OpBuilder& k, ArrayRef<Value> at, Value) {
    Value size =
        places == Places::kOwn ? rowExtent(k, type, last, at) : extent(type.getDimText(last));
    auto loop = scf::ForOp::create(k, where, index(k, 0), size, index(k, kLanes));
    OpBuilder::InsertionGuard guard(k);
    k.setInsertionPointToStart(loop.getBody());
    Frame f{k, where, maskOf(k, size, loop.getInductionVar())};
    body(f, counted(at.drop_back(), loop.getInductionVar()));
  };
  forEachRow(where, type, inner, ofRow, places);
}

void EntryLowering::compute(Value value, const Buffer& into) {
  TensorType type = getTensorType(value);
  Operation* op = value.getDefiningOp();
  unsigned result = op ? cast<OpResult>(value).getResultNumber() : 0;
  forEach(loc, type, [&](Frame& f, const Indices& at) {
    store(f, pullOp(f, op, result, at), into, type, at);
  });
}

void EntryLowering::copyInto(Value value, const Buffer& target) {
  TensorType type = getTensorType(value);
  forEach(loc, type,
          [&](Frame& f, const Indices& at) { store(f, pull(f, value, at), target, type, at); });
}

Value EntryLowering::loadScalar(Value value) {
  const Buffer& buffer = materialise(value);
  Value scalar = memref::LoadOp::create(b, loc, buffer.memory, ValueRange{buffer.offset});
  if (getTensorType(value).isBool()) {
    Value zero = arith::ConstantIntOp::create(b, loc, 0, 8);
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, scalar, zero);
  }
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), scalar);
}

// ---- ops in order -------------------------------------------------------------------------------

bool EntryLowering::isLazy(Operation* op) { return isa<ConstantOp, IotaOp, SizeOp, LengthsOp>(op); }

LogicalResult EntryLowering::lowerBlock(Block& inner) {
  Block* outer = block;
  block = &inner;
  for (Operation& op : inner) {
    loc = op.getLoc();
    if (failed(lowerOp(&op))) return failure();
    if (!isa<YieldOp>(op)) releaseAfter(&op);  // what is yielded is still to be read
  }
  block = outer;
  return success();
}

LogicalResult EntryLowering::lowerOp(Operation* op) {
  if (auto done = dyn_cast<ReturnOp>(op)) {
    writeOutputs(done);
    return success();
  }
  if (isa<YieldOp>(op) || isLazy(op)) return success();
  if (isa<ParamOp, RearrangeOp, SliceOp>(op))
    if (ParamOp param = weightBehind(op->getResult(0))) {
      size_t i = storedIndex(param, {});
      if (out.weights[i].part) return success();  // the products find their parts
      if (op == param.getOperation()) {
        retain(param.getResult(), storedBuffer(i, getTensorType(param.getResult())));
        return success();
      }
    }
  if (auto ragged = dyn_cast<RaggedOp>(op)) {
    // Lengths that the graph computes: inside what the rows have, or a fault.
    TensorType type = getTensorType(ragged.getLengths());
    TensorType wide = TensorType::get(op->getContext(), type.getDims(), DType::i64);
    Buffer rows = allocate(wide);
    Value size = extent(getTensorType(ragged.getInput()).getDimText(1));
    forEach(loc, wide, [&](Frame& f, const Indices& at) {
      Value lanes = pull(f, ragged.getLengths(), at);
      auto i64 = VectorType::get({kLanes}, f.b.getI64Type());
      if (lanes.getType() != i64) lanes = arith::ExtSIOp::create(f.b, f.loc, i64, lanes);
      store(f, checkLengths(f, op, lanes, size, at[0]), rows, wide, at);
    });
    int symbol = ext.raggedIndex(getTensorType(ragged.getResult()).getDimText(1));
    lengthArrays[symbol] = rows.memory;
    live.pop_back();  // read wherever the dimension stands: never free
    retain(ragged.getResult(), Buffer(materialise(ragged.getInput())));
    return success();
  }
  materialisePlace(op);
  checkRows(op);
  if (makeView(op)) return success();
  if (auto linear = dyn_cast<LinearOp>(op)) return lowerLinear(linear);
  if (auto einsum = dyn_cast<EinsumOp>(op)) return lowerProduct(einsum);
  if (auto conv = dyn_cast<ConvOp>(op)) return lowerConv(conv);
  if (auto scatter = dyn_cast<ScatterAddOp>(op)) return lowerScatter(scatter);
  if (auto fused = dyn_cast<FusedOp>(op)) return lowerFused(fused);
  if (auto scan = dyn_cast<ScanOp>(op)) return lowerScan(scan);
  if (auto repeat = dyn_cast<RepeatOp>(op)) return lowerRepeat(repeat);
  if (auto loop = dyn_cast<LoopOp>(op)) return lowerLoop(loop);
  if (isReduction(op) ||
      isa<SoftmaxOp, LogSoftmaxOp, LayerNormOp, ArgmaxOp, ArgminOp, TopKOp, CumsumOp>(op))
    return lowerRows(op);
  Value value = op->getResult(0);
  Buffer result = allocate(getTensorType(value));
  compute(value, result);
  retain(value, result);
  return success();
}

void EntryLowering::writeOutputs(ReturnOp op) {
  for (auto [i, value] : llvm::enumerate(op.getOperands())) {
    TensorType type = getTensorType(value);
    Value pointer = loadPointer(b, loc, outputs, static_cast<int64_t>(i));
    Value null = LLVM::ZeroOp::create(b, loc, pointer.getType());
    Value wanted = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::ne, pointer, null);
    auto branch = scf::IfOp::create(b, loc, wanted, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&branch.getThenRegion().front());
    auto memory = MemRefType::get({ShapedType::kDynamic}, storage(type.getDType()));
    SmallVector<Value> sizes = extents(type);
    Value view = viewPointer(b, loc, pointer, memory, ValueRange{productOf(b, sizes)});
    Buffer target = row(view, index(b, 0), sizes);
    auto write = [&](Frame& f, const Indices& at) {
      Value lanes = pull(f, value, at);
      for (int64_t axis = 0; axis < type.getRank(); ++axis) {
        if (ownerAxis(type, axis) < 0) continue;
        SmallVector<Value> where;
        for (const Index& x : at) where.push_back(x.isUniform() ? x.base : Value());
        Value size = broadcastLanes(f, rowExtent(f.b, type, axis, where));
        Value inside = arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::slt,
                                             lanesOf(f, at[axis]), size);
        lanes = arith::SelectOp::create(f.b, f.loc, inside, lanes,
                                        splat(f, 0, compute(type.getDType())));
      }
      store(f, lanes, target, type, at);
    };
    forEach(loc, type, write, Places::kAll);  // zeros beyond the rows' ends
  }
}

// ---- the entry ----------------------------------------------------------------------------------

LogicalResult EntryLowering::run(LowerStage stage) {
  MLIRContext* context = module.getContext();
  auto pointer = LLVM::LLVMPointerType::get(context);
  description.name = entry.getSymName().str();
  description.function = "sinter_" + model.getSymName().str() + "_" + description.name;
  for (char& c : description.function)
    if (!llvm::isAlnum(c)) c = '_';
  b.setInsertionPointToEnd(module.getBody());
  host = func::FuncOp::create(b, loc, description.function, b.getFunctionType({pointer}, {}));
  b.setInsertionPointToStart(host.addEntryBlock());
  call = host.getArgument(0);
  values = loadField(b, loc, call, CallField::kValues);
  params = loadField(b, loc, call, CallField::kParams);
  inputs = loadField(b, loc, call, CallField::kInputs);
  outputs = loadField(b, loc, call, CallField::kOutputs);
  lengths = loadField(b, loc, call, CallField::kLengths);
  arena = loadField(b, loc, call, CallField::kArena);
  prologue = index(b, 0).getDefiningOp();  // extents are loaded before it

  int64_t given = 0;
  for (const Extents::Ragged& ragged : ext.ragged) {
    lengthArrays.push_back({});
    if (!ragged.isInput) continue;
    Value array = loadPointer(b, loc, lengths, given++);
    auto type = MemRefType::get({ShapedType::kDynamic}, b.getI64Type());
    lengthArrays.back() = viewPointer(b, loc, array, type, ValueRange{extent(ragged.owner)});
  }
  for (BlockArgument argument : entry.getBody().getArguments()) {
    TensorType type = getTensorType(argument);
    Value from = loadPointer(b, loc, inputs, argument.getArgNumber());
    auto memory = MemRefType::get({ShapedType::kDynamic}, storage(type.getDType()));
    SmallVector<Value> sizes = extents(type);
    Value view = viewPointer(b, loc, from, memory, ValueRange{productOf(b, sizes)});
    buffers[argument] = row(view, index(b, 0), sizes);
  }
  if (failed(lowerBlock(entry.getBody().front()))) return failure();
  func::ReturnOp::create(b, loc);
  describe();
  if (stage == LowerStage::kBuffers && failed(plan())) return failure();
  description.threadsSymbol = ext.threads;
  description.expressions = ext.expressions;  // the plan adds some
  out.description.entries.push_back(std::move(description));
  return success();
}

static SinterType typeOf(DType dType) { return static_cast<SinterType>(static_cast<int>(dType)); }

void EntryLowering::describe() {
  auto describeTensor = [&](StringRef name, TensorType type) {
    TensorDescription t;
    t.name = name.str();
    t.type = typeOf(type.getDType());
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      t.extents.push_back(ext.expression(type.getDimText(axis)));
      int ragged = ext.raggedIndex(type.getDimText(axis));
      if (ragged >= 0 && ext.ragged[ragged].isInput && t.raggedAxis < 0 &&
          ownerAxis(type, axis) >= 0) {
        t.raggedAxis = static_cast<int32_t>(axis);
        t.raggedSymbol = ragged;
      }
    }
    return t;
  };
  for (auto [i, argument] : llvm::enumerate(entry.getBody().getArguments())) {
    TensorDescription t =
        describeTensor(cast<StringAttr>(entry.getInputs()[i]).getValue(), getTensorType(argument));
    t.idLimit = idLimit(argument);
    description.inputs.push_back(t);
  }
  for (auto [name, value] : llvm::zip(entry.getOutputs(), entry.getReturn().getOperands())) {
    TensorDescription t = describeTensor(cast<StringAttr>(name).getValue(), getTensorType(value));
    t.askable = entry.getAskable() && llvm::is_contained(*entry.getAskable(), name);
    description.outputs.push_back(t);
  }
  for (const Extents::Ragged& ragged : ext.ragged)
    if (ragged.isInput)
      description.ragged.push_back(
          {ragged.symbol, ext.expression(ragged.symbol), ext.expression(ragged.owner)});
  if (ArrayAttr constraints = entry.getConstraintsAttr())
    for (Attribute attr : constraints) {
      StringRef text = cast<StringAttr>(attr).getValue();
      for (auto [word, relation] :
           {std::pair{" <= ", SINTER_LE}, {" >= ", SINTER_GE}, {" == ", SINTER_EQ}}) {
        if (!text.contains(word)) continue;
        auto [left, right] = text.split(word);
        description.constraints.push_back(
            {ext.signedExpression(left), ext.signedExpression(right), relation, text.str()});
        break;
      }
    }
}

/// Every weight's layout: panels where a `linear` reads it, in any entry; where nothing else reads
/// it, the parts and rearrangements that are read.
static void planWeights(ModelOp model, Lowered& out) {
  llvm::StringSet<> panels;
  model->walk([&](ParamOp param) {
    TensorType type = getTensorType(param.getResult());
    if (type.getRank() != 2 || type.getDType() != DType::f32) return;
    for (OpOperand& use : param.getResult().getUses())
      if (isa<LinearOp>(use.getOwner()) && use.getOperandNumber() == 1)
        panels.insert(param.getKey());
  });
  llvm::StringSet<> tied;
  for (WeightOp weight : model.getBody().getOps<WeightOp>()) {
    if (!weight.getAlias()) continue;
    tied.insert(*weight.getAlias());
    if (panels.contains(weight.getKey())) panels.insert(*weight.getAlias());
  }
  for (WeightOp weight : model.getBody().getOps<WeightOp>()) {
    if (weight.getAlias()) continue;
    TensorType type = weight.getTensorType();
    StoredWeight stored;
    stored.name = weight.getKey().str();
    stored.type = typeOf(type.getDType());
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      stored.shape.push_back(type.getStaticDim(axis));
    stored.layout = panels.contains(weight.getKey()) ? WeightLayout::kPanel48 : WeightLayout::kRows;
    if (weight.isPerRound()) {
      stored.count = weight.getCount();
      stored.first = weight.getFirst();
    }
    const std::vector<MatrixView> parts =
        tied.contains(weight.getKey()) ? std::vector<MatrixView>() : matricesOf(model, weight);
    stored.layout = parts.empty() ? stored.layout : WeightLayout::kPanel48;
    for (const MatrixView& part : parts) {
      stored.part = part;
      out.weights.push_back(stored);
    }
    if (parts.empty()) out.weights.push_back(stored);
  }
  out.places = planBlock(out.weights);
  out.description.params = describeBlock(out.weights, out.places);
  out.description.weightsSize = out.places.size;
}

/// The weight as it is stored, of which `part` is the matrix where it is stored in parts.
size_t EntryLowering::storedIndex(ParamOp op, const std::optional<MatrixView>& part) {
  StringRef key = op.getKey();
  if (WeightOp weight = model.getWeight(key); weight && weight.getAlias()) key = *weight.getAlias();
  return llvm::find_if(out.weights, [&](const StoredWeight& stored) {
           return stored.name == key && (!part || !stored.part || stored.part == part);
         }) - out.weights.begin();
}

Buffer EntryLowering::storedBuffer(size_t i, TensorType type) {
  const StoredWeight& stored = out.weights[i];
  bool panels = stored.layout == WeightLayout::kPanel48;
  int64_t elements = type.getNumElements();
  if (panels) elements = llvm::alignTo(type.getStaticDim(0), kPanel) * type.getStaticDim(1);
  Value pointer = loadPointer(b, loc, params, static_cast<int64_t>(i));
  if (stored.count > 0 && round) {
    Value stride = index(b, static_cast<int64_t>(out.places.places[i].stride));
    pointer = offsetPointer(b, loc, pointer, mul(b, round, stride));
  }
  auto memory = MemRefType::get({ShapedType::kDynamic}, storage(type.getDType()));
  Value view = viewPointer(b, loc, pointer, memory, ValueRange{index(b, elements)});
  Buffer buffer = row(view, index(b, 0), extents(type));
  buffer.panels = panels;
  return buffer;
}

FailureOr<Lowered> lowerModel(ModelOp model, LowerStage stage) {
  Lowered out;
  MLIRContext* context = model.getContext();
  DialectRegistry registry;
  registerLowerDialects(registry);
  context->appendDialectRegistry(registry);
  context->loadAllAvailableDialects();
  out.module = ModuleOp::create(model.getLoc());
  out.description.name = model.getSymName().str();
  out.description.parameterCount = model.countParameters();
  planWeights(model, out);
  for (EntryOp entry : model.getBody().getOps<EntryOp>())
    if (failed(EntryLowering(model, entry, *out.module, out).run(stage))) return failure();
  for (TaskOp task : model.getBody().getOps<TaskOp>()) {
    out.description.reader = task.getReader().str();
    out.description.writer = task.getWriter().str();
    for (NamedAttribute option : task->getAttrs()) {
      StringRef key = option.getName().getValue();
      if (key == "reader" || key == "writer") continue;
      std::string text;
      if (auto chars = dyn_cast<StringAttr>(option.getValue()))
        text = chars.getValue().str();
      else if (auto number = dyn_cast<IntegerAttr>(option.getValue()))
        text = std::to_string(number.getInt());
      out.description.options.push_back({key.str(), text});
    }
  }
  if (failed(verify(*out.module))) return failure();
  return out;
}

void registerLowerDialects(DialectRegistry& registry) {
  registerEmitDialects(registry);
  registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect,
                  memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
}

}  // namespace sinter
