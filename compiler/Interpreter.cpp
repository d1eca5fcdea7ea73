// The reference interpreter's walk over the IR: binds symbols, runs regions, reads attributes and
// hands each op to its kernel. What ops compute is in the Interpreter*.cpp of their family.
#include "compiler/Interpreter.h"

#include "compiler/Dialect.h"
#include "compiler/InterpreterKernels.h"
#include "compiler/InterpreterSymbols.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace sinter {

using kernels::Fault;
using kernels::Shape;

namespace {

using TensorPtr = std::shared_ptr<const HostTensor>;
using Results = SmallVector<HostTensor, 2>;

rules::DType elementType(TensorType type) { return static_cast<rules::DType>(type.getDType()); }

std::vector<std::string_view> dimsOf(TensorType type) {
  std::vector<std::string_view> dims;
  for (StringAttr dim : type.getDims()) dims.push_back(dim.getValue());
  return dims;
}

/// A dimension attribute: text or number.
std::string dimText(Attribute attribute) {
  if (auto text = dyn_cast<StringAttr>(attribute)) return text.getValue().str();
  return std::to_string(cast<IntegerAttr>(attribute).getInt());
}

Shape listOf(ArrayRef<int64_t> values) { return {values.begin(), values.end()}; }

/// One run of one entry.
class Run {
 public:
  Run(EntryOp entry, const HostTensors &inputs, const HostTensors &weights)
      : entry(entry), inputs(inputs), weights(weights) {}

  Interpreted run();
  Operation *current() const { return at; }

 private:
  // Entry
  void bindSymbols();
  void bindRows(TensorType type, const Shape &shape, int64_t axis);
  const HostTensor &findInput(StringRef name) const;
  HostTensor readInput(StringRef name, TensorType type) const;

  // Regions and control
  std::vector<TensorPtr> runRegion(Region &region, const std::vector<TensorPtr> &arguments);
  void runOp(Operation &op);
  void runScan(ScanOp op);
  void runRepeat(RepeatOp op);
  void runLoop(LoopOp op);
  void bindResults(Operation &op, Results results);
  void bindResults(Operation &op, const std::vector<TensorPtr> &results);

  // Ops
  bool worksRowByRow(Operation &op) const;
  Results runRows(Operation &op);
  Results evaluate(Operation &op, ArrayRef<const HostTensor *> x);
  HostTensor evaluateReduction(Operation &op, const HostTensor &x);
  HostTensor evaluateConstant(ConstantOp op) const;
  TensorPtr readParam(ParamOp op) const;
  HostTensor makeRagged(RaggedOp op, const HostTensor &x, const HostTensor &lengths);

  /// The shape of a value of this type; in a row, of what that row has of it.
  Shape shapeOf(Type type) const;
  std::vector<Symbols::RaggedAxis> raggedAxes(TensorType type, const Shape &shape) const {
    return type.hasRaggedDim() ? symbols.raggedAxes(dimsOf(type), shape)
                               : std::vector<Symbols::RaggedAxis>();
  }
  TensorPtr get(Value value) const { return values.at(value); }

  EntryOp entry;
  const HostTensors &inputs;
  const HostTensors &weights;
  Symbols symbols;
  llvm::DenseMap<Value, TensorPtr> values;
  SmallVector<int64_t> rounds;  // of the repeats around
  HostTensors named;
  int64_t row = -1;  // while one row of ragged tensors is computed
  Operation *at = nullptr;
};

//===-- Entry --------------------------------------------------------------------------------===//

const HostTensor &Run::findInput(StringRef name) const {
  auto found = inputs.find(name.str());
  if (found == inputs.end()) throw Fault("input '" + name.str() + "' is missing");
  return found->second;
}

/// Rows get the lengths that the caller gives, or all of them the full extent.
void Run::bindRows(TensorType type, const Shape &shape, int64_t axis) {
  const std::string symbol = type.getDimText(axis).str();
  if (symbols.isBound(symbol)) return symbols.bind(symbol, shape[axis]);
  if (axis == 0) throw Fault("'" + symbol + "' has no axis of rows before it");
  const std::string name = symbol.substr(0, symbol.size() - 1) + ".lengths";
  Symbols::Rows rows{type.getDimText(axis - 1).str(), Shape(shape[axis - 1], shape[axis])};
  if (inputs.contains(name)) rows.lengths = findInput(name).integers;
  if (static_cast<int64_t>(rows.lengths.size()) != shape[axis - 1])
    throw Fault("input '" + name + "' has " + std::to_string(rows.lengths.size()) + " lengths for " +
                std::to_string(shape[axis - 1]) + " rows");
  for (auto [index, length] : llvm::enumerate(rows.lengths))
    if (length < 0 || length > shape[axis])
      throw Fault("input '" + name + "': row " + std::to_string(index) + " is " +
                  std::to_string(length) + " long, but the tensor has room for " +
                  std::to_string(shape[axis]));
  symbols.bindRows(symbol, shape[axis], std::move(rows));
}

void Run::bindSymbols() {
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

HostTensor Run::readInput(StringRef name, TensorType type) const {
  const HostTensor &given = findInput(name);
  HostTensor tensor = given;
  tensor.dType = elementType(type);
  if (type.isBool())
    for (int64_t &value : tensor.integers) value = value != 0;
  clearPadding(tensor, raggedAxes(type, tensor.shape));
  return tensor;
}

Interpreted Run::run() {
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

std::vector<TensorPtr> Run::runRegion(Region &region, const std::vector<TensorPtr> &arguments) {
  Block &block = region.front();
  for (auto [argument, value] : llvm::zip(block.getArguments(), arguments)) values[argument] = value;
  for (Operation &op : block.without_terminator()) runOp(op);
  std::vector<TensorPtr> yielded;
  for (Value value : block.getTerminator()->getOperands()) yielded.push_back(get(value));
  return yielded;
}

void Run::bindResults(Operation &op, const std::vector<TensorPtr> &results) {
  for (auto [result, value] : llvm::zip(op.getResults(), results)) values[result] = value;
}

void Run::bindResults(Operation &op, Results results) {
  for (auto [result, tensor] : llvm::zip(op.getResults(), results)) {
    clearPadding(tensor, raggedAxes(getTensorType(result), tensor.shape));
    values[result] = std::make_shared<HostTensor>(std::move(tensor));
  }
}

void Run::runOp(Operation &op) {
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

static int64_t findDim(TensorType type, StringRef text) {
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.getDimText(axis) == text) return axis;
  return -1;
}

void Run::runScan(ScanOp op) {
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
  for (HostTensor &tensor : stacked) state.push_back(std::make_shared<HostTensor>(std::move(tensor)));
  bindResults(*op, state);
}

void Run::runRepeat(RepeatOp op) {
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
  for (HostTensor &tensor : stacked) state.push_back(std::make_shared<HostTensor>(std::move(tensor)));
  bindResults(*op, state);
}

void Run::runLoop(LoopOp op) {
  std::vector<TensorPtr> state;
  for (Value init : op.getOperands()) state.push_back(get(init));
  for (int64_t round = 0; round < op.getBound(); ++round) {
    if (runRegion(op.getCondition(), state)[0]->integers[0] == 0) break;
    state = runRegion(op.getBody(), state);
  }
  bindResults(*op, state);
}

//===-- Ragged rows --------------------------------------------------------------------------===//

/// Ops that look along an axis see each row's own length, and divisions of integers must not see
/// the zeros of the padding; the other ops are right over padded rows.
bool Run::worksRowByRow(Operation &op) const {
  const bool divides = isa<DivOp, RemOp>(op) && getTensorType(op.getResult(0)).isInteger();
  if (!divides &&
      !isa<SoftmaxOp, LogSoftmaxOp, CumsumOp, ArgmaxOp, ArgminOp, TopKOp, FlipOp, ConvOp, MaxPoolOp,
           AvgPoolOp, PadOp, ConcatOp, SliceOp, UpdateSliceOp, LayerNormOp>(op))
    return false;
  return llvm::any_of(op.getOperands(), [&](Value value) {
    return !raggedAxes(getTensorType(value), get(value)->shape).empty();
  });
}

Results Run::runRows(Operation &op) {
  // Which axis of each value has the rows; all ragged symbols of the op share them.
  std::string owner;
  int64_t count = 0;
  auto axesOf = [&](Value value, const Shape &shape) {
    auto type = getTensorType(value);
    std::vector<Symbols::RaggedAxis> axes = raggedAxes(type, shape);
    if (axes.empty())  // a dense value that goes along, such as an element for each row
      if (int64_t rowAxis = findDim(type, owner); rowAxis >= 0) axes.push_back({-1, rowAxis, 1, {}});
    return axes;
  };
  for (Value operand : op.getOperands())
    for (StringAttr dim : getTensorType(operand).getDims())
      if (const Symbols::Rows *rows = symbols.findRows(dim.getValue())) {
        if (!owner.empty() && (owner != rows->owner || count != int64_t(rows->lengths.size())))
          throw Fault("joins ragged rows of '" + owner + "' and '" + rows->owner + "'");
        owner = rows->owner;
        count = static_cast<int64_t>(rows->lengths.size());
      }

  Results whole;
  SmallVector<std::pair<int64_t, int64_t>> places;  // row axis and elements per row of each result
  for (Value result : op.getResults()) {
    auto type = getTensorType(result);
    whole.emplace_back(elementType(type), shapeOf(type));
    auto axes = axesOf(result, whole.back().shape);
    if (axes.empty()) throw Fault("works across rows that have their own lengths");
    places.push_back({axes[0].rowAxis, axes[0].perRow});
  }
  for (int64_t r = 0; r < count; ++r) {
    std::vector<HostTensor> parts;
    for (Value operand : op.getOperands()) {
      const HostTensor &x = *get(operand);
      Shape begin(x.rank(), 0), size = x.shape;
      for (const auto &ragged : axesOf(operand, x.shape)) {
        begin[ragged.rowAxis] = r * ragged.perRow;
        size[ragged.rowAxis] = ragged.perRow;
        if (ragged.axis >= 0) size[ragged.axis] = ragged.lengths[r];
      }
      for (int64_t axis = 0; axis < x.rank(); ++axis)  // a ragged axis without its rows
        if (StringRef dim = getTensorType(operand).getDimText(axis); symbols.findRows(dim))
          size[axis] = std::min(size[axis], symbols.evaluate(dim, r));
      parts.push_back(kernels::crop(x, begin, size));
    }
    SmallVector<const HostTensor *> operands;
    for (const HostTensor &part : parts) operands.push_back(&part);
    row = r;
    Results results = evaluate(op, operands);
    row = -1;
    for (auto [into, part, place] : llvm::zip(whole, results, places)) {
      Shape begin(into.rank(), 0);
      begin[place.first] = r * place.second;
      kernels::paste(into, part, begin);
    }
  }
  return whole;
}

Shape Run::shapeOf(Type type) const {
  auto tensor = cast<TensorType>(type);
  Shape shape;
  for (StringAttr dim : tensor.getDims()) shape.push_back(symbols.evaluate(dim.getValue()));
  if (row < 0) return shape;
  Shape own = shape;
  for (const auto &ragged : raggedAxes(tensor, shape)) {
    own[ragged.axis] = ragged.lengths[row];
    own[ragged.rowAxis] = ragged.perRow;
  }
  return own;
}

HostTensor Run::makeRagged(RaggedOp op, const HostTensor &x, const HostTensor &lengths) {
  auto type = cast<TensorType>(op.getType());
  for (int64_t axis = 1; axis < type.getRank(); ++axis)
    if (StringRef dim = type.getDimText(axis); type.isRagged(axis)) {
      for (auto [index, length] : llvm::enumerate(lengths.integers))
        if (length < 0 || length > x.shape[axis])
          throw Fault("row " + std::to_string(index) + " is " + std::to_string(length) +
                      " long, but the tensor has room for " + std::to_string(x.shape[axis]));
      symbols.bindRows(dim, x.shape[axis], {type.getDimText(axis - 1).str(), lengths.integers});
      break;
    }
  return x;
}

//===-- Values -------------------------------------------------------------------------------===//

TensorPtr Run::readParam(ParamOp op) const {
  WeightOp weight = cast<ModelOp>(entry->getParentOp()).getWeight(op.getKey());
  const int64_t round = rounds.empty() ? 0 : rounds.back();
  std::string key = op.getKey().str(), shared;
  auto fill = [](std::string text, int64_t number) {
    if (size_t place = text.find("{}"); place != std::string::npos)
      text.replace(place, 2, std::to_string(number));
    return text;
  };
  if (weight) {
    key = weight.getRoundKey(round);
    if (weight.getAlias()) shared = fill(weight.getAlias()->str(), round + weight.getFirst());
  }
  auto found = weights.find(key);
  if (found == weights.end() && !shared.empty()) found = weights.find(shared);
  if (found == weights.end()) throw Fault("weight '" + key + "' is missing");
  const HostTensor &tensor = found->second;
  if (tensor.shape != shapeOf(op.getType()) ||
      tensor.isReal() != cast<TensorType>(op.getType()).isFloat())
    throw Fault("weight '" + key + "' is " + describe(tensor));
  return TensorPtr(TensorPtr(), &tensor);  // the caller owns it
}

HostTensor Run::evaluateConstant(ConstantOp op) const {
  auto type = cast<TensorType>(op.getType());
  HostTensor y(elementType(type), shapeOf(type));
  auto fill = [&](double value) {
    std::fill(y.reals.begin(), y.reals.end(), roundTo(y.dType, value));
    std::fill(y.integers.begin(), y.integers.end(), static_cast<int64_t>(value));
  };
  if (auto real = dyn_cast<FloatAttr>(op.getValue())) {
    fill(real.getValueAsDouble());
  } else if (auto whole = dyn_cast<IntegerAttr>(op.getValue())) {
    fill(static_cast<double>(whole.getInt()));
    std::fill(y.integers.begin(), y.integers.end(), whole.getInt());
  } else {
    auto elements = cast<DenseElementsAttr>(op.getValue());
    int64_t i = 0;
    if (y.isReal())
      for (const APFloat &value : elements.getValues<APFloat>()) {
        APFloat wide = value;
        bool lossy;
        wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lossy);
        y.reals[i++] = roundTo(y.dType, wide.convertToDouble());
      }
    else
      for (const APInt &value : elements.getValues<APInt>())
        y.integers[i++] = type.isBool() ? value.getBoolValue() : value.getSExtValue();
  }
  return y;
}

HostTensor Run::evaluateReduction(Operation &op, const HostTensor &x) {
  auto axes = op.getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef();
  auto keepdim = op.getAttrOfType<BoolAttr>("keepdim");
  auto var = dyn_cast<VarOp>(op);
  const auto ragged = raggedAxes(getTensorType(op.getOperand(0)), x.shape);
  const std::vector<bool> inside = ragged.empty() ? std::vector<bool>() : insideRows(x.shape, ragged);
  return kernels::reduce(op.getName().stripDialect(), x, axes, keepdim && keepdim.getValue(),
                         var ? var.getCorrection() : 0, ragged.empty() ? nullptr : &inside);
}

static kernels::UnaryOptions optionsOf(Operation &op) {
  kernels::UnaryOptions o;
  TypeSwitch<Operation *>(&op)
      .Case([&](GeluOp gelu) { o.tanhForm = gelu.getApproximate() == "tanh"; })
      .Case([&](EluOp elu) { o.alpha = elu.getAlpha().convertToDouble(); })
      .Case([&](LeakyReluOp leaky) { o.slope = leaky.getSlope().convertToDouble(); })
      .Case([&](HardSigmoidOp hard) {
        o.slope = hard.getSlope().convertToDouble();
        o.offset = hard.getOffset().convertToDouble();
      })
      .Case([&](ClampOp clamp) {
        if (clamp.getMin()) o.min = clamp.getMin()->convertToDouble();
        if (clamp.getMax()) o.max = clamp.getMax()->convertToDouble();
      });
  return o;
}

template <class Op> static kernels::Window windowOf(Op op, ArrayRef<int64_t> size = {}) {
  return {listOf(size), listOf(op.getStride()), listOf(op.getPadding()), listOf(op.getDilation())};
}

/// One op over dense operands (of one row, where `row` says so).
Results Run::evaluate(Operation &op, ArrayRef<const HostTensor *> x) {
  const kernels::Operands operands(x.begin(), x.end());
  auto optional = [&](size_t i) { return i < x.size() ? x[i] : nullptr; };
  auto resultShape = [&] { return shapeOf(op.getResult(0).getType()); };
  auto resultType = [&] { return elementType(getTensorType(op.getResult(0))); };
  auto startOf = [&](Attribute start, const HostTensor *index) {
    return symbols.evaluateSigned(dimText(start), row) + (index ? index->integers[0] : 0);
  };
  auto one = [](HostTensor tensor) {
    Results results;
    results.push_back(std::move(tensor));
    return results;
  };
  if (isReduction(&op)) return one(evaluateReduction(op, *x[0]));
  if (isElementwiseBinary(&op))
    return one(kernels::binary(op.getName().stripDialect(), *x[0], *x[1]));
  return TypeSwitch<Operation *, Results>(&op)
      .Case([&](CastOp) { return one(kernels::cast(*x[0], resultType())); })
      .Case([&](WhereOp) { return one(kernels::where(*x[0], *x[1], *x[2])); })
      .Case([&](ArgmaxOp o) {
        return one(kernels::argReduce(*x[0], o.getAxis(), o.getKeepdim(), true));
      })
      .Case([&](ArgminOp o) {
        return one(kernels::argReduce(*x[0], o.getAxis(), o.getKeepdim(), false));
      })
      .Case([&](TopKOp o) {
        auto [best, indices] = kernels::topK(*x[0], o.getK(), o.getAxis(), o.getLargest());
        Results results = one(std::move(best));
        results.push_back(std::move(indices));
        return results;
      })
      .Case([&](CumsumOp o) { return one(kernels::cumsum(*x[0], o.getAxis())); })
      .Case([&](SoftmaxOp o) {
        return one(kernels::softmax(*x[0], optional(1), o.getAxis(), false));
      })
      .Case([&](LogSoftmaxOp o) {
        return one(kernels::softmax(*x[0], optional(1), o.getAxis(), true));
      })
      .Case([&](LayerNormOp o) {
        return one(kernels::layerNorm(*x[0], optional(1), optional(2), o.getRank(),
                                      o.getEps().convertToDouble()));
      })
      .Case([&](BatchNormOp o) {
        return one(kernels::batchNorm(*x[0], *x[1], *x[2], *x[3], *x[4], o.getAxis(),
                                      o.getEps().convertToDouble()));
      })
      .Case([&](EinsumOp o) { return one(kernels::einsum(o.getEquation(), operands)); })
      .Case([&](LinearOp) { return one(kernels::linear(*x[0], *x[1], optional(2))); })
      .Case([&](ConvOp o) {
        return one(kernels::conv(*x[0], *x[1], optional(2), windowOf(o), o.getGroups(),
                                 resultShape()));
      })
      .Case([&](MaxPoolOp o) {
        return one(kernels::maxPool(*x[0], windowOf(o, o.getSize()), resultShape()));
      })
      .Case([&](AvgPoolOp o) {
        return one(kernels::averagePool(*x[0], windowOf(o, o.getSize()), o.getCountIncludePad(),
                                        resultShape()));
      })
      .Case([&](RearrangeOp o) {
        std::vector<rules::LetterSize> sizes;
        for (NamedAttribute size : o.getSizes())
          sizes.push_back({size.getName().getValue()[0], symbols.evaluate(dimText(size.getValue()))});
        return one(kernels::rearrange(*x[0], o.getPattern(), sizes, resultShape()));
      })
      .Case([&](BroadcastOp) { return one(kernels::broadcast(*x[0], resultShape())); })
      .Case([&](SliceOp o) {
        return one(kernels::slice(*x[0], o.getAxis(), startOf(o.getStart(), optional(1)),
                                  o.getStep(), resultShape()[o.getAxis()]));
      })
      .Case([&](UpdateSliceOp o) {
        return one(kernels::updateSlice(*x[0], *x[1], o.getAxis(),
                                        startOf(o.getStart(), optional(2))));
      })
      .Case([&](ConcatOp o) { return one(kernels::concat(operands, o.getAxis())); })
      .Case([&](PadOp o) {
        return one(kernels::pad(*x[0], o.getLow(), o.getHigh(), o.getMode(),
                                o.getValue().convertToDouble()));
      })
      .Case([&](FlipOp o) { return one(kernels::flip(*x[0], o.getAxes())); })
      .Case([&](GatherOp o) { return one(kernels::gather(*x[0], *x[1], o.getAxis())); })
      .Case([&](GatherAlongOp o) { return one(kernels::gatherAlong(*x[0], *x[1], o.getAxis())); })
      .Case([&](ScatterAddOp o) {
        return one(kernels::scatterAdd(*x[0], *x[1], *x[2], o.getAxis()));
      })
      .Case([&](OneHotOp o) { return one(kernels::oneHot(*x[0], o.getClasses(), resultType())); })
      .Case([&](IotaOp o) { return one(kernels::iota(resultType(), resultShape(), o.getAxis())); })
      .Case([&](ConstantOp o) { return one(evaluateConstant(o)); })
      .Case([&](SizeOp o) { return one(HostTensor::scalar(symbols.evaluate(dimText(o.getDim())))); })
      .Case([&](LengthsOp o) {
        HostTensor lengths(rules::DType::i64, resultShape());
        for (auto [r, length] : llvm::enumerate(lengths.integers))
          length = symbols.evaluate(o.getDim(), static_cast<int64_t>(r));
        return one(lengths);
      })
      .Case([&](RaggedOp o) { return one(makeRagged(o, *x[0], *x[1])); })
      .Case([&](DenseOp) { return one(*x[0]); })
      .Case([&](RandomOp o) {
        return one(kernels::random(o.getKind(), resultType(), resultShape(), x[0]->integers[0],
                                   x[1]->integers[0]));
      })
      .Default([&](Operation *) {
        return one(kernels::unary(op.getName().stripDialect(), *x[0], optionsOf(op)));
      });
}

}  // namespace

llvm::Expected<Interpreted> interpret(EntryOp entry, const HostTensors &inputs,
                                      const HostTensors &weights) {
  Run run(entry, inputs, weights);
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
