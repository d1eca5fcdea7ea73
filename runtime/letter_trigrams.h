// Words to their letter trigrams, "#go#" to #go, go# (Huang et al. 2013). Non-goals: ids.
#ifndef SINTER_RUNTIME_LETTER_TRIGRAMS_H
#define SINTER_RUNTIME_LETTER_TRIGRAMS_H

#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// The trigrams of a text's words, in order: a word between blanks has a # put before and behind
/// it. `lower`: in lower case, by Unicode's simple rules and with U+0130 as i and a dot.
std::vector<std::string> letter_trigrams(std::string_view text, bool lower);

}  // namespace sinter::runtime
#endif
