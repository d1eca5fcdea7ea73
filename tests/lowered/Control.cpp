// scan, repeat, loop: alone, inside one another, over rows with lengths, forwards and backwards.
#include <catch2/catch.hpp>

#include "dsl/dsl.h"
#include "tests/lowered/Lowered.h"

namespace {
using namespace sinter;
using namespace sinter::lowered;

struct Scans {
  nn::Linear<5, 16> in;
  nn::Linear<16, 16> again;
  struct Pair {
    Tensor h, c;
  };
  struct Out {
    Tensor last, all, back, all_back, swapped, swapped_all, other_axis;
  };
  constexpr Out forward(Input<"x", f32, "batch", "n", 5> x, Input<"h", f32, "batch", 16> h) const {
    const auto step = [&](Tensor s, Tensor xt) { return tanh(in(xt) + again(s)); };
    const auto ahead = scan(x, Tensor(h), step), back = scan(x, Tensor(h), step, true);
    // Each next state reads the other's old value.
    const auto pair =
        scan(x, Pair{h, h * 2.0}, [&](Pair s, Tensor xt) { return Pair{s.c * 0.5, s.h + in(xt)}; });
    const auto other = scan(rearrange(x, "bnd->nbd"), Tensor(h), step, false, 0);
    return {ahead.last,
            ahead.all,
            back.last,
            back.all,
            pair.last.c,
            pair.all,
            rearrange(other.all, "nbh->bnh")};
  }
};
struct RaggedScans {
  nn::Linear<5, 17> in;
  nn::Linear<17, 17> again;
  struct Out {
    Tensor last, all, back, all_back, summed, counted, counts;
  };
  constexpr Out forward(Input<"x", f32, "batch", ragged("seq"), 5> x,
                        Input<"h", f32, "batch", 17> h,
                        Input<"y", f32, "batch", ragged("seq")> y) const {
    const auto step = [&](Tensor s, Tensor xt) { return tanh(in(xt) + again(s)); };
    const auto ahead = scan(x, Tensor(h), step), back = scan(x, Tensor(h), step, true);
    // A state of one number for each row: its lanes are rows.
    const auto sums = scan(y, sum(h, 1), [](Tensor s, Tensor v) { return s * 0.5 + v; }, true);
    const auto counts = scan(y, cast(sum(h, 1) * 0.0, i64),
                             [](Tensor s, Tensor v) { return s + cast(v > 0.0, i64); });
    return {ahead.last, ahead.all, back.last, back.all, sums.last, sums.all, counts.all};
  }
};
struct Layer {
  nn::Linear<12, 12> dense;
  nn::LayerNorm<12> norm;
};
struct Nested {
  Repeat<Layer, 3> layers;
  nn::Linear<12, 12> cell;
  struct Out {
    Tensor last, rounds, inner, looped;
  };
  constexpr Out forward(Input<"x", f32, "batch", "n", 12> x) const {
    const auto rounds = repeat(layers, Tensor(x), [](const Layer& layer, Tensor s) {
      Tensor next = layer.norm(s + relu(layer.dense(s)));
      return Step{next, mean(next, 1)};
    });
    // A scan in each round; a repeat in each step.
    Tensor inner = repeat(layers, Tensor(x), [](const Layer& layer, Tensor s) {
      return scan(s, select(s, 1, 0),
                  [&](Tensor h, Tensor xt) { return tanh(layer.dense(xt) + h); })
          .all;
    });
    struct State {
      Tensor x, left;
    };
    Tensor looped =
        loop(
            State{x, full(x, {}, 3, i64)}, 5, [](const State& s) { return s.left > 0.0; },
            [&](const State& s) {
              Tensor next = scan(s.x, select(s.x, 1, 0), [&](Tensor h, Tensor xt) {
                              return tanh(cell(h) + xt);
                            }).all;
              return State{next, s.left - 1};
            })
            .x;
    return {rounds.last, rounds.all, inner, looped};
  }
};
struct Loops {
  struct State {
    Tensor a, b, count;
  };
  struct Out {
    Tensor a, b, count, never, bound;
  };
  constexpr Out forward(Input<"x", f32, "batch", 7> x, Input<"turns", i64> turns) const {
    const auto run = [&](int bound, Tensor until) {
      return loop(
          State{x, x * 2.0, full(x, {}, 0, i64)}, bound,
          [&](const State& s) { return s.count < until; },
          [](const State& s) { return State{s.b, s.a + s.b * 0.5, s.count + 1}; });
    };
    const State turned = run(9, turns);
    return {turned.a, turned.b, turned.count, run(9, turns * 0.0).a, run(3, turns + 100).b};
  }
};
// Decoding over rows of different lengths: ends when every row has.
struct Decoder {
  nn::Embedding<11, 16> embedding;
  nn::GRU<16, 16> encoder;
  nn::Cell<nn::GruCell, 16, 16> cell;
  nn::Linear<16, 11> out;
  struct Out {
    Tensor greedy, beams, scores;
  };
  constexpr Out forward(Input<"ids", i64, "batch", ragged("seq")> ids) const {
    using State = nn::GruCell::State;
    Tensor read = encoder(embedding(ids)).h_n;
    const nn::Decoding d{.begin = 1, .end = 2, .pad = 0, .longest = 9};
    const auto step = [&](const State& s, Tensor token) {
      State next = cell(embedding(token), s);
      return nn::Next{out(next.h) * 5.0, next};
    };
    const nn::BeamTokens found =
        nn::beam_search(ids, State{rearrange(read, "1bh->b1h")}, d, 3, 0.6, step);
    return {nn::greedy(ids, State{rearrange(read, "1bh->b1h")}, d, nn::of_one(step)),
            found.beam_tokens, found.beam_scores};
  }
};

const Models& models() {
  static const Models all({{"scans", model<Scans>},
                           {"ragged_scans", model<RaggedScans>},
                           {"nested", model<Nested>},
                           {"loops", model<Loops>},
                           {"decoder", model<Decoder>}});
  return all;
}

TEST_CASE("scan", "[control]") {
  CHECK(models().check("scans", {.sizes = extentsOf("n", {0, 1, 2, 7, 17})}) == "");
  CHECK(models().check("scans", {.sizes = extentsOf("n", {3}, 0)}) == "");
  CHECK(models().check("scans", {.sizes = extentsOf("n", {3}, 33)}) == "");
}
TEST_CASE("scan over rows with lengths", "[control]") {
  std::vector<Sizes> sizes = rowsOf("seq", oddRows());
  std::vector<int64_t> many;
  for (int64_t row = 0; row < 35; ++row) many.push_back(row * 5 % 7);
  sizes.push_back({{}, {{"seq", many}}});
  CHECK(models().check("ragged_scans", {.sizes = sizes}) == "");
}
TEST_CASE("repeat, and control inside control", "[control]") {
  CHECK(models().check("nested", {.sizes = extentsOf("n", {1, 2, 7, 16, 17})}) == "");
  CHECK(models().check("nested", {.sizes = extentsOf("n", {3}, 0)}) == "");
}
TEST_CASE("loop", "[control]") {
  CHECK(models().check("loops", {.sizes = {{{{"batch", 3}}, {}}, {{{"batch", 0}}, {}}},
                                 .limits = {{"turns", 12}}}) == "");
}
TEST_CASE("decoding", "[control]") {
  // Tokens are chosen by comparison: scores that are nearly equal may fall on either side, so sizes
  // are those where the interpreter's choice is clear.
  CHECK(models().check("decoder", {.sizes = rowsOf("seq", {{}, {1}, {5, 1, 3}, {17, 2, 16, 9}}),
                                   .least = 0}) == "");
}

}  // namespace
