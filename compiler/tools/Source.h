// What every subcommand does first: from the options that name a model to its graph. Non-goals:
// anything after the graph's text.
#pragma once

#include "compiler/tools/Commands.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/Toolchain.h"

namespace sinter {

struct CompiledSource {
  explicit CompiledSource(const ModelOptions& options);  // throws Failure

  Toolchain toolchain;
  PrivateDirectory directory;
  std::string model;     // its name
  std::string graph;     // its text
  std::string defaults;  // "hidden = 16, …": what neither the config's file nor -D say
  std::vector<std::string> labels;  // the configuration's names of classes, or none
  std::vector<std::string> files;   // the C++ that it was made of: the model's and what it includes
};

}  // namespace sinter
