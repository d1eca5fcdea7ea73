// Decoding: a model that predicts the next token, run on its own answers.
// B = batch, V = vocabulary, L = the longest answer. Non-goals: models, text.
#pragma once
#include "dsl/control.h"

namespace sinter::nn {

/// The special tokens, and how many tokens an answer may have, the end included.
struct Decoding {
  int begin, end, pad, longest;
};

/// What one step of a model gives: scores of the next token, and the state after it.
template <class S> struct Next {
  Tensor logits;  // [B, V]
  S state;
};
template <class S> Next(Tensor, S) -> Next<S>;

namespace detail {
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
  const Search first{start, full(rows, {b}, d.begin, i64), full(rows, {b, d.longest}, d.pad, i64),
                     full(rows, {b}, 0, boolean), full(rows, {}, 0, i64)};
  return loop(
             first, d.longest, [](const Search& s) { return any(logical_not(s.done), 0); },
             [&](const Search& s) {
               const Next<S> next = step(s.state, s.token);
               Tensor token = where(s.done, d.pad, argmax(next.logits, -1));
               return Search{next.state, token,
                             update_slice_at(s.tokens, unsqueeze(token, 1), 1, s.at),
                             logical_or(s.done, token == d.end), s.at + 1};
             })
      .tokens;
}

}  // namespace sinter::nn
