// Loads of SinterCall's fields as LLVM dialect; offsets come from runtime/abi.h itself.
#include "codegen/Call.h"

#include <cstddef>

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "runtime/abi.h"

using namespace mlir;

namespace sinter {
namespace {

constexpr size_t kOffsets[] = {offsetof(SinterCall, params),   offsetof(SinterCall, inputs),
                               offsetof(SinterCall, outputs),  offsetof(SinterCall, values),
                               offsetof(SinterCall, lengths),  offsetof(SinterCall, arena),
                               offsetof(SinterCall, report),   offsetof(SinterCall, faults),
                               offsetof(SinterCall, parallel), offsetof(SinterCall, pool)};
static_assert(sizeof(kOffsets) / sizeof(kOffsets[0]) * sizeof(void*) == sizeof(SinterCall),
              "every field has a row");

Value loadAt(OpBuilder& b, Location loc, Value base, int64_t offset, Type type) {
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  Value address = LLVM::GEPOp::create(b, loc, pointer, b.getI8Type(), base,
                                      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  return LLVM::LoadOp::create(b, loc, type, address);
}

}  // namespace

Value loadField(OpBuilder& b, Location loc, Value call, CallField field) {
  return loadAt(b, loc, call, kOffsets[static_cast<size_t>(field)],
                LLVM::LLVMPointerType::get(b.getContext()));
}

Value loadPointer(OpBuilder& b, Location loc, Value table, int64_t i) {
  return loadAt(b, loc, table, i * sizeof(void*), LLVM::LLVMPointerType::get(b.getContext()));
}

Value loadExtent(OpBuilder& b, Location loc, Value values, int64_t i) {
  Value extent = loadAt(b, loc, values, i * sizeof(int64_t), b.getI64Type());
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), extent);
}

Value offsetPointer(OpBuilder& b, Location loc, Value pointer, Value bytes) {
  Value distance = arith::IndexCastOp::create(b, loc, b.getI64Type(), bytes);
  return LLVM::GEPOp::create(b, loc, pointer.getType(), b.getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{distance});
}

Value viewPointer(OpBuilder& b, Location loc, Value pointer, MemRefType type, ValueRange extents) {
  assert(type.getLayout().isIdentity() && "a raw pointer has no strides");
  LLVMTypeConverter converter(b.getContext());
  auto descriptor =
      MemRefDescriptor::poison(b, loc, converter.convertType(type));
  descriptor.setAllocatedPtr(b, loc, pointer);
  descriptor.setAlignedPtr(b, loc, pointer);
  descriptor.setConstantOffset(b, loc, 0);
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, loc, b.getI64Type(), b.getI64IntegerAttr(value));
  };
  SmallVector<Value> sizes;
  for (int64_t size : type.getShape()) {
    if (!ShapedType::isDynamic(size)) {
      sizes.push_back(constant(size));
      continue;
    }
    sizes.push_back(arith::IndexCastOp::create(b, loc, b.getI64Type(), extents.front()));
    extents = extents.drop_front();
  }
  assert(extents.empty() && "one extent for each dynamic size");
  Value stride = constant(1);
  for (int64_t axis = type.getRank() - 1; axis >= 0; --axis) {
    descriptor.setSize(b, loc, axis, sizes[axis]);
    descriptor.setStride(b, loc, axis, stride);
    if (axis > 0) stride = LLVM::MulOp::create(b, loc, stride, sizes[axis]);
  }
  return UnrealizedConversionCastOp::create(b, loc, type, Value(descriptor)).getResult(0);
}

}  // namespace sinter
