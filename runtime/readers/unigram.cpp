// Reader `unigram`: ALBERT's input of a text or two, by a SentencePiece unigram model. Options,
// besides those of framed_reader.h:
//   vocabulary     asset: the SentencePiece .model file (default: the asset "spiece")
//   lower          true: lower case before the model's own normalisation (default false)
//   strip_accents  true: compatibility forms, without accents, before it (default: as lower)
//   quotes         true: `` and '' become " before it (default true)
// The special pieces may be named in the text; the parts around one are texts of their own, as in
// Hugging Face's AlbertTokenizer.
#include "runtime/unigram.h"

#include "runtime/framed_reader.h"

namespace sinter::runtime {
namespace {

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  bool lower = options.flag("lower", false);
  Unigram::Settings settings = {
      lower,
      options.flag("strip_accents", lower),
      options.flag("quotes", true),
      {"[CLS]", "[SEP]", "<pad>", "<unk>", std::string(options.text("mask", "[MASK]"))}};
  auto pieces = std::make_unique<Unigram>(options.asset("vocabulary", "spiece"), settings);
  return std::make_unique<FramedReader>(options, entry, std::move(pieces), "<pad>");
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_unigram = {nullptr, 0, sinter::runtime::make};
