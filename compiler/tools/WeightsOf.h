// A graph's weights in the terms of the weight readers. Non-goals: reading, matching.
#pragma once

#include "compiler/tools/Graph.h"
#include "compiler/weights/Match.h"

namespace sinter {

std::vector<weights::Wanted> wantedWeights(const GraphFacts& facts);

weights::Checkpoint openCheckpoint(const std::string& path);  // throws Failure

}  // namespace sinter
