// Detection and choice of the instruction set; see isa.h.
#include "isa.h"

#include <string>

#include "error.h"

namespace sinter::runtime {
namespace {

constexpr const char* kNames[SINTER_ISA_COUNT] = {"x86-64-v2", "x86-64-v3", "x86-64-v4"};

bool has_code(const SinterModel& model, int isa) {
  for (int i = 0; i < model.entry_count; ++i)
    if (model.entries[i].run[isa] == nullptr) return false;
  return true;
}

std::string available(const SinterModel& model) {
  std::string list;
  for (int isa = 0; isa < SINTER_ISA_COUNT; ++isa)
    if (has_code(model, isa)) list += std::string(list.empty() ? "" : ", ") + kNames[isa];
  return list;
}

}  // namespace

const char* isa_name(int isa) { return kNames[isa]; }

int machine_isa() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return SINTER_X86_64_V4;
  if (__builtin_cpu_supports("x86-64-v3")) return SINTER_X86_64_V3;
  if (__builtin_cpu_supports("x86-64-v2")) return SINTER_X86_64_V2;
  return -1;
}

int choose_isa(const SinterModel& model, std::string_view forced) {
  return choose_isa(model, forced, machine_isa());
}

int choose_isa(const SinterModel& model, std::string_view forced, int machine) {
  if (!forced.empty()) {
    int isa = 0;
    while (isa < SINTER_ISA_COUNT && forced != kNames[isa] && forced != kNames[isa] + 7) ++isa;
    if (isa == SINTER_ISA_COUNT)
      fail(exit_usage, "'" + std::string(forced) + "' is no instruction set; known are v2, v3, v4");
    if (!has_code(model, isa))
      fail(exit_usage, std::string("this program has no code for ") + kNames[isa] +
                           "; it has: " + available(model));
    if (isa > machine)
      fail(exit_resource, std::string("this processor does not support ") + kNames[isa]);
    return isa;
  }
  for (int isa = machine; isa >= 0; --isa)
    if (has_code(model, isa)) return isa;
  fail(exit_resource,
       "this processor is too old for this program, which has code for: " + available(model));
}

}  // namespace sinter::runtime
