// Which of the binary's instruction sets runs. Non-goals: no tuning by model, no other machines
// than x86-64.
#ifndef SINTER_RUNTIME_ISA_H
#define SINTER_RUNTIME_ISA_H

#include <string_view>

#include "abi.h"

namespace sinter::runtime {

/// "x86-64-v3".
const char* isa_name(int isa);
/// The best level that this processor and its system support; -1 below x86-64-v2.
int machine_isa();
/// The level to run `model` with: the best that the machine and every entry have, or the one that
/// `forced` names ("v3" or "x86-64-v3"; empty: none). An Error where there is none.
int choose_isa(const SinterModel& model, std::string_view forced);
/// The same for a machine of level `machine`.
int choose_isa(const SinterModel& model, std::string_view forced, int machine);

}  // namespace sinter::runtime
#endif
