// Runs a fuzz function without libFuzzer: on each file that is named, on every front part of it,
// and with single bits and bytes changed, always the same ones. Each input is an exact allocation,
// so that the address sanitizer sees a read beyond it.
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "fuzz.h"

namespace {

void run(const std::vector<uint8_t>& bytes, size_t size) {
  auto exact = std::make_unique<uint8_t[]>(size);
  if (size != 0) std::memcpy(exact.get(), bytes.data(), size);
  LLVMFuzzerTestOneInput(exact.get(), size);
}

bool read(const char* path, std::vector<uint8_t>& bytes) {
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return false;
  bytes.resize(1 << 20);
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  std::fclose(file);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  size_t runs = 0;
  for (int i = 1; i < argc; ++i) {
    std::vector<uint8_t> bytes;
    if (!read(argv[i], bytes)) {
      std::fprintf(stderr, "%s cannot be read\n", argv[i]);
      return 1;
    }
    for (size_t size = 0; size <= bytes.size(); ++size, ++runs) run(bytes, size);
    for (size_t at = 0; at < bytes.size(); ++at) {
      uint8_t kept = bytes[at];
      for (int change = 0; change < 10; ++change, ++runs) {
        bytes[at] = change < 8 ? kept ^ (1 << change) : change == 8 ? 0 : 255;
        run(bytes, bytes.size());
      }
      bytes[at] = kept;
    }
  }
  std::printf("%zu inputs\n", runs);
  return 0;
}
