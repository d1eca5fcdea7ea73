// Runs generated code in this process (a child of golden's, Child.h): models linked to a shared
// object, opened and called through the runtime. Non-goals: compiling (Compile.h), comparing.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "compiler/HostTensor.h"
#include "compiler/tools/Link.h"

namespace sinter::golden {

/// Weights by checkpoint key as the linker asks for them.
WeightSource sourceOf(const HostTensors& weights);

class Library {
 public:
  /// Opens a library of linkLibrary; `target` names the code that runs.
  Library(const std::filesystem::path& path, const std::string& target, int threads = 1);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  /// The outputs of an entry of the i-th model, by name. Throws Failure with the runtime's words.
  HostTensors run(size_t model, const std::string& entry, const HostTensors& inputs) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sinter::golden
