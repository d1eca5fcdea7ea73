// The reference interpreter's single ops: cuts ragged rows, reads attributes and hands each op to
// its kernel.
#include "compiler/InterpreterRun.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace sinter {

using kernels::Fault;

std::vector<std::string_view> dimsOf(TensorType type) {
  std::vector<std::string_view> dims;
  for (StringAttr dim : type.getDims()) dims.push_back(dim.getValue());
  return dims;
}

int64_t findDim(TensorType type, StringRef text) {
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.getDimText(axis) == text) return axis;
  return -1;
}

/// A dimension attribute: text or number.
static std::string dimText(Attribute attribute) {
  if (auto text = dyn_cast<StringAttr>(attribute)) return text.getValue().str();
  return std::to_string(cast<IntegerAttr>(attribute).getInt());
}

static Shape listOf(ArrayRef<int64_t> values) { return {values.begin(), values.end()}; }

//===-- Ragged rows --------------------------------------------------------------------------===//

/// Ops that look along an axis see each row's own length; the other ops are right over padded rows.
/// Random numbers are counted in each row.
bool InterpreterRun::worksRowByRow(Operation &op) const {
  if (isa<RandomOp>(op)) {
    const Type type = op.getResult(0).getType();
    return !raggedAxes(cast<TensorType>(type), shapeOf(type)).empty();
  }
  if (isa<GatherOp, GatherAlongOp>(op)) {  // ids name places of the row
    const Value table = op.getOperand(0);
    return !raggedAxes(getTensorType(table), get(table)->shape).empty();
  }
  if (!isa<SoftmaxOp, LogSoftmaxOp, CumsumOp, ArgmaxOp, ArgminOp, TopKOp, FlipOp, ConvOp, MaxPoolOp,
           AvgPoolOp, PadOp, ConcatOp, SliceOp, UpdateSliceOp, LayerNormOp>(op))
    return false;
  return llvm::any_of(op.getOperands(), [&](Value value) {
    return !raggedAxes(getTensorType(value), get(value)->shape).empty();
  });
}

Results InterpreterRun::runRows(Operation &op) {
  // Which axis of each value has the rows; all ragged symbols of the op share them.
  std::string owner;
  int64_t count = 0;
  auto axesOf = [&](Value value, const Shape &shape) {
    auto type = getTensorType(value);
    std::vector<Symbols::RaggedAxis> axes = raggedAxes(type, shape);
    if (axes.empty())  // a dense value that goes along, such as an element for each row
      if (int64_t rowAxis = findDim(type, owner); rowAxis >= 0)
        axes.push_back({-1, rowAxis, 1, {}});
    return axes;
  };
  SmallVector<Value> all(op.getOperands());
  llvm::append_range(all, op.getResults());
  for (Value value : all)
    for (StringAttr dim : getTensorType(value).getDims())
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

Shape InterpreterRun::shapeOf(Type type) const {
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

HostTensor InterpreterRun::makeRagged(RaggedOp op, const HostTensor &x, const HostTensor &lengths) {
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

TensorPtr InterpreterRun::readParam(ParamOp op) const {
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

HostTensor InterpreterRun::evaluateConstant(ConstantOp op) const {
  auto type = cast<TensorType>(op.getType());
  HostTensor y(elementType(type), shapeOf(type));
  auto fill = [&](double value) {  // infinities too, which no integer has
    if (y.isReal()) std::fill(y.reals.begin(), y.reals.end(), roundTo(y.dType, value));
    else std::fill(y.integers.begin(), y.integers.end(), static_cast<int64_t>(value));
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

HostTensor InterpreterRun::evaluateReduction(Operation &op, const HostTensor &x) {
  auto axes = op.getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef();
  auto keepdim = op.getAttrOfType<BoolAttr>("keepdim");
  auto var = dyn_cast<VarOp>(op);
  const auto ragged = raggedAxes(getTensorType(op.getOperand(0)), x.shape);
  const std::vector<bool> inside =
      ragged.empty() ? std::vector<bool>() : insideRows(x.shape, ragged);
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
Results InterpreterRun::evaluate(Operation &op, ArrayRef<const HostTensor *> x) {
  const kernels::Operands operands(x.begin(), x.end());
  auto optional = [&](size_t i) { return i < x.size() ? x[i] : nullptr; };
  auto resultShape = [&] { return shapeOf(op.getResult(0).getType()); };
  auto resultType = [&] { return elementType(getTensorType(op.getResult(0))); };
  // A place that the run computes is moved inside.
  auto startOf = [&](Attribute start, const HostTensor *index, int64_t extent, int64_t size) {
    const int64_t fixed = symbols.evaluateSigned(dimText(start), row);
    if (!index) return fixed;
    return std::max<int64_t>(std::min(fixed + index->integers[0], extent - size), 0);
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
          sizes.push_back(
              {size.getName().getValue()[0], symbols.evaluate(dimText(size.getValue()))});
        return one(kernels::rearrange(*x[0], o.getPattern(), sizes, resultShape()));
      })
      .Case([&](BroadcastOp) { return one(kernels::broadcast(*x[0], resultShape())); })
      .Case([&](SliceOp o) {
        const int64_t axis = o.getAxis(), size = resultShape()[axis];
        const int64_t start = startOf(o.getStart(), optional(1), x[0]->shape[axis], size);
        return one(kernels::slice(*x[0], axis, start, o.getStep(), size));
      })
      .Case([&](UpdateSliceOp o) {
        const int64_t axis = o.getAxis();
        const int64_t start =
            startOf(o.getStart(), optional(2), x[0]->shape[axis], x[1]->shape[axis]);
        return one(kernels::updateSlice(*x[0], *x[1], axis, start));
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
      .Case([&](SizeOp o) {
        return one(HostTensor::scalar(symbols.evaluate(dimText(o.getDim()))));
      })
      .Case([&](LengthsOp o) {
        HostTensor lengths(rules::DType::i64, resultShape());
        for (auto [r, length] : llvm::enumerate(lengths.integers))
          length = symbols.evaluate(o.getDim(), static_cast<int64_t>(r));
        return one(lengths);
      })
      .Case([&](RaggedOp o) { return one(makeRagged(o, *x[0], *x[1])); })
      .Case([&](DenseOp) { return one(*x[0]); })
      .Case([&](RandomOp o) {
        // Rows with seeds of their own need no number.
        const auto axes = raggedAxes(getTensorType(o.getResult()), resultShape());
        const bool isNumbered = row >= 0 && std::max(x[0]->rank(), x[1]->rank()) <= axes[0].rowAxis;
        return one(kernels::random(o.getKind(), resultType(), resultShape(), *x[0], *x[1],
                                   isNumbered ? row : 0));
      })
      .Default([&](Operation *) {
        return one(kernels::unary(op.getName().stripDialect(), *x[0], optionsOf(op)));
      });
}

}  // namespace sinter
