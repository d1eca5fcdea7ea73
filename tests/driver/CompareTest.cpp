// When a computed tensor equals a case's: the tolerance, its edge, and what f32 cannot hold.
// Non-goals: which tensors are compared (compiler/tools/golden/Check.cpp).
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/tools/golden/Compare.h"

using sinter::golden::compare;
using sinter::golden::Difference;
using sinter::golden::Expected;

namespace {

constexpr double inf = INFINITY;

bool equal(double wanted, double got, double tolerance = 1e-6) {
  return compare({"y", {1}, {wanted}, tolerance}, {1}, {got}, {}).problem.empty();
}

}  // namespace

TEST_CASE("a value a hair within the tolerance is equal, a hair beyond it is not") {
  for (double tolerance : {1e-6, 3e-4, 4.1e31}) {
    CHECK(equal(2, 2 + 0.99 * tolerance, tolerance));
    CHECK_FALSE(equal(2, 2 + 1.01 * tolerance, tolerance));
    CHECK_FALSE(equal(2, 2 - 1.01 * tolerance, tolerance));
  }
  CHECK(equal(3, 3, 0));
  CHECK_FALSE(equal(3, 4, 0));  // integers are exact
}

TEST_CASE("the sentence names the largest difference and its place") {
  const Difference difference =
      compare({"y", {2, 2}, {1, 2, 3, 4}, 1e-6}, {2, 2}, {1, 2.5, 3, 6}, {});
  CHECK(difference.error == 2);
  CHECK(difference.problem == "y[1, 1] is 6, the case has 4");
  CHECK(compare({"y", {2}, {1, 2}, 1}, {1, 2}, {1, 2}, {}).problem ==
        "y is [1, 2], but the case has [2]");
}

TEST_CASE("a result beyond f32's range is the infinity that f32 makes of it") {
  CHECK(equal(3.68e38, inf));    // exp(88.8): finite in f64, not in f32
  CHECK(equal(3.68e38, 1e300));  // the interpreter's f64, as far beyond
  CHECK(equal(inf, 3.68e38));
  CHECK(equal(-3.68e38, -inf));
  CHECK_FALSE(equal(3.68e38, -inf));
  CHECK_FALSE(equal(3.68e38, 3.4e38, 1e31));  // within the range after all
  CHECK_FALSE(equal(3.33e38, inf, 4.1e31));   // exp(88.7) is a number in f32 too
  CHECK_FALSE(equal(1, inf));
}

TEST_CASE("not a number equals only not a number") {
  CHECK(equal(NAN, NAN));
  CHECK_FALSE(equal(NAN, 0));
  CHECK_FALSE(equal(0, NAN));
  CHECK_FALSE(equal(inf, NAN));
}

TEST_CASE("beyond a row's length the computed value is zero, whatever the case has") {
  const auto second = [](const std::vector<int64_t> &index) { return index[0] == 1; };
  const Expected expected{"y", {2}, {5, 7}, 1e-6};
  CHECK(compare(expected, {2}, {5, 0}, second).problem == "");
  CHECK(compare(expected, {2}, {5, 7}, second).problem == "y[1] is 7, padding must be 0");
}
