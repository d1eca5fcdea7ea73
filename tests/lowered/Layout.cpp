// Ops that move elements, and look-ups by index.
#include <catch2/catch.hpp>

#include "dsl/dsl.h"
#include "tests/lowered/Lowered.h"

namespace {
using namespace sinter;
using namespace sinter::lowered;

struct Rearranged {
  struct Out {
    Tensor transposed, split, merged, heads, reshaped, wide, wide2, computed;
  };
  constexpr Out forward(Input<"x", f32, "batch", "n", 12> x, Input<"v", f32, 12> v) const {
    Tensor y = x * 2.0;
    return {rearrange(x, "bnd->dbn"),
            rearrange(x, "bn(hd)->bhnd", {{'h', 3}}),
            rearrange(x, "bnd->b(nd)"),
            rearrange(rearrange(y, "bn(hd)->bhnd", {{'h', 4}}), "bhnd->bn(dh)"),
            reshape(y, {x.dim(0), x.dim(1), 4, 3}),
            broadcast_like(v, x),
            broadcast(unsqueeze(y, 2), {x.dim(0), x.dim(1), 2, 12}),
            rearrange(exp(x), "bnd->bdn") + 1.0};
  }
};
struct Slices {
  struct Out {
    Tensor first, end, steps, part, updated, updated2, joined, joined_ragged, padded, cropped,
        reflected, edge, flipped;
  };
  constexpr Out forward(Input<"x", f32, "batch", "n", 12> x,
                        Input<"y", f32, "batch", "m", 12> y) const {
    return {slice(x, 2, 0, 5),
            slice(x, 1, x.dim(1) - 1, x.dim(1)),
            slice(x, 2, 1, 12, 3),
            slice(exp(x), 2, 4, 9),
            update_slice(x, slice(x, 2, 0, 4) * 3.0, 2, 6),
            update_slice(tanh(x), slice(x, 1, 0, 1), 1, x.dim(1) - 1),
            concat({x, y, x * 2.0}, 1),
            concat({slice(x, 2, 0, 5), x}, 2),
            pad(x, {{0, 0}, {1, 2}, {3, 0}}, 1.5),
            pad(x, {{0, 0}, {0, 0}, {-2, -3}}),
            pad(x, {{0, 0}, {0, 0}, {4, 5}}, 0, "reflect"),
            pad(x, {{0, 0}, {1, 1}, {2, 1}}, 0, "replicate"),
            flip(x, {1, 2})};
  }
};
// At a place that only the run knows, on values of every kind: an input, a computed one, a
// constant, numbers that count, a matrix that products read in panels.
struct Places {
  Param<50, 12> panels;
  Param<9, 12> rows;
  struct Out {
    Tensor input, computed, constant, counted, weight, plain, product;
    Tensor into_input, into_computed, into_constant, into_counted, into_weight;
  };
  constexpr Out forward(Input<"x", f32, "batch", 9, 12> x, Input<"at", i64> at) const {
    Tensor zero = zeros(x, {x.dim(0), 9, 12}), count = iota(x, {x.dim(0), 9, 12}, 1, f32);
    Tensor piece = slice(x, 1, 2, 4);
    return {slice_at(x, 1, at, 2),
            slice_at(x * 2.0, 1, at, 2),
            slice_at(zero + 1.0, 1, at, 2),
            slice_at(count, 1, at, 2),
            slice_at(panels, 0, at, 3),
            slice_at(rows, 0, at, 3),
            linear(x, panels),
            update_slice_at(x, piece, 1, at),
            update_slice_at(x * 2.0, piece * 3.0, 1, at),
            update_slice_at(zero, piece, 1, at),
            update_slice_at(count, piece, 1, at),
            update_slice_at(panels, slice(rows, 0, 0, 3), 0, at)};
  }
};
struct Ragged {
  struct Out {
    Tensor flipped, doubled, dense, sliced, padded, lengths, made, last, updated, heads;
  };
  constexpr Out forward(Input<"x", f32, "batch", ragged("seq"), 6> x,
                        Input<"d", f32, "batch", 5, 6> d, Input<"own", i64, "batch"> own) const {
    return {flip(x, 1),
            concat({x, x * 2.0}, 2),
            make_dense(x),
            slice(x, 2, 1, 4),
            pad(x, {{0, 0}, {0, 0}, {1, 1}}),
            cast(lengths(x), f32),
            sum(make_ragged(d, own, "made"), 1),
            nn::last_step(x),
            update_slice(x, slice(x, 2, 0, 2) + 1.0, 2, 3),
            rearrange(x, "bs(hd)->bhsd", {{'h', 2}})};
  }
};
struct Start {
  constexpr Tensor forward(Input<"x", f32, "batch", ragged("seq"), 6> x) const {
    return slice(x, 1, 1, 3) * 2.0;
  }
};
struct RaggedSteps {
  constexpr Tensor forward(Input<"x", f32, "batch", ragged("seq")> x) const {
    return pad(flip(x, 1), {{0, 0}, {2, 1}}, 7);
  }
};

struct Looked {
  Param<50, 17> table;
  nn::Embedding<23, 16> embedding;
  struct Out {
    Tensor rows, columns, embedded, along, along_last, hot, hot_integers, counted, added, indexed,
        product;
  };
  constexpr Out forward(Input<"ids", i32, "batch", "n"> ids, Input<"x", f32, "batch", "n", 8> x,
                        Input<"k", i64, "batch", 3> k, Input<"few", i32, "batch", "n"> few) const {
    Tensor places = broadcast(unsqueeze(k, 2), {x.dim(0), 3, 8});
    return {gather(table, ids),
            gather(table, few, 1),
            embedding(few),
            gather_along(x, places, 1),
            gather_along(x, broadcast(unsqueeze(k, 1), {x.dim(0), x.dim(1), 3}), 2),
            one_hot(few, 5),
            one_hot(few, 3, i32),
            iota(x, {x.dim(0), x.dim(1), 3}, 1, f32) + 1.0,
            scatter_add(x, places, slice(x * 2.0, 1, 0, 3), 1),
            sum(gather(table, ids), 1),
            linear(gather(table, ids), table)};
  }
};
struct RaggedLooked {
  nn::Embedding<23, 16> embedding;
  struct Out {
    Tensor embedded, bag, hot, added;
  };
  constexpr Out forward(Input<"ids", i32, "batch", ragged("seq")> ids,
                        Input<"x", f32, "batch", 7> x,
                        Input<"w", f32, "batch", ragged("seq")> w) const {
    return {embedding(ids), mean(embedding(ids), 1), sum(one_hot(ids, 23), 1),
            scatter_add(x, cast(remainder(ids, full(ids, {}, 7)), i64), w, 1)};
  }
};
struct Random {
  struct Out {
    Tensor uniform, normal, bits, rows;
  };
  constexpr Out forward(Input<"x", f32, "batch", ragged("seq"), 3> x,
                        Input<"seed", i64> seed) const {
    Tensor offset = seed * 0.0 + 5.0;
    return {random(seed, offset, "uniform", {x.dim(0), x.dim(1)}) + sum(x, 2) * 0.0,
            random(seed, offset, "normal", {x.dim(0), x.dim(1), 3}) + x * 0.0,
            random(seed, offset, "bits", {x.dim(0), x.dim(1), 3}),
            random(seed, offset, "uniform", {x.dim(0), 8})};
  }
};

const Models& models() {
  static const Models all({{"rearranged", model<Rearranged>},
                           {"slices", model<Slices>},
                           {"places", model<Places>},
                           {"ragged_layout", model<Ragged>},
                           {"start", model<Start>},
                           {"ragged_steps", model<RaggedSteps>},
                           {"looked", model<Looked>},
                           {"ragged_looked", model<RaggedLooked>},
                           {"random_rows", model<Random>}});
  return all;
}

TEST_CASE("rearrange and broadcast", "[layout]") {
  CHECK(models().check("rearranged", {.sizes = extentsOf("n", oddExtents())}) == "");
  CHECK(models().check("rearranged", {.sizes = extentsOf("n", {4}, 0)}) == "");
}
TEST_CASE("slice, update, concat, pad, flip", "[layout]") {
  std::vector<Sizes> sizes;
  for (int64_t extent : oddExtents())
    for (int64_t other : {0, 3, 16})
      if (extent > 0) sizes.push_back({{{"n", extent}, {"m", other}, {"batch", 2}}, {}});
  sizes.push_back({{{"n", 3}, {"m", 2}, {"batch", 0}}, {}});
  CHECK(models().check("slices", {.sizes = sizes}) == "");
}
TEST_CASE("slices at a place that the run knows", "[layout]") {
  CHECK(models().check("places",
                       {.sizes = {{{{"batch", 3}}, {}}, {{{"batch", 1}}, {}}, {{{"batch", 0}}, {}}},
                        .limits = {{"at", 7}}}) == "");
  std::vector<double> x(2 * 9 * 12);
  for (size_t i = 0; i < x.size(); ++i) x[i] = double(i);
  // Outside the place moves inside, on both sides.
  for (int64_t at : {-5, -1, 0, 3, 7, 8, 40, 48, 100}) {
    INFO(at);
    const HostTensors inputs = {{"x", reals({2, 9, 12}, x)}, {"at", integers({}, {at})}};
    const HostTensors wanted = models().interpret("places", inputs);
    for (const auto& [name, tensor] : models().run("places", inputs)) {
      INFO(name);
      if (name != "product") CHECK(tensor.reals == wanted.at(name).reals);
    }
  }
}
TEST_CASE("layout of rows with lengths", "[layout]") {
  CHECK(models().check("ragged_layout", {.sizes = rowsOf("seq", oddRows())}) == "");
  CHECK(models().check("ragged_steps", {.sizes = rowsOf("seq", oddRows())}) == "");
  CHECK(models().check("start",
                       {.sizes = rowsOf("seq", {{}, {3}, {5, 3, 17}, {48, 4}}), .least = 3}) == "");
}
TEST_CASE("a row that is too short for a slice is named", "[layout]") {
  const HostTensors inputs = {{"x", reals({3, 4, 6}, std::vector<double>(72, 1))},
                              {"seq.lengths", integers({3}, {4, 3, 2})}};
  for (int threads : {1, 3}) {
    const std::string got = models().sentence("start", inputs, threads);
    INFO(got);
    CHECK(got.find("Layout.cpp:") != std::string::npos);
    CHECK(got.find("slice: row 2 has 2 of the 3 elements that are wanted") != std::string::npos);
  }
}
TEST_CASE("look-ups", "[layout]") {
  std::vector<Sizes> sizes = extentsOf("n", {5, 7, 15, 16, 17, 31, 33, 48});
  sizes.push_back({{{"n", 5}, {"batch", 0}}, {}});
  CHECK(models().check("looked", {.sizes = sizes, .limits = {{"k", 3}, {"few", 3}}}) == "");
  CHECK(models().check("ragged_looked", {.sizes = rowsOf("seq", oddRows())}) == "");
}
TEST_CASE("random numbers of a row are its own", "[layout]") {
  Plan plan{.sizes = rowsOf("seq", oddRows())};
  plan.rowByRow = false;  // the numbers depend on the row's place in the batch
  CHECK(models().check("random_rows", plan) == "");
}

}  // namespace
