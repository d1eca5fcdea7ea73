// Fused regions. What follows a product is computed of each sum in registers, before it is stored;
// a region without a product is one pull for each element.
// Non-goals: choosing regions (compiler/Fuse.cpp).
#include "codegen/Frame.h"

using namespace mlir;

namespace sinter {

/// Reads a region of kind "gemm" whose root is one of Contract.cpp's; false: it is something else.
bool EntryLowering::readEpilogue(FusedOp op, Epilogue& e) {
  e.root = nullptr;
  Block& body = op.getBody().front();
  for (Operation& inner : body.without_terminator()) {
    if (isa<ConstantOp>(inner)) continue;
    if (!e.root) {
      if (!isa<LinearOp, EinsumOp, ConvOp>(inner)) return false;
      e.root = &inner;
      continue;
    }
    if (!isElementwise(&inner)) return false;
    for (Value operand : inner.getOperands()) {
      if (operand.getParentBlock() == &body) continue;
      auto isKnown = [&](const Epilogue::Operand& known) { return known.value == operand; };
      if (llvm::any_of(e.operands, isKnown)) continue;
      TensorType type = getTensorType(operand);
      bool whole = type.getDims() == getTensorType(e.root->getResult(0)).getDims();
      Epilogue::Kind kind = type.getNumElements() == 1 ? Epilogue::Kind::kNumber
                            : whole                    ? Epilogue::Kind::kMatrix
                                                       : Epilogue::Kind::kFeatures;
      e.operands.push_back({operand, kind, {}});
    }
  }
  e.result = op.getYield().getOperand(0);
  return e.root && e.result != e.root->getResult(0);
}

void EntryLowering::extendSpec(GemmSpec& spec, Epilogue& e) {
  MLIRContext* context = b.getContext();
  Type f32 = b.getF32Type();
  size_t before = spec.extras.size();
  for (Epilogue::Operand& operand : e.operands) {
    operand.buffer = contiguous(operand.value);
    spec.extras.push_back(operand.kind == Epilogue::Kind::kMatrix ? gemmCType(context, spec.n)
                          : isa<ConvOp>(e.root) ? rowVectorType()
                                                : MemRefType::get({ShapedType::kDynamic}, f32));
  }
  for (Operation& op : e.root->getBlock()->without_terminator())
    if (isElementwise(&op)) {
      if (!spec.hint.empty()) spec.hint += "_";
      spec.hint += op.getName().stripDialect();
    }
  spec.epilogue = [this, &e, before](OpBuilder& k, Location where, Value sum,
                                     const GemmLanes& lanes) {
    Frame f{k, where, lanes.mask};
    llvm::DenseMap<Value, Value> known = {{e.root->getResult(0), sum}};
    for (auto [i, operand] : llvm::enumerate(e.operands)) {
      Value from = lanes.extras[before + i];
      switch (operand.kind) {
        case Epilogue::Kind::kNumber: {
          Value zero = arith::ConstantIndexOp::create(k, where, 0);
          Value number = memref::LoadOp::create(k, where, from, ValueRange{zero});
          known[operand.value] = broadcastLanes(f, number);
          break;
        }
        case Epilogue::Kind::kFeatures:
          known[operand.value] = isa<ConvOp>(e.root) ? loadRow(k, where, from, lanes)
                                                     : loadColumns(k, where, from, lanes);
          break;
        case Epilogue::Kind::kMatrix:
          known[operand.value] = loadMatrix(k, where, from, lanes);
          break;
      }
    }
    for (Operation& op : e.root->getBlock()->without_terminator()) {
      if (&op == e.root) continue;
      SmallVector<Value> operands;
      for (Value operand : op.getOperands()) operands.push_back(known.lookup(operand));
      Value lane = isa<ConstantOp>(op) ? pullOp(f, &op, 0, {}) : pullElementwise(f, &op, operands);
      known[op.getResult(0)] = lane;
    }
    return known.lookup(e.result);
  };
}

MemRefType EntryLowering::rowVectorType() {
  auto layout = StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1});
  return MemRefType::get({ShapedType::kDynamic}, b.getF32Type(), layout);
}

void EntryLowering::extendCall(OpBuilder& k, SmallVectorImpl<Value>& extras, const Epilogue& e,
                               const GemmSpec& spec, const Target& target) {
  for (const Epilogue::Operand& operand : e.operands) {
    bool perRow = operand.kind == Epilogue::Kind::kFeatures && target.firstRow;
    if (operand.kind == Epilogue::Kind::kMatrix)  // lies as the result does
      extras.push_back(matrix(k, operand.buffer, target.origin, gemmCType(k.getContext(), spec.n),
                              {target.rows, target.columns}, {target.stride, index(k, 1)}));
    else if (perRow)
      extras.push_back(matrix(k, operand.buffer, target.firstRow, rowVectorType(), {target.rows},
                              {index(k, 1)}));
    else
      extras.push_back(operand.buffer.memory);
  }
}

LogicalResult EntryLowering::lowerFused(FusedOp op) {
  Block* outer = block;
  block = op->getBlock();
  Epilogue epilogue;
  if (op.getKind() == "gemm" && readEpilogue(op, epilogue)) {
    loc = epilogue.root->getLoc();
    auto linear = dyn_cast<LinearOp>(epilogue.root);
    auto conv = dyn_cast<ConvOp>(epilogue.root);
    if (failed(linear ? lowerLinear(linear, &epilogue)
               : conv ? lowerConv(conv, &epilogue)
                      : lowerProduct(cast<EinsumOp>(epilogue.root), &epilogue)))
      return failure();
    retain(op.getResult(0), Buffer(buffers.find(epilogue.result)->second));
    block = outer;
    return success();
  }
  // Contractions and row ops of the body get buffers; the element-wise rest is one pull for each
  // result. So is all that a reduction reads.
  bool reduces = op.getKind() == "reduction";
  for (Operation& inner : op.getBody().front()) {
    if (isa<YieldOp>(inner) || isElementwise(&inner) || isLazy(&inner)) continue;
    loc = inner.getLoc();
    if (reduces && !isReduction(&inner)) {  // pulled; what it needs before the kernel
      materialisePlace(&inner);
      checkRows(&inner);
      continue;
    }
    if (failed(lowerOp(&inner))) return failure();
  }
  loc = op.getLoc();
  for (auto [result, value] : llvm::zip(op.getResults(), op.getYield().getOperands())) {
    auto found = buffers.find(value);
    if (found != buffers.end()) {
      retain(result, Buffer(found->second));
      continue;
    }
    Buffer buffer = allocate(getTensorType(value));
    copyInto(value, buffer);
    retain(result, buffer);
  }
  block = outer;
  return success();
}

}  // namespace sinter
