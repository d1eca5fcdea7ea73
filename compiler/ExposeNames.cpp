// Entries that also return what their names name. Non-goals: names inside scans, loops and nested
// repeats, which have no one value per run.
#include "compiler/Passes.h"
#include "llvm/ADT/StringMap.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace sinter {

#define GEN_PASS_DEF_EXPOSENAMES
#include "compiler/Passes.h.inc"

namespace {

struct Named {
  StringRef name;
  Value value;
};

/// The repeat with one more stacked output for each value of its body.
RepeatOp withOutputs(RepeatOp repeat, ArrayRef<Named> added) {
  OpBuilder builder(repeat);
  SmallVector<Type> types(repeat.getResultTypes());
  YieldOp yield = repeat.getYield();
  StringAttr rounds = builder.getStringAttr(Twine(repeat.getCount()));
  for (const Named &one : added) {
    TensorType type = getTensorType(one.value);
    SmallVector<StringAttr> dims = {rounds};
    llvm::append_range(dims, type.getDims());
    types.push_back(TensorType::get(type.getContext(), dims, type.getDType()));
    yield->insertOperands(yield->getNumOperands(), one.value);
  }
  auto result = RepeatOp::create(builder, repeat.getLoc(), types, repeat.getOperands(),
                                 repeat.getCount(), repeat.getYs() + added.size());
  result.getBody().takeBody(repeat.getBody());
  repeat->replaceAllUsesWith(result.getResults().take_front(repeat.getNumResults()));
  repeat->erase();
  return result;
}

/// Round `i` of what a repeat has stacked along its first axis.
Value roundOf(OpBuilder &builder, Location loc, Value stacked, int64_t i) {
  TensorType type = getTensorType(stacked);
  SmallVector<StringAttr> dims(type.getDims());
  dims.front() = builder.getStringAttr("1");
  auto slice = SliceOp::create(builder, loc,
                               TensorType::get(type.getContext(), dims, type.getDType()), stacked,
                               Value(), 0, builder.getStringAttr(Twine(i)), 1);
  std::string letters;
  for (size_t axis = 1; axis < dims.size(); ++axis) letters += static_cast<char>('a' + axis);
  return RearrangeOp::create(
      builder, loc,
      TensorType::get(type.getContext(), ArrayRef(dims).drop_front(), type.getDType()), slice,
      "1" + letters + "->" + letters, builder.getDictionaryAttr({}));
}

/// What the entry's own block and the repeats in it name, in order; repeats grow outputs for it.
SmallVector<Named> namedValues(EntryOp entry) {
  SmallVector<Named> values;
  for (Operation &op : llvm::make_early_inc_range(entry.getBody().front())) {
    if (auto name = dyn_cast<NameOp>(op)) values.push_back({name.getName(), name.getResult()});
    auto repeat = dyn_cast<RepeatOp>(op);
    if (!repeat) continue;
    SmallVector<Named> inner;
    for (NameOp name : repeat.getBody().getOps<NameOp>())
      inner.push_back({name.getName(), name.getResult()});
    if (inner.empty()) continue;
    repeat = withOutputs(repeat, inner);
    OpBuilder builder(entry.getReturn());
    auto stacked = repeat.getStacked().take_back(inner.size());
    for (auto [one, all] : llvm::zip(inner, stacked))
      for (int64_t i = 0, count = repeat.getCount(); i < count; ++i)
        values.push_back({one.name, roundOf(builder, repeat.getLoc(), all, i)});
  }
  return values;
}

struct ExposeNames : impl::ExposeNamesBase<ExposeNames> {
  using ExposeNamesBase::ExposeNamesBase;

  void runOnOperation() override {
    ModelOp model = getOperation();
    for (EntryOp entry : llvm::to_vector(model.getBody().getOps<EntryOp>())) {
      OpBuilder builder(entry->getContext());
      builder.setInsertionPointAfter(entry);
      auto asked = cast<EntryOp>(builder.clone(*entry));
      asked.setSymName((entry.getSymName() + ".asked").str());
      if (!expose(asked)) asked->erase();
    }
  }

  /// False where the entry names nothing.
  bool expose(EntryOp entry) {
    SmallVector<Named> values = namedValues(entry);
    llvm::StringMap<int> total, next;
    for (const Named &one : values) ++total[one.name];
    SmallVector<Attribute> outputs(entry.getOutputs().getValue()), askable;
    Builder builder(entry->getContext());
    for (const Named &one : values) {  // a name that stands for several values gets numbers
      std::string name = one.name.str();
      if (total[one.name] > 1) name += "." + std::to_string(next[one.name]++);
      Attribute attr = builder.getStringAttr(name);
      if (llvm::is_contained(outputs, attr)) continue;
      outputs.push_back(attr);
      askable.push_back(attr);
      entry.getReturn()->insertOperands(entry.getReturn()->getNumOperands(), one.value);
    }
    entry.setOutputsAttr(builder.getArrayAttr(outputs));
    entry.setAskableAttr(builder.getArrayAttr(askable));
    return !askable.empty();
  }
};

}  // namespace
}  // namespace sinter
