// Decoding: a model that predicts the next token, run on its own answers.
// B = batch, V = vocabulary, L = the longest answer. Non-goals: models, text.
#pragma once
#include "dsl/loss.h"
#include "dsl/model.h"

namespace sinter::nn {

/// The special tokens, and how many tokens an answer may have, the end included; behind a prompt
/// how many it has together with the prompt.
struct Decoding {
  int begin, end, pad, longest;
  Tensor first{};   // i64 [B]: what each row begins with, instead of `begin`
  Tensor prompt{};  // i64 [B, P~]: words that each row begins with; `begin` where there is none
};

/// What one step of a model gives: scores of the next token, and the state after it.
template <class S> struct Next {
  Tensor logits;  // [B, V]
  S state;
};
template <class S> Next(Tensor, S) -> Next<S>;

namespace detail {
/// One step; one that keeps a cache also wants to know how many went before.
template <class S, class F>
constexpr Next<S> take_step(const F& step, const S& state, Tensor token, Tensor at) {
  if constexpr (requires { step(state, token, at); }) return step(state, token, at);
  else return step(state, token);
}
template <class S> struct Search {
  S state;
  Tensor token;   // i64 [B], the last one
  Tensor tokens;  // i64 [B, L]
  Tensor done;    // bool [B]
  Tensor at;      // i64
};
/// The words of prompts as the steps of a search meet them.
struct Prompt {
  Tensor words;  // i64 [B, P + 1], 0 behind each row's end
  Tensor count;  // i64 [B]: at least 1, the word that a row begins with

  constexpr Prompt(At prompt, int longest, int begin) {
    words = pad(make_dense(prompt), {{0, 0}, {0, 1}});
    prompt.graph->require(prompt.rules().dims.dense(prompt.shape().dims[1]), "<=", longest);
    const Tensor own = lengths(prompt);
    words = where(logical_and(unsqueeze(own, 1) == 0, iota(words, {1, words.dim(1)}, 1) == 0),
                  begin, words);
    count = maximum(own, 1.0);
  }
  constexpr Tensor first() const { return select(words, 1, 0); }
  /// Whether the word behind place `at` is the prompt's; that word. [B]
  constexpr Tensor has_next(Tensor at) const { return at + 1 < count; }
  constexpr Tensor next(Tensor at) const {
    const Tensor last = size(words, 1) - 1;
    return rearrange(slice_at(words, 1, minimum(at + 1, last), 1), "b1->b");
  }
  /// What stands behind the prompts: tokens i64 [B, L], of which place t holds the word behind t.
  constexpr Tensor behind(Tensor tokens, int fill) const {
    const Size longest = tokens.dim(1);
    const Tensor place = iota(tokens, {1, longest}, 1) + unsqueeze(count, 1) - 1;  // [B, L]
    const Tensor last = size(tokens, 1) - 1;
    return where(place <= last, gather_along(tokens, minimum(place, last), 1), fill);
  }
};
}  // namespace detail

/// Tokens i64 [B, L], each row filled with `pad` behind its end, and the state after the last step.
template <class S> struct Decoded {
  Tensor tokens;
  S state;
};

/// The token that `choose(logits [B, V], at)` takes each time (i64 [B]; at: i64, how many went
/// before), until every row has ended. `step(state, token)` returns Next; `rows` is any tensor with
/// B first. A prompt's words are stepped through like those that are chosen.
template <class S, class F, class C>
constexpr Decoded<S> decode(At rows, const S& start, const Decoding& d, const F& step,
                            const C& choose) {
  using Search = detail::Search<S>;
  if (rows.bad() || (d.prompt.graph && d.prompt.bad())) return {{rows.graph, -1}, start};
  const Size b = rows.dim(0);
  std::optional<detail::Prompt> prompt;
  Tensor begin = d.first.graph ? d.first : full(rows, {b}, d.begin, i64);
  if (d.prompt.graph) {
    prompt.emplace(d.prompt, d.longest, d.begin);
    begin = prompt->first();
  }
  const Search first{start, begin, full(rows, {b, d.longest}, d.pad, i64),
                     full(rows, {b}, 0, boolean), full(rows, {}, 0, i64)};
  const Search last = loop(
      first, d.longest, [](const Search& s) { return any(logical_not(s.done), 0); },
      [&](const Search& s) {
        const Next<S> next = detail::take_step(step, s.state, s.token, s.at);
        Tensor token = where(s.done, d.pad, choose(next.logits, s.at));
        Tensor ends = token == d.end;
        if (prompt) {
          const Tensor given = prompt->has_next(s.at);
          token = where(given, prompt->next(s.at), token);
          ends = logical_and(ends, logical_not(given));
        }
        return Search{next.state, token,
                      update_slice_at(s.tokens, unsqueeze(token, 1), 1, s.at),
                      logical_or(s.done, ends), s.at + 1};
      });
  return {prompt ? prompt->behind(last.tokens, d.pad) : last.tokens, last.state};
}
/// The best token each time: i64 [B, L]
template <class S, class F>
constexpr Tensor greedy(At rows, const S& start, const Decoding& d, const F& step) {
  const auto best = [](Tensor logits, Tensor) { return argmax(logits, -1); };
  return decode(rows, start, d, step, best).tokens;
}

// ---- by chance ---------------------------------------------------------------------------------

/// How tokens are drawn. Of the logits l [B, V], in this order (that of Hugging Face's warpers):
///   temperature  p = softmax(l / temperature); 0 or less: the best token always
///   top_k        the k best keep their chance, and what equals the k-th; 0 or less: all
///   top_p        of these the best whose better ones sum up to less than top_p of their chance,
///                at least one, and what equals the last; 1 or more: all
/// The chances that are left are scaled to 1. In the vocabulary's order, the token is drawn at which
/// the sum of chances first exceeds u. u in [0, 1) is 24 bits of Philox4x32-10 under the key `seed`:
/// word 0 of the block with counter stream * 2^32 + at. So a row's answer depends on its input, the
/// seed and its stream, not on the rows beside it.
struct Sampling {
  Tensor temperature, top_p;  // f32
  Tensor top_k, seed;         // i64
  Tensor stream;              // i64 [B]: a number for each row
};

namespace detail {
struct Between {
  Tensor low, high;  // f32 [B]
};
/// The highest number up to 0 for which `enough` holds, which holds for all that are lower: where
/// the best end, found by halving instead of sorting. f32 [B], or the lowest that has a chance in
/// f32 where nothing is wanted.
template <class F> constexpr Tensor end_of_best(At rows, Tensor wanted, const F& enough) {
  constexpr double lowest = -104;  // exp gives 0 below
  constexpr int halvings = 40;     // leave 1e-10 between the two, or no f32 where f32 are coarser
  const Size b = rows.dim(0);
  const Between first{full(rows, {b}, lowest, f32), full(rows, {b}, 0, f32)};
  return loop(first, halvings, [&](const Between&) { return wanted; },
              [&](const Between& s) {
                const Tensor middle = (s.low + s.high) / 2.0, is = enough(middle);
                return Between{where(is, middle, s.low), where(is, s.high, middle)};
              }).low;
}
}  // namespace detail

/// i64 [B] from logits [B, V]; at: i64, how many tokens went before.
constexpr Tensor draw(At logits, const Sampling& o, Tensor at) {
  const InLayer in_layer(logits);
  if (logits.bad() || o.stream.bad()) return logits;
  const Tensor hot = o.temperature > 0;
  const Tensor scores = (logits - max(logits, 1, true)) / where(hot, o.temperature, 1.0);  // [B, V]
  const auto reach = [&](Tensor end) { return scores >= unsqueeze(end, 1); };
  const Tensor kth = detail::end_of_best(logits, o.top_k > 0, [&](Tensor end) {
    return sum(cast(reach(end), i64), 1) >= o.top_k;
  });
  const Tensor best = where(reach(kth), exp(scores), 0.0);  // chances, not scaled
  const Tensor enough = o.top_p * sum(best, 1);             // [B]
  const Tensor last = detail::end_of_best(logits, o.top_p < 1, [&](Tensor end) {
    return sum(where(reach(end), best, 0.0), 1) >= enough;
  });
  const Tensor chances = where(reach(last), best, 0.0), sums = cumsum(chances, 1);
  const Tensor u = random(o.seed, o.stream * 4294967296.0 + at, "uniform", {logits.dim(0)});
  const Tensor mark = unsqueeze(u * max(sums, 1), 1);
  const Tensor place = iota(logits, {1, logits.dim(1)}, 1);
  const Tensor final = max(where(chances > 0, place, 0.0), 1);  // the last with a chance
  const Tensor drawn = minimum(sum(cast(sums <= mark, i64), 1), final);
  return where(hot, drawn, argmax(logits, 1));
}
/// A token drawn each time: i64 [B, L]
template <class S, class F>
constexpr Tensor sample(At rows, const S& start, const Decoding& d, const Sampling& chance,
                        const F& step) {
  const auto drawn = [&](Tensor logits, Tensor at) { return draw(logits, chance, at); };
  return decode(rows, start, d, step, drawn).tokens;
}
/// Sampling as inputs of an entry: "temperature", "top_k", "top_p", "seed", and "stream" for each
/// row of the batch.
struct Chance : Sampling {
  static constexpr Chance make(Graph& g) {
    Chance chance;
    chance.temperature = Input<"temperature", f32>::make(g);
    chance.top_k = Input<"top_k", i64>::make(g);
    chance.top_p = Input<"top_p", f32>::make(g);
    chance.seed = Input<"seed", i64>::make(g);
    chance.stream = Input<"stream", i64, "batch">::make(g);
    return chance;
  }
};

// ---- several hypotheses at once ----------------------------------------------------------------
// A model's state then has the hypotheses K behind the batch: [B, K, ...]; a step takes tokens
// i64 [B, K] and gives logits [B, K, V]. Teacher forcing and greedy decoding have K = 1.

/// Scores of the next token, given the right ones before: targets i64 [B, T] -> [B, T, V]
template <class S, class F>
constexpr Tensor teacher_forced(At targets, const S& start, const F& step) {
  return scan(static_cast<Tensor>(targets), start, [&](const S& s, Tensor token) {
           const Next<S> next = step(s, unsqueeze(token, 1));
           return Step{next.state, rearrange(next.logits, "b1v->bv")};
         }).all;
}
/// The step over one hypothesis as `greedy` and `sample` take it.
template <class F> constexpr auto of_one(const F& step) {
  return [step](const auto& s, Tensor token, Tensor at) {
    const auto next = detail::take_step(step, s, unsqueeze(token, 1), at);
    return Next{rearrange(next.logits, "b1v->bv"), next.state};
  };
}

/// Hypotheses, the best first; scores -1e9 where there are fewer.
struct BeamTokens {
  Tensor beam_tokens, beam_scores;  // i64 [B, K, L], filled with `pad`; [B, K]
};

namespace detail {
struct Beams {
  Tensor tokens, scores;  // i64 [B, K, L], [B, K]
};
template <class S> struct BeamSearch {
  S state;
  Tensor token;        // i64 [B, K], the last ones
  Beams live;          // scores are sums of log-probabilities
  Beams finished;      // scores are divided by the length's penalty
  Tensor count, done;  // [B]: how many have finished, whether the row has
  Tensor at;           // i64
};
/// Axis 1 of size 1 becomes K.
constexpr Tensor widen(At x, int count) {
  if (x.bad()) return x;
  Shape target = x.shape();
  target.dims[1] = count;
  return x.graph->make(x.loc, "broadcast", {x}, rules::broadcast(x.rules(), x.shape(), target));
}
/// x[b, index[b, k], ...] for x [B, K, ...]
constexpr Tensor pick(At x, Tensor index) {
  if (x.bad() || index.bad()) return {x.graph, -1};
  for (int axis = 2; axis < x.rank(); ++axis) index = unsqueeze(index, -1);
  Shape target = x.shape().with(i64);
  target.dims[1] = index.shape().dims[1];
  Tensor wide = x.graph->make(x.loc, "broadcast", {index},
                              rules::broadcast(x.rules(), index.shape(), target));
  return gather_along(x, wide, 1);
}
/// The best `count`; of equal ones the first.
constexpr Beams best(const Beams& beams, int count) {
  auto [scores, order] = top_k(beams.scores, count, 1);
  return {pick(beams.tokens, order), scores};
}
constexpr Beams both(const Beams& a, const Beams& b) {
  return {concat({a.tokens, b.tokens}, 1), concat({a.scores, b.scores}, 1)};
}
}  // namespace detail

/// Beam search (Wu et al. 2016): each step takes the best 2 K continuations of the live hypotheses;
/// those that end are finished, with score log p / ((5 + n) / 6)^alpha over n tokens, and the best
/// K others live on. A row is done when K have finished, or after L steps, where the live ones
/// count as they are. `start` has K = 1.
template <class S, class F>
constexpr BeamTokens beam_search(At rows, const S& start, const Decoding& d, int beams,
                                 double alpha, const F& step) {
  constexpr double never = -1e9, dead = -1e30;
  using Search = detail::BeamSearch<S>;
  if (rows.bad()) return {rows, rows};
  const Size b = rows.dim(0);
  const auto penalty = [&](Tensor n) { return pow((cast(n, f32) + 5.0) / 6.0, alpha); };
  Search first;
  first.state = start;
  sinter::detail::each_tensor(first.state,
                              [&](Tensor& t, std::string_view) { t = detail::widen(t, beams); });
  first.token = d.first.graph ? detail::widen(unsqueeze(d.first, 1), beams)
                              : full(rows, {b, beams}, d.begin, i64);
  const Tensor blank = full(rows, {b, beams, d.longest}, d.pad, i64);
  // At first there is one hypothesis.
  first.live = {blank, concat({full(rows, {b, 1}, 0, f32),
                               full(rows, {b, beams - 1}, dead, f32)}, 1)};
  first.finished = {blank, full(rows, {b, beams}, never, f32)};
  first.count = full(rows, {b}, 0, i64);
  first.done = full(rows, {b}, 0, boolean);
  first.at = full(rows, {}, 0, i64);

  const Search last = loop(
      first, d.longest, [](const Search& s) { return any(logical_not(s.done), 0); },
      [&](const Search& s) {
        const Next<S> next = detail::take_step(step, s.state, s.token, s.at);
        const Tensor total = unsqueeze(s.live.scores, 2) + log_softmax(next.logits);  // [B, K, V]
        auto [scores, order] = top_k(rearrange(total, "bkv->b(kv)"), 2 * beams, 1);
        const Tensor width = cast(size(next.logits, 2), i64);
        const Tensor parent = order / width, token = remainder(order, width);  // [B, 2 K]
        const detail::Beams grown{update_slice_at(detail::pick(s.live.tokens, parent),
                                          unsqueeze(token, 2), 2, s.at), scores};
        const Tensor ends = logical_and(token == d.end, scores > dead / 2);
        const Tensor open = logical_not(s.done);

        const Tensor result = where(logical_and(ends, unsqueeze(open, 1)),
                                    scores / penalty(s.at + 1), never);
        auto [live_scores, chosen] = top_k(where(token == d.end, dead, scores), beams, 1);
        const Tensor kept = detail::pick(parent, chosen);  // [B, K]
        Search after;
        after.state = next.state;
        sinter::detail::each_tensor(after.state, [&](Tensor& t, std::string_view) {
          t = detail::pick(t, kept);
        });
        after.token = detail::pick(token, chosen);
        after.live = {detail::pick(grown.tokens, chosen), live_scores};
        after.finished = detail::best(detail::both(s.finished, {grown.tokens, result}), beams);
        after.count = s.count + sum(cast(ends, i64), 1);
        after.done = logical_or(s.done, after.count >= beams);
        after.at = s.at + 1;
        return after;
      });
  const Tensor unfinished = where(unsqueeze(last.done, 1), never,
                                  last.live.scores / penalty(last.at));
  const detail::Beams result = detail::best(
      detail::both(last.finished, {last.live.tokens, unfinished}), beams);
  return {where(unsqueeze(result.scores <= never, 2), d.pad, result.tokens), result.scores};
}

// ---- what entries give --------------------------------------------------------------------------

struct GreedyTokens {
  Tensor greedy_tokens;  // i64 [B, L]
};
struct SampledTokens {
  Tensor sampled_tokens;  // i64 [B, L]
};
/// Words in, words out: the assets `source` and `target` have one word on a line. Greedy, or by the
/// flags of the entries `beam` and `sample`. `source_end`: the source's words are followed by </s>.
constexpr Task words_to_words(bool source_end) {
  return {"words", "tokens",
          {{"vocabulary", "source"}, {"end", source_end ? "</s>" : ""}, {"symbols", "target"},
           {"stop", "</s>"}, {"skip", "<pad>"}, {"echo", "false"}, {"entry", "generate"},
           {"line_number", "stream"}, {"temperature", "1"}, {"top_k", "0"}, {"top_p", "1"},
           {"seed", "0"}}};
}

/// All that is asked of an encoder-decoder: the right words scored, the best words found.
struct Translation {
  Tensor logits, loss;                             // [B, T - 1, V]: of each next word
  Tensor greedy_tokens, beam_tokens, beam_scores;  // [B, L], [B, K, L], [B, K]
};
/// From a start and a step over hypotheses; targets i64 [B, T] are begin, words, end, padding.
template <class S, class F>
constexpr Translation translate(At source, Tensor targets, Tensor target_lengths, const S& start,
                                const Decoding& d, int beams, double alpha, const F& step) {
  if (source.bad() || targets.bad() || target_lengths.bad()) return {};
  const Tensor before = slice(targets, 1, 0, targets.dim(1) - 1);
  const Tensor logits = teacher_forced(before, start, step);
  const BeamTokens found = beam_search(source, start, d, beams, alpha, step);
  return {logits, next_token_loss(logits, targets, target_lengths),
          greedy(source, start, d, of_one(step)), found.beam_tokens, found.beam_scores};
}

}  // namespace sinter::nn
