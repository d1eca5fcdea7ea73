// The CPU targets as a table. Non-goals: no LLVM types; Emit.cpp makes target machines from rows.
#ifndef SINTER_CODEGEN_TARGET_H
#define SINTER_CODEGEN_TARGET_H

#include <array>
#include <string_view>

#include "codegen/Tiles.h"
#include "runtime/abi.h"

namespace sinter {

struct Target {
  std::string_view suffix;  // "v4": ends the names of its functions
  SinterIsa isa;
  std::string_view triple, cpu, features;
  int vectorBits;
  bool fma;  // false: a fused multiply-add is written as a product and a sum
  GemmTile tile;
};

inline constexpr std::array kTargets = {
#define SINTER_TARGET(suffix, isa, triple, cpu, features, bits, fma, rows, vectors) \
  Target{#suffix, isa, triple, cpu, features, bits, fma, {rows, vectors}},
#include "codegen/Targets.def"
#undef SINTER_TARGET
};

/// The row named `suffix` ("v3") or `cpu` ("x86-64-v3"); null when there is none.
constexpr const Target* findTarget(std::string_view name) {
  for (const Target& target : kTargets)
    if (target.suffix == name || target.cpu == name) return &target;
  return nullptr;
}

}  // namespace sinter
#endif
