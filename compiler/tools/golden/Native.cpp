// Native.h
#include "compiler/tools/golden/Native.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstring>

#include "compiler/tools/Process.h"
#include "runtime/instance.h"

namespace sinter::golden {
namespace {

/// The elements as `type` has them in memory; f32, i32, i64 and bool are what models' weights are.
std::vector<std::byte> bytesOf(const HostTensor& tensor, int32_t type) {
  auto fill = [&]<class T>(T) {
    std::vector<std::byte> bytes(static_cast<size_t>(tensor.size()) * sizeof(T));
    for (int64_t i = 0; i < tensor.size(); ++i) {
      T value = tensor.isReal() ? static_cast<T>(tensor.reals[static_cast<size_t>(i)])
                                : static_cast<T>(tensor.integers[static_cast<size_t>(i)]);
      std::memcpy(bytes.data() + static_cast<size_t>(i) * sizeof(T), &value, sizeof(T));
    }
    return bytes;
  };
  switch (type) {
    case SINTER_F32: return fill(float{});
    case SINTER_I32: return fill(int32_t{});
    case SINTER_I64: return fill(int64_t{});
    default: return fill(int8_t{});
  }
}

HostTensor hostOf(const runtime::Array& array) {
  HostTensor tensor(static_cast<rules::DType>(array.type()), array.shape());
  auto read = [&]<class T>(T, auto& to) {
    for (int64_t i = 0; i < array.count(); ++i) {
      T value;
      std::memcpy(&value,
                  static_cast<const char*>(array.data()) + static_cast<size_t>(i) * sizeof(T),
                  sizeof(T));
      to[static_cast<size_t>(i)] = value;
    }
  };
  switch (array.type()) {
    case SINTER_F32: read(float{}, tensor.reals); break;
    case SINTER_F16: read(_Float16{}, tensor.reals); break;
    case SINTER_I32: read(int32_t{}, tensor.integers); break;
    case SINTER_I64: read(int64_t{}, tensor.integers); break;
    case SINTER_U8: read(uint8_t{}, tensor.integers); break;
    case SINTER_BF16: {
      for (int64_t i = 0; i < array.count(); ++i) {
        uint16_t half;
        std::memcpy(&half, static_cast<const char*>(array.data()) + static_cast<size_t>(i) * 2, 2);
        uint32_t bits = static_cast<uint32_t>(half) << 16;
        float value;
        std::memcpy(&value, &bits, 4);
        tensor.reals[static_cast<size_t>(i)] = value;
      }
      break;
    }
    default: read(int8_t{}, tensor.integers);
  }
  return tensor;
}

int isaOf(const std::string& target) {
  return target == "v4" ? SINTER_X86_64_V4 : target == "v3" ? SINTER_X86_64_V3 : SINTER_X86_64_V2;
}

}  // namespace

WeightSource sourceOf(const HostTensors& weights) {
  return [&weights](const std::string& name, SinterType type, std::span<const int64_t> shape,
                    std::string& error) -> std::optional<std::vector<std::byte>> {
    auto found = weights.find(name);
    if (found == weights.end()) {
      error = "weight '" + name + "' is missing";
      return std::nullopt;
    }
    if (!std::equal(shape.begin(), shape.end(), found->second.shape.begin(),
                    found->second.shape.end())) {
      error = "weight '" + name + "' is " + describe(found->second) + ", which is not its shape";
      return std::nullopt;
    }
    return bytesOf(found->second, type);
  };
}

struct Library::State {
  void* handle = nullptr;
  int isa;
  std::unique_ptr<runtime::Pool> pool;
};

Library::Library(const std::filesystem::path& path, const std::string& target, int threads)
    : state_(std::make_unique<State>()) {
  state_->handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!state_->handle) throw Failure(fmt::format("{}: {}", path.string(), dlerror()), 3);
  state_->isa = isaOf(target);
  state_->pool = std::make_unique<runtime::Pool>(threads);
}

Library::~Library() {
  if (state_->handle) dlclose(state_->handle);
}

HostTensors Library::run(size_t index, const std::string& name, const HostTensors& inputs) const {
  std::string symbol = fmt::format("sinter_model_{}", index);
  auto* model = static_cast<const SinterModel*>(dlsym(state_->handle, symbol.c_str()));
  if (!model) throw Failure("the library has no " + symbol);
  try {
    runtime::Instance instance(*model, *state_->pool, state_->isa, "");
    const SinterEntry* entry = runtime::find_entry(instance.model(), name);
    if (!entry) throw Failure("the model has no entry " + name);
    runtime::Call call(*entry);
    for (const auto& [key, tensor] : inputs) {
      if (key.ends_with(".lengths")) {
        int ragged = call.find_ragged(key.substr(0, key.size() - 8));
        if (ragged >= 0) call.lengths(ragged) = tensor.integers;
        continue;
      }
      int i = call.find_input(key);
      if (i < 0) continue;
      int32_t type = entry->inputs[i].type;
      int32_t from = tensor.isReal() ? SINTER_F32 : type == SINTER_BOOL ? SINTER_BOOL : SINTER_I64;
      std::vector<std::byte> bytes = bytesOf(tensor, from);
      call.input(i).assign(type, tensor.shape, bytes.data(), from);
    }
    instance.run(call);
    HostTensors outputs;
    for (int i = 0; i < entry->output_count; ++i)
      outputs[entry->outputs[i].name] = hostOf(call.output(i));
    return outputs;
  } catch (const runtime::Error& error) {
    throw Failure(error.sentence);
  }
}

}  // namespace sinter::golden
