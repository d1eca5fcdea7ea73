// Element types: every f16 and bf16 pattern, rounding to nearest even, and what is refused.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "Support.h"

using namespace sinter::weights;

namespace {

template <class T>
Tensor tensorOf(DType type, std::vector<T> values) {
  std::vector<std::byte> data(values.size() * sizeof(T));
  std::memcpy(data.data(), values.data(), data.size());
  Tensor tensor{"t", type, {static_cast<int64_t>(values.size())}, {}, {}};
  tensor.read = [bytes = Bytes(std::move(data))]() -> Result<Bytes> { return bytes; };
  return tensor;
}

template <class To, class From>
To converted(DType from, From value, DType to) {
  return elementsOf<To>(readAs(tensorOf<From>(from, {value}), to).value()).at(0);
}

std::vector<uint16_t> allPatterns() {
  std::vector<uint16_t> patterns(65536);
  for (size_t i = 0; i < patterns.size(); ++i) patterns[i] = static_cast<uint16_t>(i);
  return patterns;
}

}  // namespace

TEST_CASE("bf16 is the upper half of f32, both ways") {
  auto patterns = allPatterns();
  auto tensor = tensorOf(DType::BF16, patterns);
  auto wide = elementsOf<uint32_t>(readAs(tensor, DType::F32).value());
  auto back = elementsOf<uint16_t>(
      readAs(tensorOf(DType::F32, elementsOf<float>(readAs(tensor, DType::F32).value())),
             DType::BF16)
          .value());
  for (uint32_t i = 0; i < patterns.size(); ++i) {
    bool isNan = (i & 0x7f80) == 0x7f80 && (i & 0x7f);
    if (isNan) continue;
    if (wide[i] != i << 16 || back[i] != i) FAIL("pattern " << i);
  }
}

TEST_CASE("every f16 is the compiler's _Float16, and comes back") {
  auto patterns = allPatterns();
  auto tensor = tensorOf(DType::F16, patterns);
  auto wide = elementsOf<double>(readAs(tensor, DType::F64).value());
  patterns.push_back(0x3c00);  // one more element, and the conversion goes by a table
  auto byTable = readAs(tensorOf(DType::F16, patterns), DType::F64).value();
  CHECK(elementsOf<double>(byTable).back() == 1);
  CHECK(std::memcmp(byTable.data(), wide.data(), wide.size() * sizeof(double)) == 0);
  patterns.pop_back();
  auto back = elementsOf<uint16_t>(readAs(tensorOf(DType::F64, wide), DType::F16).value());
  for (size_t i = 0; i < patterns.size(); ++i) {
    auto reference = static_cast<double>(std::bit_cast<_Float16>(patterns[i]));
    if (std::isnan(reference)) {
      if (!std::isnan(wide[i])) FAIL("pattern " << i);
      continue;
    }
    if (wide[i] != reference || back[i] != patterns[i]) FAIL("pattern " << i);
  }
}

TEST_CASE("narrowing rounds to nearest even, once") {
  for (int i = -200000; i <= 200000; i += 7) {
    double value = i * 0.33333333333;
    auto got = converted<uint16_t>(DType::F64, value, DType::F16);
    if (got != std::bit_cast<uint16_t>(static_cast<_Float16>(value))) FAIL("value " << value);
  }
  for (double value : {65519.0, 65520.0, 1e300, -1e300, 5.9e-8, 2.9e-8, -1e-300, 0.0, -0.0}) {
    auto got = converted<uint16_t>(DType::F64, value, DType::F16);
    INFO(value);
    CHECK(got == std::bit_cast<uint16_t>(static_cast<_Float16>(value)));
  }
  CHECK(converted<uint16_t>(DType::F32, 1.00390625f, DType::BF16) == 0x3f80);  // a tie, to even
  CHECK(converted<uint16_t>(DType::F32, 1.01171875f, DType::BF16) == 0x3f82);
  CHECK(converted<float>(DType::F64, 0.1, DType::F32) == 0.1f);
  CHECK(std::isinf(converted<float>(DType::F64, 1e300, DType::F32)));
}

TEST_CASE("f8 formats decode") {
  CHECK(converted<float>(DType::F8E4M3, uint8_t{0x7e}, DType::F32) == 448);
  CHECK(std::isnan(converted<float>(DType::F8E4M3, uint8_t{0x7f}, DType::F32)));
  CHECK(converted<float>(DType::F8E4M3, uint8_t{0x01}, DType::F32) == std::ldexp(1.0f, -9));
  CHECK(converted<float>(DType::F8E5M2, uint8_t{0x7b}, DType::F32) == 57344);
  CHECK(std::isinf(converted<float>(DType::F8E5M2, uint8_t{0xfc}, DType::F32)));
}

TEST_CASE("integers must fit; kinds do not mix") {
  CHECK(converted<int32_t>(DType::I64, int64_t{-5}, DType::I32) == -5);
  CHECK(converted<int64_t>(DType::U8, uint8_t{200}, DType::I64) == 200);
  auto tooLarge = tensorOf<int64_t>(DType::I64, {1, int64_t{1} << 31});
  CHECK(readAs(tooLarge, DType::I32).error() == "tensor 't': element 1 does not fit i32");
  auto negative = tensorOf<int8_t>(DType::I8, {-1});
  CHECK(readAs(negative, DType::U64).error() == "tensor 't': element 0 does not fit u64");
  CHECK(readAs(negative, DType::F32).error() ==
        "tensor 't' holds i8, which is not converted to f32");
  CHECK_FALSE(converts(DType::F32, DType::F8E4M3));
  CHECK_FALSE(converts(DType::Bool, DType::U8));
  CHECK_FALSE(converts(DType::Text, DType::Text));
}
