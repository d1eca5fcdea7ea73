// SentencePiece models: what the reader accepts must cut a text into pieces that it has, at places
// of the text. Then text of any bytes through a right model.
#include "runtime/unigram.h"

#include "fuzz.h"
#include "runtime/error.h"

using namespace sinter::runtime;

namespace {

void check(Unigram& pieces, std::string_view text) {
  std::vector<int32_t> ids;
  std::vector<Place> places;
  pieces.encode(text, ids, &places);
  if (ids.size() != places.size()) __builtin_trap();
  for (int32_t id : ids)
    if (id < 0 || id >= pieces.size()) __builtin_trap();
  for (const Place& place : places)
    if (place.begin < 0 || place.begin > place.end || place.end > static_cast<int64_t>(text.size()))
      __builtin_trap();
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    Unigram pieces(bytes, {true, true, true, {"[MASK]"}});
    check(pieces, "A a\xcc\x81 ``b'' <mask>[MASK] \xe4\xb8\xad\xff\xef\xac\x81 abca ");
  } catch (const Error&) {
  }
  // Fields: pieces "<unk>" (unknown), U+2581, "a", "ab" (of the user).
  constexpr std::string_view kModel =
      "\n\t\n\x05<unk>\x18\x02\n\x05\n\x03\xe2\x96\x81\n\x03\n\x01"
      "a\n\x06\n\x02"
      "ab\x18\x04";
  static Unigram plain(kModel, {}), albert(kModel, {true, true, true, {"ab"}});
  check(plain, bytes);
  check(albert, bytes);
  return 0;
}
