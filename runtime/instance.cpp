// Weights, arena and the run itself; see instance.h. Checks of a call are in call.cpp.
#include "instance.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fault.h"

namespace sinter::runtime {

Instance::Instance(const SinterModel& model, Pool& pool, int isa, const std::string& folder)
    : model_(model), pool_(pool), isa_(isa), weights_(model.weights) {
  if (model.abi_version != SINTER_ABI_VERSION)
    fail(exit_resource, "the model was made for version " + std::to_string(model.abi_version) +
                            " of the runtime's contract, this is version " +
                            std::to_string(SINTER_ABI_VERSION));
  if (weights_ == nullptr && model.weights_file != nullptr) map_weights(folder);
  params_.reserve(model.param_count);
  for (int i = 0; i < model.param_count; ++i) {
    const SinterParam& param = model.params[i];
    if (param.offset > model.weights_size || param.bytes > model.weights_size - param.offset ||
        (weights_ == nullptr && param.bytes != 0))
      fail(exit_resource, std::string("the weight '") + param.name + "' lies outside the weights");
    params_.push_back(weights_ + param.offset);
  }
}

Instance::~Instance() {
  if (mapped_ != nullptr) munmap(mapped_, model_.weights_size);
}

void Instance::map_weights(const std::string& folder) {
  std::string path = (folder.empty() ? "" : folder + "/") + model_.weights_file;
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    fail(exit_resource, "the weights file " + path + " cannot be opened: " + std::strerror(errno));
  struct stat status;
  bool right = fstat(file, &status) == 0 && uint64_t(status.st_size) == model_.weights_size;
  if (!right) {
    close(file);
    fail(exit_resource, "the weights file " + path + " does not belong to this program: it has " +
                            std::to_string(status.st_size) + " bytes instead of " +
                            std::to_string(model_.weights_size));
  }
  void* mapped = MAP_FAILED;
  if (model_.weights_size != 0)
    mapped = mmap(nullptr, model_.weights_size, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (model_.weights_size == 0) return;
  if (mapped == MAP_FAILED)
    fail(exit_resource, "the weights file " + path + " cannot be mapped: " + std::strerror(errno));
  mapped_ = mapped;
  weights_ = static_cast<const unsigned char*>(mapped);
}

const SinterEntry* find_entry(const SinterModel& model, std::string_view name) {
  for (int i = 0; i < model.entry_count; ++i)
    if (name.empty() || name == model.entries[i].name) return &model.entries[i];
  return nullptr;
}

void Instance::run(Call& call) {
  const SinterEntry& entry = call.entry();
  if (entry.run[isa_] == nullptr)
    fail(exit_usage, "'" + std::string(entry.name) + "' has no code for " + isa_name(isa_));
  call.prepare(pool_.threads());
  int64_t arena_size = call.values_[entry.arena_size];
  if (arena_size < 0) bad_input("the inputs are too large for 64-bit sizes");
  void* arena = arena_.reserve(static_cast<uint64_t>(arena_size), "this input");

  Call::Pointers& to = call.pointers_;
  for (int i = 0; i < entry.input_count; ++i) to.inputs[i] = call.inputs_[i].data();
  for (int i = 0; i < entry.output_count; ++i)
    to.outputs[i] = call.wanted_[i] ? call.outputs_[i].data() : nullptr;
  for (int i = 0; i < entry.ragged_count; ++i) to.lengths[i] = call.lengths_[i].data();
  FirstFault faults;
  SinterCall raw = {
      params_.data(), to.inputs.data(),   to.outputs.data(), call.values_.data(), to.lengths.data(),
      arena,          FirstFault::report, &faults,           Pool::parallel,      &pool_};
  entry.run[isa_](&raw);
  if (const std::string sentence = faults.sentence(); !sentence.empty()) bad_input(sentence);
}

}  // namespace sinter::runtime
