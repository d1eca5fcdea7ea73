// Finds the models that a C++ source file declares, without compiling it: `auto& NAME = model<...>`
// outside comments and strings. Non-goals: understanding C++; what a model holds is the compiler's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sinter {

std::vector<std::string> modelNames(std::string_view source);

// The model that the user asked for, or the only one; throws Failure naming the choices.
std::string chooseModel(const std::string& file, const std::vector<std::string>& names,
                        const std::string& wanted);

}  // namespace sinter
