// Text of any bytes through BERT's tokenizer, in both dialects: pieces that it has, at places of
// the text.
#include "runtime/wordpiece.h"

#include "fuzz.h"

using namespace sinter::runtime;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr const char* kPieces = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\n##b\n\xce\xb1\n.\n";
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (bool google : {false, true})
    for (bool lower : {false, true}) {
      WordPiece pieces(kPieces, {lower, lower, google});
      std::vector<int32_t> ids;
      std::vector<Place> places;
      pieces.encode(text, ids, &places);
      if (ids.size() != places.size()) __builtin_trap();
      for (int32_t id : ids)
        if (id < 0 || id > 9) __builtin_trap();
      for (const Place& place : places)
        if (place.begin < 0 || place.begin >= place.end || place.end > static_cast<int64_t>(size))
          __builtin_trap();
    }
  return 0;
}
