// --tensors IN OUT: the raw tensors of one run. A ragged symbol's lengths are the tensor
// "<symbol>.lengths"; without it every row has the full length.
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

void load(Call& call, const TensorFile& file, const std::string& path) {
  const SinterEntry& entry = call.entry();
  for (int i = 0; i < entry.input_count; ++i) {
    const SinterTensor& input = entry.inputs[i];
    const FileTensor* tensor = file.find(input.name);
    if (tensor == nullptr)
      bad_input(path + " has no tensor '" + input.name + "'; the model reads: " +
                input_list(entry));
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
  for (const FileTensor& tensor : file.tensors()) {
    std::string_view name = tensor.name;
    bool lengths = name.ends_with(".lengths") &&
                   call.find_ragged(name.substr(0, name.size() - 8)) >= 0;
    if (call.find_input(name) < 0 && !lengths)
      bad_input("the tensor '" + tensor.name + "' in " + path +
                " is no input; the model reads: " + input_list(entry));
  }
}

}  // namespace

const SinterEntry& chosen_entry(const Instance& instance, const std::string& name) {
  const SinterEntry* entry = instance.find_entry(name);
  if (entry != nullptr) return *entry;
  std::string names;
  for (int i = 0; i < instance.model().entry_count; ++i)
    names += (i != 0 ? ", " : "") + std::string(instance.model().entries[i].name);
  fail(exit_usage, "the model has no entry '" + name + "'; it has: " + names);
}

void want_outputs(Call& call, const std::vector<std::string>& names) {
  const SinterEntry& entry = call.entry();
  for (int i = 0; i < entry.output_count; ++i) call.want(i, false);
  for (const std::string& name : names) {
    int output = call.find_output(name);
    if (output >= 0) {
      call.want(output, true);
      continue;
    }
    std::string known;
    for (int i = 0; i < entry.output_count; ++i)
      known += (i != 0 ? ", " : "") + std::string(entry.outputs[i].name);
    fail(exit_usage, "the model has no output '" + name + "'; it has: " + known);
  }
}

void run_tensors(Instance& instance, const Command& command) {
  Call call(chosen_entry(instance, command.entry));
  const SinterEntry& entry = call.entry();
  std::vector<std::string> wanted = command.outputs;
  for (int i = 0; i < entry.output_count; ++i)
    if (call.wanted(i)) wanted.emplace_back(entry.outputs[i].name);
  want_outputs(call, wanted);
  {
    TensorFile file(command.tensors_in);
    load(call, file, command.tensors_in);
  }
  instance.run(call);
  std::vector<NamedArray> results;
  for (int i = 0; i < entry.output_count; ++i)
    if (call.wanted(i)) results.push_back({entry.outputs[i].name, &call.output(i)});
  write_tensors(command.tensors_out, results);
}

}  // namespace sinter::runtime
