// Dimensions: one canonical form, printed and read back, evaluated, divided where that is provable.
// Every row is checked while this file compiles and again at run time.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "dsl/dim.h"

namespace {
using namespace sinter;
using rules::Dim, rules::DimTable;

struct Row {
  std::string_view text, canonical;
};
constexpr Row rows[] = {
    {"7", "7"},
    {"3 - 5", "-2"},
    {"seq", "seq"},
    {"1*seq + 0", "seq"},
    {"seq+seq", "2*seq"},
    {"seq-seq", "0"},
    {"2+seq-4", "seq-2"},
    {"seq*batch", "batch*seq"},
    {"(batch+1)*seq - seq", "batch*seq"},
    {"(a+b)*(a-b)", "a*a-b*b"},
    {"12-seq", "-seq+12"},
    {"seq~*2+1", "2*seq~+1"},
    {"1+b+a*b", "a*b+b+1"},
    {"floordiv(seq, 1)", "seq"},
    {"floordiv(7, 2)", "3"},
    {"floordiv(1-8, 2)", "-4"},
    {"floordiv(4*seq+2, 4)", "seq"},
    {"floordiv(4*seq+9, 4)", "seq+2"},
    {"floordiv(seq-1, 2)+1", "floordiv(seq+1, 2)"},
    {"ceildiv(seq, 2)", "floordiv(seq+1, 2)"},
    {"ceildiv(7, 2)", "4"},
    {"floordiv(3*seq, 2)", "floordiv(3*seq, 2)"},
    {"min(seq, seq+1)", "seq"},
    {"max(seq, seq+1)", "seq+1"},
    {"min(3, 5)", "3"},
    {"max(b, a)", "max(a, b)"},
    {"min(seq, 512)", "min(512, seq)"},
    {"max(a, b)-max(b, a)", "0"},
    {"2*min(a, b)*c", "2*c*min(a, b)"},
};

constexpr bool canonical(std::string_view text, std::string_view wanted) {
  DimTable dims;
  Text why;
  const Dim dim = dims.parse(text, why);
  const Text printed = dims.print(dim);
  const Dim again = dims.parse(printed, why);
  return why.empty() && dims.error.empty() && printed == wanted && again == dim;
}
constexpr std::string_view first_wrong() {
  for (const Row& row : rows)
    if (!canonical(row.text, row.canonical)) return row.text;
  return "";
}
static_assert(first_wrong().empty());

TEST_CASE("a dimension has one form, which is read back as itself") {
  for (const Row& row : rows) {
    DimTable dims;
    Text why;
    const Dim dim = dims.parse(row.text, why);
    CHECK(std::string(why.view()) == "");
    CHECK(std::string(dims.print(dim).view()) == std::string(row.canonical));
    CHECK(dims.parse(dims.print(dim), why) == dim);
  }
}

constexpr Row bad_rows[] = {
    {"", "dimension '': wants a number or a name at ''"},
    {"seq+", "dimension 'seq+': wants a number or a name at ''"},
    {"seq)", "dimension 'seq)': unexpected ')'"},
    {"(seq", "dimension '(seq': ')' is missing"},
    {"min(a)", "dimension 'min(a)': ',' is missing"},
    {"min(a, b", "dimension 'min(a, b': ')' is missing"},
    {"mod(a, 2)", "dimension 'mod(a, 2)': 'mod' is not floordiv, ceildiv, min or max"},
    {"floordiv(a, b)", "dimension 'floordiv(a, b)': floordiv wants a constant divisor of at least 1"},
    {"ceildiv(a, 0)", "dimension 'ceildiv(a, 0)': ceildiv wants a constant divisor of at least 1"},
    {"99999999999999999999", "dimension '99999999999999999999': a number is larger than 64 bits"},
};
constexpr bool refused(const Row& row) {
  DimTable dims;
  Text why;
  dims.parse(row.text, why);
  return why == row.canonical;
}
static_assert([] {
  for (const Row& row : bad_rows)
    if (!refused(row)) return false;
  return true;
}());

TEST_CASE("text that is no dimension says what was wanted") {
  for (const Row& row : bad_rows) {
    DimTable dims;
    Text why;
    dims.parse(row.text, why);
    CHECK(std::string(why.view()) == std::string(row.canonical));
  }
}

TEST_CASE("deep nesting is refused, not followed") {
  DimTable dims;
  Text why;
  dims.parse(std::string(100'000, '('), why);
  CHECK(std::string(why.view()).ends_with(" nests deeper than 32"));
}

TEST_CASE("an exceeded capacity is named") {
  auto error_of = [](std::string_view text) {
    DimTable dims;
    Text why;
    dims.parse(text, why);
    return std::string(dims.error.view());
  };
  CHECK(error_of("a*b*c*d*e*f") == "");
  CHECK(error_of("a*b*c*d*e*f*g") == "a dimension multiplies more than 6 factors");
  CHECK(error_of("a+b+c+d+e+f+g+h") == "");
  CHECK(error_of("a+b+c+d+e+f+g+h+1") == "a dimension adds more than 8 terms");
  CHECK(error_of("4000000000000*4000000000000") == "a dimension is larger than 64 bits");
}

TEST_CASE("a ragged symbol makes every dimension over it ragged") {
  DimTable dims;
  Text why;
  const Dim ragged = dims.parse("floordiv(2*seq~-3, 2)+1", why);
  CHECK(dims.is_ragged(ragged));
  CHECK(!dims.is_ragged(dims.parse("floordiv(2*seq-3, 2)+1", why)));
  CHECK(dims.parse("seq~", why) != dims.parse("seq", why));
  CHECK(dims.dense(ragged) == dims.parse("floordiv(2*seq-3, 2)+1", why));
  CHECK(!dims.is_ragged(12));
}

TEST_CASE("division is exact or refused") {
  DimTable dims;
  Text why;
  bool exact = false;
  auto divide = [&](std::string_view a, std::string_view b) {
    const Dim quotient = dims.divide(dims.parse(a, why), dims.parse(b, why), exact);
    return exact ? std::string(dims.print(quotient).view()) : "refused";
  };
  CHECK(divide("768", "12") == "64");
  CHECK(divide("768", "7") == "refused");
  CHECK(divide("12*seq", "12") == "seq");
  CHECK(divide("batch*seq+2*seq", "seq") == "batch+2");
  CHECK(divide("batch*seq+2", "seq") == "refused");
  CHECK(divide("a*a*b", "a*b") == "a");
  CHECK(divide("0", "7") == "0");
  CHECK(divide("seq", "0") == "refused");
  CHECK(divide("seq", "a+b") == "refused");
}

// Values of the canonical form against a direct evaluation, over a range with both signs.
TEST_CASE("the canonical form has the value of what was written") {
  auto floored = [](long long a, long long b) { return a / b - (a % b < 0 ? 1 : 0); };
  DimTable dims;
  Text why;
  const Dim window = dims.parse("floordiv(3*s-7, 4)+1", why);
  const Dim several = dims.parse("min(s, floordiv(s*t+9, 6))-max(2*s, t)*t", why);
  for (long long s = -9; s < 10; ++s) {
    for (long long t = -3; t < 4; ++t) {
      auto value_of = [&](std::string_view name) { return name == "s" ? s : t; };
      CHECK(dims.evaluate(window, value_of) == floored(3 * s - 7, 4) + 1);
      CHECK(dims.evaluate(several, value_of) ==
            std::min(s, floored(s * t + 9, 6)) - std::max(2 * s, t) * t);
    }
  }
}
}  // namespace
