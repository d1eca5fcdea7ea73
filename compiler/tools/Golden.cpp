// `sinter golden`: computes reference cases and compares. Non-goals: finding and compiling what
// computes a case (golden/Program.h), the rule of equality (golden/Compare.h).
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "compiler/tools/Commands.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/golden/Bind.h"
#include "compiler/tools/golden/Compare.h"
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

// The largest error of a case and the tolerance it is nearest to, or what is wrong.
struct Verdict {
  double error = 0, tolerance = 0;
  std::string problem;
};

std::vector<double> valuesOf(const HostTensor& tensor) {
  if (tensor.isReal()) return tensor.reals;
  return {tensor.integers.begin(), tensor.integers.end()};
}

// Tensor NAME, or round 3 of a stacked one for NAME.3.
std::optional<HostTensor> findOutput(const HostTensors& outputs, const std::string& name) {
  if (auto found = outputs.find(name); found != outputs.end()) return found->second;
  size_t dot = name.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  auto stacked = outputs.find(name.substr(0, dot));
  if (stacked == outputs.end() || stacked->second.shape.empty()) return std::nullopt;
  size_t round = std::stoul(name.substr(dot + 1));
  const HostTensor& all = stacked->second;
  if (round >= size_t(all.shape[0])) return std::nullopt;
  HostTensor one(all.dType, {all.shape.begin() + 1, all.shape.end()});
  for (size_t i = 0, n = size_t(one.size()); i < n; ++i)
    if (one.isReal())
      one.reals[i] = all.reals[round * n + i];
    else
      one.integers[i] = all.integers[round * n + i];
  return one;
}

// The output as the graph types it; a round of a stacked one has its dims but the first.
GraphTensor typeOf(const GraphEntry& entry, const std::string& name) {
  for (const GraphTensor& output : entry.outputs) {
    if (output.name == name) return output;
    if (!name.starts_with(output.name + ".")) continue;
    GraphTensor round = output;
    round.dims.erase(round.dims.begin());
    return round;
  }
  return {};
}

// Three ways: the case's own values, the interpreter's, and those of the generated code.
using RunNative = std::function<HostTensors(const std::string& entry, const HostTensors& inputs)>;

Verdict check(const Case& wanted, const std::string& graph, const std::string& model,
              const RunNative& run) {
  Graphs graphs(graph);
  GraphFacts facts = graphs.facts(model);
  HostTensors weights = weightsOf(wanted);
  Verdict verdict;
  std::vector<std::string> names = wanted.names("out:");
  for (const GraphEntry& entry : facts.entries) {
    std::optional<HostTensors> inputs = inputsOf(wanted, entry);
    if (!inputs) continue;
    HostTensors reference = graphs.interpret(model, entry.name, *inputs, weights);
    HostTensors outputs = run(entry.name, *inputs);
    std::erase_if(names, [&](const std::string& name) {
      Expected expected = expectedOutput(wanted, name);
      bool found = true;
      for (auto [way, tensors] : {std::pair{"interpreter", &reference}, {"binary", &outputs}}) {
        std::optional<HostTensor> got = findOutput(*tensors, name);
        if (!got) {
          found = false;
          continue;
        }
        Difference difference = compare(expected, got->shape, valuesOf(*got),
                                        paddingOf(entry, typeOf(entry, name), *inputs));
        if (verdict.problem.empty() && !difference.problem.empty())
          verdict.problem = fmt::format("{}: {}", way, difference.problem);
        verdict.error = std::max(verdict.error, difference.error);
      }
      if (found) verdict.tolerance = std::max(verdict.tolerance, expected.tolerance);
      return found;
    });
  }
  if (verdict.problem.empty() && !names.empty())
    verdict.problem = fmt::format("no entry gives {}", names[0]);
  return verdict;
}

/// Cases whose graphs are known: compiled one by one, linked to one library, then run.
class Batch {
 public:
  explicit Batch(const Toolchain& toolchain) : toolchain_(toolchain) {}
  int passed = 0, failed = 0;

  void add(const ServedCase& one, const std::string& model, const std::string& graph,
           const std::string& error) {
    bool known = std::any_of(items_.begin(), items_.end(),
                             [&](const Item& item) { return item.model == model; });
    if (known) flush();
    items_.push_back({one.from, model, graph, error, {}, {}});
  }

  void flush() {
    PrivateDirectory directory;
    std::vector<CompiledModel> models;
    std::vector<WeightSource> sources;
    const std::string target = hostTarget();
    for (Item& item : items_) {
      if (!item.error.empty()) continue;
      try {
        CompiledModel compiled = compileModel(item.graph, item.model, {target}, directory / "");
        item.weights = weightsOf(*item.from);
        item.index = models.size();
        models.push_back(std::move(compiled));
      } catch (const Failure& failure) {
        item.error = failure.what();
      }
    }
    for (const Item& item : items_)
      if (item.index) sources.push_back(sourceOf(item.weights));
    std::unique_ptr<Library> library;
    if (!models.empty()) {
      linkLibrary(toolchain_, models, sources, directory / "", directory / "cases.so");
      library = std::make_unique<Library>(directory / "cases.so", target);
    }
    for (const Item& item : items_) report(item, library.get());
    items_.clear();
  }

 private:
  struct Item {
    const Case* from;
    std::string model, graph, error;
    HostTensors weights;
    std::optional<size_t> index;  // in the library
  };

  void report(const Item& item, const Library* library) {
    Verdict verdict;
    try {
      if (item.error.empty())
        verdict = check(*item.from, item.graph, item.model,
                        [&](const std::string& entry, const HostTensors& inputs) {
                          return library->run(*item.index, entry, inputs);
                        });
      else
        verdict.problem = item.error;
    } catch (const Failure& failure) {
      verdict.problem = failure.what();
    }
    bool good = verdict.problem.empty();
    ++(good ? passed : failed);
    fmt::print("{}  {}: error {:.2g}, tolerance {:.2g}{}{}\n", good ? "pass" : "FAIL",
               item.from->name(), verdict.error, verdict.tolerance, good ? "" : ": ",
               verdict.problem);
    fflush(stdout);
  }

  const Toolchain& toolchain_;
  std::vector<Item> items_;
};

}  // namespace

void addGoldenCommand(CLI::App& app) {
  struct Options {
    std::string models, only;
    std::vector<std::string> cases;
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
  command->add_flag("--all", options->all, "fail on forward cases that nothing serves");
  command->callback([options] {
    std::vector<Case> cases = readCases(options->cases, options->only);
    Toolchain toolchain;
    Served served = serve(toolchain, modelFiles(options->models), cases);
    Batch batch(toolchain);
    compileCases(toolchain, served.cases,
                 [&](const ServedCase& one, const std::string& name, const std::string& graph,
                     const std::string& error) { batch.add(one, name, graph, error); });
    batch.flush();
    const int passed = batch.passed, failed = batch.failed;
    int unserved = 0;
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
