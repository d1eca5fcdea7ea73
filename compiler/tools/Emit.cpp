// `sinter emit MODEL.cpp --stage S`: the program on its way, as text that MLIR's and LLVM's own
// tools read. Non-goals: changing anything on the way.
#include <iostream>
#include <memory>

#include "compiler/tools/Commands.h"
#include "compiler/tools/Graph.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/Source.h"

namespace sinter {

void addEmitCommand(CLI::App& app) {
  struct Options : ModelOptions {
    std::string stage = "graph";
  };
  CLI::App* command = app.add_subcommand("emit", "Print a model as one stage of its compilation");
  auto options = std::make_shared<Options>();
  addModelOptions(*command, *options);
  command->add_option("--stage", options->stage, "what to print")
      ->check(CLI::IsMember({"graph", "fused"}))
      ->capture_default_str();
  command->callback([options] {
    CompiledSource source(*options);
    std::cout << Graphs(source.graph).print(source.model, options->stage);
  });
}

}  // namespace sinter
