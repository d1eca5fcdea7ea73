// `sinter check MODEL.cpp`: entries, shapes and the number of parameters, and whether a checkpoint
// has the model's weights. Non-goals: running the model.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <memory>

#include "compiler/tools/Commands.h"
#include "compiler/tools/Graph.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/Source.h"
#include "compiler/tools/WeightsOf.h"

namespace sinter {
namespace {

// 109482240 -> 109,482,240
std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = int(digits.size()) - 3; at > 0; at -= 3) digits.insert(size_t(at), ",");
  return digits;
}

void printTensors(const char* title, const std::vector<GraphTensor>& tensors) {
  for (const GraphTensor& tensor : tensors)
    fmt::print("  {:<6} {}: {}\n", title, tensor.name, tensor.type);
}

void printFacts(const GraphFacts& facts) {
  fmt::print("model {}: {} parameters\n", facts.name, grouped(facts.parameters));
  for (const GraphEntry& entry : facts.entries) {
    fmt::print("entry {}\n", entry.name);
    printTensors("input", entry.inputs);
    printTensors("output", entry.outputs);
    for (const std::string& constraint : entry.constraints) fmt::print("  where  {}\n", constraint);
  }
}

}  // namespace

void addCheckCommand(CLI::App& app) {
  struct Options : ModelOptions {
    std::string weights;
  };
  CLI::App* command =
      app.add_subcommand("check", "Show a model's entries and sizes, and check a checkpoint");
  auto options = std::make_shared<Options>();
  addModelOptions(*command, *options);
  command->add_option("--weights", options->weights, "the checkpoint that should fit the model")
      ->type_name("FILE|DIR");
  command->callback([options] {
    weights::Checkpoint checkpoint;
    if (!options->weights.empty()) checkpoint = openCheckpoint(options->weights);
    options->checkpointConfig = checkpoint.config;
    CompiledSource source(*options);
    GraphFacts facts = Graphs(source.graph).facts(source.model);
    printFacts(facts);
    if (!source.defaults.empty()) fmt::print("by default {}\n", source.defaults);
    if (options->weights.empty()) return;
    weights::MatchReport report = weights::match(checkpoint, wantedWeights(facts));
    std::cout << report.text();
    if (!report.ok())
      throw Failure(fmt::format("{} does not fit the model: {} missing, {} differing",
                                options->weights, report.missing.size(), report.differing.size()));
  });
}

}  // namespace sinter
    options->checkpoint = checkpoint.path;
