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
  static constexpr Inits inits = nn::torch_inits(H);  // its own training is not published
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
  using Word = Input<"word", i32, "batch", ragged("letters")>;
  static constexpr nn::Decoding spoken{.begin = 2, .end = 3, .pad = 3, .longest = C.longest};

  constexpr State read(Tensor word) const {
    Tensor letters = linear(gather(enc_emb, word), enc_w_ih, enc_b_ih);  // [B, S, 3 H]
    const State silent{zeros(letters, {letters.dim(0), H})};
    return scan(letters, silent, [&](State s, Tensor letter) {
             return nn::GruCell::step(s, letter, linear(s.h, enc_w_hh, enc_b_hh));
           }).last;
  }
  constexpr auto next_phoneme() const {
    return [this](const State& s, Tensor phoneme) {
      Tensor said = linear(gather(dec_emb, phoneme), dec_w_ih, dec_b_ih);
      State next = nn::GruCell::step(s, said, linear(s.h, dec_w_hh, dec_b_hh));
      return nn::Next{linear(next.h, fc_w, fc_b), next};
    };
  }
  constexpr Answer forward(Word word) const {
    return {nn::greedy(word, read(word), spoken, next_phoneme())};
  }
  /// Another way of saying it.
  constexpr Answer sample(Word word, nn::Chance chance) const {
    return {nn::sample(word, read(word), spoken, chance, next_phoneme())};
  }
  static constexpr Task task{"characters", "tokens",
                             {{"vocabulary", "graphemes"}, {"unknown", "<unk>"}, {"end", "</s>"},
                              {"lower", "true"}, {"max_length", 256}, {"input", "word"},
                              {"output", "phonemes"}, {"symbols", "phonemes"}, {"stop", "</s>"},
                              {"entry", "forward"}, {"line_number", "stream"},
                              {"temperature", "1"}, {"top_k", "0"}, {"top_p", "1"}, {"seed", "0"}}};
};

// ---- translation -------------------------------------------------------------------------------

struct TranslateConfig {
  double alpha = 0.6;
  int vocab = 30000, embed = 620, hidden = 1000, layers = 1;
  int pad = 0, bos = 1, eos = 2, max_len = 50, beam = 10;
  bool source_end = false;
};
template <TranslateConfig C>
constexpr nn::Decoding decoding{.begin = C.bos, .end = C.eos, .pad = C.pad, .longest = C.max_len};

using Source = Input<"src", i64, "batch", ragged("src")>;
using Target = Input<"tgt", i64, "batch", "tgt">;  // begin, words, end, padding
using Lengths = Input<"tgt_lengths", i64, "batch">;

/// The encoder's last state starts the decoder. In a decoder's state K stands behind the batch.
template <TranslateConfig C> struct Plain {
  using State = nn::GruCell::State;
  nn::Embedding<C.vocab, C.embed> src_embedding, tgt_embedding;
  nn::GRU<C.embed, C.hidden> encoder;
  nn::Cell<nn::GruCell, C.embed, C.hidden> decoder;
  nn::Linear<C.hidden, C.vocab> out;
  static constexpr Inits inits{.matrices = normal(0.01), .tables = normal(0.01),
                               .recurrent = {"orthogonal", 3}};

  constexpr State read(Tensor src) const {
    return {rearrange(encoder(src_embedding(src)).h_n, "1bh->b1h")};
  }
  constexpr auto next_word() const {
    return [this](const State& s, Tensor token) {
      State next = decoder(tgt_embedding(token), s);
      return nn::Next{out(next.h), next};
    };
  }
  constexpr nn::Translation forward(Source src, Target tgt, Lengths lengths) const {
    return nn::translate(src, tgt, lengths, read(src), decoding<C>, C.beam, C.alpha, next_word());
  }
  constexpr nn::GreedyTokens generate(Source src) const {
    return {nn::greedy(src, read(src), decoding<C>, nn::of_one(next_word()))};
  }
  constexpr nn::BeamTokens beam(Source src) const {
    return nn::beam_search(src, read(src), decoding<C>, C.beam, C.alpha, next_word());
  }
  constexpr nn::SampledTokens sample(Source src, nn::Chance chance) const {
    return {nn::sample(src, read(src), decoding<C>, chance, nn::of_one(next_word()))};
  }
  static constexpr Task task = nn::words_to_words(C.source_end);
  static constexpr bool serves(const Case& c) {
    return c.architecture == "encoder_decoder" && c.is("model", "plain");
  }
};

/// Stacks of LSTMs; the source is read from its end, so that its first words are the nearest.
template <TranslateConfig C> struct Sutskever {
  using Stack = nn::LSTM<C.embed, C.hidden, C.layers>;
  using State = typename Stack::States;
  nn::Embedding<C.vocab, C.embed> src_embedding, tgt_embedding;
  Stack encoder, decoder;
  nn::Linear<C.hidden, C.vocab> out;
  static constexpr Inits inits{.matrices = uniform(0.08), .vectors = uniform(0.08),
                               .tables = uniform(0.08)};

  constexpr State read(Tensor src) const {
    const nn::Recurrent last = encoder(src_embedding(flip(src, 1)));
    State start;
    for (int i = 0; i < C.layers; ++i)
      start[static_cast<std::size_t>(i)] = {unsqueeze(select(last.h_n, 0, i), 1),
                                            unsqueeze(select(last.c_n, 0, i), 1)};
    return start;
  }
  constexpr auto next_word() const {
    return [this](const State& s, Tensor token) {
      const State next = decoder.step(tgt_embedding(token), s);
      return nn::Next{out(next.back().h), next};
    };
  }
  constexpr nn::Translation forward(Source src, Target tgt, Lengths lengths) const {
    return nn::translate(src, tgt, lengths, read(src), decoding<C>, C.beam, C.alpha, next_word());
  }
  constexpr nn::GreedyTokens generate(Source src) const {
    return {nn::greedy(src, read(src), decoding<C>, nn::of_one(next_word()))};
  }
  constexpr nn::BeamTokens beam(Source src) const {
    return nn::beam_search(src, read(src), decoding<C>, C.beam, C.alpha, next_word());
  }
  constexpr nn::SampledTokens sample(Source src, nn::Chance chance) const {
    return {nn::sample(src, read(src), decoding<C>, chance, nn::of_one(next_word()))};
  }
  static constexpr Task task = nn::words_to_words(C.source_end);
  static constexpr bool serves(const Case& c) {
    return c.architecture == "encoder_decoder" && c.is("model", "sutskever");
  }
};

inline constexpr auto& g2p = model<G2p<config<G2pConfig>>>;
inline constexpr auto& plain_gru = model<Plain<config<TranslateConfig>>>;
inline constexpr auto& sutskever_lstm = model<Sutskever<config<TranslateConfig>>>;
static_assert(parameters(model<G2p<G2pConfig{}>>) == 834'890);

}  // namespace
