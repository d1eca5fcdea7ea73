// Dictionaries of any bytes: what is accepted cuts a text into parts of it, in their order. Then
// text of any bytes by a right one.
#include "runtime/segmenter.h"

#include "fuzz.h"
#include "runtime/error.h"

using namespace sinter::runtime;

namespace {

void check(Segmenter& segmenter, std::string_view text) {
  std::vector<Segmenter::Word> words;
  segmenter.cut(text, 0, text.size(), words);
  size_t last = 0;
  for (auto [begin, end] : words) {
    if (begin < last || begin >= end || end > text.size()) __builtin_trap();
    last = end;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    Segmenter segmenter(bytes);
    check(segmenter,
          "\xe4\xb8\xad\xe5\x9b\xbd\xe4\xba\xba T\xe6\x81\xa4 ab3. \xff\xe3\x80\x80\xe4");
  } catch (const Error&) {
  }
  static Segmenter right(
      "\xe4\xb8\xad 5\n\xe4\xb8\xad\xe5\x9b\xbd 20 ns\nab 0\nT\xe6\x81\xa4 3 n\n");
  check(right, bytes);
  return 0;
}
