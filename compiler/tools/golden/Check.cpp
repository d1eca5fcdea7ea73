// Check.h
#include "compiler/tools/golden/Check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/tools/Graph.h"
#include "compiler/tools/golden/Bind.h"
#include "compiler/tools/golden/Compare.h"

namespace sinter::golden {
namespace {

std::vector<double> valuesOf(const HostTensor& tensor) {
  if (tensor.isReal()) return tensor.reals;
  return {tensor.integers.begin(), tensor.integers.end()};
}

struct Output {
  HostTensor value;
  GraphTensor type;
};

// One part of a stacked tensor: the round of a repeat, or a row, cut to its own length.
std::optional<Output> partOf(const HostTensor& all, GraphTensor type, size_t part,
                             const HostTensors& inputs) {
  if (all.shape.empty() || part >= size_t(all.shape[0])) return std::nullopt;
  HostTensor one(all.dType, {all.shape.begin() + 1, all.shape.end()});
  const size_t size = size_t(one.size());
  type.dims.erase(type.dims.begin());
  size_t kept = size;
  if (!type.dims.empty() && type.dims[0].ends_with('~')) {
    const std::string symbol = type.dims[0].substr(0, type.dims[0].size() - 1);
    if (auto lengths = inputs.find(symbol + ".lengths"); lengths != inputs.end()) {
      kept = size / size_t(one.shape[0]) * size_t(lengths->second.integers[part]);
      one.shape[0] = lengths->second.integers[part];
    }
  }
  auto copy = [&](const auto& from, auto& to) {
    to.assign(from.begin() + std::ptrdiff_t(part * size),
              from.begin() + std::ptrdiff_t(part * size + kept));
  };
  if (one.isReal())
    copy(all.reals, one.reals);
  else
    copy(all.integers, one.integers);
  return Output{std::move(one), std::move(type)};
}

// Tensor NAME, or part 3 of a stacked one for NAME.3.
std::optional<Output> findOutput(const HostTensors& outputs, const GraphEntry& entry,
                                 const HostTensors& inputs, const std::string& name) {
  for (const GraphTensor& type : entry.outputs) {
    auto found = outputs.find(type.name);
    if (found == outputs.end()) continue;
    if (type.name == name) return Output{found->second, type};
    if (name.starts_with(type.name + ".") && name.rfind('.') == type.name.size())
      return partOf(found->second, type, std::stoul(name.substr(type.name.size() + 1)), inputs);
  }
  return std::nullopt;
}

// Whether findOutput may find the name.
bool gives(const GraphEntry& entry, const std::string& name) {
  return std::ranges::any_of(entry.outputs, [&](const GraphTensor& output) {
    return name == output.name || name.starts_with(output.name + ".");
  });
}

}  // namespace

Verdict check(const Case& wanted, const std::string& graph, const std::string& model,
              const HostTensors& weights, const RunNative& run) {
  Graphs graphs(graph);
  GraphFacts facts = graphs.facts(model);
  Verdict verdict;
  const std::vector<std::string> names = wanted.names("out:");
  std::set<std::string> missing(names.begin(), names.end());
  for (const GraphEntry& entry : facts.entries) {
    std::optional<HostTensors> inputs = inputsOf(wanted, entry);
    const bool isAsked = std::ranges::any_of(
        names, [&](const std::string& name) { return gives(entry, name); });
    if (!inputs || !isAsked) continue;
    HostTensors reference = graphs.interpret(model, entry.name, *inputs, weights);
    HostTensors outputs = run(entry.name, *inputs);
    for (const std::string& name : names) {
      Expected expected = expectedOutput(wanted, name);
      bool found = true;
      for (auto [way, tensors] : {std::pair{"interpreter", &reference}, {"binary", &outputs}}) {
        std::optional<Output> got = findOutput(*tensors, entry, *inputs, name);
        if (!got) {
          found = false;
          continue;
        }
        Difference difference = compare(expected, got->value.shape, valuesOf(got->value),
                                        paddingOf(entry, got->type, *inputs));
        if (verdict.problem.empty() && !difference.problem.empty())
          verdict.problem = fmt::format("{}: {}", way, difference.problem);
        verdict.error = std::max(verdict.error, difference.error);
      }
      if (!found) continue;
      verdict.tolerance = std::max(verdict.tolerance, largestLimit(expected));
      missing.erase(name);
    }
  }
  if (verdict.problem.empty() && !missing.empty())
    verdict.problem = fmt::format("no entry gives {}", *missing.begin());
  return verdict;
}

}  // namespace sinter::golden
