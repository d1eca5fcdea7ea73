// --tensors IN OUT: the raw tensors of one run. A ragged symbol's lengths are the tensor
// "<symbol>.lengths", or for a model with one such symbol Hugging Face's "attention_mask"; without
// either every row has the full length.
#include <algorithm>
#include <cstdio>

#include "clock.h"
#include "program.h"
#include "tensor_file.h"

namespace sinter::runtime {
namespace {

std::string input_list(const SinterEntry& entry) {
  std::string list;
  for (int i = 0; i < entry.input_count; ++i)
    list += (i != 0 ? ", " : "") + std::string(entry.inputs[i].name);
  for (int i = 0; i < entry.ragged_count; ++i)
    list += ", " + std::string(entry.ragged[i].name) + ".lengths";
  return list;
}

constexpr std::string_view kMask = "attention_mask";

/// Whether the mask stands for the lengths of the model's only ragged symbol.
bool mask_means_lengths(const Call& call, const TensorFile& file) {
  const SinterEntry& entry = call.entry();
  return entry.ragged_count == 1 && call.find_input(kMask) < 0 && file.find(kMask) != nullptr &&
         file.find(std::string(entry.ragged[0].name) + ".lengths") == nullptr;
}

/// The mask says of each place of the input that it belongs to whether something stands there.
void check_mask_shape(Call& call, const FileTensor& mask, const std::string& what) {
  const SinterEntry& entry = call.entry();
  const SinterRagged& ragged = entry.ragged[0];
  for (int i = 0; i < entry.input_count; ++i) {
    const SinterTensor& input = entry.inputs[i];
    const Shape& given = call.input(i).shape();
    const int32_t* end = input.extents + input.rank;
    auto rows = std::find(input.extents, end, ragged.row_extent) - input.extents;
    auto places = std::find(input.extents, end, ragged.symbol) - input.extents;
    if (given.size() != static_cast<size_t>(input.rank) || rows == input.rank ||
        places == input.rank)
      continue;
    const Shape wanted = {given[static_cast<size_t>(rows)], given[static_cast<size_t>(places)]};
    if (mask.shape != wanted)
      bad_input(what + " must have the shape " + shape_text(wanted) + " of '" + input.name +
                "', not " + shape_text(mask.shape));
    return;
  }
}

/// Lengths from a mask [rows, seq] of ones, then zeros, in every row.
void load_mask(Call& call, const FileTensor& mask, const std::string& path) {
  std::string what = "'" + mask.name + "' in " + path;
  if (mask.type < 0 || !convertible(mask.type, SINTER_I64) || mask.shape.size() != 2)
    bad_input(what + " must be a matrix of integers");
  check_mask_shape(call, mask, what);
  Array ones;
  ones.resize(SINTER_I64, mask.shape);
  convert(mask.data, mask.type, ones.data(), SINTER_I64, ones.count(), what.c_str());
  int64_t rows = mask.shape[0], seq = mask.shape[1];
  std::vector<int64_t>& lengths = call.lengths(0);
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t* flags = ones.as<int64_t>() + row * seq;
    int64_t length = std::find(flags, flags + seq, 0) - flags;
    if (std::find_if(flags, flags + length, [](int64_t f) { return f != 1; }) != flags + length ||
        std::find_if(flags + length, flags + seq, [](int64_t f) { return f != 0; }) != flags + seq)
      bad_input(what + ": row " + std::to_string(row) + " is not ones followed by zeros");
    lengths.push_back(length);
  }
}

void load(Call& call, const TensorFile& file, const std::string& path) {
  const SinterEntry& entry = call.entry();
  for (int i = 0; i < entry.input_count; ++i) {
    const SinterTensor& input = entry.inputs[i];
    const FileTensor* tensor = file.find(input.name);
    if (tensor == nullptr)
      bad_input(path + " has no tensor '" + input.name +
                "'; the model reads: " + input_list(entry));
    if (tensor->type < 0 || !convertible(tensor->type, input.type))
      bad_input("the input '" + std::string(input.name) + "' is " + type_name(input.type) +
                ", but in " + path + " it is " + tensor->type_text);
    Array& array = call.input(i);
    array.resize(input.type, tensor->shape);
    convert(tensor->data, tensor->type, array.data(), input.type, array.count(),
            ("the input '" + std::string(input.name) + "'").c_str());
  }
  for (int i = 0; i < entry.ragged_count; ++i) {
    std::string name = std::string(entry.ragged[i].name) + ".lengths";
    const FileTensor* tensor = file.find(name);
    if (tensor == nullptr) continue;
    if (tensor->type < 0 || !convertible(tensor->type, SINTER_I64) || tensor->shape.size() != 1)
      bad_input("'" + name + "' in " + path + " must be a vector of integers");
    std::vector<int64_t>& lengths = call.lengths(i);
    lengths.resize(static_cast<size_t>(tensor->shape[0]));
    convert(tensor->data, tensor->type, lengths.data(), SINTER_I64, tensor->shape[0], name.c_str());
  }
  bool masked = mask_means_lengths(call, file);
  if (masked) load_mask(call, *file.find(kMask), path);
  for (const FileTensor& tensor : file.tensors()) {
    std::string_view name = tensor.name;
    bool lengths =
        (name.ends_with(".lengths") && call.find_ragged(name.substr(0, name.size() - 8)) >= 0) ||
        (masked && name == kMask);
    if (call.find_input(name) < 0 && !lengths)
      bad_input("the tensor '" + tensor.name + "' in " + path +
                " is no input; the model reads: " + input_list(entry));
  }
}

void print_profile(Instance& instance, const Times& times) {
  char text[400];
  std::snprintf(text, sizeof text,
                "1 run; reading %.3f s, model %.3f s, writing %.3f s; arena %.1f MB, %d threads, "
                "%s",
                times.reading, times.running, times.writing,
                static_cast<double>(instance.arena_size()) / 1e6, instance.pool().threads(),
                isa_name(instance.isa()));
  warn(text);
}

}  // namespace

void run_tensors(Instance& instance, const Command& command) {
  Call call(chosen_entry(instance.model(), command.entry, command.outputs));
  const SinterEntry& entry = call.entry();
  std::vector<std::string> wanted = command.outputs;
  for (int i = 0; i < entry.output_count; ++i)
    if (call.wanted(i)) wanted.emplace_back(entry.outputs[i].name);
  want_outputs(call, wanted);
  Times times;
  {
    Timer timer(command.profile, times.reading);
    TensorFile file(command.tensors_in);
    load(call, file, command.tensors_in);
  }
  {
    Timer timer(command.profile, times.running);
    instance.run(call);
  }
  std::vector<NamedArray> results;
  for (int i = 0; i < entry.output_count; ++i)
    if (call.wanted(i)) results.push_back({entry.outputs[i].name, &call.output(i)});
  {
    Timer timer(command.profile, times.writing);
    write_tensors(command.tensors_out, results);
  }
  if (command.profile) print_profile(instance, times);
}

}  // namespace sinter::runtime
