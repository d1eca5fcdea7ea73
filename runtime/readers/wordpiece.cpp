// Reader `wordpiece`: BERT's input of a text or two, by BERT's tokenizer. Options, besides those of
// framed_reader.h:
//   vocabulary     asset with one piece on a line (default: the asset "vocab")
//   lower          true for uncased vocabularies (default true)
//   strip_accents  default: as lower
//   google         true: google-research/bert's tokens where Hugging Face's differ (default false)
#include "runtime/wordpiece.h"

#include "runtime/framed_reader.h"

namespace sinter::runtime {
namespace {

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  bool lower = options.flag("lower", true);
  WordPiece::Settings settings = {lower, options.flag("strip_accents", lower),
                                  options.flag("google", false)};
  auto pieces = std::make_unique<WordPiece>(options.asset("vocabulary", "vocab"), settings);
  return std::make_unique<FramedReader>(options, entry, std::move(pieces), "[PAD]");
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_wordpiece = {nullptr, 0, sinter::runtime::make};
