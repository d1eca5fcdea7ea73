// Products: einsum of one to three operands, linear with what follows it in its kernel; convolution
// and pooling.
#include <catch2/catch.hpp>

#include "dsl/dsl.h"
#include "tests/lowered/Lowered.h"

namespace {
using namespace sinter;
using namespace sinter::lowered;

struct Einsums {
  struct Out {
    Tensor transposed, diagonal, trace, row_sums, matrix, swapped, outer, dot, gated, three,
        broadcast;
  };
  constexpr Out forward(Input<"x", f32, "batch", "n", 17> x, Input<"y", f32, "batch", "m", 17> y,
                        Input<"s", f32, "batch", 7, 7> s, Input<"v", f32, 17> v) const {
    return {einsum("bij->bji", x),
            einsum("bii->bi", s),
            einsum("bii->b", s),
            einsum("bij->bi", x),
            einsum("bid,bjd->bij", x, y),
            einsum("bid,bjd->bji", x, y),
            einsum("bi,bj->bij", select(x, 2, 0), select(y, 2, 1)),
            einsum("bij,j->bi", x, v),
            einsum("bij,bij->bij", x, x),
            einsum("bid,bjd,d->bij", x, y, v),
            matmul(x, rearrange(y, "bmd->bdm"))};
  }
};
template <int In, int Out_>
struct Linear {
  nn::Linear<In, Out_> first;
  nn::Linear<In, Out_, false> second;
  Param<Out_> scale;
  struct Out {
    Tensor plain, bias, activated, gated, residual;
  };
  constexpr Out forward(Input<"x", f32, "batch", "n", In> x,
                        Input<"r", f32, "batch", "n", Out_> r) const {
    return {second(x), first(x), gelu(first(x)), sigmoid(first(x)) * scale + 1.0,
            tanh(second(x)) + r};
  }
};
struct RaggedLinear {
  nn::Linear<17, 49> first;
  nn::Linear<49, 17> second;
  constexpr Tensor forward(Input<"x", f32, "batch", ragged("seq"), 17> x) const {
    return second(relu(first(x))) + x;
  }
};
// Weights that are computed, sliced or shared; an operand that is a view.
struct Weights {
  Param<99, 16> wide;
  Param<33, 16> plain;
  struct Out {
    Tensor sliced, scaled, gathered, view, column;
  };
  constexpr Out forward(Input<"x", f32, "batch", "n", 16> x, Input<"i", i32, "batch"> i) const {
    return {linear(x, slice(wide, 0, 33, 66)), linear(x, plain * 2.0),
            linear(x, plain) + unsqueeze(linear(gather(plain, i), plain), 1),
            linear(rearrange(x, "bnd->nbd"), plain), linear(x, slice(plain, 0, 32, 33))};
  }
};
struct Attention {
  nn::Linear<24, 72> in;
  nn::Linear<24, 24> out;
  constexpr Tensor forward(Input<"x", f32, "batch", ragged("seq"), 24> x) const {
    auto [q, k, v] = chunk<3>(in(x));
    const auto looked =
        nn::attention(nn::split_heads(q, 3), nn::split_heads(k, 3), nn::split_heads(v, 3), 0.35);
    return out(nn::merge_heads(looked.output));
  }
};
struct Cross {
  struct Out {
    Tensor scores, looked, pooled;
  };
  constexpr Out forward(Input<"x", f32, "batch", ragged("seq"), 19> x,
                        Input<"y", f32, "batch", ragged("other"), 19> y) const {
    Tensor scores = einsum("bqd,bkd->bqk", x, y);
    return {scores, einsum("bqk,bkd->bqd", softmax(scores, 2), y), einsum("bqd,bkd->bd", x, x)};
  }
};

struct Conv1 {
  nn::Conv1d<5, 7, 3> conv;
  nn::Conv1d<6, 6, 5, false> wide;
  Param<6, 2, 3> grouped;
  struct Out {
    Tensor plain, strided, dilated, groups, activated, same;
  };
  constexpr Out forward(Input<"x", f32, "batch", 5, "n"> x,
                        Input<"y", f32, "batch", 6, "n"> y) const {
    return {conv(x),
            conv(x, {.stride = 2, .padding = 1}),
            wide(y, {.padding = 4, .dilation = 2}),
            sinter::conv(y, grouped, {.padding = 1, .groups = 3}),
            relu(conv(x, {.padding = 1})),
            gelu(wide(y, {.padding = 2})) + y};
  }
};
struct Conv2 {
  nn::Conv2d<3, 17, 3> conv;
  Param<4, 1, 3, 2> depthwise;
  struct Out {
    Tensor plain, same, strided, groups;
  };
  constexpr Out forward(Input<"x", f32, "batch", 3, "h", "w"> x,
                        Input<"y", f32, "batch", 4, "h", "w"> y) const {
    return {conv(x), relu(conv(x, {.padding = 1})),
            conv(x, {.stride = {2, 3}, .padding = {1, 1, 2, 0}}),
            sinter::conv(y, depthwise, {.padding = {1, 1, 1, 1}, .groups = 4})};
  }
};
struct RaggedConv {
  nn::Conv1d<5, 7, 3> conv;
  struct Out {
    Tensor valid, same, pooled, average;
  };
  constexpr Out forward(Input<"x", f32, "batch", ragged("seq"), 5> x) const {
    Tensor y = rearrange(x, "bsd->bds");
    return {rearrange(conv(y), "bds->bsd"), rearrange(relu(conv(y, {.padding = 1})), "bds->bsd"),
            max(conv(y), 2), rearrange(avg_pool(y, 2), "bds->bsd")};
  }
};
struct Pools {
  struct Out {
    Tensor max1, max_padded, max_ceil, mean1, mean_padded, mean_counted, max2, mean2;
  };
  constexpr Out forward(Input<"x", f32, "batch", 3, "n"> x,
                        Input<"y", f32, "batch", 2, "n", "w"> y) const {
    return {max_pool(x, 2),
            max_pool(x, 3, {.stride = 2, .padding = 1}),
            max_pool(x, 2, {.stride = 2, .dilation = 1, .ceil = true}),
            avg_pool(x, 2),
            avg_pool(x, 3, {.stride = 1, .padding = 1}),
            avg_pool(x, 3, {.stride = 2, .padding = 1, .ceil = true, .count_include_pad = true}),
            max_pool(y, {2, 3}, {.padding = 1}),
            avg_pool(y, {2, 2}, {.stride = {1, 2}})};
  }
};

const Models& models() {
  static const Models all({{"einsums", model<Einsums>},
                           {"linear_1", model<Linear<1, 1>>},
                           {"linear_17", model<Linear<17, 48>>},
                           {"linear_48", model<Linear<48, 49>>},
                           {"linear_33", model<Linear<33, 16>>},
                           {"ragged_linear", model<RaggedLinear>},
                           {"weights", model<Weights>},
                           {"attention", model<Attention>},
                           {"cross", model<Cross>},
                           {"conv1", model<Conv1>},
                           {"conv2", model<Conv2>},
                           {"ragged_conv", model<RaggedConv>},
                           {"pools", model<Pools>}});
  return all;
}

TEST_CASE("einsum", "[contractions]") {
  std::vector<Sizes> sizes;
  for (int64_t extent : oddExtents()) {
    sizes.push_back({{{"n", extent}, {"m", 5}, {"batch", 3}}, {}});
    sizes.push_back({{{"n", 2}, {"m", extent}, {"batch", 2}}, {}});
  }
  sizes.push_back({{{"n", 3}, {"m", 4}, {"batch", 0}}, {}});
  CHECK(models().check("einsums", {.sizes = sizes}) == "");
}
TEST_CASE("linear and what follows it", "[contractions]") {
  for (const char* name : {"linear_1", "linear_17", "linear_48", "linear_33"}) {
    INFO(name);
    CHECK(models().check(name, {.sizes = extentsOf("n", {0, 1, 2, 7, 16, 17, 49})}) == "");
  }
  CHECK(models().check("linear_17", {.sizes = extentsOf("n", {0, 3}, 0)}) == "");
  CHECK(models().check("ragged_linear", {.sizes = rowsOf("seq", oddRows())}) == "");
  CHECK(models().check("weights", {.sizes = extentsOf("n", {0, 1, 7, 16, 33}, 5)}) == "");
}
TEST_CASE("attention between rows with lengths", "[contractions]") {
  CHECK(models().check("attention", {.sizes = rowsOf("seq", oddRows())}) == "");
  std::vector<Sizes> sizes;
  for (const auto& [q, k] : std::vector<std::pair<std::vector<int64_t>, std::vector<int64_t>>>{
           {{}, {}}, {{0, 1}, {1, 0}}, {{5, 0, 17}, {48, 3, 0}}, {{16, 33}, {49, 15}}})
    sizes.push_back({{}, {{"seq", q}, {"other", k}}});
  CHECK(models().check("cross", {.sizes = sizes}) == "");
}
TEST_CASE("convolution", "[contractions]") {
  CHECK(models().check("conv1",
                       {.sizes = extentsOf("n", {3, 4, 7, 15, 16, 17, 47, 48, 49, 50, 97})}) == "");
  CHECK(models().check("conv1", {.sizes = extentsOf("n", {5}, 0)}) == "");
  std::vector<Sizes> sizes;
  for (int64_t extent : {3, 5, 7, 16, 17})
    sizes.push_back({{{"h", extent}, {"w", 20 - extent}, {"batch", 2}}, {}});
  CHECK(models().check("conv2", {.sizes = sizes}) == "");
  CHECK(models().check("ragged_conv",
                       {.sizes = rowsOf(
                            "seq", {{}, {3}, {5, 3, 17}, {16, 0, 2, 1, 50}, {48, 49, 51}})}) == "");
}
TEST_CASE("pooling", "[contractions]") {
  std::vector<Sizes> sizes;
  for (int64_t extent : {3, 4, 7, 15, 16, 17, 31, 33, 48})
    sizes.push_back({{{"n", extent}, {"w", 5}, {"batch", 2}}, {}});
  sizes.push_back({{{"n", 3}, {"w", 5}, {"batch", 0}}, {}});
  CHECK(models().check("pools", {.sizes = sizes}) == "");
}

}  // namespace
