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
  double alpha = 0.6, dropout = 0.2;  // dropout: Luong's, of words and what is seen
  int vocab = 30000, embed = 620, hidden = 1000;
  int attention = 1000;  // width of the additive score
  int pad = 0, bos = 1, eos = 2, max_len = 50, beam = 10;
  OneOf<"dot", "general"> score = "dot";
  bool source_end = false;
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
/// What a step of these models gives: `weights` [B, K, S] are how much it looks at each place.
template <class S> struct Looking {
  nn::Next<S> next;
  Tensor weights;
};
template <class S> Looking(nn::Next<S>, Tensor) -> Looking<S>;

/// The same step without the weights.
template <class F> constexpr auto blindly(const F& step) {
  return [step](const auto& s, Tensor token) { return step(s, token).next; };
}
/// Teacher forcing stacks the weights.
template <AttentionConfig C, class S, class F>
constexpr Attending translate(Tensor src, Tensor tgt, Tensor lengths, const S& start,
                              const F& step) {
  const auto found = nn::translate(src, tgt, lengths, start, decoding<C>, C.beam, C.alpha,
                                   blindly(step));
  Tensor before = slice(tgt, 1, 0, tgt.dim(1) - 1);
  Tensor weights = scan(before, start, [&](const S& s, Tensor token) {
                     auto [next, looks] = step(s, unsqueeze(token, 1));
                     return Step{next.state, rearrange(looks, "b1s->bs")};
                   }).all;
  return {found.logits, found.loss, weights, found.greedy_tokens, found.beam_tokens,
          found.beam_scores};
}

struct GreedyLooks {
  Tensor greedy_tokens, greedy_attention;  // i64 [B, L], [B, L, S]: zeros behind the last step
};
template <class S> struct Remembering {
  S state;
  Tensor looks;  // [B, L, S]
};
/// The best word each time, and where each step looked.
template <AttentionConfig C, class S, class F>
constexpr GreedyLooks written(Tensor src, const S& start, const F& step) {
  using State = Remembering<S>;
  const State first{start, full(src, {src.dim(0), C.max_len, src.dim(1)}, 0, f32)};
  const auto found = nn::decode(
      src, first, decoding<C>,
      [&](const State& s, Tensor token, Tensor at) {
        const auto [next, looks] = step(s.state, unsqueeze(token, 1));
        return nn::Next{rearrange(next.logits, "b1v->bv"),
                        State{next.state, update_slice_at(s.looks, looks, 1, at)}};
      },
      [](Tensor logits, Tensor) { return argmax(logits, -1); });
  const Tensor ends = cast(found.tokens == C.eos, i64);  // steps behind one are the batch's
  return {found.tokens, where(unsqueeze(cumsum(ends, 1) - ends == 0, 2), found.state.looks, 0)};
}
template <AttentionConfig C, class S, class F>
constexpr nn::BeamTokens searched(Tensor src, const S& start, const F& step) {
  return nn::beam_search(src, start, decoding<C>, C.beam, C.alpha, blindly(step));
}
template <AttentionConfig C, class S, class F>
constexpr nn::SampledTokens sampled(Tensor src, const nn::Sampling& chance, const S& start,
                                   const F& step) {
  return {nn::sample(src, start, decoding<C>, chance, nn::of_one(blindly(step)))};
}

/// Score v tanh(W s + U h) for each place h of a source read in both directions.
template <AttentionConfig C> struct Bahdanau {
  static constexpr int H = C.hidden;
  using State = nn::GruCell::State;
  nn::Embedding<C.vocab, C.embed> src_embedding, tgt_embedding;
  nn::GRU<C.embed, H, 1, true> encoder;
  nn::Linear<H, H> init;
  Started<"normal:0.001", nn::Linear<H, C.attention, false>> W_a;
  Started<"normal:0.001", nn::Linear<2 * H, C.attention>> U_a;
  Started<"zeros", nn::Linear<C.attention, 1, false>> v_a;
  nn::Cell<nn::GruCell, C.embed + 2 * H, H> decoder;
  nn::Linear<H + 2 * H + C.embed, C.vocab> out;
  static constexpr Inits inits{.matrices = normal(0.01), .vectors = {"zeros"},
                               .tables = normal(0.01), .recurrent = {"orthogonal", 3}};

  struct Memory {
    Tensor places, keys;  // [B, S, 2 H], [B, S, A]
    State start;
  };
  constexpr Memory read(Tensor src) const {
    const nn::Recurrent read = encoder(src_embedding(src));
    Tensor backward = select(read.h_n, 0, 1);  // at word one
    return {read.output, U_a(read.output), State{tanh(init(unsqueeze(backward, 1)))}};
  }
  constexpr auto next_word(const Memory& memory) const {
    return [this, memory](const State& s, Tensor token) {
      Tensor mixed = tanh(unsqueeze(W_a(s.h), 2) + unsqueeze(memory.keys, 1));  // [B, K, S, A]
      Tensor weights = softmax(rearrange(v_a(mixed), "bks1->bks"));
      Tensor context = einsum("bks,bsh->bkh", weights, memory.places);
      Tensor y = tgt_embedding(token);
      State next = decoder(concat({y, context}, -1), s);
      return Looking{nn::Next{out(concat({next.h, context, y}, -1)), next}, weights};
    };
  }
  constexpr Attending forward(Source src, Target tgt, Lengths lengths) const {
    const Memory memory = read(src);
    return translate<C>(src, tgt, lengths, memory.start, next_word(memory));
  }
  constexpr GreedyLooks generate(Source src) const {
    const Memory memory = read(src);
    return written<C>(src, memory.start, next_word(memory));
  }
  constexpr nn::BeamTokens beam(Source src) const {
    const Memory memory = read(src);
    return searched<C>(src, memory.start, next_word(memory));
  }
  constexpr nn::SampledTokens sample(Source src, nn::Chance chance) const {
    const Memory memory = read(src);
    return sampled<C>(src, chance, memory.start, next_word(memory));
  }
  static constexpr Task task = nn::words_to_words(C.source_end);
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
  static constexpr Inits inits{.matrices = uniform(0.1), .vectors = uniform(0.1),
                               .tables = uniform(0.1)};

  struct State {
    nn::LstmCell::State cell;
    Tensor seen;  // [B, K, H]
  };
  struct Memory {
    Tensor places, keys;  // [B, S, H]
    State start;
  };
  constexpr Memory read(Tensor src) const {
    const nn::Recurrent read = encoder(dropout(src_embedding(src), C.dropout));
    Tensor keys = read.output;
    if constexpr (general) keys = W_a(read.output);
    Tensor h = rearrange(read.h_n, "1bh->b1h"), c = rearrange(read.c_n, "1bh->b1h");
    return {read.output, keys, State{{h, c}, h * 0.0}};
  }
  constexpr auto next_word(const Memory& memory) const {
    return [this, memory](const State& s, Tensor token) {
      Tensor y = dropout(tgt_embedding(token), C.dropout);
      const auto cell = decoder(concat({y, s.seen}, -1), s.cell);
      Tensor weights = softmax(einsum("bkh,bsh->bks", cell.h, memory.keys));
      Tensor context = einsum("bks,bsh->bkh", weights, memory.places);
      Tensor seen = tanh(W_c(concat({context, cell.h}, -1)));
      return Looking{nn::Next{out(dropout(seen, C.dropout)), State{cell, seen}}, weights};
    };
  }
  constexpr Attending forward(Source src, Target tgt, Lengths lengths) const {
    const Memory memory = read(src);
    return translate<C>(src, tgt, lengths, memory.start, next_word(memory));
  }
  constexpr GreedyLooks generate(Source src) const {
    const Memory memory = read(src);
    return written<C>(src, memory.start, next_word(memory));
  }
  constexpr nn::BeamTokens beam(Source src) const {
    const Memory memory = read(src);
    return searched<C>(src, memory.start, next_word(memory));
  }
  constexpr nn::SampledTokens sample(Source src, nn::Chance chance) const {
    const Memory memory = read(src);
    return sampled<C>(src, chance, memory.start, next_word(memory));
  }
  static constexpr Task task = nn::words_to_words(C.source_end);
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
  template <int Out, int In> using Matrix = InitParam<"xavier_uniform", Out, In>;
  std::conditional_t<together, Matrix<3 * D, D>, None> in_proj_weight;
  std::conditional_t<together, None, Matrix<D, D>> q_proj_weight;
  std::conditional_t<together, None, Matrix<D, K>> k_proj_weight;
  std::conditional_t<together, None, Matrix<D, V>> v_proj_weight;
  std::conditional_t<C.bias, Param<3 * D>, None> in_proj_bias;
  nn::Linear<D, D, C.bias> out_proj;
  static constexpr Inits inits{.vectors = {"zeros"}};

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
        nn::attention(heads(query, 0), heads(k, 1), heads(v, 2), nn::head_scale(C.dim, C.heads), mask);
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
