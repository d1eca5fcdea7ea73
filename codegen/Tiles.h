// The sizes of register tiles and panels, each with its reason. Non-goals: no code.
#ifndef SINTER_CODEGEN_TILES_H
#define SINTER_CODEGEN_TILES_H

#include <cstdint>

namespace sinter {

/// All vector code is written for this many f32 lanes; LLVM splits them for narrower targets.
inline constexpr int64_t kLanes = 16;

/// Columns of one panel of packed weights, the same for every target: three 512-bit, six 256-bit
/// or twelve 128-bit registers, and a divisor of the usual widths (768, 2304, 3072).
inline constexpr int64_t kPanel = 48;

/// The accumulators of one tile of C: `rows` x `vectors` of 16 lanes (Targets.def has the rows).
///   v4  8 x 3   24 accumulators, 3 of B and a broadcast in 32 registers; 11 loads per 24 FMAs.
///               8 x 4 spills; 12 x 2 is as good but divides fewer row counts.
///   v3  6 x 1   12 halves, 2 of B and a broadcast in 16 registers; 8 loads per 12 FMAs.
///   v2  2 x 1   8 quarters, 4 of B, a broadcast and a product in 16 registers.
struct GemmTile {
  int64_t rows, vectors;
};

/// Steps of k in one round of the inner loop: enough to spread one panel's prefetches, and LLVM's
/// own unrolling makes more of them equal.
inline constexpr int64_t kUnroll = 4;

}  // namespace sinter
#endif
