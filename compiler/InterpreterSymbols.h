// What the symbols of dimensions stand for in one run of the interpreter: extents, and the lengths
// of the rows of ragged symbols. Knows no MLIR.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/HostTensor.h"

namespace sinter {

class Symbols {
 public:
  /// The rows of a ragged symbol: the dimension they lie along, and each one's length.
  struct Rows {
    std::string owner;
    std::vector<int64_t> lengths;
  };
  /// A ragged axis of a tensor, and the axis of its rows: index i of that is row i / perRow.
  struct RaggedAxis {
    int64_t axis, rowAxis, perRow;
    std::vector<int64_t> lengths;  // of each row along `axis`
  };

  /// Throws when the symbol stands for something else already.
  void bind(std::string_view symbol, int64_t extent);
  /// Replaces what `symbol` (with its '~') stood for; its dense twin is bound to `extent`.
  void bindRows(std::string_view symbol, int64_t extent, Rows rows);
  bool isBound(std::string_view symbol) const { return values.contains(std::string(symbol)); }

  /// Whether the dimension is one symbol alone.
  static bool isSymbol(std::string_view dim);
  /// The value of a dimension, never below 0; in `row`, a ragged symbol is that row's length.
  int64_t evaluate(std::string_view dim, int64_t row = -1) const;
  /// The same for an amount that may be negative, such as a start.
  int64_t evaluateSigned(std::string_view dim, int64_t row = -1) const;
  /// The rows of the first ragged symbol in the dimension; null: it has none.
  const Rows *findRows(std::string_view dim) const;

  /// The ragged axes of a tensor whose rows are an axis of it too. An axis without its rows (the
  /// positions 0, 1, 2 … of a sequence, say) has the longest row's extent and is left out.
  std::vector<RaggedAxis> raggedAxes(const std::vector<std::string_view> &dims,
                                     const std::vector<int64_t> &shape) const;
  /// "seq <= 512": throws when it does not hold.
  void check(std::string_view constraint) const;

 private:
  rules::Dim parse(std::string_view dim) const;

  std::map<std::string, int64_t, std::less<>> values;
  std::map<std::string, Rows, std::less<>> rows;
  mutable rules::DimTable table;
  mutable std::map<std::string, rules::Dim, std::less<>> parsed;
};

/// Sets everything beyond the rows' lengths to 0.
void clearPadding(HostTensor &tensor, const std::vector<Symbols::RaggedAxis> &axes);
/// Of each element, whether it lies within its row's length.
std::vector<bool> insideRows(const std::vector<int64_t> &shape,
                             const std::vector<Symbols::RaggedAxis> &axes);

}  // namespace sinter
