// The Transformer: attention instead of recurrence, so that a sentence is read all at once.
// Sources: Vaswani et al. 2017; torch.nn.TransformerEncoderLayer's and DecoderLayer's names. The
// norm stands behind each residual ("post", the paper) or before each part ("pre"). One table
// embeds both languages and scores the words. Decoding keeps the keys and values of the words so
// far, so each step computes one word.
// The one idea: order comes from positions that are added, context from attention.
// B = batch, S = source, T = target, D = width, N = hypotheses, L = longest answer, V = vocabulary.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct TransformerConfig {
  double alpha = 0.6, label_smoothing = 0.1, dropout = 0.1;
  int vocab = 37000, dim = 512, heads = 8, ff = 2048, layers = 6;
  int max_positions = 1024;  // of the language model's table
  int pad = 0, bos = 1, eos = 2, max_len = 100, beam = 4;
  OneOf<"post", "pre"> norm = "post";
  bool source_end = false;
};

/// norm(x + f(x)), or x + f(norm(x)).
template <TransformerConfig C, class Norm, class F>
constexpr Tensor residual(const Norm& norm, Tensor x, const F& part) {
  if constexpr (C.norm == "pre") return x + dropout(part(norm(x)), C.dropout);
  else return norm(x + dropout(part(x), C.dropout));
}

template <TransformerConfig C> using Heads = nn::MultiHead<C.dim, C.heads, C.dropout>;
/// After the last layer, where the norms stand before the parts.
template <TransformerConfig C>
using LastNorm = std::conditional_t<C.norm == "pre", nn::LayerNorm<C.dim>, None>;
template <TransformerConfig C> constexpr Tensor finish(const LastNorm<C>& norm, Tensor x) {
  if constexpr (C.norm == "pre") return norm(x);
  else return x;
}

/// Keys and values of the words so far, of every layer: [B, N, layers, L, D]
struct Cache {
  Tensor keys, values;
};
template <TransformerConfig C> constexpr Cache empty_cache(Tensor like) {
  Tensor none = full(like, {like.dim(0), 1, C.layers, C.max_len, C.dim}, 0, f32);
  return {none, none};
}
/// One step on its way through the layers.
struct Word {
  Tensor x;      // [B, N, D], of each hypothesis one word
  Cache cache;
  Tensor layer;  // i64: which one is next
};
/// The word's key and value go into the cache at `at`, then it looks at all up to itself.
template <TransformerConfig C>
constexpr Tensor look_back(const Heads<C>& heads, Tensor x, Word& word, Tensor at) {
  const auto remember = [&](Tensor& all, int part) {  // [B, N, L, D] of this layer
    Tensor mine = rearrange(slice_at(all, 2, word.layer, 1), "bn1ld->bnld");
    mine = update_slice_at(mine, unsqueeze(heads.project(x, part), 2), 2, at);
    all = update_slice_at(all, unsqueeze(mine, 2), 2, word.layer);
    return mine;
  };
  Tensor keys = remember(word.cache.keys, 1), values = remember(word.cache.values, 2);
  return heads.step(x, keys, values, iota(x, {C.max_len}, 0) <= at);
}

template <TransformerConfig C, bool Gelu = false> struct EncoderLayer {
  Heads<C> self_attn;
  nn::Linear<C.dim, C.ff> linear1;
  nn::Linear<C.ff, C.dim> linear2;
  nn::LayerNorm<C.dim> norm1, norm2;

  constexpr Tensor feed(Tensor x) const {
    Tensor h = linear1(x);
    return linear2(dropout(Gelu ? gelu(h) : relu(h), C.dropout));
  }
  constexpr Tensor operator()(Tensor x, Tensor mask = {}) const {  // [B, S, D]
    x = residual<C>(norm1, x, [&](Tensor y) { return self_attn(y, y, mask); });
    return residual<C>(norm2, x, [&](Tensor y) { return feed(y); });
  }
  constexpr Word step(Word word, Tensor at) const {
    Tensor x = residual<C>(norm1, word.x,
                           [&](Tensor y) { return look_back<C>(self_attn, y, word, at); });
    x = residual<C>(norm2, x, [&](Tensor y) { return feed(y); });
    return {x, word.cache, word.layer + 1};
  }
};

template <TransformerConfig C> struct DecoderLayer {
  Heads<C> self_attn, multihead_attn;
  nn::Linear<C.dim, C.ff> linear1;
  nn::Linear<C.ff, C.dim> linear2;
  nn::LayerNorm<C.dim> norm1, norm2, norm3;

  constexpr Tensor feed(Tensor x) const { return linear2(dropout(relu(linear1(x)), C.dropout)); }
  /// All places at once: x [B, T, D], memory [B, S, D]
  constexpr Tensor operator()(Tensor x, Tensor memory, Tensor causal) const {
    x = residual<C>(norm1, x, [&](Tensor y) { return self_attn(y, y, causal); });
    x = residual<C>(norm2, x, [&](Tensor y) { return multihead_attn(y, memory); });
    return residual<C>(norm3, x, [&](Tensor y) { return feed(y); });
  }
  /// One word of each hypothesis; keys and values of the source are [layers, B, S, D].
  constexpr Word step(Word word, const Cache& source, Tensor at) const {
    const auto mine = [&](Tensor all) {
      return rearrange(slice_at(all, 0, word.layer, 1), "1bsd->bsd");
    };
    Tensor x = residual<C>(norm1, word.x,
                           [&](Tensor y) { return look_back<C>(self_attn, y, word, at); });
    x = residual<C>(norm2, x, [&](Tensor y) {
      return multihead_attn.step(y, mine(source.keys), mine(source.values));
    });
    x = residual<C>(norm3, x, [&](Tensor y) { return feed(y); });
    return {x, word.cache, word.layer + 1};
  }
};

template <TransformerConfig C>
constexpr nn::Decoding decoding{.begin = C.bos, .end = C.eos, .pad = C.pad, .longest = C.max_len};

// ---- translation -------------------------------------------------------------------------------

using Source = Input<"src", i64, "batch", ragged("src")>;

template <TransformerConfig C> struct Translator {
  static constexpr int D = C.dim;
  /// torch.nn.Transformer's; the table's, which is multiplied by sqrt(D), is tensor2tensor's.
  static constexpr Inits inits{.matrices = {"xavier_uniform"}, .tables = normal(1 / sqrt(D))};
  nn::Embedding<C.vocab, D> embedding;
  struct {
    Repeat<EncoderLayer<C>, C.layers> layers;
    LastNorm<C> norm;
  } encoder;
  struct {
    Repeat<DecoderLayer<C>, C.layers> layers;
    LastNorm<C> norm;
  } decoder;

  constexpr Tensor embed(Tensor ids) const {  // [B, T] -> [B, T, D]
    return dropout(embedding(ids) * sqrt(D) + nn::sinusoids(ids, ids.dim(1), D), C.dropout);
  }
  constexpr Tensor choose(Tensor x) const {  // scores of all words: [..., V]
    return linear(finish<C>(decoder.norm, x), embedding.weight);
  }

  constexpr Tensor read(Tensor src) const {  // [B, S, D]
    return finish<C>(encoder.norm, repeat(encoder.layers, embed(src),
                                          [](const auto& layer, Tensor x) { return layer(x); }));
  }
  /// The step that computes one word of each hypothesis, with keys and values of the source.
  constexpr auto next_word(Tensor src, Tensor memory) const {
    const Cache source = repeat(decoder.layers, memory, [](const auto& layer, Tensor m) {
                           const auto& heads = layer.multihead_attn;
                           return Step{m, Cache{heads.project(m, 1), heads.project(m, 2)}};
                         }).all;
    Tensor places = nn::sinusoids(src, Size{src.graph, C.max_len}, D);  // [L, D]
    return [this, source, places](const Cache& cache, Tensor token, Tensor at) {
      Tensor y = embedding(token) * sqrt(D) + slice_at(places, 0, at, 1);  // [B, N, D]
      const Word word = repeat(decoder.layers, Word{y, cache, full(at, {}, 0)},
                               [&](const auto& layer, const Word& w) {
                                 return layer.step(w, source, at);
                               });
      return nn::Next{choose(word.x), word.cache};
    };
  }

  struct Answer {
    Tensor memory, logits, loss, nll_loss;  // [B, S, D], [B, T - 1, V], [], []
    Tensor greedy_tokens, beam_tokens, beam_scores;
  };
  constexpr Answer forward(Source src, Input<"tgt", i64, "batch", "tgt"> tgt,
                           Input<"tgt_lengths", i64, "batch"> lengths) const {
    Tensor memory = read(src);
    const Size T = tgt.dim(1) - 1;
    Tensor x = embed(slice(tgt, 1, 0, T)), causal = nn::causal_mask(tgt, T, T);
    x = repeat(decoder.layers, x,
               [&](const auto& layer, Tensor h) { return layer(h, memory, causal); });
    Tensor logits = choose(x);

    const auto step = next_word(src, memory);
    const Cache start = empty_cache<C>(tgt);
    const auto [beams, scores] = nn::beam_search(src, start, decoding<C>, C.beam, C.alpha, step);
    return {memory, logits, nn::next_token_loss(logits, tgt, lengths, C.label_smoothing),
            nn::next_token_loss(logits, tgt, lengths),
            nn::greedy(src, start, decoding<C>, nn::of_one(step)), beams, scores};
  }
  constexpr nn::GreedyTokens generate(Source src) const {
    const auto step = nn::of_one(next_word(src, read(src)));
    return {nn::greedy(src, empty_cache<C>(src), decoding<C>, step)};
  }
  constexpr nn::BeamTokens beam(Source src) const {
    return nn::beam_search(src, empty_cache<C>(src), decoding<C>, C.beam, C.alpha,
                           next_word(src, read(src)));
  }
  constexpr nn::SampledTokens sample(Source src, nn::Chance chance) const {
    const auto step = nn::of_one(next_word(src, read(src)));
    return {nn::sample(src, empty_cache<C>(src), decoding<C>, chance, step)};
  }
  static constexpr Task task = nn::words_to_words(C.source_end);
  static constexpr bool serves(const Case& c) {
    return c.architecture == "transformer" && c.kind == "translator";
  }
};

// ---- a language model --------------------------------------------------------------------------

/// The decoder alone: learned positions, gelu (Radford et al. 2018).
template <TransformerConfig C> struct LanguageModel {
  static constexpr Inits inits{.matrices = normal(0.02), .vectors = {"zeros"},
                               .tables = normal(0.02)};
  nn::Embedding<C.vocab, C.dim> embedding;
  nn::Embedding<C.max_positions, C.dim> position;
  struct {
    Repeat<EncoderLayer<C, true>, C.layers> layers;
    LastNorm<C> norm;
  } blocks;

  /// A text ends where the table of positions does.
  static constexpr nn::Decoding within_table = [] {
    nn::Decoding d = decoding<C>;
    d.longest = std::min(C.max_len, C.max_positions);
    return d;
  }();
  constexpr Tensor choose(Tensor x) const {
    return linear(finish<C>(blocks.norm, x), embedding.weight);
  }
  constexpr auto next_word() const {
    return [this](const Cache& cache, Tensor token, Tensor at) {
      Tensor y = embedding(token) + slice_at(position.weight, 0, at, 1);  // [B, N, D]
      const Word word =
          repeat(blocks.layers, Word{y, cache, full(at, {}, 0)},
                 [&](const auto& layer, const Word& w) { return layer.step(w, at); });
      return nn::Next{choose(word.x), word.cache};
    };
  }
  struct Answer {
    Tensor logits, loss;  // [B, T - 1, V], []
    Tensor greedy_tokens, beam_tokens, beam_scores;
  };
  constexpr Answer forward(Input<"ids", i64, "batch", "length"> ids,
                           Input<"lengths", i64, "batch"> lengths) const {
    const Size T = ids.dim(1) - 1;
    Tensor x = embedding(slice(ids, 1, 0, T)) + slice(position.weight, 0, 0, T);
    x = dropout(x, C.dropout);
    Tensor causal = nn::causal_mask(ids, T, T);
    x = repeat(blocks.layers, x, [&](const auto& layer, Tensor h) { return layer(h, causal); });
    Tensor logits = choose(x);

    nn::Decoding from_prompt = within_table;  // each row goes on from its first word
    from_prompt.first = select(ids, 1, 0);
    const Cache start = empty_cache<C>(ids);
    const auto step = next_word();
    const auto [beams, scores] = nn::beam_search(ids, start, from_prompt, C.beam, C.alpha, step);
    return {logits, nn::next_token_loss(logits, ids, lengths),
            nn::greedy(ids, start, from_prompt, nn::of_one(step)), beams, scores};
  }

  using Prompt = Input<"prompt", i64, "batch", ragged("prompt")>;
  static constexpr nn::Decoding behind(Tensor prompt) {
    nn::Decoding d = within_table;
    d.prompt = prompt;
    return d;
  }
  constexpr nn::GreedyTokens generate(Prompt prompt) const {
    return {nn::greedy(prompt, empty_cache<C>(prompt), behind(prompt), nn::of_one(next_word()))};
  }
  constexpr nn::SampledTokens sample(Prompt prompt, nn::Chance chance) const {
    return {nn::sample(prompt, empty_cache<C>(prompt), behind(prompt), chance,
                       nn::of_one(next_word()))};
  }
  /// The prompt's words, then the model's, up to </s>; both have the one vocabulary.
  static constexpr Task task{"words", "tokens",
                             {{"vocabulary", "words"}, {"symbols", "words"}, {"stop", "</s>"},
                              {"skip", "<pad>"}, {"entry", "generate"}, {"line_number", "stream"},
                              {"temperature", "1"}, {"top_k", "0"}, {"top_p", "1"},
                              {"seed", "0"}}};
  static constexpr bool serves(const Case& c) {
    return c.architecture == "transformer" && c.kind == "language_model";
  }
};

inline constexpr auto& transformer = model<Translator<config<TransformerConfig>>>;
inline constexpr auto& language_model = model<LanguageModel<config<TransformerConfig>>>;

/// Attention: four D x D; feed-forward: two D x F; each with biases; two or three norms.
constexpr long long count(const TransformerConfig& c) {
  const long long d = c.dim, f = c.ff, attention = 4 * (d * d + d), feed = 2 * d * f + f + d;
  return c.vocab * d + c.layers * ((attention + feed + 4 * d) + (2 * attention + feed + 6 * d));
}
static_assert(parameters(model<Translator<TransformerConfig{}>>) == count(TransformerConfig{}));
static_assert(count(TransformerConfig{}) == 63'082'496);

}  // namespace
