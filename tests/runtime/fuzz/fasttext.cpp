// fastText models: what the dictionary accepts must encode a line into rows that it has.
#include "fuzz.h"
#include "runtime/error.h"
#include "runtime/fasttext_dictionary.h"

using namespace sinter::runtime;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    FastTextDictionary dictionary({reinterpret_cast<const char*>(data), size});
    std::vector<int32_t> rows;
    dictionary.encode("to be or n\xc3\xb6t __label__x", rows);
    for (int32_t row : rows)
      if (row < 0 || row >= dictionary.rows()) __builtin_trap();
  } catch (const Error&) {
  }
  return 0;
}
