// From cases to the graphs that compute them: which model serves which case, and one C++ compile
// for many. Non-goals: running graphs, comparing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/tools/Process.h"
#include "compiler/tools/Toolchain.h"
#include "compiler/tools/golden/Case.h"

namespace sinter::golden {

// A case and the C++ that computes it.
struct ServedCase {
  const Case* from;
  std::string source;      // declares the models of the case, inside a namespace of its own
  std::string expression;  // the model in it
};

struct Served {
  std::vector<ServedCase> cases;
  std::vector<std::pair<const Case*, std::string>> others;   // that nothing serves, with the reason
  std::vector<std::pair<const Case*, std::string>> skipped;  // that are no forward computation
};

// Cases of kind "op", "loss" and "onnx" are served by what their config says, others by the models
// of the C++ files that say so.
Served serve(const Toolchain& toolchain, const std::vector<std::string>& modelFiles,
             const std::vector<Case>& cases);

// What became of a case: the text of its graph and the name of the model in it, or an error.
using CompiledCase = std::function<void(const ServedCase&, const std::string& model,
                                        const std::string& graph, const std::string& error)>;

void compileCases(const Toolchain& toolchain, const std::vector<ServedCase>& cases,
                  const CompiledCase& done);

}  // namespace sinter::golden
