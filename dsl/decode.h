// Decoding: a model that predicts the next token, run on its own answers.
// B = batch, V = vocabulary, L = the longest answer. Non-goals: models, text.
#pragma once
#include "dsl/control.h"
#include "dsl/loss.h"

namespace sinter::nn {

/// The special tokens, and how many tokens an answer may have, the end included.
struct Decoding {
  int begin, end, pad, longest;
  Tensor first{};  // i64 [B]: what each row begins with, instead of `begin`
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
template <class S> struct Greedy {
  S state;
  Tensor token;   // i64 [B], the last one
  Tensor tokens;  // i64 [B, L]
  Tensor done;    // bool [B]
  Tensor at;      // i64
};
}  // namespace detail

/// The best token each time, until every row has ended: i64 [B, L], rows filled with `pad` behind
/// their end. `step(state, token)` returns Next; `rows` is any tensor with B first.
template <class S, class F>
constexpr Tensor greedy(At rows, const S& start, const Decoding& d, const F& step) {
  using Search = detail::Greedy<S>;
  if (rows.bad()) return rows;
  const Size b = rows.dim(0);
  const Search first{start, d.first.graph ? d.first : full(rows, {b}, d.begin, i64),
                     full(rows, {b, d.longest}, d.pad, i64), full(rows, {b}, 0, boolean),
                     full(rows, {}, 0, i64)};
  return loop(
             first, d.longest, [](const Search& s) { return any(logical_not(s.done), 0); },
             [&](const Search& s) {
               const Next<S> next = detail::take_step(step, s.state, s.token, s.at);
               Tensor token = where(s.done, d.pad, argmax(next.logits, -1));
               return Search{next.state, token,
                             update_slice_at(s.tokens, unsqueeze(token, 1), 1, s.at),
                             logical_or(s.done, token == d.end), s.at + 1};
             })
      .tokens;
}

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
/// `greedy` for a step over hypotheses.
template <class S, class F>
constexpr Tensor greedy_of_one(At rows, const S& start, const Decoding& d, const F& step) {
  return greedy(rows, start, d, [&](const S& s, Tensor token, Tensor at) {
    const Next<S> next = detail::take_step(step, s, unsqueeze(token, 1), at);
    return Next<S>{rearrange(next.logits, "b1v->bv"), next.state};
  });
}

struct Beams {
  Tensor tokens;  // i64 [B, K, L], filled with `pad`
  Tensor scores;  // [B, K], the best first; -1e9 where there are fewer
};

namespace detail {
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
constexpr Beams beam_search(At rows, const S& start, const Decoding& d, int beams, double alpha,
                            const F& step) {
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
        const Beams grown{update_slice_at(detail::pick(s.live.tokens, parent),
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
  const Beams result = detail::best(
      detail::both(last.finished, {last.live.tokens, unfinished}), beams);
  return {where(unsqueeze(result.scores <= never, 2), d.pad, result.tokens), result.scores};
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
  const Beams found = beam_search(source, start, d, beams, alpha, step);
  return {logits, next_token_loss(logits, targets, target_lengths),
          greedy_of_one(source, start, d, step), found.tokens, found.scores};
}

}  // namespace sinter::nn
