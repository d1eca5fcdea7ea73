// `sinter emit MODEL.cpp --stage S`: the program on its way, as text that MLIR's and LLVM's own
// tools read. Non-goals: changing anything on the way.
#include <algorithm>
#include <iostream>
#include <memory>

#include "compiler/tools/Commands.h"
#include "compiler/tools/Compile.h"
#include "compiler/tools/Graph.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/Source.h"

namespace sinter {
namespace {

const std::vector<std::string> kGraphStages = {"graph", "fused"};

bool isGraphStage(const std::string& stage) {
  return std::find(kGraphStages.begin(), kGraphStages.end(), stage) != kGraphStages.end();
}

std::vector<std::string> stages() {
  std::vector<std::string> all = kGraphStages;
  for (const std::string& stage : machineStages()) all.push_back(stage);
  return all;
}

}  // namespace

void addEmitCommand(CLI::App& app) {
  struct Options : ModelOptions {
    std::string stage = "graph", target = "x86-64-v3";
  };
  CLI::App* command = app.add_subcommand("emit", "Print a model as one stage of its compilation");
  auto options = std::make_shared<Options>();
  addModelOptions(*command, *options);
  command->add_option("--stage", options->stage, "what to print")
      ->check(CLI::IsMember(stages()))
      ->capture_default_str();
  command->add_option("--target", options->target, "for stages from 'vector' on")
      ->check(CLI::IsMember({"x86-64-v2", "x86-64-v3", "x86-64-v4"}))
      ->capture_default_str();
  command->callback([options] {
    CompiledSource source(*options);
    if (isGraphStage(options->stage))
      std::cout << Graphs(source.graph).print(source.model, options->stage);
    else
      std::cout << printMachineStage(source.graph, source.model, options->stage,
                                     options->target.substr(options->target.rfind('-') + 1));
  });
}

}  // namespace sinter
