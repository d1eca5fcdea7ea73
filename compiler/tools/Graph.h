// Graphs as MLIR holds them, behind plain C++: parsed, asked, printed at a stage, interpreted.
// Non-goals: any pass of its own. No MLIR here, so that C++23 files can use it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/HostTensor.h"

namespace sinter {

struct GraphTensor {
  std::string name;
  std::string type;                // "batch x seq~ x 768 x f32"
  rules::DType dType = rules::DType::f32;
  std::vector<std::string> dims;   // "batch", "seq~", "768"
};

struct GraphWeight {
  std::string key, kind, alias;
  rules::DType dType = rules::DType::f32;
  std::vector<int64_t> shape;
  std::optional<int64_t> count;  // with a count the key holds "{}"
  int64_t first = 0;
};

struct GraphEntry {
  std::string name;
  std::vector<GraphTensor> inputs, outputs;
  std::vector<std::string> constraints;
};

/// What can be asked for beside the outputs of an entry, and a sentence for what cannot.
struct GraphNames {
  std::string entry;
  std::vector<GraphTensor> askable;
  std::vector<std::string> unaskable;
};

struct GraphFacts {
  std::string name;
  int64_t parameters = 0;
  std::vector<GraphWeight> weights;
  std::vector<GraphEntry> entries;
};

// The models in one text of the dialect.
class Graphs {
 public:
  explicit Graphs(const std::string& text);  // throws Failure with MLIR's diagnostics
  ~Graphs();

  GraphFacts facts(const std::string& model) const;
  std::vector<GraphNames> names(const std::string& model) const;  // one for each entry
  // The text of a stage: "graph" or "fused", with locations.
  std::string print(const std::string& model, const std::string& stage) const;
  // What the reference interpreter gives: outputs and named values. Throws Failure.
  HostTensors interpret(const std::string& model, const std::string& entry,
                        const HostTensors& inputs, const HostTensors& weights) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sinter
