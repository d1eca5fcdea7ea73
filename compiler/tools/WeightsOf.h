// A graph's weights in the terms of the weight readers. Non-goals: reading, matching.
#pragma once

#include "codegen/Pack.h"
#include "compiler/tools/Graph.h"
#include "compiler/weights/Match.h"

namespace sinter {

std::vector<weights::Wanted> wantedWeights(const GraphFacts& facts);

weights::Checkpoint openCheckpoint(const std::string& path);  // throws Failure

// Which tensor is which weight. Throws a Failure that lists what `name`, the checkpoint as the user
// knows it, lacks.
weights::MatchReport matched(const weights::Checkpoint& checkpoint, const GraphFacts& facts,
                             const std::string& name);

// Tensors by the model's names, in the model's types. The checkpoint must outlive it.
WeightSource weightSource(const weights::Checkpoint& checkpoint,
                          const weights::MatchReport& report);

// The same as numbers, for models whose weights are f32. Throws Failure.
HostTensors hostWeights(const weights::Checkpoint& checkpoint, const GraphFacts& facts);

}  // namespace sinter
