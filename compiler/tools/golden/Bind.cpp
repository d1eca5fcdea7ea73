// Bind.h
#include "compiler/tools/golden/Bind.h"

#include "compiler/tools/Process.h"

namespace sinter::golden {
namespace {

// A ragged symbol where it first occurs in an entry's inputs.
struct Ragged {
  std::string symbol, rows, input;  // "seq", "batch", "input_ids"
  size_t axis;                      // of that input
};

std::vector<Ragged> raggedSymbols(const GraphEntry& entry) {
  std::vector<Ragged> found;
  for (const GraphTensor& input : entry.inputs)
    for (size_t axis = 1; axis < input.dims.size(); ++axis) {
      const std::string& dim = input.dims[axis];
      if (dim.empty() || dim.back() != '~') continue;
      std::string symbol = dim.substr(0, dim.size() - 1);
      bool known = false;
      for (const Ragged& other : found) known |= other.symbol == symbol;
      if (!known) found.push_back({symbol, input.dims[axis - 1], input.name, axis});
    }
  return found;
}

// Row sums of a mask whose ones come first; Failure where they do not.
HostTensor prefixLengths(const CaseTensor& mask) {
  std::vector<double> values = mask.values();
  int64_t width = mask.shape.back(), rows = mask.count() / width;
  HostTensor lengths(rules::DType::i64, {rows});
  for (int64_t row = 0; row < rows; ++row) {
    int64_t& length = lengths.integers[size_t(row)];
    for (int64_t i = 0; i < width; ++i) {
      bool inside = values[size_t(row * width + i)] != 0;
      if (inside && length != i) throw Failure("the mask of the row lengths is not a prefix");
      length += inside;
    }
  }
  return lengths;
}

// Lengths or a mask of another number of rows belong to something else.
std::optional<HostTensor> lengthsOf(const Case& from, const Ragged& ragged, int64_t rows) {
  for (const std::string& name : {ragged.symbol + ".lengths", ragged.symbol + "_lengths",
                                  ragged.input + "_lengths", std::string("lengths")})
    if (const CaseTensor* tensor = from.find("in:" + name); tensor && tensor->count() == rows)
      return hostTensor(*tensor);
  for (const std::string& name : {ragged.symbol + "_mask", ragged.input + "_mask",
                                  std::string("attention_mask"), std::string("mask")})
    if (const CaseTensor* tensor = from.find("in:" + name);
        tensor && tensor->shape.size() == 2 && tensor->shape[0] == rows)
      return prefixLengths(*tensor);
  return std::nullopt;
}

}  // namespace

HostTensor hostTensor(const CaseTensor& from) {
  bool real = from.type == "F32" || from.type == "F64";
  HostTensor tensor(real ? rules::DType::f32
                         : from.type == "BOOL" ? rules::DType::boolean : rules::DType::i64,
                    from.shape);
  std::vector<double> values = from.values();
  if (real) tensor.reals = std::move(values);
  else tensor.integers.assign(values.begin(), values.end());
  return tensor;
}

HostTensors weightsOf(const Case& from) {
  HostTensors weights;
  for (const std::string& key : from.names("param:"))
    weights[key] = hostTensor(*from.find("param:" + key));
  return weights;
}

std::optional<HostTensors> inputsOf(const Case& from, const GraphEntry& entry) {
  HostTensors inputs;
  for (const GraphTensor& input : entry.inputs) {
    const CaseTensor* tensor = from.find("in:" + input.name);
    if (!tensor) tensor = from.find("param:" + input.name);  // a loss's operand is a parameter
    if (!tensor) return std::nullopt;
    inputs[input.name] = hostTensor(*tensor);
    // A case has one integer type; the entry says which its program takes.
    if (!inputs[input.name].isReal() && !rules::is_float(input.dType))
      inputs[input.name].dType = input.dType;
  }
  for (const Ragged& ragged : raggedSymbols(entry))
    if (auto lengths = lengthsOf(from, ragged, inputs.at(ragged.input).shape[ragged.axis - 1]))
      inputs[ragged.symbol + ".lengths"] = *lengths;
  return inputs;
}

std::function<bool(const std::vector<int64_t>&)> paddingOf(const GraphEntry& entry,
                                                           const GraphTensor& output,
                                                           const HostTensors& inputs) {
  struct Axis {
    size_t axis, rowAxis;
    int64_t offset;  // of the dim: -2 for "seq~-2"
    std::vector<int64_t> lengths;
  };
  std::vector<Axis> axes;
  for (const Ragged& ragged : raggedSymbols(entry)) {
    auto lengths = inputs.find(ragged.symbol + ".lengths");
    if (lengths == inputs.end()) continue;
    size_t rowAxis = 0;
    while (rowAxis < output.dims.size() && output.dims[rowAxis] != ragged.rows) ++rowAxis;
    for (size_t axis = 0; axis < output.dims.size() && rowAxis < output.dims.size(); ++axis) {
      const std::string& dim = output.dims[axis];
      if (!dim.starts_with(ragged.symbol + "~")) continue;
      std::string rest = dim.substr(ragged.symbol.size() + 1);
      axes.push_back({axis, rowAxis, rest.empty() ? 0 : std::stoll(rest),
                      lengths->second.integers});
    }
  }
  if (axes.empty()) return {};
  return [axes](const std::vector<int64_t>& index) {
    for (const Axis& a : axes)
      if (index[a.axis] >= a.lengths[size_t(index[a.rowAxis])] + a.offset) return true;
    return false;
  };
}

}  // namespace sinter::golden
