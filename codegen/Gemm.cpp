// The matrix kernel. Panels outside, row tiles inside, all of K innermost with the tile's
// accumulators as loop-carried vectors. K is not blocked: the prefetch of the next panel, spread
// over the row tiles of this one, hides memory just as well and keeps one chain per output.
#include "codegen/Gemm.h"

#include <algorithm>

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;

namespace sinter {
namespace {

constexpr llvm::StringLiteral kMark = "sinter.gemm";  // [n, k] on a declared kernel
constexpr llvm::StringLiteral kStart = "sinter.start", kEpilogue = "sinter.epilogue";
constexpr int64_t kFixedArguments = 7;    // A, panels, C, row and panel ranges
constexpr int64_t kLinesPerStep = kPanel * sizeof(float) / 64;  // of a panel, per k
constexpr int64_t kPrefetchDistance = 32;  // steps of k, where there is one row tile only

VectorType lanesType(MLIRContext* context) {
  return VectorType::get({kLanes}, Float32Type::get(context));
}

MemRefType stridedRows(MLIRContext* context, int64_t columns) {
  auto layout = StridedLayoutAttr::get(context, ShapedType::kDynamic, {ShapedType::kDynamic, 1});
  return MemRefType::get({ShapedType::kDynamic, columns}, Float32Type::get(context), layout);
}

/// Index arithmetic that folds constants, so that static shapes leave no trace of it.
struct Index {
  OpBuilder& b;
  Location loc;

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value x, Value y) { return b.createOrFold<arith::AddIOp>(loc, x, y); }
  Value add(Value x, int64_t y) { return y == 0 ? x : add(x, constant(y)); }
  Value sub(Value x, Value y) { return b.createOrFold<arith::SubIOp>(loc, x, y); }
  Value mul(Value x, Value y) { return b.createOrFold<arith::MulIOp>(loc, x, y); }
  Value mul(Value x, int64_t y) { return mul(x, constant(y)); }
  Value min(Value x, Value y) { return b.createOrFold<arith::MinSIOp>(loc, x, y); }
  Value ceilDiv(Value x, int64_t y) {
    return b.createOrFold<arith::DivUIOp>(loc, add(x, y - 1), constant(y));
  }
  Value compare(arith::CmpIPredicate predicate, Value x, Value y) {
    return b.createOrFold<arith::CmpIOp>(loc, predicate, x, y);
  }
};

/// Writes one kernel's body.
class GemmWriter {
 public:
  GemmWriter(func::FuncOp kernel, const Target& target)
      : kernel(kernel), b(kernel.getContext()), loc(kernel.getLoc()), index{b, loc} {
    auto sizes = kernel->getAttrOfType<DenseI64ArrayAttr>(kMark);
    staticN = sizes[0];
    staticK = sizes[1];
    tile = target.tile;
    SymbolTable symbols(kernel->getParentOfType<ModuleOp>());
    if (auto name = kernel->getAttrOfType<FlatSymbolRefAttr>(kStart))
      start = symbols.lookup<func::FuncOp>(name.getValue());
    if (auto name = kernel->getAttrOfType<FlatSymbolRefAttr>(kEpilogue))
      epilogue = symbols.lookup<func::FuncOp>(name.getValue());
  }

  void write() {
    Block* entry = kernel.addEntryBlock();
    b.setInsertionPointToStart(entry);
    a = entry->getArgument(0);
    panels = entry->getArgument(1);
    c = entry->getArgument(2);
    rowBegin = entry->getArgument(3);
    Value rowEnd = entry->getArgument(4);
    extras = entry->getArguments().drop_front(kFixedArguments);
    n = memref::DimOp::create(b, loc, c, 1);
    k = memref::DimOp::create(b, loc, a, 1);

    // Rows in tiles of nearly equal height: 17 rows as 6 + 6 + 5 where 8 fit.
    Value rows = index.sub(rowEnd, rowBegin);
    tiles = index.ceilDiv(rows, tile.rows);
    Value divisor = b.createOrFold<arith::MaxSIOp>(loc, tiles, index.constant(1));
    height = b.createOrFold<arith::DivUIOp>(loc, rows, divisor);
    taller = b.createOrFold<arith::RemUIOp>(loc, rows, divisor);

    writePanels(entry->getArgument(5), entry->getArgument(6));
    func::ReturnOp::create(b, loc);
    kernel->removeAttr(kMark);
    kernel->removeAttr(kStart);
    kernel->removeAttr(kEpilogue);
  }

 private:
  /// Which columns of a tile exist.
  enum class Columns { kAll, kSome, kDecideAtRunTime };

  struct TilePlace {
    Value panel, column;  // column: of C, the tile's first
    Value inPanel;        // the same within the panel
    Value row, last;      // of C, the tile's first and last
    int64_t height;       // rows computed; the last may be a repetition of `last`
    Value exact;          // i1: it is none
    Value prefetch;       // floats from the panel's begin, where this tile's prefetches start
    Value perRound;       // index: cache lines to prefetch in one round of the k loop
  };

  void forEach(Value begin, Value end, llvm::function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(b, loc, begin, end, index.constant(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }

  /// A last panel of known width has code of its own, no wider than it needs.
  void writePanels(Value begin, Value end) {
    if (ShapedType::isDynamic(staticN)) {
      columns = Columns::kDecideAtRunTime;
      forEach(begin, end, [&](Value panel) { writePanel(panel); });
      return;
    }
    int64_t whole = staticN / kPanel, used = staticN % kPanel;
    columns = Columns::kAll;
    Value wholeEnd = index.min(end, index.constant(whole));
    if (whole > 0) forEach(begin, wholeEnd, [&](Value panel) { writePanel(panel); });
    if (used == 0) return;
    tile.vectors = std::min<int64_t>(tile.vectors, llvm::divideCeil(used, kLanes));
    int64_t width = tile.vectors * kLanes;
    columns = used % width == 0 ? Columns::kAll
              : used < width    ? Columns::kSome
                                : Columns::kDecideAtRunTime;
    Value lastBegin = b.createOrFold<arith::MaxSIOp>(loc, begin, index.constant(whole));
    forEach(lastBegin, end, [&](Value panel) { writePanel(panel); });
  }

  void writePanel(Value panel) {
    Value panelColumn = index.mul(panel, kPanel);
    int64_t width = tile.vectors * kLanes;
    Value used = index.min(index.sub(n, panelColumn), index.constant(kPanel));
    Value groups = width == kPanel ? index.constant(1) : index.ceilDiv(used, width);

    // The next panel's cache lines are shared out to this panel's tiles. A single tile has nothing
    // to hide a whole panel behind and runs a fixed distance ahead instead, into the next panel.
    Value count = index.mul(tiles, groups);
    Value perRound = b.createOrFold<arith::DivUIOp>(
        loc, index.add(index.constant(kUnroll * kLinesPerStep - 1), count),
        b.createOrFold<arith::MaxSIOp>(loc, count, index.constant(1)));
    Value share = index.mul(index.mul(index.ceilDiv(k, kUnroll), perRound), 64 / sizeof(float));
    Value single = index.compare(arith::CmpIPredicate::ule, count, index.constant(1));
    Value ahead = arith::SelectOp::create(b, loc, single,
                                          index.constant(kPrefetchDistance * kPanel),
                                          index.mul(k, kPanel));
    forEach(index.constant(0), groups, [&](Value group) {
      forEach(index.constant(0), tiles, [&](Value number) {
        Value inPanel = index.mul(group, width);
        Value order = index.add(index.mul(group, tiles), number);
        Value isTaller = index.compare(arith::CmpIPredicate::ult, number, taller);
        Value rows = arith::SelectOp::create(b, loc, isTaller, index.add(height, 1), height);
        TilePlace place;
        place.panel = panel;
        place.column = index.add(panelColumn, inPanel);
        place.inPanel = inPanel;
        place.row = index.add(rowBegin,
                              index.add(index.mul(number, height), index.min(number, taller)));
        place.last = index.add(index.add(place.row, rows), -1);
        place.prefetch = index.add(ahead, index.mul(order, share));
        place.perRound = perRound;
        writeHeights(place, rows);
      });
    });
  }

  /// Code for the heights 1, 2, 4, 6 … of the table; an odd height repeats its last row.
  void writeHeights(TilePlace place, Value rows) {
    SmallVector<int64_t> heights = {1};
    for (int64_t even = 2; even < tile.rows; even += 2) heights.push_back(even);
    Value one = index.constant(1);
    Value rounded = b.createOrFold<arith::AndIOp>(loc, index.add(rows, 1), index.constant(~1));
    Value isOne = index.compare(arith::CmpIPredicate::eq, rows, one);
    Value selected = arith::SelectOp::create(b, loc, isOne, one, rounded);
    auto choice = scf::IndexSwitchOp::create(b, loc, TypeRange{}, selected, heights,
                                             static_cast<unsigned>(heights.size()));
    OpBuilder::InsertionGuard guard(b);
    for (size_t i = 0; i <= heights.size(); ++i) {
      bool isDefault = i == heights.size();
      Region& region = isDefault ? choice.getDefaultRegion() : choice.getCaseRegions()[i];
      b.setInsertionPointToStart(&region.emplaceBlock());
      place.height = isDefault ? tile.rows : heights[i];
      place.exact = index.compare(arith::CmpIPredicate::eq, rows, index.constant(place.height));
      writeTile(place);
      scf::YieldOp::create(b, loc);
    }
  }

  void writeTile(const TilePlace& place) {
    SmallVector<Value> rows;
    for (int64_t r = 0; r < place.height; ++r) rows.push_back(index.add(place.row, r));
    bool mayRepeat = place.height > 2;
    if (mayRepeat) rows.back() = place.last;
    SmallVector<Value> sums = writeChains(place, rows, writeStarts(place, rows));
    branchOnWhole(place, {}, [&](bool whole) {
      for (auto [r, row] : llvm::enumerate(rows)) {
        llvm::ArrayRef<Value> ofRow = llvm::ArrayRef(sums).slice(r * tile.vectors, tile.vectors);
        if (!mayRepeat || r + 1 < rows.size()) {
          writeRow(place, row, ofRow, whole);
          continue;
        }
        auto guarded = scf::IfOp::create(b, loc, place.exact, /*withElseRegion=*/false);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(guarded.thenBlock());
        writeRow(place, row, ofRow, whole);
      }
      return SmallVector<Value>{};
    });
  }

  /// The accumulators before k = 0, row by row.
  SmallVector<Value> writeStarts(const TilePlace& place, llvm::ArrayRef<Value> rows) {
    VectorType type = lanesType(b.getContext());
    SmallVector<Value> zeros(rows.size() * tile.vectors,
                             arith::ConstantOp::create(b, loc, b.getZeroAttr(type)));
    if (!start) return zeros;
    return branchOnWhole(place, SmallVector<Type>(zeros.size(), type), [&](bool whole) {
      SmallVector<Value> starts;
      for (Value row : rows)
        for (int64_t v = 0; v < tile.vectors; ++v)
          starts.push_back(inlined(start, lanesAt(place, row, v, whole), {}));
      return starts;
    });
  }

  SmallVector<Value> writeChains(const TilePlace& place, llvm::ArrayRef<Value> rows,
                                 SmallVector<Value> sums) {
    Value zero = index.constant(0);
    Value rest = b.createOrFold<arith::RemUIOp>(loc, k, index.constant(kUnroll));
    Value whole = index.sub(k, rest);
    auto rounds = scf::ForOp::create(b, loc, zero, whole, index.constant(kUnroll), sums);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(rounds.getBody());
      writePrefetch(place, rounds.getInductionVar());
      sums.assign(rounds.getRegionIterArgs().begin(), rounds.getRegionIterArgs().end());
      for (int64_t u = 0; u < kUnroll; ++u)
        writeStep(place, rows, index.add(rounds.getInductionVar(), u), sums);
      scf::YieldOp::create(b, loc, sums);
    }
    if (!ShapedType::isDynamic(staticK) && staticK % kUnroll == 0) return rounds.getResults();
    auto singles = scf::ForOp::create(b, loc, whole, k, index.constant(1), rounds.getResults());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(singles.getBody());
    sums.assign(singles.getRegionIterArgs().begin(), singles.getRegionIterArgs().end());
    writeStep(place, rows, singles.getInductionVar(), sums);
    scf::YieldOp::create(b, loc, sums);
    return singles.getResults();
  }

  void writeStep(const TilePlace& place, llvm::ArrayRef<Value> rows, Value step,
                 SmallVector<Value>& sums) {
    VectorType type = lanesType(b.getContext());
    SmallVector<Value> weights;
    for (int64_t v = 0; v < tile.vectors; ++v) {
      Value lane = index.add(place.inPanel, v * kLanes);
      weights.push_back(vector::LoadOp::create(b, loc, type, panels,
                                               ValueRange{place.panel, step, lane}));
    }
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value element = memref::LoadOp::create(b, loc, a, ValueRange{row, step});
      Value factor = vector::BroadcastOp::create(b, loc, type, element);
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value& sum = sums[r * tile.vectors + v];
        sum = vector::FMAOp::create(b, loc, factor, weights[v], sum);
      }
    }
  }

  void writePrefetch(const TilePlace& place, Value step) {
    if (place.height <= 2) return;  // bound by loads: the hardware's own prefetch does as well
    Value zero = index.constant(0);
    Value round = b.createOrFold<arith::DivUIOp>(loc, step, index.constant(kUnroll));
    Value line = index.mul(round, place.perRound);
    Value from = index.add(place.prefetch, index.mul(line, 64 / sizeof(float)));
    forEach(zero, place.perRound, [&](Value i) {
      Value at = index.add(from, index.mul(i, 64 / sizeof(float)));
      memref::PrefetchOp::create(b, loc, panels, ValueRange{place.panel, zero, at},
                                 /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
    });
  }

  void writeRow(const TilePlace& place, Value row, llvm::ArrayRef<Value> sums, bool whole) {
    for (int64_t v = 0; v < tile.vectors; ++v) {
      GemmLanes lanes = lanesAt(place, row, v, whole);
      Value result = epilogue ? inlined(epilogue, lanes, sums[v]) : sums[v];
      SmallVector<Value> at = {row, lanes.column};
      if (whole)
        vector::StoreOp::create(b, loc, result, c, at);
      else
        vector::MaskedStoreOp::create(b, loc, c, at, lanes.mask, result);
    }
  }

  GemmLanes lanesAt(const TilePlace& place, Value row, int64_t v, bool whole) {
    Value column = index.add(place.column, v * kLanes);
    auto type = VectorType::get({kLanes}, b.getI1Type());
    Value mask;
    if (whole)
      mask = arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, true));
    else
      mask = vector::CreateMaskOp::create(b, loc, type, ValueRange{index.sub(n, column)});
    return {row, column, mask, extras};
  }

  /// Runs `body` for a tile whose columns all exist and, where there may be others, for those.
  SmallVector<Value> branchOnWhole(const TilePlace& place, TypeRange types,
                                   llvm::function_ref<SmallVector<Value>(bool)> body) {
    if (columns != Columns::kDecideAtRunTime) return body(columns == Columns::kAll);
    Value end = index.add(place.column, tile.vectors * kLanes);
    Value exists = index.compare(arith::CmpIPredicate::sle, end, n);
    auto choice = scf::IfOp::create(b, loc, types, exists, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    for (bool whole : {true, false}) {
      Block* block = whole ? choice.thenBlock() : choice.elseBlock();
      if (block->mightHaveTerminator()) block->getTerminator()->erase();
      b.setInsertionPointToStart(block);
      scf::YieldOp::create(b, loc, body(whole));
    }
    return choice.getResults();
  }

  /// The result of `function(value?, row, column, mask, extras…)`, its operations copied here.
  Value inlined(func::FuncOp function, const GemmLanes& lanes, Value value) {
    SmallVector<Value> arguments;
    if (value) arguments.push_back(value);
    arguments.append({lanes.row, lanes.column, lanes.mask});
    arguments.append(lanes.extras.begin(), lanes.extras.end());
    IRMapping mapping;
    Block& block = function.getBody().front();
    mapping.map(block.getArguments(), arguments);
    for (Operation& op : block.without_terminator()) b.clone(op, mapping);
    return mapping.lookupOrDefault(block.getTerminator()->getOperand(0));
  }

  func::FuncOp kernel;
  OpBuilder b;
  Location loc;
  Index index;
  GemmTile tile;
  Columns columns;  // of the panels being written
  int64_t staticN, staticK;
  func::FuncOp start, epilogue;
  Value a, panels, c, n, k;       // (rows, K), (panels, K, 48), (rows, N)
  Value rowBegin, tiles, height, taller;  // the first `taller` tiles have height + 1 rows
  ValueRange extras;
};

/// A function for `start` or `epilogue`, beside its kernel.
func::FuncOp writeLanesFunction(ModuleOp module, Location loc, const GemmSpec& spec,
                                llvm::StringRef name, bool takesValue,
                                llvm::function_ref<Value(OpBuilder&, Block&, GemmLanes)> body) {
  MLIRContext* context = module.getContext();
  OpBuilder b(context);
  VectorType lanes = lanesType(context);
  SmallVector<Type> inputs;
  if (takesValue) inputs.push_back(lanes);
  inputs.append({b.getIndexType(), b.getIndexType(), VectorType::get({kLanes}, b.getI1Type())});
  inputs.append(spec.extras.begin(), spec.extras.end());
  auto function = func::FuncOp::create(loc, name, b.getFunctionType(inputs, {lanes}));
  function.setPrivate();
  Block* block = function.addEntryBlock();
  b.setInsertionPointToStart(block);
  auto arguments = block->getArguments().drop_front(takesValue ? 1 : 0);
  Value result = body(b, *block,
                      {arguments[0], arguments[1], arguments[2], arguments.drop_front(3)});
  func::ReturnOp::create(b, loc, result);
  return function;
}

bool sameBody(func::FuncOp x, func::FuncOp y) {
  if (!x || !y) return !x && !y;
  return OperationEquivalence::isRegionEquivalentTo(&x.getBody(), &y.getBody(),
                                                    OperationEquivalence::IgnoreLocations);
}

func::FuncOp findPart(func::FuncOp kernel, llvm::StringRef part) {
  auto name = kernel->getAttrOfType<FlatSymbolRefAttr>(part);
  if (!name) return {};
  return SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(kernel, name);
}

}  // namespace

MemRefType gemmAType(MLIRContext* context, int64_t k) { return stridedRows(context, k); }
MemRefType gemmCType(MLIRContext* context, int64_t n) { return stridedRows(context, n); }
MemRefType gemmPanelType(MLIRContext* context, int64_t k) {
  return MemRefType::get({ShapedType::kDynamic, k, kPanel}, Float32Type::get(context));
}

Value loadMatrix(OpBuilder& b, Location loc, Value matrix, const GemmLanes& lanes) {
  VectorType type = lanesType(b.getContext());
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  return vector::MaskedLoadOp::create(b, loc, type, matrix, ValueRange{lanes.row, lanes.column},
                                      lanes.mask, zero);
}

Value loadColumns(OpBuilder& b, Location loc, Value vector, const GemmLanes& lanes) {
  VectorType type = lanesType(b.getContext());
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  return vector::MaskedLoadOp::create(b, loc, type, vector, ValueRange{lanes.column}, lanes.mask,
                                      zero);
}

Value loadRow(OpBuilder& b, Location loc, Value vector, const GemmLanes& lanes) {
  Value element = memref::LoadOp::create(b, loc, vector, ValueRange{lanes.row});
  return vector::BroadcastOp::create(b, loc, lanesType(b.getContext()), element);
}

func::FuncOp declareGemm(ModuleOp module, Location loc, const GemmSpec& spec) {
  MLIRContext* context = module.getContext();
  OpBuilder b(context);
  auto size = [](int64_t value) {
    return ShapedType::isDynamic(value) ? std::string("any") : std::to_string(value);
  };
  std::string name = "gemm_n" + size(spec.n) + "_k" + size(spec.k);
  if (!spec.hint.empty()) name += "_" + spec.hint;

  Type index = b.getIndexType();
  SmallVector<Type> inputs = {gemmAType(context, spec.k), gemmPanelType(context, spec.k),
                              gemmCType(context, spec.n), index, index, index, index};
  inputs.append(spec.extras.begin(), spec.extras.end());
  auto kernel = func::FuncOp::create(loc, name, b.getFunctionType(inputs, {}));
  kernel.setPrivate();
  kernel->setAttr(kMark, b.getDenseI64ArrayAttr({spec.n, spec.k}));
  kernel->setAttr("passthrough", b.getStrArrayAttr({"noinline"}));

  func::FuncOp start, epilogue;
  if (spec.start)
    start = writeLanesFunction(
        module, loc, spec, name + "_start", /*takesValue=*/false,
        [&](OpBuilder& b, Block&, GemmLanes lanes) { return spec.start(b, loc, lanes); });
  if (spec.epilogue)
    epilogue = writeLanesFunction(module, loc, spec, name + "_epilogue", /*takesValue=*/true,
                                  [&](OpBuilder& b, Block& block, GemmLanes lanes) {
                                    return spec.epilogue(b, loc, block.getArgument(0), lanes);
                                  });

  for (auto other : module.getOps<func::FuncOp>()) {
    if (other->getAttr(kMark) != kernel->getAttr(kMark)) continue;
    if (other.getFunctionType() != kernel.getFunctionType()) continue;
    if (!sameBody(findPart(other, kStart), start)) continue;
    if (!sameBody(findPart(other, kEpilogue), epilogue)) continue;
    for (func::FuncOp unused : {kernel, start, epilogue})
      if (unused) unused->erase();
    return other;
  }
  SymbolTable symbols(module);
  for (auto [part, function] : {std::pair(kStart, start), std::pair(kEpilogue, epilogue)}) {
    if (!function) continue;
    symbols.insert(function);
    kernel->setAttr(part, FlatSymbolRefAttr::get(function.getNameAttr()));
  }
  symbols.insert(kernel);
  return kernel;
}

void callGemm(OpBuilder& b, Location loc, func::FuncOp kernel, const GemmCall& call) {
  SmallVector<Value> arguments = {call.a,      call.panels,     call.c,       call.rowBegin,
                                  call.rowEnd, call.panelBegin, call.panelEnd};
  arguments.append(call.extras.begin(), call.extras.end());
  for (auto [argument, type] : llvm::zip_equal(arguments, kernel.getArgumentTypes()))
    if (argument.getType() != type) argument = memref::CastOp::create(b, loc, type, argument);
  func::CallOp::create(b, loc, kernel, arguments);
}

void definePacks(ModuleOp module);  // GemmPack.cpp

void defineGemms(ModuleOp module, const Target& target) {
  SmallVector<Operation*> parts;
  for (auto kernel : llvm::to_vector(module.getOps<func::FuncOp>())) {
    if (!kernel->hasAttr(kMark)) continue;
    for (llvm::StringRef part : {kStart, kEpilogue})
      if (func::FuncOp function = findPart(kernel, part)) parts.push_back(function);
    GemmWriter(kernel, target).write();
  }
  for (Operation* part : parts) part->erase();
  definePacks(module);
}

}  // namespace sinter
