// Compare.h: the largest difference of finite entries; one of another kind is infinite.
#include "compiler/tools/golden/Compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinter::golden {
namespace {

// The distance from |x| to the next f32 above it.
double ulp(double x) {
  float f = static_cast<float>(std::fabs(x));
  return std::nextafter(f, std::numeric_limits<float>::infinity()) - double(f);
}

// A result as far as f32, the type of a case's outputs, holds it: infinite beyond its range. Within
// the range the f64 stays what it is, since rounding it would hide up to half an ulp of error.
double inRange(double x) {
  const float rounded = float(x);
  return std::isinf(rounded) ? rounded : x;
}

double errorOf(double got, double wanted) {
  if (std::isnan(got) && std::isnan(wanted)) return 0;
  got = inRange(got);
  wanted = inRange(wanted);
  if (got == wanted) return 0;  // infinities too
  return std::isfinite(got) && std::isfinite(wanted) ? std::fabs(got - wanted) : INFINITY;
}

double limitAt(const Expected& expected, double wanted) {
  return expected.tolerance + (std::isfinite(wanted) ? expected.relative * std::fabs(wanted) : 0);
}

void advance(std::vector<int64_t>& index, const std::vector<int64_t>& shape) {
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (++index[axis] < shape[axis]) return;
    index[axis] = 0;
  }
}

}  // namespace

Expected expectedOutput(const Case& from, const std::string& name) {
  const CaseTensor* out = from.find("out:" + name);
  const CaseTensor* truth = from.find("out64:" + name);
  Expected result{name, (truth ? truth : out)->shape, (truth ? truth : out)->values(), 0};
  if (!truth) {
    if (out->type != "F32") return result;
    if (const std::string given = from.metadata("tolerance"); !given.empty()) {
      const auto rule = nlohmann::json::parse(given);
      result.tolerance = rule.at("atol");
      result.relative = rule.at("rtol");
      return result;
    }
    truth = out;
  }
  std::vector<double> single = out ? out->values() : result.values;
  double difference = 0, largest = 0;
  for (size_t i = 0; i < single.size(); ++i) {
    if (!std::isfinite(result.values[i]) || !std::isfinite(single[i])) continue;
    difference = std::max(difference, std::fabs(single[i] - result.values[i]));
    largest = std::max(largest, std::fabs(result.values[i]));
  }
  result.tolerance = std::max({1e-6, 10 * difference, 2 * ulp(largest)});
  return result;
}

Difference compare(const Expected& expected, const std::vector<int64_t>& shape,
                   const std::vector<double>& values,
                   const std::function<bool(const std::vector<int64_t>&)>& padded) {
  if (shape != expected.shape)
    return {INFINITY, fmt::format("{} is [{}], but the case has [{}]", expected.name,
                                  fmt::join(shape, ", "), fmt::join(expected.shape, ", "))};
  Difference result;
  std::vector<int64_t> index(shape.size(), 0);
  for (size_t i = 0; i < values.size(); ++i, advance(index, shape)) {
    bool beyond = padded && padded(index);
    double wanted = beyond ? 0 : expected.values[i];
    double error = errorOf(values[i], wanted);
    double limit = beyond ? 0 : limitAt(expected, wanted);
    if (error > limit && (result.problem.empty() || error > result.error))
      result.problem =
          fmt::format("{}[{}] is {:.9g}, {} {:.9g}", expected.name, fmt::join(index, ", "),
                      values[i], beyond ? "padding must be" : "the case has", wanted);
    result.error = std::max(result.error, error);
  }
  return result;
}

double largestLimit(const Expected& expected) {
  double largest = expected.tolerance;
  for (double value : expected.values) largest = std::max(largest, limitAt(expected, value));
  return largest;
}

}  // namespace sinter::golden
