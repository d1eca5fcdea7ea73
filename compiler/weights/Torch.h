// What PyTorch's two file formats have in common: a pickle of tensors over numbered storages.
#ifndef SINTER_COMPILER_WEIGHTS_TORCH_H
#define SINTER_COMPILER_WEIGHTS_TORCH_H

#include <map>
#include <optional>

#include "Pickle.h"

namespace sinter::weights {

// A storage as a persistent id of the pickle names it.
struct TorchStorage {
  std::string key;
  DType type = DType::F32;
  uint64_t elements = 0;
  int64_t viewOffset = 0;  // in elements; storages of before PyTorch 0.4 may be views
};

// Nothing when the value is no storage id of a known kind.
std::optional<TorchStorage> storageOf(const Pickle& pickle, ValueId id);

// Where a storage's bytes lie.
struct StoragePlace {
  uint64_t bytes;
  std::function<Source()> content;  // may throw Failure
};
using StoragePlaces = std::map<std::string, StoragePlace>;

// Adds all tensors that the pickle describes, named by the path of keys that leads to them, to
// the checkpoint. Of a training checkpoint only what lies under "state_dict" or a like key.
void collectTorchTensors(const Source& source, const Pickle& pickle, const StoragePlaces& places,
                         Checkpoint& checkpoint);

Checkpoint readTorchZip(const Source& zip, std::string_view folder);  // "archive/" of data.pkl

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_TORCH_H
