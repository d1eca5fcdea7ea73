// What a person needs of a C++ compiler's output: sentences about the model, not about the headers
// that found the fault. Non-goals: starting compilers; other compilers than clang.
#pragma once

#include <string>

namespace sinter {

// One sentence a line, each once: a broken model's own text where there is one; errors in the
// model's file as they are; errors in the language's headers at the model's line that led to them.
std::string compilerSentences(const std::string& output);

}  // namespace sinter
