// Entries that also return what their names name: a value of a repeat once for each round, a value
// of a scan or a loop stacked over its steps. Non-goals: values inside of a fused kernel, which no
// memory holds.
#include "compiler/Passes.h"
#include "compiler/Rules.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace sinter {

#define GEN_PASS_DEF_EXPOSENAMES
#include "compiler/Passes.h.inc"

namespace {

/// Every round's value is kept until the run ends: more rounds than any text has tokens are not.
constexpr int64_t kMostRounds = 4096;

struct Named {
  StringRef name;
  Value value;
};
using NamedValues = SmallVector<Named>;

TensorType stackedType(Value value, int64_t axis, StringAttr extent) {
  TensorType type = getTensorType(value);
  SmallVector<StringAttr> dims(type.getDims());
  dims.insert(dims.begin() + axis, extent);
  return TensorType::get(type.getContext(), dims, type.getDType());
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

/// The value with a first axis of size 1.
Value asRound(OpBuilder &builder, Location loc, Value value) {
  std::string letters;
  for (int64_t axis = 0; axis < getTensorType(value).getRank(); ++axis)
    letters += static_cast<char>('a' + axis);
  return RearrangeOp::create(builder, loc, stackedType(value, 0, builder.getStringAttr("1")), value,
                             letters + "->1" + letters, builder.getDictionaryAttr({}));
}

Value zeros(OpBuilder &builder, Location loc, TensorType type) {
  TypedAttr zero = builder.getI64IntegerAttr(0);
  if (isFloat(type.getDType())) zero = builder.getF64FloatAttr(0);
  return ConstantOp::create(builder, loc, type, zero);
}

/// The op's place is taken by one with the same results and more behind them.
void replaceBy(Operation *op, Operation *larger) {
  op->replaceAllUsesWith(larger->getResults().take_front(op->getNumResults()));
  op->erase();
}

/// The control op with one more output, stacked along `axis`, for each value of its body.
template <typename Op, typename... Attributes>
ResultRange withOutputs(Op op, ArrayRef<Named> added, int64_t axis, StringAttr extent,
                        Attributes... attributes) {
  OpBuilder builder(op);
  SmallVector<Type> types(op->getResultTypes());
  YieldOp yield = op.getYield();
  for (const Named &one : added) {
    types.push_back(stackedType(one.value, axis, extent));
    yield->insertOperands(yield->getNumOperands(), one.value);
  }
  auto larger = Op::create(builder, op.getLoc(), types, op.getOperands(), attributes...);
  larger.getBody().takeBody(op.getBody());
  replaceBy(op, larger);
  return larger->getResults().take_back(added.size());
}

/// The loop with the rounds' values, zeros behind the last round, as further states.
ResultRange withStates(LoopOp loop, ArrayRef<Named> added) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  StringAttr bound = builder.getStringAttr(Twine(loop.getBound()));
  auto scalar = TensorType::get(builder.getContext(), ArrayRef<StringAttr>(), DType::i64);
  SmallVector<Value> states(loop.getOperands());
  states.push_back(zeros(builder, loc, scalar));  // the round's number
  for (const Named &one : added)
    states.push_back(zeros(builder, loc, stackedType(one.value, 0, bound)));
  auto larger = LoopOp::create(builder, loc, ValueRange(states).getTypes(), states,
                               loop.getBound());
  larger.getCondition().takeBody(loop.getCondition());
  larger.getBody().takeBody(loop.getBody());
  const size_t own = loop.getNumOperands();
  for (Value state : ArrayRef(states).drop_front(own)) {
    larger.getCondition().addArgument(state.getType(), loc);
    larger.getBody().addArgument(state.getType(), loc);
  }
  YieldOp yield = larger.getYield();
  builder.setInsertionPoint(yield);
  auto kept = larger.getBody().getArguments().drop_front(own);
  auto one = ConstantOp::create(builder, loc, scalar, builder.getI64IntegerAttr(1));
  SmallVector<Value> next = {AddOp::create(builder, loc, scalar, kept[0], one)};
  for (auto [named, all] : llvm::zip(added, kept.drop_front()))
    next.push_back(UpdateSliceOp::create(builder, loc, all.getType(), all,
                                         asRound(builder, loc, named.value), kept[0], 0,
                                         builder.getI64IntegerAttr(0)));
  yield->insertOperands(yield->getNumOperands(), next);
  replaceBy(loop, larger);
  return larger->getResults().take_back(added.size());
}

/// Finds the named values of an entry; control ops grow results for those of their bodies.
class Collector {
 public:
  explicit Collector(EntryOp entry) {
    entry.walk([&](RaggedOp op) {
      if (op->getParentOp() != entry.getOperation()) inner.insert(getTensorType(op).getDimText(1));
    });
    values = of(entry.getBody().front());
  }

  NamedValues values;
  std::vector<std::string> refused;  // a sentence for each name that cannot be asked for

 private:
  NamedValues of(Block &block) {
    NamedValues found;
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (auto name = dyn_cast<NameOp>(op)) {
        found.push_back({name.getName(), name.getResult()});
      } else if (auto repeat = dyn_cast<RepeatOp>(op)) {
        ofRepeat(repeat, found);
      } else if (auto scan = dyn_cast<ScanOp>(op)) {
        ofScan(scan, found);
      } else if (auto loop = dyn_cast<LoopOp>(op)) {
        ofLoop(loop, found);
      } else if (isa<FusedOp>(op)) {
        op.walk([&](NameOp name) { refuse(name.getName(), "it is inside of a fused kernel"); });
      }
    }
    return found;
  }

  void ofRepeat(RepeatOp repeat, NamedValues &found) {
    const int64_t count = repeat.getCount();
    NamedValues inner = stackable(of(repeat.getBody().front()), "a repeat", 0);
    if (inner.empty()) return;
    OpBuilder builder(repeat->getBlock()->getTerminator());
    Location loc = repeat.getLoc();
    ResultRange stacked =
        withOutputs(repeat, inner, 0, builder.getStringAttr(Twine(count)), count,
                    repeat.getYs() + static_cast<int64_t>(inner.size()));
    for (auto [one, all] : llvm::zip(inner, stacked))
      for (int64_t i = 0; i < count; ++i)
        found.push_back({one.name, roundOf(builder, loc, all, i)});
  }

  void ofScan(ScanOp scan, NamedValues &found) {
    const int64_t axis = scan.getAxis();
    TensorType sequence = getTensorType(scan.getSequences()[0]);
    StringAttr extent = sequence.getDims()[axis];
    StringAttr rows = extent.getValue().ends_with("~") ? sequence.getDims()[axis - 1] : nullptr;
    NamedValues inner = stackable(of(scan.getBody().front()), "a scan", axis, rows);
    if (inner.empty()) return;
    ResultRange stacked =
        withOutputs(scan, inner, axis, extent, axis, scan.getXs(), scan.getReverse());
    add(inner, stacked, found);
  }

  void ofLoop(LoopOp loop, NamedValues &found) {
    loop.getCondition().walk(
        [&](NameOp name) { refuse(name.getName(), "it is in the condition of a loop"); });
    NamedValues inner = stackable(of(loop.getBody().front()), "a loop", 0);
    if (loop.getBound() > kMostRounds) {
      for (const Named &one : inner)
        refuse(one.name, "it is inside of a loop of more than " + Twine(kMostRounds) + " rounds");
      return;
    }
    if (!inner.empty()) add(inner, withStates(loop, inner), found);
  }

  /// The values that have a place for the axis; `rows` is what a ragged axis must stand behind.
  NamedValues stackable(const NamedValues &values, StringRef where, int64_t axis,
                        StringAttr rows = nullptr) {
    NamedValues good;
    for (const Named &one : values) {
      TensorType type = getTensorType(one.value);
      bool hasPlace = type.getRank() >= axis && type.getRank() < rules::Shape::max_rank &&
                      (!rows || type.getDims()[axis - 1] == rows);
      bool isKnown = llvm::none_of(type.getDims(), [&](StringAttr dim) {
        return inner.contains(dim.getValue());
      });
      if (hasPlace && isKnown) {
        good.push_back(one);
        continue;
      }
      std::string text;
      llvm::raw_string_ostream(text) << type;
      refuse(one.name, "in " + where + " its values, " + text + " each, cannot be stacked");
    }
    return good;
  }

  void add(const NamedValues &inner, ResultRange stacked, NamedValues &found) {
    for (auto [one, all] : llvm::zip(inner, stacked)) found.push_back({one.name, all});
  }

  void refuse(StringRef name, const Twine &why) {
    refused.push_back(("'" + name + "' cannot be asked for: " + why).str());
  }

  llvm::StringSet<> inner;  // ragged dims whose lengths only a region knows
};

struct ExposeNames : impl::ExposeNamesBase<ExposeNames> {
  using ExposeNamesBase::ExposeNamesBase;

  void runOnOperation() override {
    ModelOp model = getOperation();
    for (EntryOp entry : llvm::to_vector(model.getBody().getOps<EntryOp>())) {
      OpBuilder builder(entry->getContext());
      builder.setInsertionPointAfter(entry);
      auto asked = cast<EntryOp>(builder.clone(*entry));
      asked.setSymName((entry.getSymName() + ".asked").str());
      Collector found(asked);
      if (!found.refused.empty()) {
        SmallVector<StringRef> sentences(found.refused.begin(), found.refused.end());
        entry->setAttr("sinter.unaskable", builder.getStrArrayAttr(sentences));
      }
      if (!expose(asked, found.values)) asked->erase();
    }
  }

  /// False where there is nothing to return.
  bool expose(EntryOp entry, const NamedValues &values) {
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
