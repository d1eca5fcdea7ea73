// A graph's weights in the terms of the weight readers. Non-goals: reading, matching.
#pragma once

#include "codegen/Pack.h"
#include "compiler/tools/Graph.h"
#include "compiler/weights/Match.h"

namespace sinter {

std::vector<weights::Wanted> wantedWeights(const GraphFacts& facts);

weights::Checkpoint openCheckpoint(const std::string& path);  // throws Failure

// Several taken together, as an encoder's and its head's: no name may be in two of them. What else
// a file brings (a dictionary, a configuration) is the first one's. None: an empty checkpoint.
weights::Checkpoint openCheckpoints(const std::vector<std::string>& paths);

// Which tensor is which weight. Throws a Failure that lists what the checkpoint lacks.
weights::MatchReport matched(const weights::Checkpoint& checkpoint, const GraphFacts& facts);

// Tensors by the model's names, in the model's types. The checkpoint must outlive it.
WeightSource weightSource(const weights::Checkpoint& checkpoint,
                          const weights::MatchReport& report);

// The same as numbers, for models whose weights are f32. Throws Failure.
HostTensors hostWeights(const weights::Checkpoint& checkpoint, const GraphFacts& facts);

}  // namespace sinter
