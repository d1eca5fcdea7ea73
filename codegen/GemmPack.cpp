// Packs activations into panels at run time: a copy with one transposition of 16 x 16 blocks where
// the source's rows run along K. Non-goals: packing weights, which Pack.cpp does once, offline.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/SymbolTable.h"

#include "codegen/Gemm.h"

using namespace mlir;

namespace sinter {

void definePacks(ModuleOp module);

namespace {

constexpr llvm::StringLiteral kMark = "sinter.pack";  // the PackSource of a declared function

class PackWriter {
 public:
  explicit PackWriter(func::FuncOp function)
      : function(function), b(function.getContext()), loc(function.getLoc()) {}

  void write(PackSource kind) {
    Block* entry = function.addEntryBlock();
    b.setInsertionPointToStart(entry);
    source = entry->getArgument(0);
    panels = entry->getArgument(1);
    bool columns = kind == PackSource::kColumns;
    n = memref::DimOp::create(b, loc, source, columns ? 1 : 0);
    k = memref::DimOp::create(b, loc, source, columns ? 0 : 1);
    lanes = VectorType::get({kLanes}, b.getF32Type());
    forEach(entry->getArgument(2), entry->getArgument(3), 1, [&](Value panel) {
      forEach(constant(0), constant(kPanel), kLanes, [&](Value inPanel) {
        Value column = add(mul(panel, kPanel), inPanel);
        if (columns)
          copyColumns(panel, inPanel, column);
        else if (kind == PackSource::kRows)
          transposeBlocks(panel, inPanel, column);
        else
          copyElements(panel, inPanel, column, constant(0));
      });
    });
    func::ReturnOp::create(b, loc);
    function->removeAttr(kMark);
  }

 private:
  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value x, Value y) { return b.createOrFold<arith::AddIOp>(loc, x, y); }
  Value add(Value x, int64_t y) { return add(x, constant(y)); }
  Value mul(Value x, int64_t y) { return b.createOrFold<arith::MulIOp>(loc, x, constant(y)); }

  void forEach(Value begin, Value end, int64_t step, llvm::function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(b, loc, begin, end, constant(step));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }

  /// panels[panel, :, inPanel + lane] = source[:, column + lane]
  void copyColumns(Value panel, Value inPanel, Value column) {
    Value rest = b.createOrFold<arith::SubIOp>(loc, n, column);
    auto maskType = VectorType::get({kLanes}, b.getI1Type());
    Value mask = vector::CreateMaskOp::create(b, loc, maskType, ValueRange{rest});
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(lanes));
    forEach(constant(0), k, 1, [&](Value step) {
      Value read = vector::MaskedLoadOp::create(b, loc, lanes, source, ValueRange{step, column},
                                                mask, zero);
      store(read, panel, step, inPanel);
    });
  }

  /// The same from source[N, K], 16 steps of k at a time where 16 rows exist.
  void transposeBlocks(Value panel, Value inPanel, Value column) {
    Value whole = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, add(column, kLanes), n);
    Value rest = arith::RemUIOp::create(b, loc, k, constant(kLanes));
    Value blocks = arith::SubIOp::create(b, loc, k, rest);
    Value done = arith::SelectOp::create(b, loc, whole, blocks, constant(0));
    forEach(constant(0), done, kLanes, [&](Value step) {
      auto square = VectorType::get({kLanes, kLanes}, b.getF32Type());
      Value block = ub::PoisonOp::create(b, loc, square);
      for (int64_t i = 0; i < kLanes; ++i) {
        Value row = vector::LoadOp::create(b, loc, lanes, source,
                                           ValueRange{add(column, i), step});
        block = vector::InsertOp::create(b, loc, row, block, llvm::ArrayRef<int64_t>{i});
      }
      Value turned = vector::TransposeOp::create(b, loc, block, llvm::ArrayRef<int64_t>{1, 0});
      for (int64_t i = 0; i < kLanes; ++i) {
        Value row = vector::ExtractOp::create(b, loc, turned, llvm::ArrayRef<int64_t>{i});
        store(row, panel, add(step, i), inPanel);
      }
    });
    copyElements(panel, inPanel, column, done);
  }

  /// Element by element from step `begin`, zeros for columns that do not exist.
  void copyElements(Value panel, Value inPanel, Value column, Value begin) {
    Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
    forEach(constant(0), constant(kLanes), 1, [&](Value lane) {
      Value row = add(column, lane);
      Value exists = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, row, n);
      auto choice = scf::IfOp::create(b, loc, exists, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(b);
      for (bool copies : {true, false}) {
        b.setInsertionPointToStart(copies ? choice.thenBlock() : choice.elseBlock());
        forEach(begin, k, 1, [&](Value step) {
          Value element = zero;
          if (copies) element = memref::LoadOp::create(b, loc, source, ValueRange{row, step});
          memref::StoreOp::create(b, loc, element, panels,
                                  ValueRange{panel, step, add(inPanel, lane)});
        });
      }
    });
  }

  void store(Value value, Value panel, Value step, Value inPanel) {
    vector::StoreOp::create(b, loc, value, panels, ValueRange{panel, step, inPanel});
  }

  func::FuncOp function;
  OpBuilder b;
  Location loc;
  VectorType lanes;
  Value source, panels, n, k;
};

}  // namespace

func::FuncOp declarePack(ModuleOp module, Location loc, PackSource source) {
  constexpr llvm::StringLiteral names[] = {"pack_rows", "pack_columns", "pack_strided"};
  auto kind = static_cast<int64_t>(source);
  if (auto known = module.lookupSymbol<func::FuncOp>(names[kind])) return known;
  MLIRContext* context = module.getContext();
  OpBuilder b(context);
  int64_t inner = source == PackSource::kStrided ? ShapedType::kDynamic : 1;
  auto layout = StridedLayoutAttr::get(context, ShapedType::kDynamic,
                                       {ShapedType::kDynamic, inner});
  auto matrix = MemRefType::get({ShapedType::kDynamic, ShapedType::kDynamic}, b.getF32Type(),
                                layout);
  auto type = b.getFunctionType({matrix, gemmPanelType(context, ShapedType::kDynamic),
                                 b.getIndexType(), b.getIndexType()}, {});
  auto function = func::FuncOp::create(loc, names[kind], type);
  function.setPrivate();
  function->setAttr(kMark, b.getI64IntegerAttr(kind));
  function->setAttr("passthrough", b.getStrArrayAttr({"noinline"}));
  SymbolTable(module).insert(function);
  return function;
}

void callPack(OpBuilder& b, Location loc, func::FuncOp pack, Value source, Value panels,
              Value panelBegin, Value panelEnd) {
  SmallVector<Value> arguments = {source, panels, panelBegin, panelEnd};
  for (auto [argument, type] : llvm::zip_equal(arguments, pack.getArgumentTypes()))
    if (argument.getType() != type) argument = memref::CastOp::create(b, loc, type, argument);
  func::CallOp::create(b, loc, pack, arguments);
}

void definePacks(ModuleOp module) {
  for (auto function : llvm::to_vector(module.getOps<func::FuncOp>()))
    if (auto kind = function->getAttrOfType<IntegerAttr>(kMark))
      PackWriter(function).write(static_cast<PackSource>(kind.getInt()));
}

}  // namespace sinter
