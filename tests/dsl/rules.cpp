// What the rules compute when they hold; tests/errors has a wrong model for each way to break one.
#include <catch2/catch.hpp>
#include <string>

#include "dsl/rules.h"

namespace {
using namespace sinter;
using namespace sinter::rules;

/// Reads "f32[batch, 12]"; dimensions with a comma inside are not needed here.
Shape shape(Rules& r, std::string_view text) {
  const std::size_t open = text.find('[');
  Shape shape;
  for (std::size_t i = 0; i < std::size(dtype_names); ++i)
    if (dtype_names[i] == text.substr(0, open)) shape.dtype = static_cast<DType>(i);
  text = text.substr(open + 1, text.size() - open - 2);
  Text why;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    shape.dims[shape.rank++] = r.dims.parse(text.substr(0, comma), why);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  REQUIRE(why.empty());
  return shape;
}
std::string result(Rules& r, const Shape& shape) {
  if (!r.error.empty()) return std::string(r.error.view());
  return shape.bad() ? "poison without an error" : std::string(r.print(shape).view());
}

TEST_CASE("shapes broadcast as in numpy, over symbols too") {
  auto add = [](std::string_view x, std::string_view y, std::string_view op = "add") {
    Rules r;
    return result(r, binary(r, op, shape(r, x), shape(r, y)));
  };
  CHECK(add("f32[batch, seq~, 768]", "f32[768]") == "f32[batch, seq~, 768]");
  CHECK(add("f32[seq, 1]", "f32[1, seq]") == "f32[seq, seq]");
  CHECK(add("f32[]", "f32[2, seq-1]") == "f32[2, seq-1]");
  CHECK(add("i32[batch]", "i32[1]", "lt") == "bool[batch]");
  CHECK(add("f32[0]", "f32[1]") == "f32[0]");
  Rules r;
  CHECK(result(r, where(r, shape(r, "bool[s, 1]"), shape(r, "f32[]"), shape(r, "f32[t]"))) ==
        "f32[s, t]");
}

TEST_CASE("einsum names axes by letters") {
  auto einsum_of = [](std::string_view equation, std::initializer_list<std::string_view> texts) {
    Rules r;
    Shape shapes[3];
    const Shape* operands[3];
    int count = 0;
    for (std::string_view text : texts) {
      shapes[count] = shape(r, text);
      operands[count] = &shapes[count];
      ++count;
    }
    Einsum plan;
    return result(r, einsum(r, equation, operands, count, plan));
  };
  CHECK(einsum_of("bhqd,bhkd->bhqk", {"f32[b, 12, q, 64]", "f32[b, 12, k, 64]"}) ==
        "f32[b, 12, q, k]");
  CHECK(einsum_of("ii->i", {"f32[n, n]"}) == "f32[n]");
  CHECK(einsum_of("ii", {"f32[n, n]"}) == "f32[]");
  CHECK(einsum_of("ba", {"f32[2, 3]"}) == "f32[3, 2]");
  CHECK(einsum_of("...ij,...jk", {"f32[b, 1, 2, 3]", "f32[7, 3, 4]"}) == "f32[b, 7, 2, 4]");
  CHECK(einsum_of("bi,oij,bj->bo", {"f32[b, 3]", "f32[5, 3, 4]", "f32[b, 4]"}) == "f32[b, 5]");
}

TEST_CASE("rearrange splits, permutes and merges axes") {
  auto rearrange_of = [](std::string_view pattern, std::string_view x,
                         std::initializer_list<LetterSize> sizes = {}) {
    Rules r;
    Rearrange plan;
    return result(r, rearrange(r, pattern, sizes.begin(), static_cast<int>(sizes.size()),
                               shape(r, x), plan));
  };
  CHECK(rearrange_of("bs(hd)->bhsd", "f32[b, s, 768]", {{'h', 12}}) == "f32[b, 12, s, 64]");
  CHECK(rearrange_of("bhsd->bs(hd)", "f32[b, 12, s~, 64]") == "f32[b, s~, 768]");
  CHECK(rearrange_of("b s -> b 1 s", "i32[b, s]") == "i32[b, 1, s]");
  CHECK(rearrange_of("b1s->sb", "i32[b, 1, s]") == "i32[s, b]");
  CHECK(rearrange_of("bc->(bc)", "f32[b, c]") == "f32[b*c]");
  CHECK(rearrange_of("(bc)->bc", "f32[12*b]", {{'c', 12}}) == "f32[b, 12]");
}

TEST_CASE("windows over symbols have one form") {
  auto conv_of = [](std::string_view x, std::string_view weight, long long stride, long long pad,
                    long long dilation = 1) {
    Rules r;
    const long long strides[] = {stride, stride}, dilations[] = {dilation, dilation};
    const long long pads[] = {pad, pad, pad, pad};
    const Shape in = shape(r, x);
    const int axes = in.rank - 2;
    const Window w{{}, {strides, axes}, {pads, 2 * axes}, {dilations, axes}, false};
    return result(r, conv(r, in, shape(r, weight), nullptr, w, 1));
  };
  CHECK(conv_of("f32[b, 3, t]", "f32[8, 3, 5]", 1, 0) == "f32[b, 8, t-4]");
  CHECK(conv_of("f32[b, 3, t]", "f32[8, 3, 5]", 1, 2) == "f32[b, 8, t]");
  CHECK(conv_of("f32[b, 3, h, w]", "f32[8, 3, 3, 3]", 2, 1) ==
        conv_of("f32[b, 3, h, w]", "f32[8, 3, 1, 1]", 2, 0));
  CHECK(conv_of("f32[b, 3, 32, 32]", "f32[8, 3, 3, 3]", 2, 1) == "f32[b, 8, 16, 16]");
  CHECK(conv_of("f32[b, 3, t]", "f32[8, 3, 3]", 1, 0, 2) == "f32[b, 8, t-4]");
}

TEST_CASE("pools round down, or up without a window that starts in the padding") {
  auto pool_of = [](std::string_view x, long long size, long long stride, long long pad, bool up) {
    Rules r;
    const long long sizes[] = {size}, strides[] = {stride}, pads[] = {pad, pad}, one[] = {1};
    return result(r, pool(r, "max_pool", shape(r, x),
                          {{sizes, 1}, {strides, 1}, {pads, 2}, {one, 1}, up}));
  };
  CHECK(pool_of("f32[b, 3, 7]", 2, 2, 0, false) == "f32[b, 3, 3]");
  CHECK(pool_of("f32[b, 3, 7]", 2, 2, 0, true) == "f32[b, 3, 4]");
  CHECK(pool_of("f32[b, 3, 5]", 2, 4, 1, true) == "f32[b, 3, 2]");
  CHECK(pool_of("f32[b, 3, t]", 2, 2, 0, false) == "f32[b, 3, floordiv(t, 2)]");
}

TEST_CASE("reductions, gathers and raggedness") {
  Rules r;
  const long long axes[] = {-1, 0};
  const Shape x = shape(r, "f32[b, s~, 4]"), ids = shape(r, "i64[b, s]");
  CHECK(result(r, reduce(r, "sum", x, {axes, 2}, false)) == "f32[s~]");
  CHECK(result(r, reduce(r, "sum", x, {axes, 2}, true)) == "f32[1, s~, 1]");
  CHECK(result(r, reduce(r, "sum", x, {axes, 0}, false)) == "f32[b, s~, 4]");
  CHECK(result(r, arg_reduce(r, "argmax", x, 2, false)) == "i64[b, s~]");
  CHECK(result(r, top_k(r, x, 3, -1)) == "f32[b, s~, 3]");
  CHECK(result(r, gather(r, shape(r, "f32[100, 8]"), ids, 0)) == "f32[b, s, 8]");
  CHECK(result(r, gather(r, shape(r, "f32[7, 100]"), ids, 1)) == "f32[7, b, s]");
  CHECK(result(r, one_hot(r, ids, 9, DType::f32)) == "f32[b, s, 9]");
  CHECK(result(r, dense(r, x)) == "f32[b, s, 4]");
  CHECK(result(r, ragged(r, shape(r, "f32[b, s, 4]"), shape(r, "i64[b]"),
                         r.dims.symbol("s~"))) == "f32[b, s~, 4]");
}
}  // namespace
