#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct TaggerConfig {
  int words = 10, embed = 8, hidden = 8, tags = 5;
};

/// A tag for each word, seen from both sides.
template <TaggerConfig C> struct Tagger {
  nn::Embedding<C.words, C.embed> embedding;
  nn::GRU<C.embed, C.hidden, 1, true> rnn;
  nn::Linear<2 * C.hidden, C.tags> tag;

  constexpr Tensor forward(Input<"ids", i32, "batch", ragged("seq")> ids) const {
    return tag(rnn(embedding(ids)).output);  // f32[batch, seq~, tags]
  }
  static constexpr Task task{"words", "tags", {{"vocabulary", "words"}}};
};

inline constexpr auto& tagger = model<Tagger<config<TaggerConfig>>>;
}  // namespace
