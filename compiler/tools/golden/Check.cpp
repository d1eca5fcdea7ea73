// Check.h
#include "compiler/tools/golden/Check.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/tools/Graph.h"
#include "compiler/tools/golden/Bind.h"
#include "compiler/tools/golden/Compare.h"

namespace sinter::golden {
namespace {

std::vector<double> valuesOf(const HostTensor& tensor) {
  if (tensor.isReal()) return tensor.reals;
  return {tensor.integers.begin(), tensor.integers.end()};
}

// Tensor NAME, or round 3 of a stacked one for NAME.3.
std::optional<HostTensor> findOutput(const HostTensors& outputs, const std::string& name) {
  if (auto found = outputs.find(name); found != outputs.end()) return found->second;
  size_t dot = name.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  auto stacked = outputs.find(name.substr(0, dot));
  if (stacked == outputs.end() || stacked->second.shape.empty()) return std::nullopt;
  size_t round = std::stoul(name.substr(dot + 1));
  const HostTensor& all = stacked->second;
  if (round >= size_t(all.shape[0])) return std::nullopt;
  HostTensor one(all.dType, {all.shape.begin() + 1, all.shape.end()});
  for (size_t i = 0, n = size_t(one.size()); i < n; ++i)
    if (one.isReal())
      one.reals[i] = all.reals[round * n + i];
    else
      one.integers[i] = all.integers[round * n + i];
  return one;
}

// The output as the graph types it; a round of a stacked one has its dims but the first.
GraphTensor typeOf(const GraphEntry& entry, const std::string& name) {
  for (const GraphTensor& output : entry.outputs) {
    if (output.name == name) return output;
    if (!name.starts_with(output.name + ".")) continue;
    GraphTensor round = output;
    round.dims.erase(round.dims.begin());
    return round;
  }
  return {};
}

}  // namespace

Verdict check(const Case& wanted, const std::string& graph, const std::string& model,
              const RunNative& run) {
  Graphs graphs(graph);
  GraphFacts facts = graphs.facts(model);
  HostTensors weights = weightsOf(wanted);
  Verdict verdict;
  std::vector<std::string> names = wanted.names("out:");
  for (const GraphEntry& entry : facts.entries) {
    std::optional<HostTensors> inputs = inputsOf(wanted, entry);
    if (!inputs) continue;
    HostTensors reference = graphs.interpret(model, entry.name, *inputs, weights);
    HostTensors outputs = run(entry.name, *inputs);
    std::erase_if(names, [&](const std::string& name) {
      Expected expected = expectedOutput(wanted, name);
      bool found = true;
      for (auto [way, tensors] : {std::pair{"interpreter", &reference}, {"binary", &outputs}}) {
        std::optional<HostTensor> got = findOutput(*tensors, name);
        if (!got) {
          found = false;
          continue;
        }
        Difference difference = compare(expected, got->shape, valuesOf(*got),
                                        paddingOf(entry, typeOf(entry, name), *inputs));
        if (verdict.problem.empty() && !difference.problem.empty())
          verdict.problem = fmt::format("{}: {}", way, difference.problem);
        verdict.error = std::max(verdict.error, difference.error);
      }
      if (found) verdict.tolerance = std::max(verdict.tolerance, expected.tolerance);
      return found;
    });
  }
  if (verdict.problem.empty() && !names.empty())
    verdict.problem = fmt::format("no entry gives {}", names[0]);
  return verdict;
}

}  // namespace sinter::golden
