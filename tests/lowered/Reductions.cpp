// Ops along axes: reductions over one and several, softmax and its kin, sums so far, order.
#include <catch2/catch.hpp>
#include <cmath>

#include "dsl/dsl.h"
#include "tests/lowered/Lowered.h"

namespace {
using namespace sinter;
using namespace sinter::lowered;

using Cube = Input<"x", f32, "batch", "n", "m">;
using Ragged = Input<"x", f32, "batch", ragged("seq"), 5>;
using Line = Input<"y", f32, "batch", ragged("seq")>;

struct Sums {
  struct Out {
    Tensor last, middle, both, keep, all_but_one, mean, mean2, prod, max, min, max2, lse, lse2, var,
        var2, integers, largest, any, all;
  };
  constexpr Out forward(Cube x, Input<"i", i32, "batch", "n", "m"> i) const {
    return {sum(x, 2),
            sum(x, 1),
            sum(x, {1, 2}),
            sum(x, 2, true),
            sum(x, {-1, -2}, true),
            mean(x, 1),
            mean(x, {1, 2}),
            prod(x, 2),
            max(x, 2),
            min(x, 1),
            max(x, {1, 2}),
            logsumexp(x, 2),
            logsumexp(x, {1, 2}),
            var(x, 2),
            var(x, {1, 2}, true, 1),
            sum(i, 2),
            max(i, {1, 2}),
            any(x > 1.9, 2),
            all(x > -1.9, {1, 2})};
  }
};
struct Soft {
  struct Out {
    Tensor last, middle, log_last, log_middle, masked, masked_log, cumsum, cumsum_last, counts;
  };
  constexpr Out forward(Cube x, Input<"i", i64, "batch", "n", "m"> i) const {
    Tensor mask = x < 1.0;
    return {softmax(x, 2),
            softmax(x, 1),
            log_softmax(x, 2),
            log_softmax(x, 1),
            masked_softmax(x, mask, 2),
            masked_log_softmax(x, mask, 1),
            cumsum(x, 1),
            cumsum(x, 2),
            cumsum(i, 2)};
  }
};
struct Order {
  struct Out {
    Tensor argmax, argmax_middle, argmin, of_integers;
  };
  constexpr Out forward(Cube x, Input<"i", i32, "batch", "n", "m"> i) const {
    return {argmax(x, 2), argmax(x, 1, true), argmin(x, 2), argmin(i, 2)};
  }
};
struct Best {
  struct Out {
    TopK last, middle, least, integers;
  };
  constexpr Out forward(Input<"x", f32, "batch", 33, "m"> x, Input<"y", f32, "batch", "m", 17> y,
                        Input<"i", i32, "batch", 20> i) const {
    return {top_k(y, 3), top_k(x, 5, 1), top_k(y, 17, -1, false), top_k(i, 7)};
  }
};
struct Norms {
  struct Out {
    Tensor one, two, scaled, batch, unit;
  };
  InitParam<"ones", 17> weight;
  Param<17> bias;
  nn::BatchNorm<17> norm;
  constexpr Out forward(Input<"x", f32, "batch", "n", 17> x) const {
    return {layer_norm(x, 1e-5), layer_norm(x, 1e-5, 2), layer_norm(x, weight, bias, 1e-5),
            norm(rearrange(x, "bnc->bcn")), l2_normalise(x)};
  }
};
struct RaggedSums {
  struct Out {
    Tensor sum1, sum_last, sum2, mean1, mean_both, max1, min1, prod1, lse1, var1, line_sum,
        line_max, line_lse, line_mean, any1;
  };
  constexpr Out forward(Ragged x, Line y) const {
    return {sum(x, 1), sum(x, 2),       sum(x, {1, 2}),  mean(x, 1),      mean(x, {1, 2}),
            max(x, 1), min(x, 1, true), prod(x, 1),      logsumexp(x, 1), var(x, 1),
            sum(y, 1), max(y, 1),       logsumexp(y, 1), mean(y, 1),      any(x > 1.5, 1)};
  }
};
struct RaggedSoft {
  struct Out {
    Tensor rows, log_rows, lines, log_lines, masked, masked_log, sums, line_sums, argmax1, argmin1,
        norm;
  };
  constexpr Out forward(Ragged x, Line y) const {
    return {softmax(x, 1),
            log_softmax(x, 1),
            softmax(y, 1),
            log_softmax(y, 1),
            masked_softmax(y, y < 1.0, 1),
            masked_log_softmax(x, x < 1.0, 1),
            cumsum(x, 1),
            cumsum(y, 1),
            argmax(x, 1),
            argmin(y, 1),
            layer_norm(x, 1e-5)};
  }
};
// Rows merged with heads keep their lengths; so do two ragged axes of one symbol.
struct Merged {
  struct Out {
    Tensor probabilities, merged_sum, merged_soft;
  };
  constexpr Out forward(Ragged x) const {
    Tensor scores = einsum("bqd,bkd->bqk", x, x);
    Tensor heads = rearrange(x, "bsh->bhs");
    Tensor merged = rearrange(heads, "bhs->(bh)s");  // [5 batch, seq~]
    return {softmax(scores, 2), rearrange(sum(merged, 1), "(bh)->bh", {{'h', 5}}),
            rearrange(softmax(merged, 1), "(bh)s->bhs", {{'h', 5}})};
  }
};
struct RaggedBest {
  struct Out {
    TopK rows, lines;
  };
  constexpr Out forward(Ragged x, Line y) const { return {top_k(x, 2, 1), top_k(y, 2, 1, false)}; }
};
struct Along {
  struct Out {
    Tensor soft, log, lse, masked;
  };
  constexpr Out forward(Input<"x", f32, "batch", "n"> x,
                        Input<"c", boolean, "batch", "n"> c) const {
    return {softmax(x, 1), log_softmax(x, 1), logsumexp(x, 1), masked_softmax(x, c, 1)};
  }
};

const Models& models() {
  static const Models all({{"sums", model<Sums>},
                           {"soft", model<Soft>},
                           {"order", model<Order>},
                           {"best", model<Best>},
                           {"norms", model<Norms>},
                           {"ragged_sums", model<RaggedSums>},
                           {"ragged_soft", model<RaggedSoft>},
                           {"merged", model<Merged>},
                           {"ragged_best", model<RaggedBest>},
                           {"along", model<Along>}});
  return all;
}

// n x m: each of them odd while the other is small, and both empty.
std::vector<Sizes> cubes() {
  std::vector<Sizes> all;
  for (int64_t extent : oddExtents()) {
    all.push_back({{{"n", extent}, {"m", 3}, {"batch", 2}}, {}});
    all.push_back({{{"n", 2}, {"m", extent}, {"batch", 3}}, {}});
  }
  all.push_back({{{"n", 3}, {"m", 5}, {"batch", 0}}, {}});
  return all;
}
std::vector<Sizes> cubesOfSome() {
  std::vector<Sizes> all = cubes();
  std::erase_if(all, [](const Sizes& s) { return s.extents.at("n") * s.extents.at("m") == 0; });
  return all;
}

TEST_CASE("reductions over one axis and several", "[reductions]") {
  CHECK(models().check("sums", {.sizes = cubes()}) == "");
}
TEST_CASE("softmax and sums so far", "[reductions]") {
  CHECK(models().check("soft", {.sizes = cubes()}) == "");
}
TEST_CASE("the place of the largest and the smallest", "[reductions]") {
  CHECK(models().check("order", {.sizes = cubesOfSome(), .special = true}) == "");
}
TEST_CASE("the best of an axis", "[reductions]") {
  CHECK(models().check("best", {.sizes = extentsOf("m", oddExtents()), .special = true}) == "");
}
TEST_CASE("normalisation", "[reductions]") {
  CHECK(models().check("norms", {.sizes = extentsOf("n", oddExtents())}) == "");
}
TEST_CASE("reductions of rows with lengths", "[reductions]") {
  CHECK(models().check("ragged_sums", {.sizes = rowsOf("seq", oddRows())}) == "");
}
TEST_CASE("softmax, sums so far and order of rows with lengths", "[reductions]") {
  CHECK(models().check("ragged_soft", {.sizes = rowsOf("seq", oddRows())}) == "");
}
TEST_CASE("rows merged with heads keep their lengths", "[reductions]") {
  CHECK(models().check("merged", {.sizes = rowsOf("seq", oddRows())}) == "");
}
TEST_CASE("the best of rows that are long enough", "[reductions]") {
  CHECK(models().check("ragged_best", {.sizes = rowsOf("seq", {{}, {2}, {5, 3, 17}, {33, 2, 48}}),
                                       .least = 2}) == "");
}

// torch: softmax of a row of -infinity is NaN, its logsumexp -infinity; of a row with an infinity
// NaN and infinity; a masked row that admits nothing is 0.
TEST_CASE("softmax of infinities", "[reductions]") {
  const double inf = INFINITY;
  const HostTensors inputs = {{"x", reals({5, 3}, {-inf, -inf, -inf, -inf, 1, -inf, inf, 0, 1, inf,
                                                   -inf, inf, 3e38, -3e38, 3e38})},
                              {"c", integers({5, 3}, {1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1},
                                             rules::DType::boolean)}};
  const std::vector<double> nan(3, NAN);
  for (const HostTensors& got :
       {models().run("along", inputs), models().run("along", inputs, 1, "v2"),
        models().interpret("along", inputs)}) {
    const auto row = [&](const char* name, size_t r) {
      const std::vector<double>& all = got.at(name).reals;
      return std::vector<double>(all.begin() + long(3 * r), all.begin() + long(3 * r + 3));
    };
    const auto allNan = [](const std::vector<double>& xs) {
      return std::isnan(xs[0]) && std::isnan(xs[1]) && std::isnan(xs[2]);
    };
    CHECK(allNan(row("soft", 0)));
    CHECK(allNan(row("log", 0)));
    CHECK(got.at("lse").reals[0] == -inf);
    CHECK(row("soft", 1) == std::vector<double>{0, 1, 0});
    CHECK(row("log", 1) == std::vector<double>{-inf, 0, -inf});
    CHECK(got.at("lse").reals[1] == 1);
    CHECK(allNan(row("soft", 2)));
    CHECK(got.at("lse").reals[2] == inf);
    CHECK(got.at("lse").reals[3] == inf);
    CHECK(row("soft", 4) == std::vector<double>{0.5, 0, 0.5});
    CHECK(allNan(row("masked", 0)));                          // all admitted, all -infinity
    CHECK(row("masked", 1) == std::vector<double>{0, 0, 0});  // none admitted
    CHECK(row("masked", 3)[0] == 0);
    CHECK(std::isnan(row("masked", 3)[1]));  // only -infinity admitted
  }
}
TEST_CASE("a row that is too short for its best elements is named", "[reductions]") {
  const HostTensors inputs = {{"x", reals({3, 4, 5}, std::vector<double>(60, 1))},
                              {"y", reals({3, 4}, std::vector<double>(12, 1))},
                              {"seq.lengths", integers({3}, {4, 1, 0})}};
  for (int threads : {1, 2}) {
    const std::string got = models().sentence("ragged_best", inputs, threads);
    INFO(got);
    CHECK(got.find("Reductions.cpp:") != std::string::npos);
    CHECK(got.find("top_k: row 1 has 1 of the 2 elements that are wanted") != std::string::npos);
  }
}

}  // namespace
