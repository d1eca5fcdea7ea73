// Source.h, and the options that name a model.
#include "compiler/tools/Source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "compiler/tools/Config.h"
#include "compiler/tools/Generator.h"
#include "compiler/tools/Keys.h"
#include "compiler/tools/Models.h"

namespace sinter {

void addModelOptions(CLI::App& command, ModelOptions& options) {
  command.add_option("source", options.source, "the C++ file that declares the model")
      ->required()
      ->type_name("MODEL.cpp");
  command.add_option("--model", options.model, "which of the file's models")->type_name("NAME");
  command
      .add_option("--config", options.config, "sizes and choices, as Hugging Face's config.json")
      ->type_name("FILE");
  command.add_option("-D", options.defines, "one entry of the config, stronger than the file")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--keep", options.keep, "leave the intermediate files in this folder")
      ->type_name("DIR");
}

void addWeightsOption(CLI::App& command, std::vector<std::string>& paths, const std::string& help) {
  command.add_option("--weights", paths, help + "; again for a second one beside it")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
}

namespace {

// A value that only the checkpoint can have said is told as its own.
std::string entriesFrom(const ModelOptions& options) {
  const bool isCheckpoints =
      !options.checkpointConfig.empty() && options.config.empty() && options.defines.empty();
  return isCheckpoints ? options.checkpoint : "configuration";
}

}  // namespace

CompiledSource::CompiledSource(const ModelOptions& options) : directory(options.keep) {
  model = chooseModel(options.source, modelNames(readFile(options.source)), options.model);
  nlohmann::json config = readConfig(options.config, options.checkpointConfig, options.defines);
  labels = labelNames(config);
  nlohmann::json counted = config;
  if (!labels.empty() && !config.contains("num_labels")) counted["num_labels"] = labels.size();
  std::vector<ConfigValue> given = flatten(counted);
  Generator generator(
      toolchain, directory,
      {options.source, "", {{model, model}}, configEntries(given, ""), entriesFrom(options)});
  std::vector<ConfigValue> keys = generator.config(model);
  refuseUnknownDefines(options.defines, keys);
  auto counts = [](const ConfigValue& value) { return value.key == "num_labels"; };
  if (!labels.empty() && std::ranges::any_of(keys, counts))
    for (const char* read : {"id2label", "label2id"}) config.erase(read);
  if (!options.config.empty())
    fmt::print(stderr, "{}", unreadNote(options.config, flatten(config), keys));
  defaults = defaultsText(given, keys);
  graph = generator.graph(model);
  files = generator.readFiles();
  if (!options.keep.empty()) writeFile(directory / "graph.mlir", graph);
}

}  // namespace sinter
