// Buffers of one entry and where they lie: each has a slot, a slot is free again after the last op
// that reads what lies in it, and the arena is the slots one after the other. Every size is an
// expression in the entry's symbols, so the plan is made once, for all sizes.
// Non-goals: sharing between slots of different sizes.
#include "codegen/Frame.h"

using namespace mlir;

namespace sinter {

Type EntryLowering::storage(DType dType) {
  switch (dType) {
    case DType::f32: return b.getF32Type();
    case DType::f16: return b.getF16Type();
    case DType::bf16: return b.getI16Type();  // its bits: not every level has the type
    case DType::u8:
    case DType::i8:
    case DType::boolean: return b.getI8Type();
    case DType::i32: return b.getI32Type();
    case DType::i64: return b.getI64Type();
  }
  return {};
}

Type EntryLowering::compute(DType dType) {
  if (isFloat(dType)) return b.getF32Type();
  if (dType == DType::i64) return b.getI64Type();
  if (dType == DType::boolean) return b.getI1Type();
  return b.getI32Type();
}

Buffer EntryLowering::allocateFlat(Type element, int32_t count) {
  int64_t size = std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
  Expressions& e = ext.expressions;
  int32_t bytes = e.binary(SINTER_MUL, count, e.constant(size));
  bytes = e.binary(SINTER_ALIGN, bytes, e.constant(64));
  int slot = -1;
  for (size_t i = 0; i < slots.size() && slot < 0; ++i)
    if (slots[i].free && slots[i].bytes == bytes) slot = static_cast<int>(i);
  if (slot < 0) {
    slot = static_cast<int>(slots.size());
    slots.push_back({bytes});
  }
  slots[slot].free = false;
  live.push_back({slot, block, {}});
  OpBuilder before(prologue);
  Value elements = loadExtent(before, loc, values, count);
  auto type = MemRefType::get({ShapedType::kDynamic}, element);
  auto alloc = memref::AllocOp::create(b, loc, type, ValueRange{elements});
  allocations.push_back({alloc, slot});
  Buffer buffer;
  buffer.memory = alloc;
  buffer.offset = index(b, 0);
  buffer.slot = slot;
  return buffer;
}

Buffer EntryLowering::row(Value memory, Value offset, ArrayRef<Value> sizes) {
  Buffer buffer;
  buffer.memory = memory;
  buffer.offset = offset;
  buffer.strides.resize(sizes.size());
  Value stride = index(b, 1);
  for (size_t axis = sizes.size(); axis-- > 0;) {
    buffer.strides[axis] = stride;
    stride = mul(b, stride, sizes[axis]);
  }
  return buffer;
}

Buffer EntryLowering::allocate(TensorType type) {
  Buffer flat = allocateFlat(storage(type.getDType()), ext.product(type));
  Buffer buffer = row(flat.memory, flat.offset, extents(type));
  buffer.slot = flat.slot;
  return buffer;
}

void EntryLowering::retain(Value value, const Buffer& buffer) {
  buffers[value] = buffer;
  if (buffer.slot < 0) return;
  for (Live& l : live)
    if (l.slot == buffer.slot) l.users.push_back(value);
}

void EntryLowering::releaseAfter(Operation* op) {
  llvm::erase_if(live, [&](const Live& l) {
    if (l.block != op->getBlock()) return false;
    for (Value value : l.users)
      for (Operation* user : value.getUsers()) {
        Operation* top = l.block->findAncestorOpInBlock(*user);
        if (!top || (top != op && !top->isBeforeInBlock(op))) return false;
      }
    slots[l.slot].free = true;
    return true;
  });
}

void EntryLowering::releaseBlock(Block* done) {
  llvm::erase_if(live, [&](const Live& l) {
    if (l.block != done) return false;
    slots[l.slot].free = true;
    return true;
  });
}

LogicalResult EntryLowering::plan() {
  Expressions& e = ext.expressions;
  int32_t offset = e.constant(0);
  std::vector<int32_t> offsets;
  for (const Slot& slot : slots) {
    offsets.push_back(offset);
    offset = e.binary(SINTER_ADD, offset, slot.bytes);
  }
  description.arenaSize = offset;
  for (auto [alloc, slot] : allocations) {
    OpBuilder at(alloc);
    Location where = alloc.getLoc();
    Value bytes = loadExtent(at, where, values, offsets[slot]);
    Value pointer = offsetPointer(at, where, arena, bytes);
    Value view = viewPointer(at, where, pointer, alloc.getType(), alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }
  return success();
}

Buffer& EntryLowering::materialise(Value value) {
  auto found = buffers.find(value);
  if (found != buffers.end()) return found->second;
  Buffer buffer = allocate(getTensorType(value));
  compute(value, buffer);
  retain(value, buffer);
  return buffers[value];
}

Buffer EntryLowering::contiguous(Value value) {
  Buffer buffer = materialise(value);
  if (buffer.contiguous && !buffer.panels && isConstantIntValue(buffer.offset, 0)) return buffer;
  Buffer copy = allocate(getTensorType(value));
  copyInto(value, copy);
  return copy;
}

}  // namespace sinter
