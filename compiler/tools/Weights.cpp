// `sinter weights FILE`: what a checkpoint of any supported format holds. Non-goals: reading one
// (compiler/weights does), and comparing it with a model (`sinter check`).
#include <iostream>
#include <memory>

#include "compiler/tools/Commands.h"
#include "compiler/tools/WeightsOf.h"

namespace sinter {

void addWeightsCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("weights", "List the names, types and shapes in a checkpoint");
  auto file = std::make_shared<std::string>();
  command->add_option("file", *file, "the checkpoint: a file, an index of shards, or a folder")
      ->required()
      ->type_name("FILE|DIR");
  command->callback([file] {
    std::cout << weights::listing(openCheckpoint(*file));
  });
}

}  // namespace sinter
