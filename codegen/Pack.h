// The weight block: every weight once, 64-byte aligned, in the layout that kernels read. A weight
// of a repeat is `count` tensors of equal stride behind each other, so that round r is at
// offset + r * stride.
// Non-goals: no file formats (a WeightSource hands out tensors), no renaming, no MLIR.
#ifndef SINTER_CODEGEN_PACK_H
#define SINTER_CODEGEN_PACK_H

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codegen/Descriptor.h"

namespace sinter {

/// How a weight lies in the block. An encoding (int8 rows, …) is a further row here.
enum class WeightLayout {
  kRows,     // as in the checkpoint, row-major
  kPanel48,  // a matrix [N, K] as panels [ceil(N/48)][K][48], zeros beyond N
};

/// A matrix inside of a tensor: element [i, j] is at offset + i * rowStride + j * columnStride.
struct MatrixView {
  int64_t rows = 0, columns = 0, offset = 0, rowStride = 0, columnStride = 0;
  bool operator==(const MatrixView&) const = default;
};

struct StoredWeight {
  std::string name;            // key; "{}" stands for the round where there is a count
  SinterType type = SINTER_F32;
  std::vector<int64_t> shape;  // of one round, as the checkpoint has it
  WeightLayout layout = WeightLayout::kRows;
  int64_t count = 0;           // rounds; 0: not in a repeat
  int64_t first = 0;           // number of round 0 in names
  /// kPanel48: the matrix that is stored; else shape[0] rows, so that a convolution [O, C, k…] is O
  /// rows. A weight of which products read several parts is stored once for each.
  std::optional<MatrixView> part = {};
};

struct BlockPlan {
  struct Place {
    uint64_t offset, stride, bytes;  // of round 0; between rounds; of one round
  };
  std::vector<Place> places;  // one for each stored weight
  uint64_t size = 0;
};

/// Places every weight. Depends on nothing but the list, so code can be compiled before weights
/// are read.
BlockPlan planBlock(std::span<const StoredWeight> weights);

/// One ParamDescription for each weight; a repeat's has the count as its first extent.
std::vector<ParamDescription> describeBlock(std::span<const StoredWeight> weights,
                                            const BlockPlan& plan);

/// The row-major elements of the tensor with this name (round number put in), already converted to
/// `type` and checked against `shape`; or nothing, and a finished sentence in `error`.
using WeightSource = std::function<std::optional<std::vector<std::byte>>(
    const std::string& name, SinterType type, std::span<const int64_t> shape,
    std::string& error)>;

/// Writes the block, one tensor in memory at a time. The result is empty, or what went wrong as a
/// finished sentence.
std::string writeBlock(std::span<const StoredWeight> weights, const BlockPlan& plan,
                       const WeightSource& source, std::ostream& out);

/// [N, K] row-major f32 -> [ceil(N/48)][K][48].
std::vector<float> packPanels(std::span<const float> matrix, int64_t n, int64_t k);

}  // namespace sinter
#endif
