// Element-wise ops: every op of the family, its broadcasts, comparisons and casts.
#include <catch2/catch.hpp>

#include "dsl/dsl.h"
#include "tests/lowered/Lowered.h"

namespace {
using namespace sinter;
using namespace sinter::lowered;

using Real = Input<"x", f32, "batch", "n">;

struct Unary {
  struct Out {
    Tensor neg, abs, sign, floor, ceil, round, sqrt, rsqrt, reciprocal, square, relu, leaky_relu,
        clamp, hard_sigmoid;
  };
  constexpr Out forward(Real x) const {
    return {neg(x),
            abs(x),
            sign(x),
            floor(x),
            ceil(x),
            round(x),
            sqrt(x),
            rsqrt(x),
            reciprocal(x),
            square(x),
            relu(x),
            leaky_relu(x, 0.25),
            clamp(x, -1, 1.5),
            hard_sigmoid(x)};
  }
};
struct Functions {
  struct Out {
    Tensor exp, expm1, log, log1p, tanh, erf, sigmoid, log_sigmoid, softplus, silu, gelu, gelu_tanh,
        elu;
  };
  constexpr Out forward(Real x) const {
    return {exp(x),         expm1(x),    log(x),  log1p(x), tanh(x),      erf(x),      sigmoid(x),
            log_sigmoid(x), softplus(x), silu(x), gelu(x),  gelu_tanh(x), elu(x, 0.75)};
  }
};
struct Binary {
  struct Out {
    Tensor add, sub, mul, div, minimum, maximum, eq, ne, lt, le, gt, ge, logic, where;
  };
  constexpr Out forward(Real x, Input<"y", f32, "batch", "n"> y, Input<"row", f32, "n"> row,
                        Input<"column", f32, "batch", 1> column) const {
    return {x + y,
            x - row,
            x * column,
            column / y,
            minimum(x, y),
            maximum(x, row),
            x == floor(x),
            x != round(x),
            x<y, x <= row, x>
                column,
            column >= y,
            logical_or(logical_and(x < y, x < row), logical_not(x > column)),
            where(x < row, y, column)};
  }
};
// Apart: of the largest numbers these are ill-conditioned.
struct Powers {
  struct Out {
    Tensor pow, cube, rem, sin, cos;
  };
  constexpr Out forward(Real x, Input<"y", f32, "batch", "n"> y) const {
    return {pow(abs(x), y), pow(x, 3.0), remainder(x, y), sin(x * 50.0), cos(x * 50.0)};
  }
};
struct Whole {
  struct Out {
    Tensor add, sub, mul, div, rem, pow, minimum, maximum, lt, ge, eq, neg, abs, sign, square,
        where;
  };
  constexpr Out forward(Input<"i", i32, "batch", "n"> i, Input<"j", i32, "batch", "n"> j) const {
    Tensor x = i - 1000, y = j - 20;
    return {x + y,
            x - y,
            x * y,
            x / (j + 1),
            remainder(x, j + 1),
            pow(y, j),
            minimum(x, y),
            maximum(x, y),
            x < y,
            x >= y,
            i == j,
            neg(x),
            abs(x),
            sign(y),
            square(x),
            where(x < y, x, y)};
  }
};
// By 0, and the smallest number by -1: the processor traps on both.
struct Quotients {
  struct Out {
    Tensor narrow, narrow_rest, wide, wide_rest, guarded;
  };
  constexpr Out forward(Input<"i", i32, "batch", "n"> i, Input<"j", i32, "batch", "n"> j) const {
    Tensor x = where(i < 20, full(i, {"batch", "n"}, -2147483648.0), i - 50), y = j - 3;
    Tensor smallest = cast(x, i64) * 4294967296.0;  // -2^63, where x is -2^31
    Tensor wide = where(i < 20, smallest, cast(x, i64));
    return {x / y, remainder(x, y), wide / cast(y, i64), remainder(wide, cast(y, i64)),
            where(y == 0.0, x, x / y)};
  }
};
struct Casts {
  struct Out {
    Tensor i32_, i64_, u8_, i8_, boolean_, f16_, bf16_;
    Tensor of_i32, u8_of_i32, i8_of_i32, bool_of_i32, i64_of_i32, of_i64, i32_of_i64, of_bool,
        u8_of_bool, of_u8, i32_of_u8, of_f16, of_bf16;
  };
  constexpr Out forward(Real x, Input<"i", i32, "batch", "n"> i,
                        Input<"j", i64, "batch", "n"> j) const {
    Tensor b = x < 0.0, u = cast(i, u8);
    return {cast(x, i32),
            cast(x, i64),
            cast(x, u8),
            cast(x, i8),
            cast(x, boolean),
            cast(x, f16),
            cast(x, bf16),
            cast(i - 700, f32),
            cast(i, u8),
            cast(i, i8),
            cast(i, boolean),
            cast(i - 700, i64),
            cast(j, f32),
            cast(j * 12345678901.0, i32),
            cast(b, f32),
            cast(b, u8),
            cast(u, f32),
            cast(u, i32),
            cast(cast(x, f16), f32),
            cast(cast(x, bf16), f32)};
  }
};
// Rows with lengths, the last axis theirs, and one behind it.
struct Rows {
  struct Out {
    Tensor last, inner, narrow, narrow_inner;
  };
  constexpr Out forward(Input<"x", f32, "batch", ragged("seq")> x,
                        Input<"y", f32, "batch", ragged("seq"), 17> y) const {
    return {tanh(x) * 2.0 + x, exp(y) + unsqueeze(x, 2), cast(cast(x * 20.0, i32), u8),
            cast(cast(y * 20.0, i32), u8)};
  }
};

// Rows that are not the first axis: all of the batch has the same 32 lengths. And rows behind their
// elements, as a transposed input has them.
struct Middle {
  struct Out {
    Tensor narrow, total;
  };
  constexpr Out forward(Input<"x", f32, "batch", 32, ragged("seq")> x) const {
    return {cast(cast(x * 20.0, i32), u8), sum(x, 2)};
  }
};
struct Transposed {
  struct Out {
    Tensor doubled, total;
  };
  constexpr Out forward(Input<"x", f32, "batch", ragged("seq")> x,
                        Input<"t", f32, ragged("seq"), "batch", 3> t) const {
    return {t * 2.0, sum(rearrange(t, "sbd->bsd"), 1) + sum(x, 1, true)};
  }
};

const Models& models() {
  static const Models all({{"unary", model<Unary>},
                           {"functions", model<Functions>},
                           {"binary", model<Binary>},
                           {"powers", model<Powers>},
                           {"whole", model<Whole>},
                           {"quotients", model<Quotients>},
                           {"casts", model<Casts>},
                           {"rows", model<Rows>},
                           {"middle", model<Middle>},
                           {"transposed", model<Transposed>}});
  return all;
}

TEST_CASE("element-wise ops of reals", "[elementwise]") {
  for (const char* name : {"unary", "functions", "binary"}) {
    INFO(name);
    // 1 + erf x loses digits where it is small: tests/codegen/kernels holds gelu to this bound.
    const double absolute = std::string_view(name) == "functions" ? 5e-7 : 1e-30;
    CHECK(models().check(name, {.sizes = extentsOf("n", oddExtents()),
                                .special = true,
                                .absolute = absolute}) == "");
    CHECK(models().check(name, {.sizes = extentsOf("n", {0, 5}, 0)}) == "");
  }
}
TEST_CASE("powers and remainders", "[elementwise]") {
  CHECK(models().check("powers", {.sizes = extentsOf("n", oddExtents())}) == "");
}
TEST_CASE("arithmetic of integers", "[elementwise]") {
  CHECK(models().check("whole", {.sizes = extentsOf("n", oddExtents()),
                                 .limits = {{"i", 2000}, {"j", 40}}}) == "");
  CHECK(models().check("quotients", {.sizes = extentsOf("n", oddExtents()),
                                     .limits = {{"i", 100}, {"j", 7}}}) == "");
}
TEST_CASE("casts", "[elementwise]") {
  CHECK(models().check("casts", {.sizes = extentsOf("n", oddExtents()),
                                 .limits = {{"i", 1400}, {"j", 1000}},
                                 .special = true}) == "");
}
TEST_CASE("element-wise ops of rows with lengths", "[elementwise]") {
  CHECK(models().check("rows", {.sizes = rowsOf("seq", oddRows())}) == "");
  CHECK(models().check("transposed", {.sizes = rowsOf("seq", oddRows())}) == "");
  std::vector<int64_t> lengths;
  for (int64_t row = 0; row < 32; ++row) lengths.push_back(row * 7 % 11);
  CHECK(models().check("middle", {.sizes = rowsOf("seq", {lengths}, {{"batch", 5}})}) == "");
}

}  // namespace
