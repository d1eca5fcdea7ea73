// What a run that meets bad values says: one sentence that names the op's line, and the input, row
// and value where they are known; the same whatever the threads.
#include <catch2/catch.hpp>

#include "dsl/dsl.h"
#include "tests/lowered/Lowered.h"

namespace {
using namespace sinter;
using namespace sinter::lowered;

/// "Faults.cpp:18: gather: " for an op of a model below.
std::string at(int line, const char* op) {
  return std::string(__FILE__) + ":" + std::to_string(line) + ": " + op + ": ";
}

// Ids that only the run computes.
struct Computed {
  static constexpr int line = __LINE__ + 3;
  Param<20, 8> table;
  constexpr Tensor forward(Input<"ids", i64, "batch", ragged("seq")> ids) const {
    return gather(table, ids * 2.0 - 1.0);
  }
};
struct Given {
  Param<20, 8> table;
  constexpr Tensor forward(Input<"ids", i64, "batch", ragged("seq")> ids) const {
    return gather(table, ids);
  }
};
struct Scattered {
  static constexpr int line = __LINE__ + 3;
  constexpr Tensor forward(Input<"x", f32, "batch", 4> x, Input<"ids", i64, "batch", 2> ids,
                           Input<"v", f32, "batch", 2> v) const {
    return scatter_add(x, ids, v, 1);
  }
};
struct Along {
  static constexpr int line = __LINE__ + 2;
  constexpr Tensor forward(Input<"x", f32, "batch", 4> x, Input<"ids", i64, "batch", 2> ids) const {
    return gather_along(x, ids, 1);
  }
};
// Two ops that may both fault.
struct Both {
  static constexpr int line = __LINE__ + 7;
  Param<20, 8> table;
  struct Out {
    Tensor first, second;
  };
  constexpr Out forward(Input<"ids", i64, "batch"> ids,
                        Input<"others", i64, "batch"> others) const {
    return {tanh(gather(table, ids - 1)), exp(gather(table, others - 1))};
  }
};
// A place behind a row's own end is outside, whatever the longest row has.
struct InRow {
  constexpr Tensor forward(Input<"x", f32, "batch", ragged("seq")> x,
                           Input<"ids", i64, "batch", 1> ids) const {
    return gather_along(x, ids, 1);
  }
};
struct Hot {
  constexpr Tensor forward(Input<"ids", i64, "batch"> ids) const { return one_hot(ids, 5); }
};
struct Lengths {
  static constexpr int line = __LINE__ + 2;
  constexpr Tensor forward(Input<"x", f32, "batch", "n"> x, Input<"own", i64, "batch"> own) const {
    return sum(make_ragged(x, own, "made"), 1);
  }
};

const Models& models() {
  static const Models all({{"computed", model<Computed>},
                           {"given", model<Given>},
                           {"scattered", model<Scattered>},
                           {"along", model<Along>},
                           {"both", model<Both>},
                           {"in_row", model<InRow>},
                           {"hot", model<Hot>},
                           {"lengths", model<Lengths>}});
  return all;
}

HostTensors idsOf(std::vector<int64_t> ids, std::vector<int64_t> lengths) {
  const auto rows = static_cast<int64_t>(lengths.size());
  return {{"ids", integers({rows, static_cast<int64_t>(ids.size()) / rows}, ids)},
          {"seq.lengths", integers({rows}, lengths)}};
}

TEST_CASE("an id that an input gives is named with its input and row", "[faults]") {
  CHECK(models().sentence("given", idsOf({1, 2, 3, 4, 20, 6}, {3, 3})) ==
        "the input 'ids' has the id 20 in row 1; it must be 0 … 19");
  CHECK(models().sentence("given", idsOf({1, 2, 3, 4, 20, 6}, {3, 1})) == "");
}
TEST_CASE("an id that is computed is named with the op's line, row and value", "[faults]") {
  for (int threads : {1, 2, 4}) {
    CHECK(models().sentence("computed", idsOf({1, 2, 3, 4, 11, 6}, {3, 3}), threads) ==
          at(Computed::line, "gather") + "the id 21 in row 1 is outside 0 … 19");
    CHECK(models().sentence("computed", idsOf({1, 0, 3, 4, 5, 6}, {3, 3}), threads) ==
          at(Computed::line, "gather") + "the id -1 in row 0 is outside 0 … 19");
    CHECK(models().sentence("computed", idsOf({1, 2, 3, 4, 50, 6}, {3, 1}), threads) == "");
  }
}
TEST_CASE("ids of scatter_add and gather_along", "[faults]") {
  const HostTensors inputs = {{"x", reals({3, 4}, std::vector<double>(12, 1))},
                              {"v", reals({3, 2}, std::vector<double>(6, 1))},
                              {"ids", integers({3, 2}, {0, 3, 1, 4, 2, -7})}};
  for (int threads : {1, 2, 3}) {
    CHECK(models().sentence("scattered", inputs, threads) ==
          at(Scattered::line, "scatter_add") + "the id 4 in row 1 is outside 0 … 3");
    CHECK(models().sentence("along", inputs, threads) ==
          at(Along::line, "gather_along") + "the id 4 in row 1 is outside 0 … 3");
  }
}
TEST_CASE("a place behind the end of its row is outside, and a class that there is not",
          "[faults]") {
  HostTensors inputs = {{"x", reals({2, 3}, {1, 2, 3, 4, 5, 6})},
                        {"ids", integers({2, 1}, {2, 1})},
                        {"seq.lengths", integers({2}, {3, 2})}};
  CHECK(models().sentence("in_row", inputs) == "");
  CHECK(models().run("in_row", inputs).at("output").reals == std::vector<double>{3, 5});
  inputs["ids"].integers = {0, 2};
  CHECK(models().sentence("in_row", inputs, 2).find("the id 2 in row 1 is outside 0 … 1") !=
        std::string::npos);
  CHECK(models().interpreted("in_row", inputs).find("id 2 is outside of 0 … 1") !=
        std::string::npos);
  const HostTensors classes = {{"ids", integers({3}, {0, 4, 5})}};
  CHECK(models().sentence("hot", classes, 2).find("one_hot: the id 5 in row 2 is outside 0 … 4") !=
        std::string::npos);
  CHECK(models().interpreted("hot", classes).find("id 5 is outside of 0 … 4") != std::string::npos);
}
TEST_CASE("of several faults the first is told, whatever the threads", "[faults]") {
  std::vector<int64_t> ids(64, 3), others(64, 3);
  ids[40] = 77;
  ids[63] = 99;
  others[5] = -5;
  const HostTensors inputs = {{"ids", integers({64}, ids)}, {"others", integers({64}, others)}};
  for (int round = 0; round < 10; ++round)
    for (int threads : {1, 2, 3, 4})
      CHECK(models().sentence("both", inputs, threads) ==
            at(Both::line, "gather") + "the id 76 in row 40 is outside 0 … 19");
}
TEST_CASE("extents that overflow end in a sentence", "[faults]") {
  for (int64_t n : {int64_t{1} << 62, INT64_MAX}) {
    const HostTensors inputs = {{"x", reals({0, n}, {})}, {"own", integers({0}, {})}};
    const std::string got = models().sentence("lengths", inputs);
    INFO(got);
    CHECK((got.empty() || got.find("impossible sizes") != std::string::npos));
  }
}
TEST_CASE("lengths that are computed", "[faults]") {
  const HostTensors inputs = {{"x", reals({2, 3}, {1, 2, 3, 4, 5, 6})},
                              {"own", integers({2}, {3, 4})}};
  CHECK(models().sentence("lengths", inputs) ==
        at(Lengths::line, "ragged") + "row 1 is 4 long, but the tensor has room for 3");
}

}  // namespace
