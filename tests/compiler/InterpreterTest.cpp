// The reference interpreter over IR: symbols, ragged rows, control and messages. Expected values
// are closed forms small enough to check by hand.
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/Dialect.h"
#include "compiler/Interpreter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using sinter::HostTensor;
using sinter::HostTensors;
using Shape = std::vector<int64_t>;

static HostTensor reals(Shape shape, std::vector<double> values) {
  HostTensor tensor(sinter::rules::DType::f32, std::move(shape));
  tensor.reals = std::move(values);
  return tensor;
}

static HostTensor wholes(Shape shape, std::vector<int64_t> values) {
  HostTensor tensor(sinter::rules::DType::i64, std::move(shape));
  tensor.integers = std::move(values);
  return tensor;
}

/// Runs entry @forward of a model written without its frame: weights first, then the entry.
static llvm::Expected<sinter::Interpreted> run(const std::string &body, const HostTensors &inputs,
                                               const HostTensors &weights = {}) {
  MLIRContext context;
  context.loadDialect<sinter::SinterDialect>();
  auto module = parseSourceString<ModuleOp>("sinter.model @m {" + body + "}", &context);
  REQUIRE(module);
  auto model = *module->getOps<sinter::ModelOp>().begin();
  return sinter::interpret(model.getEntry("forward"), inputs, weights);
}

static HostTensor output(llvm::Expected<sinter::Interpreted> result, const std::string &name = "y") {
  if (!result) FAIL(llvm::toString(result.takeError()));
  return result->outputs.at(name);
}

static std::string message(llvm::Expected<sinter::Interpreted> result) {
  if (result) return "no error";
  return llvm::toString(result.takeError());
}

static const char *const ragged = R"(
  sinter.entry @forward inputs ["x"] outputs ["y"] {
  ^bb0(%x: !sinter.tensor<batch x seq~ x f32>):
)";

TEST_CASE("each row of a ragged tensor counts alone, whatever lies in its padding") {
  const double junk = std::nan("");
  const HostTensors inputs = {{"x", reals({3, 3}, {1, 2, 3, 5, junk, junk, junk, junk, junk})},
                              {"seq.lengths", wholes({3}, {3, 1, 0})}};
  SECTION("reductions") {
    const HostTensor y = output(run(std::string(ragged) + R"(
      %y = sinter.mean %x {axes = array<i64: 1>} : (!sinter.tensor<batch x seq~ x f32>)
        -> !sinter.tensor<batch x f32>
      sinter.return %y : !sinter.tensor<batch x f32>
    })", inputs));
    CHECK(y.reals[0] == 2);
    CHECK(y.reals[1] == 5);
    CHECK(std::isnan(y.reals[2]));
  }
  SECTION("softmax") {
    const HostTensor y = output(run(std::string(ragged) + R"(
      %y = sinter.softmax %x {axis = 1 : i64} : (!sinter.tensor<batch x seq~ x f32>)
        -> !sinter.tensor<batch x seq~ x f32>
      sinter.return %y : !sinter.tensor<batch x seq~ x f32>
    })", inputs));
    CHECK(y.reals[2] == Approx(1 / (1 + std::exp(-1) + std::exp(-2))));
    CHECK(y.reals[3] == 1);
    CHECK(std::vector(y.reals.begin() + 4, y.reals.end()) == std::vector<double>(5, 0.0));
  }
  SECTION("flip and the last element") {
    const HostTensor y = output(run(std::string(ragged) + R"(
      %f = sinter.flip %x {axes = array<i64: 1>} : (!sinter.tensor<batch x seq~ x f32>)
        -> !sinter.tensor<batch x seq~ x f32>
      %e = sinter.exp %f : (!sinter.tensor<batch x seq~ x f32>) -> !sinter.tensor<batch x seq~ x f32>
      %y = sinter.log %e : (!sinter.tensor<batch x seq~ x f32>) -> !sinter.tensor<batch x seq~ x f32>
      sinter.return %y : !sinter.tensor<batch x seq~ x f32>
    })", inputs));
    CHECK(y.reals == std::vector<double>{3, 2, 1, 5, 0, 0, 0, 0, 0});
  }
  SECTION("padding comes after a row's own end") {
    const HostTensor y = output(run(std::string(ragged) + R"(
      %y = sinter.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 1>, value = 9.0 : f64}
        : (!sinter.tensor<batch x seq~ x f32>) -> !sinter.tensor<batch x seq~+2 x f32>
      sinter.return %y : !sinter.tensor<batch x seq~+2 x f32>
    })", inputs));
    CHECK(y.reals == std::vector<double>{9, 1, 2, 3, 9, 9, 5, 9, 0, 0, 9, 9, 0, 0, 0});
  }
  SECTION("windows shorter than the kernel give nothing") {
    const HostTensor y = output(run(R"(
    sinter.weight "w" : !sinter.tensor<1 x 1 x 2 x f32>
    sinter.entry @forward inputs ["x"] outputs ["y"] {
    ^bb0(%x: !sinter.tensor<batch x seq~ x f32>):
      %c = sinter.rearrange %x {pattern = "bs->b1s"} : (!sinter.tensor<batch x seq~ x f32>)
        -> !sinter.tensor<batch x 1 x seq~ x f32>
      %w = sinter.param {key = "w"} : () -> !sinter.tensor<1 x 1 x 2 x f32>
      %y = sinter.conv %c, %w {stride = array<i64: 1>, padding = array<i64: 0, 0>,
          dilation = array<i64: 1>, groups = 1 : i64}
        : (!sinter.tensor<batch x 1 x seq~ x f32>, !sinter.tensor<1 x 1 x 2 x f32>)
        -> !sinter.tensor<batch x 1 x seq~-1 x f32>
      sinter.return %y : !sinter.tensor<batch x 1 x seq~-1 x f32>
    })", inputs, {{"w", reals({1, 1, 2}, {10, 1})}}));
    CHECK(y.shape == Shape{3, 1, 2});
    CHECK(y.reals == std::vector<double>{12, 23, 0, 0, 0, 0});
  }
  SECTION("a scan stops and, reversed, starts at the row's end") {
    const HostTensors states = {{"x", inputs.at("x")}, {"seq.lengths", inputs.at("seq.lengths")}};
    const std::string body = R"(
      %zero = sinter.constant {value = 0.0 : f64} : () -> !sinter.tensor<batch x f32>
      %r:2 = sinter.scan %x, %zero {axis = 1 : i64, xs = 1 : i64, reverse = true}
          : (!sinter.tensor<batch x seq~ x f32>, !sinter.tensor<batch x f32>)
          -> (!sinter.tensor<batch x f32>, !sinter.tensor<batch x seq~ x f32>) {
      ^bb0(%e: !sinter.tensor<batch x f32>, %s: !sinter.tensor<batch x f32>):
        %ten = sinter.constant {value = 10.0 : f64} : () -> !sinter.tensor<f32>
        %t = sinter.mul %s, %ten : (!sinter.tensor<batch x f32>, !sinter.tensor<f32>) -> !sinter.tensor<batch x f32>
        %n = sinter.add %t, %e : (!sinter.tensor<batch x f32>, !sinter.tensor<batch x f32>) -> !sinter.tensor<batch x f32>
        sinter.yield %n, %n : !sinter.tensor<batch x f32>, !sinter.tensor<batch x f32>
      })";
    CHECK(output(run(std::string(ragged) + body + R"(
      sinter.return %r#0 : !sinter.tensor<batch x f32>
    })", states)).reals == std::vector<double>{321, 5, 0});
    CHECK(output(run(std::string(ragged) + body + R"(
      sinter.return %r#1 : !sinter.tensor<batch x seq~ x f32>
    })", states)).reals == std::vector<double>{321, 32, 3, 5, 0, 0, 0, 0, 0});
  }
}

TEST_CASE("rounds of a repeat read their own weights, by number or shared") {
  const std::string body = R"(
    sinter.weight "l.{}.w" : !sinter.tensor<1 x f32> {count = 3 : i64, first = 1 : i64}
    sinter.weight "same" : !sinter.tensor<1 x f32> {alias = "l.1.w"}
    sinter.entry @forward inputs ["x"] outputs ["y", "all"] {
    ^bb0(%x: !sinter.tensor<n x f32>):
      %r:2 = sinter.repeat %x {count = 3 : i64, ys = 1 : i64} : (!sinter.tensor<n x f32>)
          -> (!sinter.tensor<n x f32>, !sinter.tensor<3 x n x f32>) {
      ^bb0(%s: !sinter.tensor<n x f32>):
        %w = sinter.param {key = "l.{}.w"} : () -> !sinter.tensor<1 x f32>
        %m = sinter.mul %s, %w : (!sinter.tensor<n x f32>, !sinter.tensor<1 x f32>) -> !sinter.tensor<n x f32>
        %named = sinter.name %m {name = "hidden"} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>
        sinter.yield %named, %named : !sinter.tensor<n x f32>, !sinter.tensor<n x f32>
      }
      %t = sinter.param {key = "same"} : () -> !sinter.tensor<1 x f32>
      %y = sinter.add %r#0, %t : (!sinter.tensor<n x f32>, !sinter.tensor<1 x f32>) -> !sinter.tensor<n x f32>
      sinter.return %y, %r#1 : !sinter.tensor<n x f32>, !sinter.tensor<3 x n x f32>
    })";
  const HostTensors weights = {{"l.1.w", reals({1}, {2})}, {"l.2.w", reals({1}, {3})},
                               {"l.3.w", reals({1}, {5})}};
  auto result = run(body, {{"x", reals({1}, {1})}}, weights);
  REQUIRE(bool(result));
  CHECK(result->outputs.at("y").reals == std::vector<double>{32});
  CHECK(result->outputs.at("all").reals == std::vector<double>{2, 6, 30});
  CHECK(result->named.at("hidden.1").reals == std::vector<double>{6});
  CHECK(message(run(body, {{"x", reals({1}, {1})}}, {{"l.1.w", reals({1}, {2})}}))
            .find("param: weight 'l.2.w' is missing") != std::string::npos);
  CHECK(output(run(body, {{"x", reals({0}, {})}}, weights)).reals.empty());
}

TEST_CASE("a loop ends by its condition or by its bound") {
  const std::string body = R"(
    sinter.entry @forward inputs ["end"] outputs ["y"] {
    ^bb0(%end: !sinter.tensor<i64>):
      %zero = sinter.constant {value = 0 : i64} : () -> !sinter.tensor<i64>
      %one = sinter.constant {value = 1 : i64} : () -> !sinter.tensor<i64>
      %r = sinter.loop %zero {bound = 7 : i64} : (!sinter.tensor<i64>) -> (!sinter.tensor<i64>) {
      ^bb0(%i: !sinter.tensor<i64>):
        %go = sinter.lt %i, %end : (!sinter.tensor<i64>, !sinter.tensor<i64>) -> !sinter.tensor<bool>
        sinter.yield %go : !sinter.tensor<bool>
      } do {
      ^bb0(%i: !sinter.tensor<i64>):
        %n = sinter.add %i, %one : (!sinter.tensor<i64>, !sinter.tensor<i64>) -> !sinter.tensor<i64>
        sinter.yield %n : !sinter.tensor<i64>
      }
      sinter.return %r : !sinter.tensor<i64>
    })";
  for (auto [end, expected] : {std::pair{0, 0}, {5, 5}, {100, 7}})
    CHECK(output(run(body, {{"end", wholes({}, {end})}})).integers[0] == expected);
}

TEST_CASE("what a run cannot do is said with place, wish and fact") {
  const std::string gather = R"(
    sinter.weight "t" : !sinter.tensor<3 x 2 x f32>
    sinter.entry @forward inputs ["ids"] outputs ["y"] attributes {constraints = ["n <= 2"]} {
    ^bb0(%ids: !sinter.tensor<n x i32>):
      %t = sinter.param {key = "t"} : () -> !sinter.tensor<3 x 2 x f32>
      %y = sinter.gather %t, %ids {axis = 0 : i64} : (!sinter.tensor<3 x 2 x f32>, !sinter.tensor<n x i32>)
        -> !sinter.tensor<n x 2 x f32> loc("model.cpp":7:3)
      sinter.return %y : !sinter.tensor<n x 2 x f32>
    })";
  const HostTensors weights = {{"t", reals({3, 2}, {0, 1, 2, 3, 4, 5})}};
  CHECK(output(run(gather, {{"ids", wholes({2}, {2, 0})}}, weights)).reals ==
        std::vector<double>{4, 5, 0, 1});
  CHECK(message(run(gather, {{"ids", wholes({2}, {2, 3})}}, weights)) ==
        "loc(\"model.cpp\":7:3): gather: id 3 is outside of 0 … 2");
  CHECK(message(run(gather, {{"ids", wholes({3}, {0, 0, 0})}}, weights))
            .find("entry 'forward': wants n <= 2, got 3 and 2") != std::string::npos);
  CHECK(message(run(gather, {}, weights)).find("input 'ids' is missing") != std::string::npos);
  CHECK(message(run(std::string(ragged) + "sinter.return %x : !sinter.tensor<batch x seq~ x f32>}",
                    {{"x", reals({2, 1}, {1, 2})}, {"seq.lengths", wholes({2}, {1, 2})}}))
            .find("row 1 is 2 long, but the tensor has room for 1") != std::string::npos);
}
