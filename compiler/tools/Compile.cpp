// Compile.h: the one file of the driver that sees codegen's MLIR.
#include "compiler/tools/Compile.h"

#include "codegen/Emit.h"
#include "codegen/Lower.h"
#include "compiler/Dialect.h"
#include "compiler/Pipelines.h"
#include "compiler/tools/Process.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

namespace sinter {
namespace {

/// One model on its way, with the diagnostics that it causes.
struct Session {
  mlir::DialectRegistry registry;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  std::string diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  ModelOp model;

  Session(const std::string& graph, const std::string& name, bool askable = false) {
    registry.insert<SinterDialect>();
    registerLowerDialects(registry);
    context.appendDialectRegistry(registry);
    context.getDiagEngine().registerHandler([this](mlir::Diagnostic& diagnostic) {
      if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Error) return;
      llvm::raw_string_ostream text(diagnostics);
      if (!diagnostics.empty()) text << '\n';
      if (auto at = mlir::dyn_cast<mlir::FileLineColLoc>(diagnostic.getLocation()))
        text << at.getFilename().getValue() << ':' << at.getLine() << ": ";
      text << diagnostic;
    });
    module = mlir::parseSourceString<mlir::ModuleOp>(graph, &context, "graph.mlir");
    if (!module) fail();
    for (ModelOp each : module->getOps<ModelOp>())
      if (each.getSymName() == name) model = each;
    if (!model) throw Failure("there is no model named " + name, 2);
    mlir::PassManager passes(&context);
    (askable ? buildProgramPipeline : buildFusionPipeline)(passes);
    if (mlir::failed(passes.run(*module))) fail();
  }
  [[noreturn]] void fail() {
    throw Failure(diagnostics.empty() ? "the compiler failed without a diagnostic" : diagnostics);
  }
  Lowered lower(LowerStage stage) {
    mlir::FailureOr<Lowered> lowered = lowerModel(model, stage);
    if (mlir::failed(lowered) || !diagnostics.empty()) fail();
    return std::move(*lowered);
  }
};

const Target& targetNamed(const std::string& name) {
  if (const Target* target = findTarget(name)) return *target;
  std::string known;
  for (const Target& target : kTargets)
    known += (known.empty() ? "" : ", ") + std::string(target.suffix);
  throw Failure("there is no target '" + name + "'; there are " + known, 2);
}

std::string printed(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream out(text);
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(true).elideLargeElementsAttrs(16);
  module.print(out, flags);
  return text + "\n";
}

}  // namespace

std::vector<std::string> allTargets() {
  std::vector<std::string> names;
  for (const Target& target : kTargets) names.emplace_back(target.suffix);
  return names;
}

std::string hostTarget() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "v3";
  return "v2";
}

CompiledModel compileModel(const std::string& graph, const std::string& model,
                           const std::vector<std::string>& targets,
                           const std::filesystem::path& folder, bool askable) {
  Session session(graph, model, askable);
  Lowered lowered = session.lower(LowerStage::kBuffers);
  CompiledModel result{lowered.description, lowered.weights, {}};
  for (const std::string& name : targets) {
    const Target& target = targetNamed(name);
    std::filesystem::path path = folder / (model + "_" + name + ".o");
    std::error_code error;
    llvm::raw_fd_ostream out(path.string(), error);
    if (error) throw Failure(path.string() + ": " + error.message(), 3);
    if (mlir::failed(emit(*lowered.module, target, EmitStage::kObject, out))) session.fail();
    result.objects.push_back(path);
    result.description.targets.emplace_back(target.suffix);
  }
  return result;
}

std::vector<std::string> machineStages() {
  return {"loops", "buffers", "vector", "llvm", "llvmir", "asm"};
}

std::string printMachineStage(const std::string& graph, const std::string& model,
                              const std::string& stage, const std::string& target) {
  Session session(graph, model);
  if (stage == "loops") return printed(*session.lower(LowerStage::kLoops).module);
  Lowered lowered = session.lower(LowerStage::kBuffers);
  if (stage == "buffers") return printed(*lowered.module);
  EmitStage emitted = stage == "vector" ? EmitStage::kVector
                      : stage == "llvm" ? EmitStage::kLlvm
                      : stage == "asm"  ? EmitStage::kAssembly
                                        : EmitStage::kLlvmIr;
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream out(text);
  if (mlir::failed(emit(*lowered.module, targetNamed(target), emitted, out))) session.fail();
  return text.str().str();
}

}  // namespace sinter
