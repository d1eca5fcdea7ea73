// The reference interpreter's walk over the IR: binds symbols and inputs, runs regions and control.
// Single ops: InterpreterOps.cpp; what they compute: the Interpreter*.cpp of their family.
#include "compiler/Interpreter.h"

#include "compiler/InterpreterRun.h"

using namespace mlir;

namespace sinter {

using kernels::Fault;

//===-- Entry --------------------------------------------------------------------------------===//

const HostTensor &InterpreterRun::findInput(StringRef name) const {
  auto found = inputs.find(name.str());
  if (found == inputs.end()) throw Fault("input '" + name.str() + "' is missing");
  return found->second;
}

/// Rows get the lengths that the caller gives, or all of them the full extent.
void InterpreterRun::bindRows(TensorType type, const Shape &shape, int64_t axis) {
  const std::string symbol = type.getDimText(axis).str();
  if (symbols.isBound(symbol)) return symbols.bind(symbol, shape[axis]);
  if (axis == 0) throw Fault("'" + symbol + "' has no axis of rows before it");
  const std::string name = symbol.substr(0, symbol.size() - 1) + ".lengths";
  Symbols::Rows rows{type.getDimText(axis - 1).str(), Shape(shape[axis - 1], shape[axis])};
  if (inputs.contains(name)) rows.lengths = findInput(name).integers;
  if (static_cast<int64_t>(rows.lengths.size()) != shape[axis - 1])
    throw Fault("input '" + name + "' has " + std::to_string(rows.lengths.size()) +
                " lengths for " + std::to_string(shape[axis - 1]) + " rows");
  for (auto [index, length] : llvm::enumerate(rows.lengths))
    if (length < 0 || length > shape[axis])
      throw Fault("input '" + name + "': row " + std::to_string(index) + " is " +
                  std::to_string(length) + " long, but the tensor has room for " +
                  std::to_string(shape[axis]));
  symbols.bindRows(symbol, shape[axis], std::move(rows));
}

void InterpreterRun::bindSymbols() {
  auto each = [&](auto f) {
    for (auto [name, argument] : llvm::zip(entry.getInputs().getAsValueRange<StringAttr>(),
                                           entry.getBody().front().getArguments())) {
      auto type = getTensorType(argument);
      const HostTensor &given = findInput(name);
      if (given.rank() != type.getRank() || given.isReal() != type.isFloat())
        throw Fault("input '" + name.str() + "' is " + describe(given));
      for (int64_t axis = 0; axis < type.getRank(); ++axis) f(name, type, given.shape, axis);
    }
  };
  each([&](StringRef name, TensorType type, const Shape &shape, int64_t axis) {
    StringRef dim = type.getDimText(axis);
    if (!Symbols::isSymbol(dim)) return;
    if (type.isRagged(axis)) bindRows(type, shape, axis);
    else symbols.bind(dim, shape[axis]);
  });
  each([&](StringRef name, TensorType type, const Shape &shape, int64_t axis) {
    if (int64_t wanted = symbols.evaluate(type.getDimText(axis)); wanted != shape[axis])
      throw Fault("input '" + name.str() + "': axis " + std::to_string(axis) + " is " +
                  std::to_string(shape[axis]) + ", but " + type.getDimText(axis).str() + " is " +
                  std::to_string(wanted));
  });
  if (entry.getConstraints())
    for (StringRef constraint : entry.getConstraints()->getAsValueRange<StringAttr>())
      symbols.check(constraint);
}

HostTensor InterpreterRun::readInput(StringRef name, TensorType type) const {
  const HostTensor &given = findInput(name);
  HostTensor tensor = given;
  tensor.dType = elementType(type);
  if (type.isBool())
    for (int64_t &value : tensor.integers) value = value != 0;
  clearPadding(tensor, raggedAxes(type, tensor.shape));
  return tensor;
}

Interpreted InterpreterRun::run() {
  at = entry;
  bindSymbols();
  std::vector<TensorPtr> arguments;
  for (auto [name, argument] : llvm::zip(entry.getInputs().getAsValueRange<StringAttr>(),
                                         entry.getBody().front().getArguments()))
    arguments.push_back(
        std::make_shared<HostTensor>(readInput(name, getTensorType(argument))));
  std::vector<TensorPtr> outputs = runRegion(entry.getBody(), arguments);
  Interpreted result;
  for (auto [name, output] :
       llvm::zip(entry.getOutputs().getAsValueRange<StringAttr>(), outputs))
    result.outputs[name.str()] = *output;
  result.named = std::move(named);
  return result;
}

//===-- Regions and control ------------------------------------------------------------------===//

std::vector<TensorPtr> InterpreterRun::runRegion(Region &region,
                                                 const std::vector<TensorPtr> &arguments) {
  Block &block = region.front();
  for (auto [argument, value] : llvm::zip(block.getArguments(), arguments))
    values[argument] = value;
  for (Operation &op : block.without_terminator()) runOp(op);
  std::vector<TensorPtr> yielded;
  for (Value value : block.getTerminator()->getOperands()) yielded.push_back(get(value));
  return yielded;
}

void InterpreterRun::bindResults(Operation &op, const std::vector<TensorPtr> &results) {
  for (auto [result, value] : llvm::zip(op.getResults(), results)) values[result] = value;
}

void InterpreterRun::bindResults(Operation &op, Results results) {
  for (auto [result, tensor] : llvm::zip(op.getResults(), results)) {
    clearPadding(tensor, raggedAxes(getTensorType(result), tensor.shape));
    // Integers wrap and halves round as they are stored; f32 stays f64, this is the oracle.
    if (tensor.dType == rules::DType::f16 || tensor.dType == rules::DType::bf16)
      for (double &value : tensor.reals) value = roundTo(tensor.dType, value);
    for (int64_t &value : tensor.integers) value = wrapTo(tensor.dType, value);
    values[result] = std::make_shared<HostTensor>(std::move(tensor));
  }
}

void InterpreterRun::runOp(Operation &op) {
  at = &op;
  if (auto scan = dyn_cast<ScanOp>(op)) return runScan(scan);
  if (auto repeat = dyn_cast<RepeatOp>(op)) return runRepeat(repeat);
  if (auto loop = dyn_cast<LoopOp>(op)) return runLoop(loop);
  if (auto fused = dyn_cast<FusedOp>(op)) return bindResults(op, runRegion(fused.getBody(), {}));
  if (auto param = dyn_cast<ParamOp>(op)) return bindResults(op, std::vector{readParam(param)});
  if (isa<DropoutOp, NameOp>(op)) {
    if (auto name = dyn_cast<NameOp>(op)) {
      std::string key = name.getName().str();
      if (!rounds.empty()) key += "." + std::to_string(rounds.back());
      named[key] = *get(name.getInput());
    }
    return bindResults(op, std::vector{get(op.getOperand(0))});
  }
  if (worksRowByRow(op)) return bindResults(op, runRows(op));
  SmallVector<TensorPtr> held;  // results may rebind what operands point to
  SmallVector<const HostTensor *> operands;
  for (Value operand : op.getOperands()) {
    held.push_back(get(operand));
    operands.push_back(held.back().get());
  }
  bindResults(op, evaluate(op, operands));
}

/// What one step takes of a sequence: of each row the element at its own position; -1 gives zeros.
static HostTensor takeStep(const HostTensor &x, int64_t axis, int64_t rowAxis,
                           const Shape &positions) {
  Shape shape = x.shape;
  shape[axis] = 1;
  HostTensor y(x.dType, shape);
  Shape begin(x.rank(), 0), to(x.rank(), 0);
  Shape size = shape;
  if (rowAxis >= 0) size[rowAxis] = 1;
  for (size_t row = 0; row < positions.size(); ++row) {
    if (positions[row] < 0) continue;
    begin[axis] = positions[row];
    if (rowAxis >= 0) begin[rowAxis] = to[rowAxis] = static_cast<int64_t>(row);
    kernels::paste(y, kernels::crop(x, begin, size), to);
  }
  y.shape.erase(y.shape.begin() + axis);
  return y;
}

/// The reverse of takeStep.
static void putStep(HostTensor &into, HostTensor y, int64_t axis, int64_t rowAxis,
                    const Shape &positions) {
  y.shape.insert(y.shape.begin() + axis, 1);
  Shape begin(into.rank(), 0), from(into.rank(), 0);
  Shape size = y.shape;
  if (rowAxis >= 0) size[rowAxis] = 1;
  for (size_t row = 0; row < positions.size(); ++row) {
    if (positions[row] < 0) continue;
    begin[axis] = positions[row];
    if (rowAxis >= 0) begin[rowAxis] = from[rowAxis] = static_cast<int64_t>(row);
    kernels::paste(into, kernels::crop(y, from, size), begin);
  }
}

void InterpreterRun::runScan(ScanOp op) {
  const int64_t axis = op.getAxis();
  const unsigned states = op.getNumStates();
  const std::string dim =
      getTensorType(op.getXs() > 0 ? Value(op.getSequences()[0]) : Value(op.getStacked()[0]))
          .getDimText(axis).str();
  const Symbols::Rows *found = symbols.findRows(dim);
  const Symbols::Rows rows = found ? *found : Symbols::Rows();
  auto rowAxisOf = [&](Value value) {
    return found ? findDim(getTensorType(value), rows.owner) : int64_t{-1};
  };
  const int64_t extent = symbols.evaluate(dim);
  Shape lengths(found ? rows.lengths.size() : 1, extent);
  for (size_t r = 0; found && r < lengths.size(); ++r)
    lengths[r] = symbols.evaluate(dim, static_cast<int64_t>(r));

  std::vector<TensorPtr> state;
  for (Value init : op.getInits()) state.push_back(get(init));
  std::vector<HostTensor> stacked;
  for (Value result : op.getStacked())
    stacked.emplace_back(elementType(getTensorType(result)), shapeOf(result.getType()));

  for (int64_t step = 0; step < extent; ++step) {
    Shape positions;
    for (int64_t length : lengths)
      positions.push_back(step >= length ? -1 : op.getReverse() ? length - 1 - step : step);
    std::vector<TensorPtr> arguments;
    for (Value sequence : op.getSequences())
      arguments.push_back(std::make_shared<HostTensor>(
          takeStep(*get(sequence), axis, rowAxisOf(sequence), positions)));
    llvm::append_range(arguments, state);
    std::vector<TensorPtr> yielded = runRegion(op.getBody(), arguments);
    for (unsigned s = 0; s < states; ++s) {
      const int64_t rowAxis = rowAxisOf(op.getInits()[s]);
      if (rowAxis < 0) {
        state[s] = yielded[s];
        continue;
      }
      HostTensor next = *state[s];  // rows that are over keep theirs
      Shape begin(next.rank(), 0), size = next.shape;
      size[rowAxis] = 1;
      for (size_t r = 0; r < positions.size(); ++r)
        if (begin[rowAxis] = static_cast<int64_t>(r); positions[r] >= 0)
          kernels::paste(next, kernels::crop(*yielded[s], begin, size), begin);
      state[s] = std::make_shared<HostTensor>(std::move(next));
    }
    for (size_t y = 0; y < stacked.size(); ++y)
      putStep(stacked[y], *yielded[states + y], axis, rowAxisOf(op.getStacked()[y]), positions);
  }
  for (HostTensor &tensor : stacked)
    state.push_back(std::make_shared<HostTensor>(std::move(tensor)));
  bindResults(*op, state);
}

void InterpreterRun::runRepeat(RepeatOp op) {
  std::vector<TensorPtr> state;
  for (Value init : op.getOperands()) state.push_back(get(init));
  std::vector<HostTensor> stacked;
  for (Value result : op.getStacked())
    stacked.emplace_back(elementType(getTensorType(result)), shapeOf(result.getType()));
  for (int64_t round = 0; round < op.getCount(); ++round) {
    rounds.push_back(round);
    std::vector<TensorPtr> yielded = runRegion(op.getBody(), state);
    rounds.pop_back();
    for (size_t y = 0; y < stacked.size(); ++y)
      putStep(stacked[y], *yielded[state.size() + y], 0, -1, {round});
    yielded.resize(state.size());
    state = std::move(yielded);
  }
  for (HostTensor &tensor : stacked)
    state.push_back(std::make_shared<HostTensor>(std::move(tensor)));
  bindResults(*op, state);
}

void InterpreterRun::runLoop(LoopOp op) {
  std::vector<TensorPtr> state;
  for (Value init : op.getOperands()) state.push_back(get(init));
  for (int64_t round = 0; round < op.getBound(); ++round) {
    if (runRegion(op.getCondition(), state)[0]->integers[0] == 0) break;
    state = runRegion(op.getBody(), state);
  }
  bindResults(*op, state);
}

//===-- The door -----------------------------------------------------------------------------===//

llvm::Expected<Interpreted> interpret(EntryOp entry, const HostTensors &inputs,
                                      const HostTensors &weights) {
  InterpreterRun run(entry, inputs, weights);
  try {
    return run.run();
  } catch (const Fault &fault) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    Operation *op = run.current();
    if (!isa<UnknownLoc>(op->getLoc())) {
      op->getLoc()->print(stream);
      stream << ": ";
    }
    if (auto named = dyn_cast<EntryOp>(op)) stream << "entry '" << named.getSymName() << "'";
    else stream << op->getName().stripDialect();
    stream << ": " << fault.what();
    return llvm::createStringError(text);
  }
}

}  // namespace sinter
