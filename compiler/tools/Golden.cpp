// `sinter golden`: computes reference cases and compares. Non-goals: finding and compiling what
// computes a case (golden/Program.h), the check of one (golden/Check.h).
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>

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

/// Cases whose graphs are known: compiled one by one, linked to one library, then each run in a
/// child process.
class Batch {
 public:
  /// `checkpoint`: the weights of cases that hold none, or null.
  Batch(const Toolchain& toolchain, std::chrono::seconds limit,
        const weights::Checkpoint* checkpoint)
      : toolchain_(toolchain), limit_(limit), checkpoint_(checkpoint) {}
  int passed = 0, failed = 0;
  /// Cases of a model with weights that neither they nor a checkpoint give.
  std::vector<std::pair<const Case*, std::string>> others;

  void add(const ServedCase& one, const std::string& model, const std::string& graph,
           const std::string& error) {
    bool known = std::any_of(items_.begin(), items_.end(),
                             [&](const Item& item) { return item.model == model; });
    if (known) flush();
    items_.push_back({one.from, model, graph, error, {}, {}});
  }

  void flush() {
    PrivateDirectory directory;
    for (Item& item : items_) {
      if (!item.error.empty()) continue;
      try {
        GraphFacts facts;
        if (!item.from->hasWeights()) facts = Graphs(item.graph).facts(item.model);
        item.isServed = facts.weights.empty() || checkpoint_ != nullptr;
        if (!item.isServed) {
          others.push_back({item.from, "it holds no weights; --weights FILE gives them"});
          continue;
        }
        item.compiled = compileModel(item.graph, item.model, {target_}, directory / "");
        item.weights =
            facts.weights.empty() ? weightsOf(*item.from) : hostWeights(*checkpoint_, facts);
      } catch (const Failure& failure) {
        item.error = failure.what();
      }
    }
    std::erase_if(items_, [](const Item& item) { return !item.isServed; });
    if (!items_.empty()) run(directory, items_);
    items_.clear();
  }

 private:
  struct Item {
    const Case* from;
    std::string model, graph, error;
    CompiledModel compiled;
    HostTensors weights;
    bool isServed = true;
  };

  void run(const PrivateDirectory& directory, std::span<const Item> items) {
    const fs::path library = directory / "cases.so";
    try {
      std::vector<CompiledModel> models;
      std::vector<WeightSource> sources;
      for (const Item& item : items) {
        if (!item.error.empty()) continue;
        models.push_back(item.compiled);
        sources.push_back(sourceOf(item.weights));
      }
      if (!models.empty()) linkLibrary(toolchain_, models, sources, directory / "", library);
    } catch (const Failure& failure) {
      if (items.size() == 1) return report(items[0], {0, 0, failure.what()});
      const size_t half = items.size() / 2;  // one wrong case must not hide the others
      run(directory, items.first(half));
      return run(directory, items.subspan(half));
    }
    size_t index = 0;  // in the library
    for (const Item& item : items)
      if (item.error.empty())
        report(item, checkApart(item, library, index++));
      else
        report(item, {0, 0, item.error});
  }

  Verdict checkApart(const Item& item, const fs::path& path, size_t index) const {
    ChildResult result = runInChild(limit_, [&] {
      try {
        Library library(path, target_);
        return packed(check(*item.from, item.graph, item.model, item.weights,
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
  command->add_option("--time-limit", options->limit, "seconds that one case may take to run")
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
    int unserved = 0;
    for (const auto& [one, reason] : batch.others) served.others.push_back({one, reason});
    for (const auto& [one, reason] : served.others) {
      fmt::print("none  {}: {}\n", one->name(), reason);
      unserved += one->metadata("stage") == "forward";
    }
    fmt::print("{} passed, {} failed, {} not served\n", passed, failed, served.others.size());
    if (failed || passed == 0 || (options->all && unserved))
      throw Failure(failed        ? "cases failed"
                    : passed == 0 ? "no case was served"
                                  : "cases of stage forward were not served");
  });
}

}  // namespace sinter
