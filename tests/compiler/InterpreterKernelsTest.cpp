// The numeric half of the reference interpreter against closed forms and the values at the edges:
// NaN, infinities, empty extents, prime sizes.
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/InterpreterKernels.h"

using namespace sinter;
using namespace sinter::kernels;
using rules::DType;
using Values = std::vector<double>;

static const double infinite = INFINITY, nan_ = std::nan("");

static HostTensor reals(Shape shape, Values values) {
  HostTensor tensor(DType::f32, std::move(shape));
  tensor.reals = std::move(values);
  return tensor;
}

static HostTensor wholes(Shape shape, std::vector<int64_t> values, DType dType = DType::i64) {
  HostTensor tensor(dType, std::move(shape));
  tensor.integers = std::move(values);
  return tensor;
}

/// 1, 2, 3 …
static HostTensor counting(Shape shape) {
  HostTensor tensor(DType::f32, std::move(shape));
  for (size_t i = 0; i < tensor.reals.size(); ++i) tensor.reals[i] = static_cast<double>(i + 1);
  return tensor;
}

static double at(std::string_view op, double x) { return unary(op, reals({}, {x})).reals[0]; }

TEST_CASE("rounding to the storage types") {
  CHECK(roundTo(DType::f32, 0.1) == static_cast<double>(0.1f));
  CHECK(roundTo(DType::f16, 1 + 0x1p-11) == 1);              // half way, to even
  CHECK(roundTo(DType::f16, 1 + 3 * 0x1p-11) == 1 + 0x1p-9);
  CHECK(roundTo(DType::f16, 65504) == 65504);
  CHECK(roundTo(DType::f16, 65520) == infinite);
  CHECK(roundTo(DType::f16, 0x1p-24) == 0x1p-24);            // the smallest denormal
  CHECK(roundTo(DType::f16, 0x1p-25) == 0);
  CHECK(roundTo(DType::bf16, 1 + 0x1p-7) == 1 + 0x1p-7);
  CHECK(roundTo(DType::bf16, 1 + 0x1p-8) == 1);
  CHECK(roundTo(DType::bf16, 3e38) == 0x1.c4p127);
  CHECK(std::isnan(roundTo(DType::bf16, nan_)));
}

TEST_CASE("element-wise ops at the edges") {
  CHECK(std::isnan(at("relu", nan_)));
  CHECK(std::isnan(at("sign", nan_)));
  CHECK(at("round", 2.5) == 2);
  CHECK(at("softplus", 1000) == 1000);
  CHECK(at("softplus", -1000) == 0);
  CHECK(at("log_sigmoid", -1000) == -1000);
  CHECK(at("log_sigmoid", 0) == Approx(-std::log(2)));
  CHECK(at("gelu", -infinite) == 0);
  CHECK(at("silu", -infinite) == 0);
  CHECK(at("gelu", 1) == Approx(0.8413447460685429));
  CHECK(std::isnan(binary("maximum", reals({}, {1}), reals({}, {nan_})).reals[0]));
  CHECK(std::isnan(binary("minimum", reals({}, {nan_}), reals({}, {1})).reals[0]));
  CHECK(binary("div", wholes({2}, {-7, 7}), wholes({2}, {2, -2})).integers ==
        std::vector<int64_t>{-4, -4});
  CHECK(binary("rem", wholes({2}, {-7, 7}), wholes({2}, {2, -2})).integers ==
        std::vector<int64_t>{1, -1});
  CHECK(binary("div", wholes({}, {5}), wholes({}, {0})).integers[0] == 0);
  CHECK(binary("rem", wholes({}, {5}), wholes({}, {0})).integers[0] == 5);
  CHECK(binary("add", wholes({}, {127}, DType::i8), wholes({}, {1}, DType::i8)).integers[0] == -128);
  CHECK(binary("add", reals({2, 1}, {10, 20}), reals({3}, {1, 2, 3})).reals ==
        Values{11, 12, 13, 21, 22, 23});
  CHECK(binary("lt", reals({0, 3}, {}), reals({3}, {1, 2, 3})).shape == Shape{0, 3});
  CHECK(cast(reals({3}, {-1.9, 0.5, 2}), DType::i32).integers == std::vector<int64_t>{-1, 0, 2});
  CHECK(cast(reals({2}, {0, 0.5}), DType::boolean).integers == std::vector<int64_t>{0, 1});
}

TEST_CASE("reductions, also of nothing") {
  const HostTensor x = counting({2, 3, 5});
  const std::vector<int64_t> outer = {0, 2};
  CHECK(reduce("sum", x, outer, false, 0).reals == Values{105, 155, 205});
  CHECK(reduce("mean", x, outer, true, 0).shape == Shape{1, 3, 1});
  CHECK(reduce("var", reals({4}, {1, 2, 3, 4}), std::vector<int64_t>{0}, false, 1).reals[0] ==
        Approx(5.0 / 3));
  CHECK(reduce("logsumexp", reals({2}, {1000, 1000}), std::vector<int64_t>{0}, false, 0).reals[0] ==
        Approx(1000 + std::log(2)));
  CHECK(reduce("logsumexp", reals({2}, {-infinite, -infinite}), std::vector<int64_t>{0}, false, 0)
            .reals[0] == -infinite);
  CHECK(std::isnan(
      reduce("amax", reals({3}, {1, nan_, 3}), std::vector<int64_t>{0}, false, 0).reals[0]));
  const HostTensor none = reals({2, 0}, {});
  const std::vector<int64_t> last = {1};
  CHECK(reduce("sum", none, last, false, 0).reals == Values{0, 0});
  CHECK(reduce("amax", none, last, false, 0).reals == Values{-infinite, -infinite});
  CHECK(std::isnan(reduce("mean", none, last, false, 0).reals[0]));
  CHECK(argReduce(reals({4}, {2, 7, 7, 1}), 0, false, true).integers[0] == 1);
  CHECK(argReduce(reals({4}, {2, nan_, 7, 1}), 0, false, true).integers[0] == 1);
  const auto [values, indices] = topK(reals({5}, {3, 9, 3, nan_, 1}), 4, 0, true);
  CHECK(indices.integers == std::vector<int64_t>{3, 1, 0, 2});
  CHECK_THROWS_AS(topK(reals({1}, {1}), 2, 0, true), Fault);
}

TEST_CASE("softmax leaves masked entries out") {
  const HostTensor x = reals({2, 3}, {1, 1, 1000, 5, 6, 7});
  const HostTensor mask = wholes({2, 3}, {1, 1, 0, 0, 0, 0}, DType::boolean);
  CHECK(softmax(x, &mask, 1, false).reals == Values{0.5, 0.5, 0, 0, 0, 0});
  CHECK(softmax(x, &mask, 1, true).reals[0] == Approx(-std::log(2)));
  CHECK(softmax(reals({1}, {-1e300}), nullptr, 0, false).reals[0] == 1);
  CHECK(softmax(reals({0, 3}, {}), nullptr, 1, false).reals.empty());
}

TEST_CASE("contractions") {
  const HostTensor a = counting({2, 3}), b = counting({3, 2});
  CHECK(einsum("ij,jk->ik", {&a, &b}).reals == Values{22, 28, 49, 64});
  CHECK(einsum("ij,jk->ki", {&a, &b}).reals == Values{22, 49, 28, 64});
  CHECK(einsum("ij->j", {&a}).reals == Values{5, 7, 9});
  const HostTensor square = counting({3, 3});
  CHECK(einsum("ii->i", {&square}).reals == Values{1, 5, 9});
  CHECK(einsum("ii->", {&square}).reals == Values{15});
  const HostTensor v = counting({2}), one = reals({1, 3}, {1, 1, 1});
  CHECK(einsum("i,ij,jk->", {&v, &a, &b}).reals == Values{276});
  CHECK(einsum("...i,...i->...", {&a, &one}).reals == Values{6, 15});
  const HostTensor none = reals({0, 3}, {});
  CHECK(einsum("ij,jk->ik", {&none, &b}).shape == Shape{0, 2});
  const HostTensor empty = reals({2, 0}, {}), thin = reals({0, 2}, {});
  CHECK(einsum("ij,jk->ik", {&empty, &thin}).reals == Values{0, 0, 0, 0});
  const HostTensor whole = wholes({2}, {3, 4});
  CHECK(einsum("i,i->", {&whole, &whole}).integers[0] == 25);
  const HostTensor bias = reals({2}, {100, 200});
  const HostTensor w = counting({2, 3});
  CHECK(linear(a, w, &bias).reals == Values{114, 232, 132, 277});
}

TEST_CASE("windows") {
  const HostTensor x = counting({1, 1, 5});
  const HostTensor w = reals({1, 1, 2}, {1, 10});
  CHECK(conv(x, w, nullptr, {{}, {1}, {0, 0}, {1}}, 1, {1, 1, 4}).reals == Values{21, 32, 43, 54});
  CHECK(conv(x, w, nullptr, {{}, {2}, {1, 0}, {2}}, 1, {1, 1, 2}).reals == Values{20, 42});
  const Window pool = {{2}, {2}, {0, 0}, {1}};
  CHECK(maxPool(x, pool, {1, 1, 3}).reals == Values{2, 4, 5});
  CHECK(averagePool(x, pool, true, {1, 1, 3}).reals == Values{1.5, 3.5, 5});  // ceil adds nothing
  const Window padded = {{3}, {1}, {1, 1}, {1}};
  CHECK(averagePool(x, padded, true, {1, 1, 5}).reals[0] == Approx(1));
  CHECK(averagePool(x, padded, false, {1, 1, 5}).reals[0] == Approx(1.5));
  const HostTensor image = counting({1, 2, 2, 3});
  const HostTensor each = reals({2, 1, 1, 1}, {1, 2});
  CHECK(conv(image, each, nullptr, {{}, {1, 1}, {0, 0, 0, 0}, {1, 1}}, 2, {1, 2, 2, 3}).reals ==
        Values{1, 2, 3, 4, 5, 6, 14, 16, 18, 20, 22, 24});
}

TEST_CASE("layout") {
  const HostTensor x = counting({2, 6});
  CHECK(rearrange(x, "a(bc)->cab", {{'b', 2}}, {3, 2, 2}).reals ==
        Values{1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12});
  CHECK(rearrange(reals({0, 6}, {}), "a(bc)->(ab)c", {{'b', 2}}, {0, 3}).shape == Shape{0, 3});
  CHECK(slice(counting({7}), 0, 1, 3, 2).reals == Values{2, 5});
  CHECK_THROWS_AS(slice(counting({7}), 0, 1, 3, 3), Fault);
  CHECK(updateSlice(counting({4}), reals({2}, {8, 9}), 0, 1).reals == Values{1, 8, 9, 4});
  const std::vector<int64_t> low = {2}, high = {1}, crop = {-1};
  CHECK(pad(counting({3}), low, high, "reflect", 0).reals == Values{3, 2, 1, 2, 3, 2});
  CHECK(pad(counting({3}), low, high, "replicate", 0).reals == Values{1, 1, 1, 2, 3, 3});
  CHECK(pad(counting({3}), crop, high, "constant", 7).reals == Values{2, 3, 7});
  CHECK_THROWS_AS(pad(counting({2}), low, high, "reflect", 0), Fault);
  CHECK(flip(counting({2, 3}), std::vector<int64_t>{1}).reals == Values{3, 2, 1, 6, 5, 4});
  CHECK(scatterAdd(counting({3}), wholes({3}, {1, 1, 0}), reals({3}, {10, 20, 30}), 0).reals ==
        Values{31, 32, 3});
  CHECK(gatherAlong(counting({2, 3}), wholes({2, 1}, {2, 0}), 1).reals == Values{3, 4});
  CHECK_THROWS_AS(gather(counting({2, 3}), wholes({1}, {-1}), 0), Fault);
  CHECK(oneHot(wholes({2}, {1, 0}), 2, DType::f32).reals == Values{0, 1, 1, 0});
}

TEST_CASE("Philox gives the published stream") {
  const auto random = [](std::string_view kind, DType type, const Shape &shape, int64_t seed,
                         int64_t offset) {
    return kernels::random(kind, type, shape, wholes({}, {seed}), wholes({}, {offset}));
  };
  // Known answer of Random123 for counter 0 and key 0.
  const HostTensor bits = random("bits", DType::i32, {4}, 0, 0);
  for (int64_t value : random("bits", DType::i32, {64}, 5, 0).integers)
    CHECK(value == static_cast<int32_t>(value));  // as 32 bits with a sign, not as a natural number
  const std::vector<uint32_t> known = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  for (int i = 0; i < 4; ++i) CHECK(static_cast<uint32_t>(bits.integers[i]) == known[i]);
  const HostTensor later = random("uniform", DType::f32, {3}, 7, 1);
  CHECK(random("uniform", DType::f32, {8}, 7, 0).reals[5] == later.reals[1]);
  for (double value : random("uniform", DType::f32, {1000}, 3, 0).reals)
    CHECK((value >= 0 && value < 1));
  double total = 0, squares = 0;
  for (double value : random("normal", DType::f32, {10007}, 3, 0).reals) {
    total += value;
    squares += value * value;
  }
  CHECK(std::fabs(total / 10007) < 0.03);
  CHECK(squares / 10007 == Approx(1).margin(0.05));
}

TEST_CASE("rows with an offset of their own are streams of their own") {
  const HostTensor seed = wholes({}, {9}), offsets = wholes({3}, {5, 0, 1000});
  const HostTensor rows = random("bits", DType::i32, {3, 6}, seed, offsets);
  for (int64_t row = 0; row < 3; ++row) {
    const HostTensor one =
        random("bits", DType::i32, {6}, seed, wholes({}, {offsets.integers[row]}));
    for (int64_t i = 0; i < 6; ++i) CHECK(rows.integers[row * 6 + i] == one.integers[i]);
  }
  const HostTensor seeds = random("bits", DType::i32, {2, 1}, wholes({2}, {9, 8}), wholes({}, {0}));
  CHECK(seeds.integers[0] == random("bits", DType::i32, {1}, seed, wholes({}, {0})).integers[0]);
  CHECK(seeds.integers[0] != seeds.integers[1]);
  CHECK(random("uniform", DType::f32, {0, 4}, seed, wholes({0}, {})).size() == 0);
}
