// Models, weights and entries: their questions and what makes them well formed. Shapes of ops are
// checked elsewhere (Verify.cpp).
#include "compiler/Dialect.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace sinter {

//===-- Weights ------------------------------------------------------------------------------===//

std::string WeightOp::getRoundKey(int64_t round) {
  auto [before, after] = getKey().split("{}");
  if (!isPerRound()) return getKey().str();
  return (before + Twine(round + getFirst()) + after).str();
}

WeightOp ModelOp::getWeight(StringRef key) {
  for (auto weight : getOps<WeightOp>())
    if (weight.getKey() == key) return weight;
  return nullptr;
}

EntryOp ModelOp::getEntry(StringRef name) { return lookupSymbol<EntryOp>(name); }

int64_t ModelOp::countParameters() {
  int64_t total = 0;
  for (auto weight : getOps<WeightOp>())
    if (weight.getKind() != "buffer" && !weight.getAlias())
      total += weight.getCount() * weight.getTensorType().getNumElements();
  return total;
}

LogicalResult WeightOp::verify() {
  if (!llvm::is_contained({"param", "frozen", "buffer"}, getKind()))
    return emitError("weight '" + getKey() + "': kind is param, frozen or buffer, not '" +
                     getKind() + "'");
  if (!getTensorType().hasStaticShape())
    return emitError("weight '" + getKey() + "' needs constant sizes, but is ") << getType();
  if (getKey().count("{}") > 1)
    return emitError("weight '" + getKey() + "' has more than one place for the round's number");
  if (getCount() < 1 || (getCount() > 1 && !isPerRound()))
    return emitError("weight '" + getKey() + "' is declared ")
           << getCount() << " times, but its key has no {} for the round's number";
  return success();
}

//===-- Model --------------------------------------------------------------------------------===//

namespace {

/// The weights of a model by key, single rounds included.
class WeightTable {
 public:
  LogicalResult build(ModelOp model);
  LogicalResult check(ParamOp param) const;

 private:
  struct Round {
    WeightOp weight;
    bool isPattern;
  };
  llvm::StringMap<Round> rounds;
};

}  // namespace

LogicalResult WeightTable::build(ModelOp model) {
  auto add = [&](WeightOp weight, StringRef key, bool isPattern) {
    if (rounds.try_emplace(key, Round{weight, isPattern}).second) return success();
    return LogicalResult(weight.emitError("weight '" + key + "' is declared twice"));
  };
  for (auto weight : model.getOps<WeightOp>()) {
    if (failed(add(weight, weight.getKey(), weight.isPerRound()))) return failure();
    for (int64_t round = 0; weight.isPerRound() && round < weight.getCount(); ++round)
      if (failed(add(weight, weight.getRoundKey(round), false))) return failure();
  }
  for (auto weight : model.getOps<WeightOp>()) {
    if (!weight.getAlias()) continue;
    auto target = rounds.find(*weight.getAlias());
    if (target == rounds.end())
      return weight.emitError("weight '" + weight.getKey() + "' shares the storage of '" +
                              *weight.getAlias() + "', which the model lacks");
    if (target->second.weight.getType() != weight.getType())
      return weight.emitError("weight '" + weight.getKey() + "' is ")
             << weight.getType() << ", but shares the storage of '" << *weight.getAlias()
             << "', which is " << target->second.weight.getType();
  }
  return success();
}

LogicalResult WeightTable::check(ParamOp param) const {
  StringRef key = param.getKey();
  auto found = rounds.find(key);
  if (found == rounds.end())
    return param.emitError("param: the model has no weight '" + key + "'");
  WeightOp weight = found->second.weight;
  if (weight.getTensorType() != param.getType())
    return param.emitError("param '" + key + "' is ")
           << param.getType() << ", but the weight is " << weight.getTensorType();
  if (!found->second.isPattern) return success();
  auto repeat = param->getParentOfType<RepeatOp>();
  if (!repeat)
    return param.emitError("param '" + key + "' is a weight per round, but no repeat is around it");
  if (repeat.getCount() > weight.getCount())
    return param.emitError("param '" + key + "' has ")
           << weight.getCount() << " rounds, but the repeat around it runs " << repeat.getCount();
  return success();
}

LogicalResult ModelOp::verifyRegions() {
  for (Operation &op : getBody().front())
    if (!isa<WeightOp, EntryOp, TaskOp>(op))
      return op.emitError("a model holds weights, entries and a task, not '") << op.getName()
                                                                             << "'";
  if (llvm::range_size(getOps<TaskOp>()) > 1)
    return (*++getOps<TaskOp>().begin()).emitError("a model has at most one task");
  WeightTable table;
  if (failed(table.build(*this))) return failure();
  WalkResult result = walk([&](ParamOp param) {
    return failed(table.check(param)) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

//===-- Entry --------------------------------------------------------------------------------===//

ReturnOp EntryOp::getReturn() { return cast<ReturnOp>(getBody().front().getTerminator()); }

static std::optional<unsigned> findName(ArrayAttr names, StringRef name) {
  for (auto [index, attr] : llvm::enumerate(names.getAsValueRange<StringAttr>()))
    if (attr == name) return index;
  return std::nullopt;
}

static LogicalResult checkDistinct(EntryOp entry, ArrayAttr names, StringRef what) {
  llvm::StringSet<> seen;
  for (StringRef name : names.getAsValueRange<StringAttr>())
    if (!seen.insert(name).second)
      return entry.emitError("entry '" + entry.getSymName() + "' has two " + what + " named '" +
                             name + "'");
  return success();
}

LogicalResult EntryOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getNumArguments() != getInputs().size())
    return emitError("entry '" + getSymName() + "' names ")
           << getInputs().size() << " inputs, but its block has " << block.getNumArguments();
  for (BlockArgument argument : block.getArguments())
    if (!isa<TensorType>(argument.getType()))
      return emitError("entry '" + getSymName() + "' takes tensors, not ") << argument.getType();
  ReturnOp returned = getReturn();
  if (returned.getNumOperands() != getOutputs().size())
    return returned.emitError("entry '" + getSymName() + "' names ")
           << getOutputs().size() << " outputs, but returns " << returned.getNumOperands();
  if (failed(checkDistinct(*this, getInputs(), "inputs")) ||
      failed(checkDistinct(*this, getOutputs(), "outputs")))
    return failure();
  if (!getState()) return success();
  for (StringRef name : getState()->getAsValueRange<StringAttr>()) {
    auto in = findName(getInputs(), name), out = findName(getOutputs(), name);
    if (!in || !out)
      return emitError("entry '" + getSymName() + "': state '" + name +
                       "' must be an input and an output");
    Type before = block.getArgument(*in).getType(), after = returned.getOperand(*out).getType();
    if (before != after)
      return emitError("entry '" + getSymName() + "': state '" + name + "' enters as ")
             << before << " but is returned as " << after;
  }
  return success();
}

}  // namespace sinter
