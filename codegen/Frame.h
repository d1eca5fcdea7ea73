// What the files of the lowering share: one entry that is being written. Private to codegen.
// Non-goals: anything the driver needs (Lower.h).
#ifndef SINTER_CODEGEN_FRAME_H
#define SINTER_CODEGEN_FRAME_H

#include "codegen/Call.h"
#include "codegen/Extents.h"
#include "codegen/Gemm.h"
#include "codegen/Lower.h"
#include "codegen/Tiles.h"
#include "llvm/ADT/DenseMap.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace sinter {

/// Where elements lie: a flat memref, the place of element 0 and a stride for each axis.
struct Buffer {
  mlir::Value memory;                      // memref<?xT>
  mlir::Value offset;                      // index
  llvm::SmallVector<mlir::Value> strides;  // index
  bool contiguous = true;                  // row-major without holes
  bool panels = false;                     // a matrix in panels of 48 rows (Pack.h)
  int slot = -1;                           // of the memory plan
};

/// An index of one axis for sixteen lanes: the same for all, counting up, or any.
struct Index {
  mlir::Value base;   // index: of all lanes, or of lane 0
  mlir::Value lanes;  // vector<16xindex>, or null
  bool counting = false;
  bool isUniform() const { return !lanes && !counting; }
};
using Indices = llvm::SmallVector<Index>;

/// The sixteen elements that a pull asks for: lane i of the last axis where `mask` is true.
struct Frame {
  mlir::OpBuilder& b;
  mlir::Location loc;
  mlir::Value mask;  // vector<16xi1>
  /// Only so many of the first lanes are asked for, and all of them are there; they may be loaded
  /// without a mask. The others hold anything.
  int64_t lanes = kLanes;
  /// Whether `mask` may leave out what there is no memory for: then nothing is read without it.
  bool partial = false;
  /// What was pulled already, where it stands: a value used twice is computed once.
  struct Known {
    mlir::Value value;
    mlir::Block* block;
    Indices at;
    mlir::Value lanes;
  };
  llvm::SmallVector<Known> known = {};
};

/// What a product's kernel computes of each sum before it is stored: the element-wise ops after it.
struct Epilogue {
  enum class Kind { kNumber, kFeatures, kMatrix };  // one; one for each feature; one an element
  struct Operand {
    mlir::Value value;
    Kind kind;
    Buffer buffer;  // row-major; set by extendSpec
  };
  mlir::Operation* root;  // the contraction
  mlir::Value result;     // of the last op
  llvm::SmallVector<Operand> operands;
};

class EntryLowering {
 public:
  EntryLowering(ModelOp model, EntryOp entry, mlir::ModuleOp module, Lowered& out);
  mlir::LogicalResult run(LowerStage stage);

 private:
  // ---- arithmetic on index values, folding constants
  mlir::Value index(mlir::OpBuilder& b, int64_t value);
  mlir::Value add(mlir::OpBuilder& b, mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::OpBuilder& b, mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::OpBuilder& b, mlir::Value x, mlir::Value y);
  mlir::Value div(mlir::OpBuilder& b, mlir::Value x, mlir::Value y);  // of natural numbers
  mlir::Value rem(mlir::OpBuilder& b, mlir::Value x, mlir::Value y);
  mlir::Value min(mlir::OpBuilder& b, mlir::Value x, mlir::Value y);
  mlir::Value max(mlir::OpBuilder& b, mlir::Value x, mlir::Value y);
  Index mapIndex(Frame& f, const Index& x,
                 llvm::function_ref<mlir::Value(mlir::OpBuilder&, mlir::Value)> change);
  Index shift(Frame& f, const Index& x, mlir::Value amount);  // x + amount, stays counting
  mlir::Value lanesOf(Frame& f, const Index& x);
  Index uniform(mlir::Value x) { return {x, {}, false}; }

  // ---- extents
  mlir::Value extent(llvm::StringRef dim);
  llvm::SmallVector<mlir::Value> extents(TensorType type);
  /// The elements of a row along `axis`, given the row's other indices; the stored extent where
  /// the axis is not ragged.
  mlir::Value rowExtent(mlir::OpBuilder& b, TensorType type, unsigned axis,
                        llvm::ArrayRef<mlir::Value> at);
  /// The axis whose rows a ragged axis belongs to; `perRow` neighbours of it are one row, where
  /// rows are merged with an axis of fixed size.
  struct Owner {
    int axis = -1;
    int64_t perRow = 1;
  };
  Owner ownerOfSymbol(TensorType type, int ragged, int exceptAxis = -1);
  Owner ownerOf(TensorType type, unsigned axis);
  int ownerAxis(TensorType type, unsigned axis) { return ownerOf(type, axis).axis; }
  mlir::Value lengthOf(mlir::OpBuilder& b, int ragged, mlir::Value place, int64_t perRow = 1);

  // ---- buffers (Plan.cpp)
  mlir::Type storage(DType dType);
  mlir::Type compute(DType dType);
  Buffer allocate(TensorType type);
  Buffer allocateFlat(mlir::Type element, int32_t count);
  Buffer row(mlir::Value memory, mlir::Value offset, llvm::ArrayRef<mlir::Value> extents);
  void retain(mlir::Value value, const Buffer& buffer);
  void releaseAfter(mlir::Operation* op);
  mlir::LogicalResult plan();
  Buffer& materialise(mlir::Value value);
  bool isMaterialised(mlir::Value value) { return buffers.contains(value); }
  mlir::Value loadScalar(mlir::Value value);  // on the host; index, or i1 of a bool
  void releaseBlock(mlir::Block* block);
  Buffer contiguous(mlir::Value value);  // row-major, from offset 0

  // ---- pulls (Pull.cpp, PullLayout.cpp): elements of compute type, vector<16x…>
  mlir::Value pull(Frame& f, mlir::Value value, const Indices& at);
  /// The same, where `inside` (vector<16xi1>) holds too; nothing is read for other lanes.
  mlir::Value pullWhere(Frame& f, mlir::Value inside, mlir::Value value, const Indices& at);
  mlir::Value pullOp(Frame& f, mlir::Operation* op, unsigned result, const Indices& at);
  mlir::Value pullElementwise(Frame& f, mlir::Operation* op, llvm::ArrayRef<mlir::Value> operands);
  mlir::Value pullRandom(Frame& f, RandomOp op, const Indices& at);
  mlir::Value pullLayout(Frame& f, mlir::Operation* op, const Indices& at);
  mlir::Value pullPool(Frame& f, mlir::Operation* op, const Indices& at);
  Indices broadcastIndices(Frame& f, TensorType from, TensorType to, const Indices& at);
  /// Where sixteen lanes lie: base + lane (unit), base + lanes, or all at base.
  struct Address {
    mlir::Value base, lanes;
    bool unit = false;
  };
  Address addressOf(Frame& f, const Buffer& buffer, const Indices& at);
  mlir::Value load(Frame& f, const Buffer& buffer, TensorType type, const Indices& at);
  void store(Frame& f, mlir::Value lanes, const Buffer& buffer, TensorType type, const Indices& at);
  mlir::Value widen(Frame& f, mlir::Value stored, DType dType);
  mlir::Value narrow(Frame& f, mlir::Value computed, DType dType);
  mlir::Value splat(Frame& f, double value, mlir::Type element);
  mlir::Value broadcastLanes(Frame& f, mlir::Value scalar);
  int64_t idLimit(mlir::BlockArgument input);
  int64_t idsBelow(mlir::Value ids);
  mlir::Value pullGather(Frame& f, mlir::Operation* op, const Indices& at);
  /// Where a slice begins: a number or a dimension, and with `index` so much more, moved inside.
  mlir::Value startOf(mlir::OpBuilder& b, mlir::Attribute start);
  mlir::Value startOf(mlir::OpBuilder& b, mlir::Attribute start, mlir::Value index,
                      mlir::Value extent, mlir::Value size);
  mlir::Value pullRearrange(Frame& f, RearrangeOp op, const Indices& at);
  void materialisePlace(mlir::Operation* op);
  bool makeView(mlir::Operation* op);
  bool isLazy(mlir::Operation* op);

  // ---- faults (Faults.cpp)
  mlir::Value placeText(mlir::OpBuilder& k, mlir::Operation* op);
  /// What is wrong: index or i64; a row may be null.
  struct Found {
    mlir::Value row, value, limit;
  };
  void reportWhere(mlir::OpBuilder& k, mlir::Value wrong, mlir::Operation* op, SinterFault fault,
                   llvm::function_ref<Found(mlir::OpBuilder&)> find);
  /// ids (vector<16xi64>) with 0 for those outside [0, limit), which are reported with their place
  /// along the first axis of the ids, `row` (null: they have no axis).
  mlir::Value checkIds(Frame& f, mlir::Operation* op, mlir::Value ids, mlir::Value limit,
                       const Index* row);
  /// Lengths of rows (vector<16xi64>) with 0 for those outside [0, room], which are reported.
  mlir::Value checkLengths(Frame& f, mlir::Operation* op, mlir::Value lengths, mlir::Value room,
                           const Index& row);
  mlir::Value checkNumbers(Frame& f, mlir::Operation* op, SinterFault fault, mlir::Value numbers,
                           mlir::Value end, mlir::Value limit, const Index* row);
  void checkRows(mlir::Operation* op);

  // ---- kernels
  /// The lanes i + lane < size; all of them where the size is a known multiple of sixteen.
  mlir::Value maskOf(mlir::OpBuilder& b, mlir::Value size, mlir::Value i);
  using Body = llvm::function_ref<void(Frame&, const Indices&)>;
  /// Of a ragged tensor: what rows have, or all that is stored. What lies beyond a row's end is
  /// neither computed nor read: a sentence costs its own tokens.
  enum class Places { kOwn, kAll };
  /// body(frame, indices) for every group of sixteen neighbours of a tensor of this type.
  void forEach(mlir::Location loc, TensorType type, Body body, Places places = Places::kOwn);
  /// body(builder, indices, thread) for every index of the axes that are not in `inner`.
  using RowBody = llvm::function_ref<void(mlir::OpBuilder&, llvm::ArrayRef<mlir::Value> at,
                                          mlir::Value thread)>;
  void forEachRow(mlir::Location loc, TensorType type, llvm::ArrayRef<bool> inner, RowBody body,
                  Places places = Places::kOwn);
  mlir::Value isOwn(mlir::OpBuilder& b, TensorType type, llvm::ArrayRef<mlir::Value> at);
  /// Continues inside an scf.if where `at` is a row's own; the caller guards the insertion point.
  void enterOwn(mlir::OpBuilder& b, TensorType type, llvm::ArrayRef<mlir::Value> at);
  /// The index along each axis of these sizes of the element with this row-major number.
  llvm::SmallVector<mlir::Value> placeOf(mlir::OpBuilder& b, mlir::Value number,
                                         llvm::ArrayRef<mlir::Value> sizes);
  /// body(builder, begin, end) for each run of own rows among [begin, end), where all axes but the
  /// last are flattened to rows; neighbours come together.
  void forEachRun(mlir::OpBuilder& b, TensorType type, mlir::Value begin, mlir::Value end,
                  llvm::function_ref<void(mlir::OpBuilder&, mlir::Value, mlir::Value)> body);
  int64_t runAxis(TensorType type);
  void compute(mlir::Value value, const Buffer& into);

  // ---- folds over axes (Folds.cpp)
  /// Some axes of a tensor folded away. `across` says that the lanes lie along a folded axis, so
  /// that a fold ends in a tree over the lanes.
  struct Fold {
    TensorType type;
    llvm::SmallVector<bool> folded;
    bool across;
  };
  Fold makeFold(TensorType type, llvm::ArrayRef<int64_t> axes);
  using Lanes = llvm::SmallVector<mlir::Value>;
  /// body(frame, at) for each place of the kept axes; `at` has null indices at the folded ones.
  void forEachKept(const Fold& fold, Body body);
  /// Folds element(frame, at) into `start` by combine(frame, folded, elements, mask), ascending.
  Lanes foldAxes(Frame& f, const Fold& fold, const Indices& at, Lanes start,
                 llvm::function_ref<Lanes(Frame&, const Indices&)> element,
                 llvm::function_ref<Lanes(Frame&, const Lanes&, const Lanes&)> combine);
  /// body(frame, at) for each group of lanes of the folded axes.
  void forEachFolded(Frame& f, const Fold& fold, const Indices& at, Body body);
  mlir::Value foldedCount(Frame& f, const Fold& fold, const Indices& at);  // f32 lanes
  mlir::Value simpleFold(Frame& f, const Fold& fold, const Indices& at, llvm::StringRef kind,
                         llvm::function_ref<mlir::Value(Frame&, const Indices&)> element,
                         mlir::Type type);
  mlir::LogicalResult lowerReduction(mlir::Operation* op);
  mlir::LogicalResult lowerSoftmax(mlir::Operation* op);
  mlir::LogicalResult lowerLayerNorm(LayerNormOp op);
  mlir::LogicalResult lowerExtremes(mlir::Operation* op);
  mlir::LogicalResult lowerCumsum(CumsumOp op);

  // ---- ops (RowOps.cpp, Contract.cpp, Epilogue.cpp, Windows.cpp, Control.cpp)
  mlir::LogicalResult lowerBlock(mlir::Block& block);
  mlir::LogicalResult lowerOp(mlir::Operation* op);
  mlir::LogicalResult lowerRows(mlir::Operation* op);
  mlir::LogicalResult lowerLinear(LinearOp op, Epilogue* epilogue = nullptr);
  mlir::LogicalResult lowerProduct(EinsumOp op, Epilogue* epilogue = nullptr);
  mlir::LogicalResult lowerConv(ConvOp op, Epilogue* epilogue = nullptr);
  void packWindows(mlir::OpBuilder& b, ConvOp op, mlir::Value image, mlir::Value firstChannel,
                   mlir::Value first, const Buffer& scratch, mlir::Value origin);
  mlir::LogicalResult lowerScatter(ScatterAddOp op);
  mlir::LogicalResult lowerFused(FusedOp op);
  bool readEpilogue(FusedOp op, Epilogue& epilogue);
  /// The epilogue's operands as arguments of a kernel, after those that the spec has.
  void extendSpec(GemmSpec& spec, Epilogue& epilogue);
  /// Where a product writes: `rows` x `columns` elements from `origin` of a row-major buffer, with
  /// `stride` between rows; `firstRow` is the feature of row 0 of a convolution.
  struct Target {
    mlir::Value rows, columns, origin, stride, firstRow;
  };
  void extendCall(mlir::OpBuilder& b, llvm::SmallVectorImpl<mlir::Value>& extras,
                  const Epilogue& epilogue, const GemmSpec& spec, const Target& target);
  mlir::MemRefType rowVectorType();  // memref<?xf32> with any offset
  mlir::LogicalResult lowerScan(ScanOp op);
  mlir::LogicalResult lowerRepeat(RepeatOp op);
  mlir::LogicalResult lowerLoop(LoopOp op);
  void copyInto(mlir::Value value, const Buffer& target);
  mlir::Value panelsOf(mlir::Value weight, mlir::Location loc);
  int32_t panelElements(llvm::StringRef rows, llvm::StringRef depth);  // expression
  /// memref<?x?x48xf32> at an element of a flat memref.
  mlir::Value panelsAt(mlir::OpBuilder& b, mlir::Value memory, mlir::Value element,
                       mlir::Value panels, mlir::Value depth);
  void replaceStates(mlir::ValueRange next, mlir::ValueRange arguments,
                     llvm::ArrayRef<Buffer> states, int ragged = -1, mlir::Value step = {});
  size_t storedIndex(ParamOp op, const std::optional<MatrixView>& part);
  Buffer storedBuffer(size_t stored, TensorType type);
  void writeOutputs(ReturnOp op);
  mlir::Value productOf(mlir::OpBuilder& b, llvm::ArrayRef<mlir::Value> factors);
  mlir::Value matrix(mlir::OpBuilder& b, const Buffer& buffer, mlir::Value offset,
                     mlir::MemRefType type, llvm::ArrayRef<mlir::Value> sizes,
                     llvm::ArrayRef<mlir::Value> strides);
  Indices counted(llvm::ArrayRef<mlir::Value> outer, mlir::Value last);
  void freezeInto(mlir::Value next, const Buffer& state, int ragged, mlir::Value step);
  void describe();

  ModelOp model;
  EntryOp entry;
  mlir::ModuleOp module;
  Lowered& out;
  mlir::OpBuilder b;   // on the host
  mlir::Location loc;  // of the op that is being lowered
  Extents ext;
  EntryDescription description;
  mlir::func::FuncOp host;
  mlir::Value call, values, params, inputs, outputs, lengths, arena;
  llvm::StringMap<mlir::Value> extentValues;
  llvm::SmallVector<mlir::Value> lengthArrays;  // memref<?xi64>
  llvm::DenseMap<mlir::Value, Buffer> buffers;
  mlir::Value round;                    // of the repeat that is being lowered
  mlir::Block* block = nullptr;         // that is being lowered
  mlir::Operation* prologue = nullptr;  // extents are loaded before it

  struct Slot {
    int32_t bytes;  // expression
    bool free = false;
  };
  std::vector<Slot> slots;
  llvm::SmallVector<std::pair<mlir::memref::AllocOp, int>> allocations;
  // Buffers of a block that is being lowered: slot, and the values that lie in it.
  struct Live {
    int slot;
    mlir::Block* block;
    llvm::SmallVector<mlir::Value> users;
  };
  llvm::SmallVector<Live> live;
};

}  // namespace sinter
#endif
