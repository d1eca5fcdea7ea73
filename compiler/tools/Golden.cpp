// `sinter golden`: computes reference cases and compares. Non-goals: finding and compiling what
// computes a case (golden/Program.h), the check of one (golden/Check.h).
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <sstream>

#include "compiler/tools/Commands.h"
#include "compiler/tools/Config.h"
#include "compiler/tools/Graph.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/WeightsOf.h"
#include "compiler/tools/golden/Bind.h"
#include "compiler/tools/golden/Check.h"
#include "compiler/tools/golden/Child.h"
#include "compiler/tools/golden/Native.h"
#include "compiler/tools/golden/Program.h"

namespace sinter {
namespace {

namespace fs = std::filesystem;
using namespace golden;

std::vector<std::string> modelFiles(const std::string& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.path().extension() == ".cpp") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  if (files.empty()) throw Failure(path + ": holds no models", 2);
  return files;
}

// A verdict as bytes and back, for the way from a child to its parent.
std::string packed(const Verdict& verdict) {
  std::string bytes(2 * sizeof(double), '\0');
  memcpy(bytes.data(), &verdict.error, sizeof(double));
  memcpy(bytes.data() + sizeof(double), &verdict.tolerance, sizeof(double));
  return bytes + verdict.problem;
}

Verdict unpacked(const std::string& bytes) {
  Verdict verdict;
  memcpy(&verdict.error, bytes.data(), sizeof(double));
  memcpy(&verdict.tolerance, bytes.data() + sizeof(double), sizeof(double));
  verdict.problem = bytes.substr(2 * sizeof(double));
  return verdict;
}

/// Cases whose graphs are known. Each is compiled in a child process, what the children leave is
/// linked to one library, and each case is run in a child again: whatever a case does to the
/// compiler or to its own program, it ends alone.
class Batch {
 public:
  /// `checkpoint`: the weights of cases that hold none, or null.
  Batch(const Toolchain& toolchain, std::chrono::seconds limit,
        const weights::Checkpoint* checkpoint)
      : toolchain_(toolchain), limit_(limit), checkpoint_(checkpoint) {}
  int passed = 0, failed = 0;
  /// Cases of a model with weights that neither they nor a checkpoint give.
  std::vector<std::pair<const Case*, std::string>> skipped;

  void add(const ServedCase& one, const std::string& model, const std::string& graph,
           const std::string& error) {
    bool known = std::any_of(items_.begin(), items_.end(),
                             [&](const Item& item) { return item.model == model; });
    if (known) flush();
    items_.push_back({one.from, model, graph, error});
  }

  void flush() {
    PrivateDirectory directory;
    std::vector<fs::path> objects;
    for (size_t i = 0; i < items_.size(); ++i) {
      if (items_[i].error.empty()) compileApart(items_[i], i, directory / "");
      objects.insert(objects.end(), items_[i].objects.begin(), items_[i].objects.end());
    }
    const fs::path library = directory / "cases.so";
    try {
      if (!objects.empty()) linkLibrary(toolchain_, objects, library);
    } catch (const Failure& failure) {
      for (Item& item : items_)
        if (item.error.empty()) item.error = failure.what();
    }
    for (size_t i = 0; i < items_.size(); ++i)
      if (items_[i].isServed)
        report(items_[i], items_[i].error.empty() ? checkApart(items_[i], library, i)
                                                  : Verdict{0, 0, items_[i].error});
    items_.clear();
  }

 private:
  struct Item {
    const Case* from;
    std::string model, graph, error;
    std::vector<fs::path> objects = {};
    bool isServed = true;
  };

  // The first byte of what a child that compiles answers; the rest is a sentence, or paths.
  static constexpr char kFailed = 'f', kWithoutWeights = 'w', kObjects = 'o';

  void compileApart(Item& item, size_t index, const fs::path& folder) {
    ChildResult result = runInChild(limit_, [&] {
      try {
        return compile(item, index, folder);
      } catch (const std::exception& error) {
        return kFailed + std::string(error.what());
      }
    });
    if (!result.problem.empty()) {
      item.error = "compiling: " + result.problem;
      return;
    }
    std::istringstream answer(result.output);
    switch (answer.get()) {
      case kFailed: item.error = result.output.substr(1); break;
      case kWithoutWeights:
        item.isServed = false;
        skipped.push_back({item.from, "it holds no weights; --weights FILE gives them"});
        break;
      default:
        for (std::string line; std::getline(answer, line);) item.objects.push_back(line);
    }
  }

  std::string compile(const Item& item, size_t index, const fs::path& folder) const {
    std::optional<HostTensors> weights = weightsFor(item);
    if (!weights) return {kWithoutWeights};
    std::string answer = {kObjects};
    for (const fs::path& object :
         libraryObjects(toolchain_, compileModel(item.graph, item.model, {target_}, folder),
                        sourceOf(*weights), index, folder))
      answer += object.string() + "\n";
    return answer;
  }

  /// Nothing where the model has weights that are nowhere.
  std::optional<HostTensors> weightsFor(const Item& item) const {
    if (item.from->hasWeights()) return weightsOf(*item.from);
    const GraphFacts facts = Graphs(item.graph).facts(item.model);
    if (facts.weights.empty()) return HostTensors();
    if (!checkpoint_) return std::nullopt;
    return hostWeights(*checkpoint_, facts);
  }

  Verdict checkApart(const Item& item, const fs::path& path, size_t index) const {
    ChildResult result = runInChild(limit_, [&] {
      try {
        Library library(path, target_);
        return packed(check(*item.from, item.graph, item.model, *weightsFor(item),
                            [&](const std::string& entry, const HostTensors& inputs) {
                              return library.run(index, entry, inputs);
                            }));
      } catch (const std::exception& error) {
        return packed({0, 0, error.what()});
      }
    });
    return result.problem.empty() ? unpacked(result.output) : Verdict{0, 0, result.problem};
  }

  void report(const Item& item, const Verdict& verdict) {
    bool good = verdict.problem.empty();
    ++(good ? passed : failed);
    fmt::print("{}  {}: error {:.2g}, tolerance {:.2g}{}{}\n", good ? "pass" : "FAIL",
               item.from->name(), verdict.error, verdict.tolerance, good ? "" : ": ",
               verdict.problem);
    fflush(stdout);
  }

  const Toolchain& toolchain_;
  const std::chrono::seconds limit_;
  const weights::Checkpoint* checkpoint_;
  const std::string target_ = hostTarget();
  std::vector<Item> items_;
};

}  // namespace

void addGoldenCommand(CLI::App& app) {
  struct Options {
    std::string models, only, config, weights;
    std::vector<std::string> cases;
    int limit = 120;
    bool all = false;
  };
  CLI::App* command = app.add_subcommand("golden", "Compute reference cases and compare");
  auto options = std::make_shared<Options>();
  command->add_option("models", options->models, "a model's C++ file, or a folder of them")
      ->required()
      ->type_name("DIR|MODEL.cpp");
  command->add_option("cases", options->cases, "case files, or folders that hold them")
      ->required()
      ->type_name("DIR|CASE...");
  command->add_option("--only", options->only, "only cases with this in their name")
      ->type_name("NAME");
  command->add_option("--config", options->config, "sizes for cases that hold no weights")
      ->type_name("FILE");
  command->add_option("--weights", options->weights, "a checkpoint for cases that hold no weights")
      ->type_name("FILE|DIR");
  command
      ->add_option("--time-limit", options->limit,
                   "seconds that one case may take to compile, and again to run")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  command->add_flag("--all", options->all, "fail on forward cases that nothing serves");
  command->callback([options] {
    std::vector<Case> cases = readCases(options->cases, options->only);
    const nlohmann::json config = readConfig(options->config, "", {});
    for (Case& one : cases)
      if (!one.hasWeights()) one.completeConfig(config);
    std::optional<weights::Checkpoint> checkpoint;
    if (!options->weights.empty()) checkpoint = openCheckpoint(options->weights);
    Toolchain toolchain;
    Served served = serve(toolchain, modelFiles(options->models), cases);
    Batch batch(toolchain, std::chrono::seconds(options->limit),
                checkpoint ? &*checkpoint : nullptr);
    compileCases(toolchain, served.cases,
                 [&](const ServedCase& one, const std::string& name, const std::string& graph,
                     const std::string& error) { batch.add(one, name, graph, error); });
    batch.flush();
    const int passed = batch.passed, failed = batch.failed;
    served.skipped.insert(served.skipped.end(), batch.skipped.begin(), batch.skipped.end());
    for (const auto& [one, reason] : served.others)
      fmt::print("none  {}: {}\n", one->name(), reason);
    for (const auto& [one, reason] : served.skipped)
      fmt::print("skip  {}: {}\n", one->name(), reason);
    fmt::print("{} passed, {} failed, {} not served, {} skipped\n", passed, failed,
               served.others.size(), served.skipped.size());
    if (failed || passed == 0 || (options->all && !served.others.empty()))
      throw Failure(failed        ? "cases failed"
                    : passed == 0 ? "no case was served"
                                  : "cases of stage forward were not served");
  });
}

}  // namespace sinter
