// From the text of a graph to objects and to every stage on the way. Non-goals: linking (Link.h),
// weights' bytes. No MLIR here, so that C++23 files can use it.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "codegen/Descriptor.h"
#include "codegen/Pack.h"

namespace sinter {

/// The machine code of one model, for some targets, and what the runtime must know of it.
struct CompiledModel {
  ModelDescription description;       // targets are filled; weights and assets are the linker's
  std::vector<StoredWeight> weights;  // in the order of description.params
  std::vector<std::filesystem::path> objects;
};

/// Targets by suffix: "v2", "v3", "v4".
std::vector<std::string> allTargets();
/// The best of them that this machine runs.
std::string hostTarget();

/// Writes NAME_<target>.o into `folder`. With `askable`, values that the model names can be asked
/// for. Throws Failure with the diagnostics.
CompiledModel compileModel(const std::string& graph, const std::string& model,
                           const std::vector<std::string>& targets,
                           const std::filesystem::path& folder, bool askable = false);

/// The stages after "fused", in order; all are text that MLIR's or LLVM's own tools read.
///   loops    kernels over buffers where they are needed
///   buffers  the same, every buffer at its place in the arena
///   vector   kernels written for the target
///   llvm     the LLVM dialect
///   llvmir   LLVM IR, optimised
///   asm      assembly
std::vector<std::string> machineStages();
std::string printMachineStage(const std::string& graph, const std::string& model,
                              const std::string& stage, const std::string& target);

}  // namespace sinter
