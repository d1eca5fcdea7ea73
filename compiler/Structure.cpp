// Models, weights and entries: their questions and what makes them well formed. Shapes of ops are
// checked elsewhere (Verify.cpp).
#include "compiler/Rules.h"
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

namespace {

/// The symbols of an entry's dimensions: those that its inputs bind, and those that are used.
class Symbols {
 public:
  /// An axis that is a symbol alone gives it its value; so does a ragged one to its dense twin.
  void bind(TensorType type) {
    for (StringAttr dim : type.getDims()) {
      StringRef name = dim.getValue();
      if (name.find_first_of("0123456789+-*( ") == 0 || name.find_first_of("+-*( ") != name.npos)
        continue;
      bound.insert(name);
      if (name.consume_back("~")) bound.insert(name);
    }
  }
  /// The first symbol of the type that nothing binds, or an empty text.
  StringRef findUnbound(TensorType type) {
    if (!seen.insert(type).second) return {};
    rules::Rules rules;
    toShape(rules, type);
    for (size_t i = 0; i < rules.dims.atom_count(); ++i) {
      const rules::Atom &atom = rules.dims.atom(i);
      if (atom.kind != rules::Atom::symbol) continue;
      StringRef name = toStringRef(atom.text.view());
      if (!bound.contains(name)) return bound.insert(name).first->getKey();
    }
    return {};
  }

 private:
  llvm::StringSet<> bound;
  llvm::SmallDenseSet<Type> seen;
};

}  // namespace

/// Every symbol has a value at run time: from an input, or from the lengths of a `ragged`.
static LogicalResult checkSymbols(EntryOp entry) {
  Symbols symbols;
  for (BlockArgument input : entry.getBody().front().getArguments())
    symbols.bind(getTensorType(input));
  entry.walk([&](RaggedOp op) { symbols.bind(op.getType()); });
  WalkResult result = entry.walk([&](Operation *op) {
    for (Value value : op->getResults()) {
      StringRef unbound = symbols.findUnbound(getTensorType(value));
      if (unbound.empty()) continue;
      op->emitError("entry '" + entry.getSymName() + "': no input has the dimension '" + unbound +
                    "' of ")
          << value.getType();
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// "left relation right", both dimensions.
static LogicalResult checkConstraint(EntryOp entry, StringRef text) {
  for (StringRef relation : {"<=", ">=", "==", "!=", "<", ">"}) {
    auto [left, right] = text.split(relation);
    if (right.empty()) continue;
    std::string why;
    canonicalDim(left.trim(), why);
    if (why.empty()) canonicalDim(right.trim(), why);
    if (why.empty()) return success();
    return entry.emitError("constraint '" + text + "': " + why);
  }
  return entry.emitError("constraint '" + text + "' is no relation of two dimensions");
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
  if (failed(checkSymbols(*this))) return failure();
  if (getConstraints())
    for (StringRef text : getConstraints()->getAsValueRange<StringAttr>())
      if (failed(checkConstraint(*this, text))) return failure();
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
