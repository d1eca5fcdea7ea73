// Encoder-decoders: one network reads a sequence into a state, another writes one from it.
// Sources: Cho et al. 2014 (without its context: contextual_rnn.cpp), Sutskever et al. 2014, and
// g2p_en 2.1 (K. Park & J. Kim), spelling to phonemes, whose weights come with Sinter.
// The one idea: the state between the two is all that the decoder knows of the source.
// B = batch, S = source, T = target, H = hidden size, V = vocabulary.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

// ---- spelling to phonemes ----------------------------------------------------------------------

struct G2pConfig {
  int graphemes = 29, phonemes = 74, hidden = 256, longest = 20;
};

/// Field names are the arrays of g2p_en's checkpoint; gates r, z, n.
template <G2pConfig C> struct G2p {
  static constexpr int H = C.hidden;
  using State = nn::GruCell::State;
  Param<C.graphemes, H> enc_emb;
  Param<3 * H, H> enc_w_ih, enc_w_hh;
  Param<3 * H> enc_b_ih, enc_b_hh;
  Param<C.phonemes, H> dec_emb;
  Param<3 * H, H> dec_w_ih, dec_w_hh;
  Param<3 * H> dec_b_ih, dec_b_hh;
  Param<C.phonemes, H> fc_w;
  Param<C.phonemes> fc_b;

  struct Answer {
    Tensor phonemes;  // i64 [B, longest]
  };
  constexpr Answer forward(Input<"word", i32, "batch", ragged("letters")> word) const {
    Tensor letters = linear(gather(enc_emb, word), enc_w_ih, enc_b_ih);  // [B, S, 3 H]
    const State silent{zeros(letters, {letters.dim(0), H})};
    const State read = scan(letters, silent, [&](State s, Tensor letter) {
                         return nn::GruCell::step(s, letter, linear(s.h, enc_w_hh, enc_b_hh));
                       }).last;
    return {nn::greedy(word, read, {.begin = 2, .end = 3, .pad = 3, .longest = C.longest},
                       [&](const State& s, Tensor phoneme) {
                         Tensor said = linear(gather(dec_emb, phoneme), dec_w_ih, dec_b_ih);
                         State next = nn::GruCell::step(s, said, linear(s.h, dec_w_hh, dec_b_hh));
                         return nn::Next{linear(next.h, fc_w, fc_b), next};
                       })};
  }
  static constexpr Task task{"characters", "tokens",
                             {{"vocabulary", "graphemes"}, {"unknown", "<unk>"}, {"end", "</s>"},
                              {"lower", "true"}, {"input", "word"}, {"output", "phonemes"},
                              {"symbols", "phonemes"}, {"stop", "</s>"}}};
};

inline constexpr auto& g2p = model<G2p<config<G2pConfig>>>;
static_assert(parameters(model<G2p<G2pConfig{}>>) == 834'890);

}  // namespace
