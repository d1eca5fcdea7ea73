// From compiled models to something that runs: the weight block, the descriptor and the link.
// Non-goals: compiling graphs (Compile.h), finding tensors in checkpoints.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/tools/Compile.h"
#include "compiler/tools/Toolchain.h"

namespace sinter {

struct LinkOptions {
  WeightSource weights;                  // asked for every weight of the model
  std::vector<AssetDescription> assets;  // files that are embedded
  std::string weightsFile;               // not embedded: a file of this name beside the binary
};

/// One static executable. Throws Failure.
void linkProgram(const Toolchain& toolchain, CompiledModel model, const LinkOptions& options,
                 const std::filesystem::path& folder, const std::filesystem::path& out);

/// Everything of one model that a library is linked from: its code, its weights and its descriptor
/// under the symbol sinter_model_<index>. Throws Failure.
std::vector<std::filesystem::path> libraryObjects(const Toolchain& toolchain, CompiledModel model,
                                                  const WeightSource& weights, size_t index,
                                                  const std::filesystem::path& folder);

/// One shared object of the objects of some models. Throws Failure.
void linkLibrary(const Toolchain& toolchain, const std::vector<std::filesystem::path>& objects,
                 const std::filesystem::path& out);

}  // namespace sinter
