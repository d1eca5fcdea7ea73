// A decoder that never forgets its source: the encoder's vector enters at every step.
// Source: Cho et al. 2014. Beside encoder_decoder.cpp, the context c = last state of the encoder
// starts the decoder (s_0 = tanh(W c)), stands beside each word it reads, and beside each state
// when a word is chosen. The one idea: what is always at hand need not be remembered.
// B = batch, K = hypotheses, S = source, T = target, H = hidden size, V = vocabulary.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct ChoConfig {
  double alpha = 0.6;
  int vocab = 15000, embed = 620, hidden = 1000;
  int pad = 0, bos = 1, eos = 2, max_len = 50, beam = 10;
  bool source_end = false;
};
using Source = Input<"src", i64, "batch", ragged("src")>;

template <ChoConfig C> struct ContextualRnn {
  static constexpr int H = C.hidden;
  nn::Embedding<C.vocab, C.embed> src_embedding, tgt_embedding;
  nn::GRU<C.embed, H> encoder;
  nn::Linear<H, H> init;
  nn::Cell<nn::GruCell, C.embed + H, H> decoder;
  nn::Linear<H + C.embed + H, C.vocab> out;
  static constexpr Inits inits{.matrices = normal(0.01), .tables = normal(0.01),
                               .recurrent = {"orthogonal", 3}};

  struct State {
    Tensor h, context;  // [B, K, H]
  };
  static constexpr nn::Decoding decoding{.begin = C.bos, .end = C.eos, .pad = C.pad,
                                         .longest = C.max_len};
  constexpr State read(Tensor src) const {
    Tensor context = rearrange(encoder(src_embedding(src)).h_n, "1bh->b1h");
    return {tanh(init(context)), context};
  }
  constexpr auto next_word() const {
    return [this](const State& s, Tensor token) {
      Tensor y = tgt_embedding(token);  // [B, K, E]
      Tensor h = decoder(concat({y, s.context}, -1), {s.h}).h;
      return nn::Next{out(concat({h, y, s.context}, -1)), State{h, s.context}};
    };
  }
  constexpr nn::Translation forward(Source src, Input<"tgt", i64, "batch", "tgt"> tgt,
                                    Input<"tgt_lengths", i64, "batch"> lengths) const {
    return nn::translate(src, tgt, lengths, read(src), decoding, C.beam, C.alpha, next_word());
  }
  constexpr nn::GreedyTokens generate(Source src) const {
    return {nn::greedy(src, read(src), decoding, nn::of_one(next_word()))};
  }
  constexpr nn::BeamTokens beam(Source src) const {
    return nn::beam_search(src, read(src), decoding, C.beam, C.alpha, next_word());
  }
  constexpr nn::SampledTokens sample(Source src, nn::Chance chance) const {
    return {nn::sample(src, read(src), decoding, chance, nn::of_one(next_word()))};
  }
  static constexpr Task task = nn::words_to_words(C.source_end);
  static constexpr bool serves(const Case& c) {
    return c.architecture == "contextual_rnn" && c.is("model", "cho");
  }
};

inline constexpr auto& contextual_rnn = model<ContextualRnn<config<ChoConfig>>>;

}  // namespace
