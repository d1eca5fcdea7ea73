// A libFuzzer target for one reader (READER): whatever the bytes, it returns or throws Failure,
// and every tensor that it lists can be read to its size or says why not.
#include "weights/Formats.h"

#include <cstdlib>

using namespace sinter::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Source source{"f", nullptr, std::as_bytes(std::span(data, size))};
  try {
    Checkpoint checkpoint = READER(source);
    for (auto& tensor : checkpoint.tensors) {
      auto bytes = tensor.read();
      if (bytes && bytes->size() != tensor.bytes()) std::abort();
    }
  } catch (const Failure&) {
  }
  return 0;
}
