// `sinter check MODEL.cpp`: entries, shapes, what a program can be asked for by name, the number of
// parameters, and whether a checkpoint has the model's weights. Non-goals: running the model.
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

// "attentions.3": what stands before the number; the whole name where there is none.
std::string_view stem(std::string_view name) {
  const size_t digits = name.find_last_not_of("0123456789") + 1;
  const bool isNumbered = digits > 0 && digits < name.size() && name[digits - 1] == '.';
  return isNumbered ? name.substr(0, digits - 1) : name;
}

// What --output of the program takes; the numbered values of one name are one line.
void printNames(const GraphNames& names) {
  const auto& all = names.askable;
  for (size_t from = 0, to; from < all.size(); from = to) {
    auto continues = [&](const GraphTensor& next) {
      return stem(next.name) == stem(all[from].name) && next.type == all[from].type;
    };
    for (to = from + 1; to < all.size() && continues(all[to]);) ++to;
    fmt::print("  named  {}{}: {}\n", all[from].name,
               to - from > 1 ? " to " + all[to - 1].name : "", all[from].type);
  }
  for (const std::string& sentence : names.unaskable) fmt::print("  note   {}\n", sentence);
}

void printFacts(const GraphFacts& facts, const std::vector<GraphNames>& names) {
  fmt::print("model {}: {} parameters\n", facts.name, grouped(facts.parameters));
  for (const GraphEntry& entry : facts.entries) {
    fmt::print("entry {}\n", entry.name);
    printTensors("input", entry.inputs);
    printTensors("output", entry.outputs);
    for (const GraphNames& one : names)
      if (one.entry == entry.name) printNames(one);
    for (const std::string& constraint : entry.constraints) fmt::print("  where  {}\n", constraint);
  }
}

}  // namespace

void addCheckCommand(CLI::App& app) {
  struct Options : ModelOptions {
    std::vector<std::string> weights;
  };
  CLI::App* command =
      app.add_subcommand("check", "Show a model's entries and sizes, and check a checkpoint");
  auto options = std::make_shared<Options>();
  addModelOptions(*command, *options);
  addWeightsOption(*command, options->weights, "the checkpoint that should fit the model");
  command->callback([options] {
    weights::Checkpoint checkpoint = openCheckpoints(options->weights);
    options->checkpoint = checkpoint.path;
    options->checkpointConfig = checkpoint.config;
    CompiledSource source(*options);
    const Graphs graphs(source.graph);
    GraphFacts facts = graphs.facts(source.model);
    printFacts(facts, graphs.names(source.model));
    if (!source.defaults.empty()) fmt::print("by default {}\n", source.defaults);
    if (options->weights.empty()) return;
    weights::MatchReport report = weights::match(checkpoint, wantedWeights(facts));
    std::cout << report.text();
    if (!report.ok())
      throw Failure(fmt::format("{} does not fit the model: {} missing, {} differing",
                                checkpoint.path, report.missing.size(), report.differing.size()));
  });
}

}  // namespace sinter
