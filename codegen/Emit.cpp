// The pass pipeline from kernels to objects, one target at a time. Order and reasons are in
// `addConversions`; flags that keep targets equal bit for bit are in `makeMachine`.
#include "codegen/Emit.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include "codegen/Gemm.h"
#include "codegen/Math.h"

using namespace mlir;

namespace sinter {
namespace {

llvm::StringRef text(std::string_view view) { return {view.data(), view.size()}; }

/// Public functions get the target's suffix, the others become internal.
void nameFunctions(ModuleOp module, const Target& target) {
  OpBuilder b(module.getContext());
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isPublic()) {
      std::string name = (function.getName() + "_" + text(target.suffix)).str();
      (void)SymbolTable::replaceAllSymbolUses(function, b.getStringAttr(name), module);
      function.setName(name);
    } else if (!function.isDeclaration()) {
      function->setAttr("llvm.linkage",
                        LLVM::LinkageAttr::get(b.getContext(), LLVM::Linkage::Internal));
    }
  }
}

LogicalResult lowerToVector(ModuleOp module, const Target& target) {
  defineGemms(module, target);
  expandMath(module, target.fma);
  nameFunctions(module, target);
  PassManager passes(module.getContext());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  return passes.run(module);
}

void addConversions(PassManager& passes) {
  passes.addPass(createConvertVectorToSCFPass());  // transfers that are no plain loads
  passes.addPass(createLowerAffinePass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(memref::createExpandStridedMetadataPass());  // subviews to arithmetic …
  passes.addPass(createLowerAffinePass());                    // … which is affine at first
  passes.addPass(createConvertMathToLLVMPass());
  ConvertVectorToLLVMPassOptions vectors;
  vectors.vectorTransposeLowering = vector::VectorTransposeLowering::Shuffle16x16;
  passes.addPass(createConvertVectorToLLVMPass(vectors));
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createFinalizeMemRefToLLVMConversionPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertIndexToLLVMPass());
  passes.addPass(createUBToLLVMConversionPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  passes.addPass(LLVM::createDIScopeForLLVMFuncOpPass());  // locations become line tables
}

std::unique_ptr<llvm::TargetMachine> makeMachine(const Target& target, Location loc) {
  static const bool initialised = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    return true;
  }();
  (void)initialised;
  llvm::Triple triple(text(target.triple));
  std::string error;
  const llvm::Target* found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found) {
    emitError(loc) << error;
    return nullptr;
  }
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;  // FMA only where the module says so
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, text(target.cpu), text(target.features), options, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Default));
}

void optimise(llvm::Module& module, llvm::TargetMachine& machine, const Target& target) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  std::string width = std::to_string(target.vectorBits);
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    function.addFnAttr("target-cpu", text(target.cpu));
    function.addFnAttr("target-features", text(target.features));
    function.addFnAttr("prefer-vector-width", width);
    function.addFnAttr("min-legal-vector-width", width);
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;  // vector code is written, never found
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

/// Instruction selection may call the C library where it has no instruction. That would make
/// results depend on the machine's library, so it is an error here rather than at link time.
LogicalResult checkSymbols(llvm::StringRef object, Location loc) {
  auto file = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(object, "object"));
  if (!file) return emitError(loc) << llvm::toString(file.takeError());
  std::string missing;
  for (const llvm::object::SymbolRef& symbol : (*file)->symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name) return emitError(loc) << "the object's symbols cannot be read";
    constexpr llvm::StringLiteral allowed[] = {"", "memcpy", "memmove", "memset", "memcmp"};
    if ((*flags & llvm::object::SymbolRef::SF_Undefined) && !llvm::is_contained(allowed, *name))
      missing += (missing.empty() ? "" : ", ") + name->str();
  }
  if (missing.empty()) return success();
  return emitError(loc) << "generated code calls functions outside itself: " << missing;
}

LogicalResult writeMachineCode(llvm::Module& module, llvm::TargetMachine& machine,
                               EmitStage stage, Location loc, llvm::raw_pwrite_stream& out) {
  llvm::SmallVector<char, 0> buffer;
  llvm::raw_svector_ostream stream(buffer);
  llvm::legacy::PassManager passes;
  auto type = stage == EmitStage::kObject ? llvm::CodeGenFileType::ObjectFile
                                          : llvm::CodeGenFileType::AssemblyFile;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return emitError(loc) << "the target cannot write this kind of file";
  passes.run(module);
  llvm::StringRef bytes(buffer.data(), buffer.size());
  if (stage == EmitStage::kObject && failed(checkSymbols(bytes, loc))) return failure();
  out << bytes;
  return success();
}

void print(ModuleOp module, llvm::raw_ostream& out) {
  OpPrintingFlags flags;
  flags.enableDebugInfo().elideLargeElementsAttrs(32);
  module.print(out, flags);
  out << '\n';
}

}  // namespace

void registerEmitDialects(DialectRegistry& registry) {
  registry.insert<affine::AffineDialect, arith::ArithDialect, cf::ControlFlowDialect,
                  func::FuncDialect, index::IndexDialect, LLVM::LLVMDialect, math::MathDialect,
                  memref::MemRefDialect, scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

LogicalResult emit(ModuleOp source, const Target& target, EmitStage stage,
                   llvm::raw_pwrite_stream& out) {
  OwningOpRef<ModuleOp> module = source.clone();
  Location loc = source.getLoc();
  if (failed(lowerToVector(*module, target))) return failure();
  if (stage == EmitStage::kVector) return print(*module, out), success();

  PassManager passes(module->getContext());
  passes.enableVerifier(false);  // the translation to LLVM IR checks what comes out
  addConversions(passes);
  if (failed(passes.run(*module))) return failure();
  if (stage == EmitStage::kLlvm) return print(*module, out), success();

  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> lowered = translateModuleToLLVMIR(*module, context);
  std::unique_ptr<llvm::TargetMachine> machine = makeMachine(target, loc);
  if (!lowered || !machine) return failure();
  optimise(*lowered, *machine, target);
  if (stage == EmitStage::kLlvmIr) return lowered->print(out, nullptr), success();
  return writeMachineCode(*lowered, *machine, stage, loc, out);
}

}  // namespace sinter
