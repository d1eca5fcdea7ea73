// What follows from a fastText file beside its two matrices: the parts of quantised ones, the paths
// of a hierarchical softmax, the configuration of a model. Non-goals: reading the file.
#ifndef SINTER_COMPILER_WEIGHTS_FASTTEXTDERIVED_H
#define SINTER_COMPILER_WEIGHTS_FASTTEXTDERIVED_H

#include "Weights.h"

namespace sinter::weights {

// The Huffman tree over labels, most frequent first, exactly as fastText builds it: f32[K, 2K] has
// in row k a 1 for each inner node n on label k's path, at n where it goes right (code 1) and at
// K + n where it goes left. There are K - 1 inner nodes; node n scores with output row n.
std::vector<float> huffmanPaths(const std::vector<FastText::Entry>& labels);

// Appends "NAME.codes", "NAME.centroids", "NAME.norm_codes", "NAME.norm_centroids" and "paths"
// where the file has them, and sets the configuration.
void addDerived(Checkpoint& checkpoint);

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_FASTTEXTDERIVED_H
