// One run of an entry in the reference interpreter: what Interpreter.cpp (entries and control) and
// InterpreterOps.cpp (rows and single ops) share. Private to the two.
#pragma once

#include "compiler/Dialect.h"
#include "compiler/Interpreter.h"
#include "compiler/InterpreterKernels.h"
#include "compiler/InterpreterSymbols.h"

namespace sinter {

using TensorPtr = std::shared_ptr<const HostTensor>;
using Results = llvm::SmallVector<HostTensor, 2>;
using kernels::Shape;

inline rules::DType elementType(TensorType type) {
  return static_cast<rules::DType>(type.getDType());
}

std::vector<std::string_view> dimsOf(TensorType type);
/// The axis with this dimension, or -1.
int64_t findDim(TensorType type, llvm::StringRef text);

/// One run of one entry.
class InterpreterRun {
 public:
  InterpreterRun(EntryOp entry, const HostTensors &inputs, const HostTensors &weights)
      : entry(entry), inputs(inputs), weights(weights) {}

  Interpreted run();
  mlir::Operation *current() const { return at; }

 private:
  // Entry
  void bindSymbols();
  void bindRows(TensorType type, const Shape &shape, int64_t axis);
  const HostTensor &findInput(llvm::StringRef name) const;
  HostTensor readInput(llvm::StringRef name, TensorType type) const;

  // Regions and control
  std::vector<TensorPtr> runRegion(mlir::Region &region, const std::vector<TensorPtr> &arguments);
  void runOp(mlir::Operation &op);
  void runScan(ScanOp op);
  void runRepeat(RepeatOp op);
  void runLoop(LoopOp op);
  void bindResults(mlir::Operation &op, Results results);
  void bindResults(mlir::Operation &op, const std::vector<TensorPtr> &results);

  // Ops
  bool worksRowByRow(mlir::Operation &op) const;
  Results runRows(mlir::Operation &op);
  Results evaluate(mlir::Operation &op, llvm::ArrayRef<const HostTensor *> x);
  HostTensor evaluateReduction(mlir::Operation &op, const HostTensor &x);
  HostTensor evaluateConstant(ConstantOp op) const;
  TensorPtr readParam(ParamOp op) const;
  HostTensor makeRagged(RaggedOp op, const HostTensor &x, const HostTensor &lengths);

  /// The shape of a value of this type; in a row, of what that row has of it.
  Shape shapeOf(mlir::Type type) const;
  std::vector<Symbols::RaggedAxis> raggedAxes(TensorType type, const Shape &shape) const {
    return type.hasRaggedDim() ? symbols.raggedAxes(dimsOf(type), shape)
                               : std::vector<Symbols::RaggedAxis>();
  }
  TensorPtr get(mlir::Value value) const { return values.at(value); }

  EntryOp entry;
  const HostTensors &inputs;
  const HostTensors &weights;
  Symbols symbols;
  llvm::DenseMap<mlir::Value, TensorPtr> values;
  llvm::SmallVector<int64_t> rounds;  // of the repeats around
  HostTensors named;
  int64_t row = -1;  // while one row of ragged tensors is computed
  mlir::Operation *at = nullptr;
};

}  // namespace sinter
