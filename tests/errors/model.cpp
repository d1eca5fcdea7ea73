// Wrong models: entries, ties, tasks, dimensions, and sentences of ops that are made of others.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct NoEntry {
  Param<3> weight;
};

struct NoOutput {
  struct Nothing {};
  constexpr Nothing forward(Input<"x", f32, "batch">) const { return {}; }
};

struct Ties {
  Param<3> weight;
  static constexpr Tied tied[] = {{"decoder.weight", "weight"}};
  constexpr Tensor forward(Input<"x", f32, "batch", 3> x) const { return x + weight; }
};

struct Tasks {
  static constexpr Task task{"words", "labels",
                             {{"input", "ids"}, {"output", "logits"}, {"entry", "decode"}}};
  constexpr Tensor forward(Input<"x", f32, "batch", 3> x) const { return exp(x); }
};

struct Nested {
  struct Inner {
    Repeat<nn::Linear<3, 3>, 2> items;
  };
  Repeat<Inner, 2> layers;
  constexpr Tensor forward(Input<"x", f32, "batch", 3> x) const { return exp(x); }
};

struct BadInput {
  constexpr Tensor forward(Input<"x", f32, "batch", "seq+"> x) const { return exp(x); }
};

struct Places {
  Param<4, 4> square;
  constexpr Tensor forward(Input<"x", f32, "batch", 8> x, Input<"y", f32, "a*b*c*d*e*f", "g"> y) const {
    // error: dim: axis 2 is outside of f32[batch, 8]
    x.dim(2);
    // error: a dimension is at least 0, got -1
    zeros(x, {-1});
    // error: full: more than 8 axes
    ones(x, {1, 1, 1, 1, 1, 1, 1, 1, 1});
    // error: iota: more than 8 axes
    iota(x, {1, 1, 1, 1, 1, 1, 1, 1, 1}, 0);
    // error: iota: axis 1 is outside of i64[3]
    iota(x, {3}, 1);
    // error: broadcast: more than 8 axes
    broadcast(x, {1, 1, 1, 1, 1, 1, 1, 1, 8});
    // error: reshape: more than 8 axes
    reshape(x, {"batch", 8, 1, 1, 1, 1, 1, 1, 1});
    // error: reshape: cannot turn f32[batch, 8] into f32[batch, 7] (8*batch against 7*batch elements)
    reshape(x, {"batch", 7});
    // error: rearrange: a dimension multiplies more than 6 factors
    rearrange(y, "ab->(ab)");
    // error: dimension 'a b': unexpected 'b'
    zeros(x, {"a b"});
    // error: select: axis 3 is outside of f32[batch, 8]
    select(x, 3, 0);
    // error: chunk: axis -1 of f32[batch, 8] is not divisible by 3
    auto [a, b, c] = chunk<3>(x);
    std::array<Tensor, 65> many;
    many.fill(x);
    // error: concat: more than 64 operands
    concat(many, 0);
    // A composite's errors have the line of its call.
    // error: sum: axis 2 is outside of f32[batch, 8]
    norm(x, 2);
    return x;
  }
};

// error: model NoEntry: a model wants an entry: forward, encode, decode, step, generate, beam, sample or score
[[maybe_unused]] constexpr auto& no_entry = model<NoEntry>;
// error: model NoOutput: entry 'forward' has no output
[[maybe_unused]] constexpr auto& no_output = model<NoOutput>;
// error: model Ties: tied weight 'decoder.weight' is not a weight of the model
[[maybe_unused]] constexpr auto& ties = model<Ties>;
// error: model Tasks: the task's input 'ids' is not an input of the model
// error: model Tasks: the task's output 'logits' is not an output of the model
// error: model Tasks: the task's entry 'decode' is not an entry of the model
[[maybe_unused]] constexpr auto& tasks = model<Tasks>;
// error: model Nested: 'layers.{}.items' is a Repeat inside a Repeat; make the outer one an Array
[[maybe_unused]] constexpr auto& nested = model<Nested>;
// error: model BadInput: dimension 'seq+': wants a number or a name at ''
[[maybe_unused]] constexpr auto& bad_input = model<BadInput>;
[[maybe_unused]] constexpr auto& places = model<Places>;
}  // namespace
