// Writes batch_norm with stored statistics as element-wise ops on [channels, 1, …].
#include "compiler/Passes.h"

using namespace mlir;

namespace sinter {

#define GEN_PASS_DEF_EXPANDBATCHNORM
#include "compiler/Passes.h.inc"

namespace {

void expand(BatchNormOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  MLIRContext *context = op.getContext();
  TensorType channel = getTensorType(op.getWeight());  // [channels]
  TensorType scalar = TensorType::get(context, ArrayRef<StringRef>(), channel.getDType());

  auto eps = ConstantOp::create(builder, loc, scalar, op.getEpsAttr());
  auto shifted = AddOp::create(builder, loc, channel, op.getVariance(), eps);
  auto deviation = SqrtOp::create(builder, loc, channel, shifted);
  auto scale = DivOp::create(builder, loc, channel, op.getWeight(), deviation);

  int64_t trailing = op.getType().getRank() - 1 - op.getAxis();
  SmallVector<StringAttr> dims(channel.getDims());
  dims.append(trailing, StringAttr::get(context, "1"));
  TensorType column = channel.withDims(dims);  // [channels, 1, …]
  std::string pattern = "c->c" + std::string(trailing, '1');
  auto align = [&](Value perChannel) -> Value {
    if (trailing == 0) return perChannel;
    return RearrangeOp::create(builder, loc, column, perChannel, builder.getStringAttr(pattern),
                               builder.getDictionaryAttr({}));
  };
  Type type = op.getType();
  auto centred = SubOp::create(builder, loc, type, op.getInput(), align(op.getMean()));
  auto scaled = MulOp::create(builder, loc, type, centred, align(scale));
  auto result = AddOp::create(builder, loc, type, scaled, align(op.getBias()));
  op.replaceAllUsesWith(result.getResult());
  op.erase();
}

struct ExpandBatchNorm : impl::ExpandBatchNormBase<ExpandBatchNorm> {
  void runOnOperation() override {
    getOperation().walk([](BatchNormOp op) { expand(op); });
  }
};

}  // namespace
}  // namespace sinter
