// Attention: at each step the decoder looks at every place of the source and takes a mixture.
// Sources: Bahdanau et al. 2015 (additive score, before the step), Luong et al. 2015 (dot and
// general score, behind the step, input feeding), Vaswani et al. 2017 (many heads at once;
// torch.nn.MultiheadAttention's names), sinusoidal positions.
// The one idea: a softmax over places makes a soft, differentiable look-up.
// B = batch, K = hypotheses, S = source, T = target, H = hidden size, V = vocabulary.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct AttentionConfig {
  int vocab = 30000, embed = 620, hidden = 1000;
  int attention = 1000;  // width of the additive score
  OneOf<"dot", "general"> score = "dot";
  int pad = 0, bos = 1, eos = 2, max_len = 50, beam = 10;
  double alpha = 0.6;
};
template <AttentionConfig C>
constexpr nn::Decoding decoding{.begin = C.bos, .end = C.eos, .pad = C.pad, .longest = C.max_len};

using Source = Input<"src", i64, "batch", ragged("src")>;
using Target = Input<"tgt", i64, "batch", "tgt">;  // begin, words, end, padding
using Lengths = Input<"tgt_lengths", i64, "batch">;

struct Attending {
  Tensor logits, loss, attention;                  // attention [B, T - 1, S]
  Tensor greedy_tokens, beam_tokens, beam_scores;
};
/// `step` also gives its weights [B, K, S]; teacher forcing stacks them.
template <AttentionConfig C, class S, class F>
constexpr Attending translate(Tensor src, Tensor tgt, Tensor lengths, const S& start,
                              const F& step) {
  const auto plain = [&](const S& s, Tensor token) { return step(s, token).next; };
  const auto found = nn::translate(src, tgt, lengths, start, decoding<C>, C.beam, C.alpha, plain);
  Tensor before = slice(tgt, 1, 0, tgt.dim(1) - 1);
  Tensor weights = scan(before, start, [&](const S& s, Tensor token) {
                     auto [next, looks] = step(s, unsqueeze(token, 1));
                     return Step{next.state, rearrange(looks, "b1s->bs")};
                   }).all;
  return {found.logits, found.loss, weights, found.greedy_tokens, found.beam_tokens,
          found.beam_scores};
}
template <class S> struct Looking {
  nn::Next<S> next;
  Tensor weights;
};
template <class S> Looking(nn::Next<S>, Tensor) -> Looking<S>;

/// Score v tanh(W s + U h) for each place h of a source read in both directions.
template <AttentionConfig C> struct Bahdanau {
  static constexpr int H = C.hidden;
  using State = nn::GruCell::State;
  nn::Embedding<C.vocab, C.embed> src_embedding, tgt_embedding;
  nn::GRU<C.embed, H, 1, true> encoder;
  nn::Linear<H, H> init;
  nn::Linear<H, C.attention, false> W_a;
  nn::Linear<2 * H, C.attention> U_a;
  nn::Linear<C.attention, 1, false> v_a;
  nn::Cell<nn::GruCell, C.embed + 2 * H, H> decoder;
  nn::Linear<H + 2 * H + C.embed, C.vocab> out;

  constexpr Attending forward(Source src, Target tgt, Lengths lengths) const {
    const nn::Recurrent read = encoder(src_embedding(src));
    Tensor memory = read.output, keys = U_a(memory);             // [B, S, 2 H], [B, S, A]
    Tensor start = tanh(init(unsqueeze(select(read.h_n, 0, 1), 1)));  // backward, at word one
    return translate<C>(src, tgt, lengths, State{start}, [&](const State& s, Tensor token) {
      Tensor mixed = tanh(unsqueeze(W_a(s.h), 2) + unsqueeze(keys, 1));  // [B, K, S, A]
      Tensor weights = softmax(rearrange(v_a(mixed), "bks1->bks"));
      Tensor context = einsum("bks,bsh->bkh", weights, memory);
      Tensor y = tgt_embedding(token);
      State next = decoder(concat({y, context}, -1), s);
      return Looking{nn::Next{out(concat({next.h, context, y}, -1)), next}, weights};
    });
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "attention" && c.is("model", "bahdanau");
  }
};

/// Score s h or s W h with the state behind the step; what was seen enters the next step.
template <AttentionConfig C> struct Luong {
  static constexpr int H = C.hidden;
  static constexpr bool general = C.score == "general";
  nn::Embedding<C.vocab, C.embed> src_embedding, tgt_embedding;
  nn::LSTM<C.embed, H> encoder;
  nn::Cell<nn::LstmCell, C.embed + H, H> decoder;
  std::conditional_t<general, nn::Linear<H, H, false>, None> W_a;
  nn::Linear<2 * H, H, false> W_c;
  nn::Linear<H, C.vocab> out;

  struct State {
    nn::LstmCell::State cell;
    Tensor seen;  // [B, K, H]
  };
  constexpr Attending forward(Source src, Target tgt, Lengths lengths) const {
    const nn::Recurrent read = encoder(src_embedding(src));
    Tensor memory = read.output, keys = memory;  // [B, S, H]
    if constexpr (general) keys = W_a(memory);
    Tensor h = rearrange(read.h_n, "1bh->b1h"), c = rearrange(read.c_n, "1bh->b1h");
    return translate<C>(
        src, tgt, lengths, State{{h, c}, h * 0.0}, [&](const State& s, Tensor token) {
          const auto cell = decoder(concat({tgt_embedding(token), s.seen}, -1), s.cell);
          Tensor weights = softmax(einsum("bkh,bsh->bks", cell.h, keys));
          Tensor context = einsum("bks,bsh->bkh", weights, memory);
          Tensor seen = tanh(W_c(concat({context, cell.h}, -1)));
          return Looking{nn::Next{out(seen), State{cell, seen}}, weights};
        });
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "attention" && c.is("model", "luong");
  }
};

// ---- many heads --------------------------------------------------------------------------------

struct MultiHeadConfig {
  int dim = 512, heads = 8, queries = 0, keys = 0;  // keys = 0: the queries look at themselves
  int kdim = 0, vdim = 0;                           // widths of keys and values; 0: dim
  bool padding = true, causal = false, bias = true;
};

/// torch keeps one matrix for queries, keys and values, unless their widths differ.
template <MultiHeadConfig C> struct Projections {
  static constexpr int D = C.dim, K = C.kdim > 0 ? C.kdim : D, V = C.vdim > 0 ? C.vdim : D;
  static constexpr bool together = K == D && V == D;
  std::conditional_t<together, Param<3 * D, D>, None> in_proj_weight;
  std::conditional_t<together, None, Param<D, D>> q_proj_weight;
  std::conditional_t<together, None, Param<D, K>> k_proj_weight;
  std::conditional_t<together, None, Param<D, V>> v_proj_weight;
  std::conditional_t<C.bias, Param<3 * D>, None> in_proj_bias;
  nn::Linear<D, D, C.bias> out_proj;

  /// Part 0, 1, 2 is for queries, keys, values.
  constexpr Tensor project(Tensor x, int part) const {
    Tensor weight;
    if constexpr (together) weight = slice(in_proj_weight, 0, part * D, (part + 1) * D);
    else weight = part == 0 ? q_proj_weight : part == 1 ? Tensor(k_proj_weight) : v_proj_weight;
    if constexpr (!C.bias) return linear(x, weight);
    else return linear(x, weight, slice(in_proj_bias, 0, part * D, (part + 1) * D));
  }
};

template <MultiHeadConfig C> struct MultiHead {
  static constexpr bool self = C.keys == 0;
  using P = Projections<C>;
  P mha;

  struct Answer {
    Tensor output, attention, attention_mean, loss;  // [B, Q, D], [B, heads, Q, K], [B, Q, K], []
  };
  constexpr Answer forward(Input<"query", f32, "batch", "queries", C.dim> query,
                           InputIf<!self, Input<"key", f32, "batch", "keys", P::K>> key,
                           InputIf<!self, Input<"value", f32, "batch", "keys", P::V>> value,
                           InputIf<C.padding, Input<"key_lengths", i64, "batch">> key_lengths,
                           Input<"target", f32, "batch", "queries", C.dim> target) const {
    Tensor k = self ? Tensor(query) : Tensor(key), v = self ? Tensor(query) : Tensor(value);
    const Size queries = query.dim(1), keys = k.dim(1);
    Tensor place = iota(query, {1, 1, 1, keys}, 3);
    Tensor mask = place >= 0.0;  // [1, 1, 1, K]: true where a key counts
    if constexpr (C.padding) mask = place < rearrange(key_lengths, "b->b111");
    if constexpr (C.causal) mask = logical_and(mask, place <= iota(query, {1, 1, queries, 1}, 2));
    const auto heads = [&](Tensor x, int part) {
      return nn::split_heads(mha.project(x, part), C.heads);  // [B, heads, T, D / heads]
    };
    auto [context, weights] =
        nn::attention(heads(query, 0), heads(k, 1), heads(v, 2), 1 / sqrt(C.dim / C.heads), mask);
    Tensor output = mha.out_proj(nn::merge_heads(context));
    return {output, weights, mean(weights, 1), nn::squared_error(output, target)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "attention" && c.kind == "multihead";
  }
};

// ---- positions ---------------------------------------------------------------------------------

struct PositionsConfig {
  int dim = 512, length = 512;
};

/// Where a word stands: waves of many lengths, or a learned table.
template <PositionsConfig C> struct Positions {
  nn::Embedding<C.length + 3, C.dim> position_embedding;

  struct Answer {
    Tensor sinusoid_interleaved, sinusoid_halves;  // [T, D]
    Tensor sum_sinusoid, sum_learned, loss;        // [B, T, D]
  };
  constexpr Answer forward(Input<"x", f32, "batch", "length", C.dim> x) const {
    Tensor waves = nn::sinusoids(x, x.dim(1), C.dim);
    Tensor learned = x + slice(position_embedding.weight, 0, 0, x.dim(1));
    return {waves, nn::sinusoids_in_halves(x, x.dim(1), C.dim), x + waves, learned,
            mean(square(learned), {0, 1, 2})};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "attention" && c.kind == "positions";
  }
};

inline constexpr auto& bahdanau = model<Bahdanau<config<AttentionConfig>>>;
inline constexpr auto& luong = model<Luong<config<AttentionConfig>>>;
inline constexpr auto& multihead = model<MultiHead<config<MultiHeadConfig>>>;
inline constexpr auto& positions = model<Positions<config<PositionsConfig>>>;

}  // namespace
