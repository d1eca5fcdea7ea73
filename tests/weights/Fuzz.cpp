// A libFuzzer target for one reader (READER, asked first by LOOKS): whatever the bytes, it returns
// or throws Failure, and every tensor that it lists is read to its size or says why not.
#include <cstdlib>

#include "weights/Formats.h"

using namespace sinter::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Source source{"f", nullptr, std::as_bytes(std::span(data, size))};
  if (size == 0 || !LOOKS(source)) return 0;
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
