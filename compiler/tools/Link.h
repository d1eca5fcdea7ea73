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

/// One shared object with a descriptor for each model, under the symbol sinter_model_<i>.
void linkLibrary(const Toolchain& toolchain, std::vector<CompiledModel> models,
                 const std::vector<WeightSource>& weights, const std::filesystem::path& folder,
                 const std::filesystem::path& out);

}  // namespace sinter
