// Places and writes the weight block.
#include "codegen/Pack.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <numeric>
#include <ostream>

#include "codegen/Tiles.h"

namespace sinter {
namespace {

constexpr uint64_t kAlignment = 64;

uint64_t align(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

uint64_t elementBytes(SinterType type) {
  switch (type) {
    case SINTER_F32:
    case SINTER_I32: return 4;
    case SINTER_F16:
    case SINTER_BF16: return 2;
    case SINTER_I64: return 8;
    case SINTER_U8:
    case SINTER_I8:
    case SINTER_BOOL: return 1;
  }
  return 0;
}

int64_t elements(const StoredWeight& weight) {
  return std::accumulate(weight.shape.begin(), weight.shape.end(), int64_t{1},
                         std::multiplies<>());
}

MatrixView matrixOf(const StoredWeight& weight) {
  if (weight.part) return *weight.part;
  assert(!weight.shape.empty() && "panels are for matrices");
  int64_t rows = weight.shape[0], columns = rows ? elements(weight) / rows : 0;
  return {rows, columns, 0, columns, 1};
}

uint64_t storedBytes(const StoredWeight& weight) {
  if (weight.layout == WeightLayout::kRows) return elements(weight) * elementBytes(weight.type);
  MatrixView m = matrixOf(weight);
  return (m.rows + kPanel - 1) / kPanel * kPanel * m.columns * elementBytes(weight.type);
}

/// [N, K] -> [ceil(N/48)][K][48] for elements of any one size.
template <class Element>
void packInto(const Element* source, const MatrixView& m, Element* panels) {
  if (m.columns == 0) return;
  for (int64_t row = 0; row < m.rows; ++row) {
    Element* panel = panels + row / kPanel * kPanel * m.columns + row % kPanel;
    const Element* from = source + m.offset + row * m.rowStride;
    for (int64_t i = 0; i < m.columns; ++i) panel[i * kPanel] = from[i * m.columnStride];
  }
}

std::vector<std::byte> packed(const StoredWeight& weight, const std::vector<std::byte>& rows) {
  std::vector<std::byte> panels(storedBytes(weight));
  auto pack = [&]<class Element>(Element) {
    packInto(reinterpret_cast<const Element*>(rows.data()), matrixOf(weight),
             reinterpret_cast<Element*>(panels.data()));
  };
  switch (elementBytes(weight.type)) {
    case 1: pack(uint8_t{}); break;
    case 2: pack(uint16_t{}); break;
    case 4: pack(uint32_t{}); break;
    case 8: pack(uint64_t{}); break;
  }
  return panels;
}

std::string nameOfRound(const StoredWeight& weight, int64_t round) {
  std::string name = weight.name;
  size_t place = name.find("{}");
  if (weight.count > 0 && place != std::string::npos)
    name.replace(place, 2, std::to_string(weight.first + round));
  return name;
}

}  // namespace

BlockPlan planBlock(std::span<const StoredWeight> weights) {
  BlockPlan plan;
  for (const StoredWeight& weight : weights) {
    uint64_t bytes = storedBytes(weight), stride = align(bytes);
    plan.places.push_back({plan.size, stride, bytes});
    plan.size += stride * std::max<int64_t>(weight.count, 1);
  }
  return plan;
}

std::vector<ParamDescription> describeBlock(std::span<const StoredWeight> weights,
                                            const BlockPlan& plan) {
  std::vector<ParamDescription> params;
  for (size_t i = 0; i < weights.size(); ++i) {
    const StoredWeight& weight = weights[i];
    std::vector<int64_t> shape = weight.shape;
    if (weight.part) shape = {weight.part->rows, weight.part->columns};
    if (weight.count > 0) shape.insert(shape.begin(), weight.count);
    const char* layout = weight.layout == WeightLayout::kRows ? "rows" : "panel48";
    params.push_back({weight.name, weight.type, shape, layout, plan.places[i].offset,
                      plan.places[i].stride * std::max<int64_t>(weight.count, 1)});
  }
  return params;
}

std::string writeBlock(std::span<const StoredWeight> weights, const BlockPlan& plan,
                       const WeightSource& source, std::ostream& out) {
  uint64_t written = 0;
  auto write = [&](const std::vector<std::byte>& bytes, uint64_t end) {
    out.write(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::vector<char> gap(end - written - bytes.size());
    out.write(gap.data(), gap.size());
    written = end;
  };
  for (size_t i = 0; i < weights.size(); ++i) {
    const StoredWeight& weight = weights[i];
    const BlockPlan::Place& place = plan.places[i];
    for (int64_t round = 0; round < std::max<int64_t>(weight.count, 1); ++round) {
      std::string name = nameOfRound(weight, round), error;
      auto rows = source(name, weight.type, weight.shape, error);
      if (!rows) return error;
      if (rows->size() != elements(weight) * elementBytes(weight.type))
        return "weight '" + name + "' has " + std::to_string(rows->size()) + " bytes, wanted " +
               std::to_string(elements(weight) * elementBytes(weight.type));
      if (weight.layout == WeightLayout::kPanel48) *rows = packed(weight, *rows);
      write(*rows, place.offset + (round + 1) * place.stride);
    }
  }
  return out ? "" : "the weight block could not be written (is the disk full?)";
}

std::vector<float> packPanels(std::span<const float> matrix, int64_t n, int64_t k) {
  std::vector<float> panels((n + kPanel - 1) / kPanel * kPanel * k);
  packInto(matrix.data(), {n, k, 0, k, 1}, panels.data());
  return panels;
}

}  // namespace sinter
