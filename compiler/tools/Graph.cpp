// Graph.h: the one file of the driver that sees the dialect.
#include "compiler/tools/Graph.h"

#include "compiler/Dialect.h"
#include "compiler/Interpreter.h"
#include "compiler/Passes.h"
#include "compiler/Pipelines.h"
#include "compiler/tools/Process.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

namespace sinter {
namespace {

// The part of a type between '<' and '>'.
std::string innerText(TensorType type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text.substr(text.find('<') + 1, text.rfind('>') - text.find('<') - 1);
}

GraphTensor describeTensor(llvm::StringRef name, mlir::Type type) {
  GraphTensor result{name.str(), innerText(mlir::cast<TensorType>(type)), {}, {}};
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::StringRef(result.type).split(parts, " x ");
  result.dType = static_cast<rules::DType>(*parseDType(parts.pop_back_val()));
  for (llvm::StringRef part : parts) result.dims.push_back(part.str());
  return result;
}

std::string text(mlir::Attribute name) { return mlir::cast<mlir::StringAttr>(name).str(); }

GraphEntry describeEntry(EntryOp entry) {
  GraphEntry result;
  result.name = entry.getSymName().str();
  auto arguments = entry.getBody().getArguments();
  for (auto [name, value] : llvm::zip(entry.getInputs(), arguments))
    result.inputs.push_back(describeTensor(text(name), value.getType()));
  for (auto [name, value] : llvm::zip(entry.getOutputs(), entry.getReturn().getOperands()))
    result.outputs.push_back(describeTensor(text(name), value.getType()));
  if (auto constraints = entry.getConstraints())
    for (mlir::Attribute constraint : *constraints) result.constraints.push_back(text(constraint));
  return result;
}

GraphWeight describeWeight(WeightOp weight) {
  GraphWeight result;
  result.key = weight.getKey().str();
  result.kind = weight.getKind().str();
  result.alias = weight.getAlias().value_or("").str();
  GraphTensor type = describeTensor("", weight.getType());
  result.dType = type.dType;
  for (const std::string& dim : type.dims) result.shape.push_back(std::stoll(dim));
  if (weight.isPerRound()) result.count = weight.getCount();
  result.first = weight.getFirst();
  return result;
}

}  // namespace

struct Graphs::State {
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string diagnostics;
  mlir::ScopedDiagnosticHandler handler{&context, [this](mlir::Diagnostic& diagnostic) {
    llvm::raw_string_ostream out(diagnostics);
    if (auto file = diagnostic.getLocation()->findInstanceOf<mlir::FileLineColLoc>())
      out << file.getFilename().getValue() << ":" << file.getLine() << ": ";
    out << diagnostic.str() << "\n";
    return mlir::success();
  }};

  // MLIR's frames hold no exceptions: what it said is thrown after it has returned.
  [[noreturn]] void fail(const std::string& what) {
    while (!diagnostics.empty() && diagnostics.back() == '\n') diagnostics.pop_back();
    throw Failure(what + ":\n" + std::exchange(diagnostics, {}));
  }
  ModelOp model(const std::string& name) {
    auto found = module->lookupSymbol<ModelOp>(name);
    if (!found) throw Failure("the graph has no model '" + name + "'");
    return found;
  }
};

Graphs::Graphs(const std::string& text) : state_(std::make_unique<State>()) {
  state_->context.loadDialect<SinterDialect>();
  state_->module = mlir::parseSourceString<mlir::ModuleOp>(text, &state_->context, "graph.mlir");
  if (!state_->module) state_->fail("the graph that the model printed is not valid");
}

Graphs::~Graphs() = default;

GraphFacts Graphs::facts(const std::string& name) const {
  ModelOp model = state_->model(name);
  GraphFacts facts;
  facts.name = name;
  facts.parameters = model.countParameters();
  for (mlir::Operation& op : model.getBody().front()) {
    if (auto weight = llvm::dyn_cast<WeightOp>(op)) facts.weights.push_back(describeWeight(weight));
    if (auto entry = llvm::dyn_cast<EntryOp>(op)) facts.entries.push_back(describeEntry(entry));
  }
  return facts;
}

std::vector<GraphNames> Graphs::names(const std::string& name) const {
  mlir::OwningOpRef<mlir::ModuleOp> copy = mlir::ModuleOp::create(state_->module->getLoc());
  auto model = state_->model(name).clone();
  copy->push_back(model);
  mlir::PassManager manager(&state_->context);
  manager.nest<ModelOp>().addPass(createExposeNames());
  if (mlir::failed(manager.run(*copy))) state_->fail("the names cannot be listed");
  std::vector<GraphNames> names;
  for (auto entry : model.getBody().getOps<EntryOp>()) {
    if (!entry.getAskable()) names.push_back({entry.getSymName().str(), {}, {}});
    if (auto sentences = entry->getAttrOfType<mlir::ArrayAttr>("sinter.unaskable"))
      for (mlir::Attribute sentence : sentences) names.back().unaskable.push_back(text(sentence));
    if (!entry.getAskable()) continue;  // else it is the companion of the entry before it
    for (GraphTensor& output : describeEntry(entry).outputs)
      if (llvm::is_contained(*entry.getAskable(),
                             mlir::StringAttr::get(&state_->context, output.name)))
        names.back().askable.push_back(std::move(output));
  }
  return names;
}

std::string Graphs::print(const std::string& name, const std::string& stage) const {
  mlir::OwningOpRef<mlir::ModuleOp> copy =
      mlir::ModuleOp::create(state_->module->getLoc());
  copy->push_back(state_->model(name)->clone());
  if (stage == "fused") {
    mlir::PassManager manager(&state_->context);
    buildFusionPipeline(manager);
    if (mlir::failed(manager.run(*copy))) state_->fail("fusion failed");
  }
  std::string text;
  llvm::raw_string_ostream out(text);
  auto flags = mlir::OpPrintingFlags().enableDebugInfo().elideLargeElementsAttrs(32);
  copy->print(out, flags);
  out << "\n";
  return text;
}

HostTensors Graphs::interpret(const std::string& model, const std::string& entry,
                              const HostTensors& inputs, const HostTensors& weights) const {
  llvm::Expected<Interpreted> result =
      sinter::interpret(state_->model(model).getEntry(entry), inputs, weights);
  if (!result) throw Failure("interpreter: " + llvm::toString(result.takeError()));
  HostTensors all = std::move(result->outputs);
  all.merge(result->named);
  return all;
}

}  // namespace sinter
