// Images: what is accepted has a number from 0 to 1 for each pixel.
#include "runtime/image.h"

#include "fuzz.h"
#include "runtime/error.h"

using namespace sinter::runtime;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    Image image = read_image({reinterpret_cast<const char*>(data), size});
    if (image.channels * image.height * image.width != static_cast<int64_t>(image.pixels.size()))
      __builtin_trap();
    for (float pixel : image.pixels)
      if (!(pixel >= 0 && pixel <= 1)) __builtin_trap();
  } catch (const Error&) {
  }
  return 0;
}
