// Wrong models: einsum and linear.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Einsums {
  Param<12> twelve;

  constexpr Tensor forward(Input<"x", f32, "batch", 7> x, Input<"row", f32, "batch"> row,
                           Input<"ids", i32, "batch"> ids) const {
    // error: einsum: 'b->abcdefghi': 'abcdefghi' names more than 8 axes
    einsum("b->abcdefghi", row);
    // error: einsum: 'b7->b': '7' is not a letter or '...'
    einsum("b7->b", row);
    // error: einsum: wants 1 to 3 operands, got 4
    einsum("b,b,b,b->b", row, row, row, row);
    // error: einsum: element types differ: f32[batch] and i32[batch]
    einsum("b,b->b", row, ids);
    // error: einsum: 'bd->b' does not name 2 operands
    einsum("bd->b", x, x);
    // error: einsum: 'bhd->b': 'bhd' names 3 axes, but operand 1 is f32[batch, 7]
    einsum("bhd->b", x);
    // error: einsum: '...,...->...': '...' is 7 and, in operand 2, 12 (weight 'twelve')
    einsum("...,...->...", x, twelve);
    // error: einsum: 'bd,d->b': 'd' is 7 and, in operand 2, 12 (weight 'twelve')
    einsum("bd,d->b", x, twelve);
    // error: einsum: 'bd->k': the result names an axis that no operand has
    einsum("bd->k", x);
    // error: einsum: 'bd->bb': the result names an axis twice
    einsum("bd->bb", x);
    return x;
  }
};

struct Linears {
  struct {
    Param<5, 12> weight;
    Param<12> bias;
  } fc;
  Param<5, 7> right;

  constexpr Tensor forward(Input<"x", f32, "batch", 7> x, Input<"ids", i32, "batch", 12> ids) const {
    // error: linear: wants a weight [out, in], got f32[12] (weight 'fc.bias')
    linear(x, fc.bias);
    // error: linear: maps 12 -> 5 features, but its input is f32[batch, 7] (weight 'fc.weight')
    linear(x, fc.weight);
    // error: linear: wants a bias [5], got f32[12] (weight 'right')
    linear(x, right, fc.bias);
    // error: linear: wants floating-point numbers, got i32[batch, 12] (weight 'fc.weight')
    linear(ids, fc.weight);
    return x;
  }
};

[[maybe_unused]] constexpr auto& einsums = model<Einsums>;
[[maybe_unused]] constexpr auto& linears = model<Linears>;
}  // namespace
