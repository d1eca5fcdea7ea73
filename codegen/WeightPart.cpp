// WeightPart.h
#include "codegen/WeightPart.h"

#include "compiler/Rules.h"

using namespace mlir;

namespace sinter {
namespace {

/// Where the elements of a value lie in a weight: a size and a stride for each axis.
struct Place {
  ParamOp param;
  int64_t offset = 0;
  SmallVector<int64_t> sizes, strides;
};

std::optional<Place> placeOf(Value value);

std::optional<Place> placeOf(ParamOp op) {
  TensorType type = getTensorType(op.getResult());
  Place place{op, 0, {}, SmallVector<int64_t>(type.getRank())};
  int64_t stride = 1;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    place.sizes.push_back(type.getStaticDim(axis));
  for (int64_t axis = type.getRank(); axis-- > 0; stride *= place.sizes[axis])
    place.strides[axis] = stride;
  return place;
}

std::optional<Place> placeOf(SliceOp op) {
  std::optional<Place> place = placeOf(op.getInput());
  rules::Rules rules;
  const rules::Dim start = toDim(rules, op.getStart());
  const int64_t size = getTensorType(op.getResult()).getStaticDim(op.getAxis());
  if (!place || op.getIndex() || start < 0 || size < 0) return std::nullopt;
  place->offset += start * place->strides[op.getAxis()];
  place->strides[op.getAxis()] *= op.getStep();
  place->sizes[op.getAxis()] = size;
  return place;
}

std::optional<Place> placeOf(RearrangeOp op) {
  std::optional<Place> place = placeOf(op.getInput());
  if (!place) return std::nullopt;
  rules::Rules rules;
  rules::Rearrange plan;
  SmallVector<rules::LetterSize> sizes = toSizes(rules, op.getSizes());
  rules::rearrange(rules, std::string_view(op.getPattern()), sizes.data(),
                   static_cast<int>(sizes.size()), toShape(rules, getTensorType(op.getInput())),
                   plan);
  SmallVector<int64_t> strides(plan.letter_count);
  for (int g = 0; g < plan.left.group_count; ++g) {
    int64_t stride = place->strides[g];
    for (int i = plan.left.starts[g + 1]; i-- > plan.left.starts[g];) {
      const int letter = plan.left.items[i];
      if (letter < 0) continue;
      strides[letter] = stride;
      stride *= plan.dims[letter];
    }
  }
  place->sizes.clear();
  place->strides.clear();
  for (int g = 0; g < plan.right.group_count; ++g) {
    int64_t size = 1, stride = 0;
    for (int i = plan.right.starts[g]; i < plan.right.starts[g + 1]; ++i) {
      const int letter = plan.right.items[i];
      if (letter < 0 || plan.dims[letter] == 1) continue;
      if (size > 1 && stride != strides[letter] * plan.dims[letter]) return std::nullopt;
      stride = strides[letter];
      size *= plan.dims[letter];
    }
    place->sizes.push_back(size);
    place->strides.push_back(stride);
  }
  return place;
}

std::optional<Place> placeOf(Value value) {
  if (auto param = value.getDefiningOp<ParamOp>()) return placeOf(param);
  if (auto slice = value.getDefiningOp<SliceOp>()) return placeOf(slice);
  if (auto rearrange = value.getDefiningOp<RearrangeOp>()) return placeOf(rearrange);
  return std::nullopt;
}

/// Whether products alone read the value or what it is rearranged to; their matrices.
bool isOfProducts(Value value, std::vector<MatrixView>& matrices) {
  return llvm::all_of(value.getUses(), [&](OpOperand& use) {
    Operation* op = use.getOwner();
    if (isa<RearrangeOp, SliceOp>(op)) return isOfProducts(op->getResult(0), matrices);
    if (!isa<LinearOp>(op) || use.getOperandNumber() != 1) return false;
    std::optional<WeightPart> part = weightPart(value);
    if (part && !llvm::is_contained(matrices, part->matrix)) matrices.push_back(part->matrix);
    return part.has_value();
  });
}

}  // namespace

std::optional<WeightPart> weightPart(Value value) {
  std::optional<Place> place = placeOf(value);
  if (!place || place->sizes.size() != 2) return std::nullopt;
  return WeightPart{place->param,
                    {place->sizes[0], place->sizes[1], place->offset, place->strides[0],
                     place->strides[1]}};
}

ParamOp weightBehind(Value value) {
  Operation* op = value.getDefiningOp();
  while (isa_and_nonnull<RearrangeOp, SliceOp>(op)) op = op->getOperand(0).getDefiningOp();
  return dyn_cast_or_null<ParamOp>(op);
}

std::vector<MatrixView> matricesOf(ModelOp model, WeightOp weight) {
  std::vector<MatrixView> matrices;
  if (weight.getTensorType().getDType() != DType::f32) return {};
  WalkResult result = model->walk([&](ParamOp param) {
    bool isOther = param.getKey() != weight.getKey();
    return isOther || isOfProducts(param.getResult(), matrices) ? WalkResult::advance()
                                                                : WalkResult::interrupt();
  });
  if (result.wasInterrupted()) return {};
  int64_t elements = 0;
  for (const MatrixView& one : matrices) elements += one.rows * one.columns;
  return elements <= weight.getTensorType().getNumElements() ? matrices : std::vector<MatrixView>();
}

}  // namespace sinter
