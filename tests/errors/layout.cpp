// Wrong models: rearranged, sliced, joined and padded tensors.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Rearranged {
  constexpr Tensor forward(Input<"x", f32, "batch", 7> x,
                           Input<"rows", f32, "batch", ragged("seq"), 4> rows) const {
    // error: rearrange: 'ab->ab1111111' has more than 8 axes on a side
    rearrange(x, "ab->ab1111111");
    // error: rearrange: 'a?->a': '?' is not a letter, a group or 1
    rearrange(x, "a?->a");
    // error: rearrange: 'aa->a': 'a' stands twice on the left
    rearrange(x, "aa->a");
    // error: rearrange: '(abcdefghijklmnopq)->a' has more than 16 letters
    rearrange(x, "(abcdefghijklmnopq)->a");
    // error: rearrange: 'ab->abc': 'c' stands only on the right
    rearrange(x, "ab->abc");
    // error: rearrange: 'a(b->ab': ')' is missing
    rearrange(x, "a(b->ab");
    // error: rearrange: 'ab' has no '->'
    rearrange(x, "ab");
    // error: rearrange: 'abc->abc' names 3 axes, but its input is f32[batch, 7]
    rearrange(x, "abc->abc");
    // error: rearrange: 'ab->ba' has no letter 'h' to size
    rearrange(x, "ab->ba", {{'h', 2}});
    // error: rearrange: '1b->b' drops axis 0 of f32[batch, 7], which is not 1
    rearrange(x, "1b->b");
    // error: rearrange: 'a(hd)->ahd': give the size of 'h' or 'd'
    rearrange(x, "a(hd)->ahd");
    // error: rearrange: 'b(st)d->bstd' splits the ragged axis 1 of f32[batch, seq~, 4]
    rearrange(rows, "b(st)d->bstd", {{'t', 2}});
    // error: rearrange: 'a(hd)->ahd': axis 1 of f32[batch, 7] is not divisible by 2
    rearrange(x, "a(hd)->ahd", {{'h', 2}});
    // error: rearrange: 'a(hd)->ahd': axis 1 of f32[batch, 7] is not 6
    rearrange(x, "a(hd)->ahd", {{'h', 2}, {'d', 3}});
    // error: rearrange: 'ab->aab': 'a' stands twice on the right
    rearrange(x, "ab->aab");
    // error: rearrange: 'bsd->b(sd)' merges the ragged axis 's' of f32[batch, seq~, 4]
    rearrange(rows, "bsd->b(sd)");
    // error: rearrange: 'ab->a' loses 'b', which is 7
    rearrange(x, "ab->a");
    return x;
  }
};

struct Cut {
  constexpr Tensor forward(Input<"x", f32, "batch", 7> x, Input<"y", f32, "batch", 5> y,
                           Input<"ids", i32, "batch"> ids,
                           Input<"rows", f32, "batch", ragged("seq"), 4> rows) const {
    // error: slice: wants a scalar i32 or i64 index, got i32[batch]
    slice_at(x, 1, ids, 2);
    // error: slice: cannot take 9 from 0, step 1, along axis 1 of f32[batch, 7]
    slice(x, 1, 0, 9);
    // error: update_slice: wants a scalar i32 or i64 index, got i32[batch]
    update_slice_at(x, y, 1, ids);
    // error: update_slice: cannot put f32[batch, 5] at 4 along axis 1 of f32[batch, 7]
    update_slice(x, y, 1, 4);
    // error: concat: f32[batch, 7] and f32[batch, 5] differ beyond axis 0
    concat({x, y}, 0);
    // error: concat: cannot join the ragged axis 1 of f32[batch, seq~, 4]
    concat({rows, rows}, 1);
    // error: pad: wants a pair of amounts for each axis of f32[batch, 7], got 1 and 1
    pad(x, {{1, 1}});
    // error: pad: mode 'wrap' is not constant, reflect or replicate
    pad(x, {{0, 0}, {1, 1}}, 0, "wrap");
    // error: pad: cannot reflect-pad axis 1 of f32[batch, 7] by 7 and 0
    pad(x, {{0, 0}, {7, 0}}, 0, "reflect");
    // error: flip: axis 2 is outside of f32[batch, 7]
    flip(x, 2);
    const Tensor zero = full(x, {}, 0, i64);
    // error: random: wants i64 seed and offset, scalars or of the first axes of f32[batch, 4], got i64[] and i32[batch]
    random(zero, ids, "uniform", {"batch", 4});
    // error: random: kind 'even' is not uniform, normal or bits
    random(zero, zero, "even", {"batch", 4});
    return x;
  }
};

[[maybe_unused]] constexpr auto& rearranged = model<Rearranged>;
[[maybe_unused]] constexpr auto& cut = model<Cut>;
}  // namespace
