// The subcommands of `sinter`, each in the file of its name. Non-goals: what they share beyond the
// options that name a model.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace sinter {

// What the user says to name a model and its sizes.
struct ModelOptions {
  std::string source;                // the C++ file
  std::string model;                 // empty: the only one, or the one named as the file
  std::string config;                // a JSON file; empty: what the checkpoint says, or defaults
  std::string checkpoint;            // its path, for messages
  std::string checkpointConfig;      // JSON that it holds; for want of a file
  std::vector<std::string> defines;  // name=value, stronger than both
  std::string keep;                  // a folder for the intermediate files; empty: removed
};

void addModelOptions(CLI::App& command, ModelOptions& options);

// --weights, as often as there are checkpoints to be taken together.
void addWeightsOption(CLI::App& command, std::vector<std::string>& paths, const std::string& help);

void addCheckCommand(CLI::App& app);
void addEmitCommand(CLI::App& app);
void addBuildCommand(CLI::App& app);
void addGoldenCommand(CLI::App& app);
void addWeightsCommand(CLI::App& app);

}  // namespace sinter
