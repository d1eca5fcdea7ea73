// The keys that a model reads against those that the user gave: what is misspelt, what nothing
// reads, what keeps its default. Non-goals: wrong values; C++ finds those when it compiles.
#pragma once

#include <string>
#include <vector>

#include "compiler/tools/Config.h"

namespace sinter {

// A word of `known` that `word` may have been meant to be: at most a third of its letters are
// changed, added, left out or swapped with a neighbour. Empty: none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

// Throws Failure for -D entries whose key `model` lacks, a line for each.
void refuseUnknownDefines(const std::vector<std::string>& defines,
                          const std::vector<ConfigValue>& model);

// What the user should know of entries of `file` that the model does not read; empty: nothing.
std::string unreadNote(const std::string& file, const std::vector<ConfigValue>& given,
                       const std::vector<ConfigValue>& model);

// "words = 500, maps = [3, 4, 5]": the model's values for keys that were not given.
std::string defaultsText(const std::vector<ConfigValue>& given,
                         const std::vector<ConfigValue>& model);

}  // namespace sinter
