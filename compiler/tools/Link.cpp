// Link.h
#include "compiler/tools/Link.h"

#include <fmt/format.h>

#include <fstream>

#include "compiler/tools/Process.h"

namespace sinter {
namespace {

namespace fs = std::filesystem;

// With sanitizers the runtime library needs theirs, which are no static executable's.
#if __has_feature(address_sanitizer)
constexpr const char* kKindOfProgram = "-fsanitize=address,undefined";
#else
constexpr const char* kKindOfProgram = "-static-pie";
#endif

void run(const std::vector<std::string>& command, const std::string& what) {
  ProcessResult result = runProcess(command);
  if (result.status != 0) throw Failure(what + " failed:\n" + result.err, 3);
}

/// Writes the block of a model's weights and says where it is.
void placeWeights(CompiledModel& model, const WeightSource& source, const fs::path& path) {
  BlockPlan plan = planBlock(model.weights);
  model.description.weightsSize = plan.size;
  if (plan.size == 0) return;
  std::ofstream out(path, std::ios::binary);
  std::string problem = writeBlock(model.weights, plan, source, out);
  if (!problem.empty()) throw Failure(problem);
  out.close();
  if (!out) throw Failure(path.string() + ": cannot be written; is the disk full?", 3);
}

fs::path compileDescriptor(const Toolchain& toolchain, const ModelDescription& description,
                           const fs::path& folder, const std::string& stem) {
  fs::path source = folder / (stem + ".c"), object = folder / (stem + ".o");
  std::ofstream out(source);
  writeDescriptor(description, out);
  out.close();
  std::vector<std::string> command = {toolchain.compiler(),
                                      "-x",
                                      "c",
                                      "-std=gnu17",
                                      "-fPIC",
                                      "-O1",
                                      "-I" + (toolchain.headers() / "runtime").string(),
                                      "-c",
                                      source.string(),
                                      "-o",
                                      object.string()};
  run(command, "compiling the model's descriptor");
  return object;
}

}  // namespace

void linkProgram(const Toolchain& toolchain, CompiledModel model, const LinkOptions& options,
                 const fs::path& folder, const fs::path& out) {
  bool beside = !options.weightsFile.empty();
  fs::path block = beside ? out.parent_path() / options.weightsFile : folder / "weights.bin";
  placeWeights(model, options.weights, block);
  if (beside)
    model.description.weightsFile = options.weightsFile;
  else if (model.description.weightsSize > 0)
    model.description.weightsPath = fs::absolute(block);
  model.description.assets = options.assets;
  model.description.version = SINTER_VERSION;
  fs::path descriptor = compileDescriptor(toolchain, model.description, folder, "model");
  std::vector<std::string> command = {
      toolchain.compiler(), kKindOfProgram, "--ld-path=" + toolchain.linker(),
      "-Wl,--gc-sections",  "-o",          out.string(),
      descriptor.string()};
  for (const fs::path& object : model.objects) command.push_back(object.string());
  command.push_back(toolchain.runtimeLibrary().string());
  for (const char* library : {"-lutf8proc", "-lpthread", "-s"}) command.push_back(library);
  for (const char* flag : kDescriptorLinkFlags) command.push_back(std::string("-Wl,") + flag);
  run(command, "linking");
}

std::vector<fs::path> libraryObjects(const Toolchain& toolchain, CompiledModel model,
                                     const WeightSource& weights, size_t index,
                                     const fs::path& folder) {
  fs::path block = folder / fmt::format("weights_{}.bin", index);
  placeWeights(model, weights, block);
  if (model.description.weightsSize > 0) model.description.weightsPath = fs::absolute(block);
  model.description.reader.clear();  // text is the programs'
  model.description.writer.clear();
  model.description.symbolSuffix = fmt::format("_{}", index);
  std::vector<fs::path> objects = model.objects;
  objects.push_back(compileDescriptor(toolchain, model.description, folder,
                                      fmt::format("model_{}", index)));
  return objects;
}

void linkLibrary(const Toolchain& toolchain, const std::vector<fs::path>& objects,
                 const fs::path& out) {
  std::vector<std::string> command = {toolchain.compiler(), "-shared",
                                      "--ld-path=" + toolchain.linker(), "-o", out.string()};
  for (const fs::path& object : objects) command.push_back(object.string());
  run(command, "linking");
}

}  // namespace sinter
