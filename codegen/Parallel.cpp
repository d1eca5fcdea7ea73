// Outlines the body of a parallel loop. Memrefs travel as their LLVM descriptors, by casts that
// the conversion in Emit.cpp resolves.
#include "codegen/Parallel.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/SetVector.h"

#include "codegen/Call.h"

using namespace mlir;

namespace sinter {
namespace {

/// A captured value as something that LLVM can store, and back.
Value toStored(OpBuilder& b, Location loc, Value value, Type stored) {
  if (value.getType() == stored) return value;
  if (value.getType().isIndex()) return arith::IndexCastOp::create(b, loc, stored, value);
  return UnrealizedConversionCastOp::create(b, loc, stored, value).getResult(0);
}

Value fromStored(OpBuilder& b, Location loc, Value stored, Type type) {
  if (stored.getType() == type) return stored;
  if (type.isIndex()) return arith::IndexCastOp::create(b, loc, type, stored);
  return UnrealizedConversionCastOp::create(b, loc, type, stored).getResult(0);
}

/// What `body` uses from outside; constants among it are copied into the body instead.
SetVector<Value> captureValues(Region& body) {
  SetVector<Value> captures;
  DenseMap<Value, Value> copies;
  OpBuilder b(&body.front(), body.front().begin());
  body.walk([&](Operation* op) {
    for (OpOperand& operand : op->getOpOperands()) {
      Value value = operand.get();
      if (body.isAncestor(value.getParentRegion())) continue;
      Operation* source = value.getDefiningOp();
      if (source && source->hasTrait<OpTrait::ConstantLike>()) {
        Value& copy = copies[value];
        if (!copy) copy = b.clone(*source)->getResult(0);
        operand.set(copy);
      } else {
        captures.insert(value);
      }
    }
  });
  return captures;
}

func::FuncOp outline(func::FuncOp parent, Location loc, ParallelBody body) {
  MLIRContext* context = parent.getContext();
  OpBuilder b(context);
  Type i64 = b.getI64Type();
  auto type = b.getFunctionType({LLVM::LLVMPointerType::get(context), i64, i64, i64}, {});
  auto function = func::FuncOp::create(loc, (parent.getName() + "_split").str(), type);
  function.setPrivate();
  SymbolTable(parent->getParentOfType<ModuleOp>()).insert(function, Block::iterator(parent));
  Block* entry = function.addEntryBlock();
  b.setInsertionPointToStart(entry);
  Value bounds[3];
  for (int i = 0; i < 3; ++i)
    bounds[i] = arith::IndexCastOp::create(b, loc, b.getIndexType(), entry->getArgument(i + 1));
  body(b, loc, bounds[0], bounds[1], bounds[2]);
  func::ReturnOp::create(b, loc);
  return function;
}

}  // namespace

void buildParallel(OpBuilder& b, Location loc, Value call, Value count, ParallelBody body) {
  auto parent = b.getInsertionBlock()->getParent()->getParentOfType<func::FuncOp>();
  func::FuncOp function = outline(parent, loc, body);
  Region& region = function.getBody();
  SetVector<Value> captures = captureValues(region);

  LLVMTypeConverter converter(b.getContext());
  SmallVector<Type> fields;
  for (Value value : captures) fields.push_back(converter.convertType(value.getType()));
  auto context = LLVM::LLVMStructType::getLiteral(b.getContext(), fields);
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  Type i64 = b.getI64Type();

  // The struct lies in the entry block: a loop around the call must not grow the stack.
  OpBuilder entry(&parent.getBody().front(), parent.getBody().front().begin());
  Value one = LLVM::ConstantOp::create(entry, loc, i64, b.getI64IntegerAttr(1));
  Value place = LLVM::AllocaOp::create(entry, loc, pointer, context, one, /*alignment=*/64);
  OpBuilder inner(&region.front(), region.front().begin());
  for (size_t i = 0; i < captures.size(); ++i) {
    Value value = captures[i];
    SmallVector<LLVM::GEPArg> path = {0, static_cast<int32_t>(i)};
    Value field = LLVM::GEPOp::create(b, loc, pointer, context, place, path);
    LLVM::StoreOp::create(b, loc, toStored(b, loc, value, fields[i]), field);
    Value read = LLVM::GEPOp::create(inner, loc, pointer, context, region.getArgument(0), path);
    Value loaded = LLVM::LoadOp::create(inner, loc, fields[i], read);
    Value copy = fromStored(inner, loc, loaded, value.getType());
    value.replaceUsesWithIf(
        copy, [&](OpOperand& use) { return region.isAncestor(use.getOwner()->getParentRegion()); });
  }

  auto symbol = FlatSymbolRefAttr::get(function.getNameAttr());
  Value address = func::ConstantOp::create(b, loc, function.getFunctionType(), symbol);
  address = UnrealizedConversionCastOp::create(b, loc, pointer, address).getResult(0);
  auto voidType = LLVM::LLVMVoidType::get(b.getContext());
  auto type = LLVM::LLVMFunctionType::get(voidType, {pointer, i64, pointer, pointer});
  Value items = arith::IndexCastOp::create(b, loc, i64, count);
  Value parallel = loadField(b, loc, call, CallField::kParallel);
  Value pool = loadField(b, loc, call, CallField::kPool);
  LLVM::CallOp::create(b, loc, type, ValueRange{parallel, pool, items, address, place});
}

}  // namespace sinter
