// Symbols of one run: binding, evaluating, and which elements lie inside their rows.
#include "compiler/InterpreterSymbols.h"

#include <algorithm>
#include <cctype>

#include "compiler/InterpreterKernels.h"

namespace sinter {

using kernels::Fault;

static std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

void Symbols::bind(std::string_view symbol, int64_t extent) {
  const auto [known, isNew] = values.try_emplace(std::string(symbol), extent);
  if (!isNew && known->second != extent)
    throw Fault(quoted(symbol) + " is " + std::to_string(known->second) + " and " +
                std::to_string(extent));
}

void Symbols::bindRows(std::string_view symbol, int64_t extent, Rows newRows) {
  values[std::string(symbol)] = extent;
  values[std::string(symbol.substr(0, symbol.size() - 1))] = extent;
  rows[std::string(symbol)] = std::move(newRows);
}

bool Symbols::isSymbol(std::string_view dim) {
  if (dim.ends_with('~')) dim.remove_suffix(1);
  return !dim.empty() && !(dim[0] >= '0' && dim[0] <= '9') &&
         dim.find_first_of("+-*(), ~") == std::string_view::npos;
}

rules::Dim Symbols::parse(std::string_view dim) const {
  if (const auto known = parsed.find(dim); known != parsed.end()) return known->second;
  Text why;
  const rules::Dim value = table.parse(dim, why);
  if (!why.empty()) throw Fault(std::string(why.view()));
  return parsed[std::string(dim)] = value;
}

int64_t Symbols::evaluateSigned(std::string_view dim, int64_t row) const {
  return table.evaluate(parse(dim), [&](std::string_view name) -> long long {
    if (row >= 0)
      if (const auto ragged = rows.find(name); ragged != rows.end())
        return ragged->second.lengths[row];
    const auto value = values.find(name);
    if (value == values.end()) throw Fault("nothing says how large " + quoted(name) + " is");
    return value->second;
  });
}

int64_t Symbols::evaluate(std::string_view dim, int64_t row) const {
  return std::max<int64_t>(evaluateSigned(dim, row), 0);
}

const Symbols::Rows *Symbols::findRows(std::string_view dim) const {
  const auto isNameCharacter = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  for (size_t tilde = dim.find('~'); tilde != dim.npos; tilde = dim.find('~', tilde + 1)) {
    size_t begin = tilde;
    while (begin > 0 && isNameCharacter(dim[begin - 1])) --begin;
    const auto found = rows.find(dim.substr(begin, tilde + 1 - begin));
    if (found != rows.end()) return &found->second;
  }
  return nullptr;
}

std::vector<Symbols::RaggedAxis> Symbols::raggedAxes(const std::vector<std::string_view> &dims,
                                                     const std::vector<int64_t> &shape) const {
  std::vector<RaggedAxis> result;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    const Rows *found = findRows(dims[axis]);
    if (!found) continue;
    RaggedAxis ragged{static_cast<int64_t>(axis), -1, 1, {}};
    for (size_t other = 0; other < dims.size() && ragged.rowAxis < 0; ++other)
      if (other != axis && dims[other] == found->owner)
        ragged.rowAxis = static_cast<int64_t>(other);
    // Rows may be merged with an axis of fixed size that varies faster: "batch*heads".
    const bool isNamed = isSymbol(found->owner);
    for (size_t other = 0; other < dims.size() && ragged.rowAxis < 0 && isNamed; ++other) {
      bool exact = false;
      const rules::Dim per = table.divide(parse(dims[other]), parse(found->owner), exact);
      if (other == axis || !exact || !rules::is_constant(per) || per == 0) continue;
      ragged.rowAxis = static_cast<int64_t>(other);
      ragged.perRow = per;
    }
    if (ragged.rowAxis < 0) continue;
    for (size_t row = 0; row < found->lengths.size(); ++row)
      ragged.lengths.push_back(
          std::min(evaluate(dims[axis], static_cast<int64_t>(row)), shape[axis]));
    result.push_back(std::move(ragged));
  }
  return result;
}

void Symbols::check(std::string_view constraint) const {
  for (std::string_view relation : {" <= ", " >= ", " == "}) {
    const size_t at = constraint.find(relation);
    if (at == std::string_view::npos) continue;
    const int64_t left = evaluateSigned(constraint.substr(0, at));
    const int64_t right = evaluateSigned(constraint.substr(at + relation.size()));
    const bool holds = relation[1] == '<'   ? left <= right
                       : relation[1] == '>' ? left >= right
                                            : left == right;
    if (!holds)
      throw Fault("wants " + std::string(constraint) + ", got " + std::to_string(left) + " and " +
                  std::to_string(right));
    return;
  }
  throw Fault("cannot read the constraint " + quoted(constraint));
}

std::vector<bool> insideRows(const std::vector<int64_t> &shape,
                             const std::vector<Symbols::RaggedAxis> &axes) {
  const std::vector<int64_t> strides = stridesOf(shape);
  int64_t size = 1;
  for (int64_t extent : shape) size *= extent;
  std::vector<bool> inside(size, true);
  for (int64_t i = 0; i < size; ++i)
    for (const Symbols::RaggedAxis &ragged : axes) {
      const int64_t row = i / strides[ragged.rowAxis] % shape[ragged.rowAxis] / ragged.perRow;
      const int64_t at = i / strides[ragged.axis] % shape[ragged.axis];
      if (at >= ragged.lengths[row]) inside[i] = false;
    }
  return inside;
}

void clearPadding(HostTensor &tensor, const std::vector<Symbols::RaggedAxis> &axes) {
  if (axes.empty()) return;
  const std::vector<bool> inside = insideRows(tensor.shape, axes);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (inside[i]) continue;
    if (tensor.isReal()) tensor.reals[i] = 0;
    else tensor.integers[i] = 0;
  }
}

}  // namespace sinter
