// A graph's weights in the terms of the weight readers. Non-goals: reading, matching.
#pragma once

#include "codegen/Pack.h"
#include "compiler/tools/Graph.h"
#include "compiler/weights/Match.h"

namespace sinter {

std::vector<weights::Wanted> wantedWeights(const GraphFacts& facts);

weights::Checkpoint openCheckpoint(const std::string& path);  // throws Failure

// Tensors by the model's names, in the model's types. The checkpoint must outlive it.
WeightSource weightSource(const weights::Checkpoint& checkpoint,
                          const weights::MatchReport& report);

}  // namespace sinter
