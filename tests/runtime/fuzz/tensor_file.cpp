// safetensors files: what parse() accepts must be readable to its last byte.
#include "runtime/tensor_file.h"

#include "fuzz.h"
#include "runtime/error.h"

using namespace sinter::runtime;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    unsigned sum = 0;
    for (const FileTensor& tensor :
         TensorFile::parse({reinterpret_cast<const char*>(data), size}, "file")) {
      int64_t count = element_count(tensor.shape);
      if (count == 0 || tensor.type < 0) continue;
      size_t bytes = static_cast<size_t>(count) * type_size(tensor.type);
      sum += tensor.data[0] + tensor.data[bytes - 1];
      if (tensor.data + bytes > data + size) __builtin_trap();
    }
    asm volatile("" ::"r"(sum));  // so that the reads stay
  } catch (const Error&) {
  }
  return 0;
}
