// The three-way check of a case: its own values, the interpreter's, and those of the generated
// code. Non-goals: the rule of equality (Compare.h), compiling, surviving a crash (Child.h).
#pragma once

#include <functional>
#include <string>

#include "compiler/HostTensor.h"
#include "compiler/tools/golden/Case.h"

namespace sinter::golden {

/// The largest error of a case and the tolerance it is nearest to, or what is wrong.
struct Verdict {
  double error = 0, tolerance = 0;
  std::string problem;
};

/// Computes an entry of the case's model with generated code.
using RunNative = std::function<HostTensors(const std::string& entry, const HostTensors& inputs)>;

/// Every entry that the case's inputs suffice for and that gives outputs of the case is compared.
/// Throws Failure where something cannot be computed at all.
Verdict check(const Case& wanted, const std::string& graph, const std::string& model,
              const HostTensors& weights, const RunNative& run);

}  // namespace sinter::golden
