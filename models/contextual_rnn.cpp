// A decoder that never forgets its source: the encoder's vector enters at every step.
// Source: Cho et al. 2014. Beside encoder_decoder.cpp, the context c = last state of the encoder
// starts the decoder (s_0 = tanh(W c)), stands beside each word it reads, and beside each state
// when a word is chosen. The one idea: what is always at hand need not be remembered.
// B = batch, K = hypotheses, S = source, T = target, H = hidden size, V = vocabulary.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct ChoConfig {
  int vocab = 15000, embed = 620, hidden = 1000;
  int pad = 0, bos = 1, eos = 2, max_len = 50, beam = 10;
  double alpha = 0.6;
};

template <ChoConfig C> struct ContextualRnn {
  static constexpr int H = C.hidden;
  nn::Embedding<C.vocab, C.embed> src_embedding, tgt_embedding;
  nn::GRU<C.embed, H> encoder;
  nn::Linear<H, H> init;
  nn::Cell<nn::GruCell, C.embed + H, H> decoder;
  nn::Linear<H + C.embed + H, C.vocab> out;

  struct State {
    Tensor h, context;  // [B, K, H]
  };
  constexpr nn::Translation forward(Input<"src", i64, "batch", ragged("src")> src,
                                    Input<"tgt", i64, "batch", "tgt"> tgt,
                                    Input<"tgt_lengths", i64, "batch"> lengths) const {
    Tensor context = rearrange(encoder(src_embedding(src)).h_n, "1bh->b1h");
    constexpr nn::Decoding decoding{.begin = C.bos, .end = C.eos, .pad = C.pad,
                                    .longest = C.max_len};
    return nn::translate(
        src, tgt, lengths, State{tanh(init(context)), context}, decoding, C.beam, C.alpha,
        [&](const State& s, Tensor token) {
          Tensor y = tgt_embedding(token);  // [B, K, E]
          Tensor h = decoder(concat({y, s.context}, -1), {s.h}).h;
          return nn::Next{out(concat({h, y, s.context}, -1)), State{h, s.context}};
        });
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "contextual_rnn" && c.is("model", "cho");
  }
};

inline constexpr auto& contextual_rnn = model<ContextualRnn<config<ChoConfig>>>;

}  // namespace
