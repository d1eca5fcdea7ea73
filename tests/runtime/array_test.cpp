// Element types and their conversions.
#include "runtime/array.h"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "check.h"

using namespace sinter::runtime;

namespace {

uint16_t to_half(double value) {
  uint16_t half;
  convert(&value, file_f64, &half, SINTER_F16, 1, "x");
  return half;
}

double from_half(uint16_t half) {
  double value;
  convert(&half, SINTER_F16, &value, file_f64, 1, "x");
  return value;
}

uint16_t to_bf16(float value) {
  uint16_t out;
  convert(&value, SINTER_F32, &out, SINTER_BF16, 1, "x");
  return out;
}

}  // namespace

TEST_CASE("every half survives the way to f64 and back") {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    double value = from_half(static_cast<uint16_t>(bits));
    uint16_t back = to_half(value);
    if (std::isnan(value)) {
      CHECK((back & 0x7FFF) > 0x7C00);
    } else if (back != bits) {
      FAIL("bits " << bits << " came back as " << back);
    }
  }
}

TEST_CASE("halves round to nearest even") {
  CHECK(to_half(1 + 0x1p-11) == 0x3C00);            // a tie, down to even
  CHECK(to_half(1 + 0x1p-11 + 0x1p-40) == 0x3C01);  // double rounding would lose the rest
  CHECK(to_half(1 + 3 * 0x1p-11) == 0x3C02);        // a tie, up to even
  CHECK(to_half(65519.9) == 0x7BFF);
  CHECK(to_half(65520) == 0x7C00);  // infinity
  CHECK(to_half(0x1p-24) == 1);
  CHECK(to_half(0x1p-25) == 0);
  CHECK(to_half(0x1.8p-25) == 1);
  CHECK(to_half(-0.0) == 0x8000);
  CHECK(to_half(0x1p-300) == 0);
}

TEST_CASE("f64 to f32 is the machine's own conversion") {
  uint64_t state = 1;
  for (int i = 0; i < 100000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    // Exponents around f32's range, denormals included.
    uint64_t exponent = 1023 - 155 + (state >> 8) % 290;
    double value = std::bit_cast<double>((state & 0x800FFFFFFFFFFFFFu) | exponent << 52);
    float converted;
    convert(&value, file_f64, &converted, SINTER_F32, 1, "x");
    if (std::bit_cast<uint32_t>(converted) != std::bit_cast<uint32_t>(static_cast<float>(value)))
      FAIL(value << " became " << converted);
  }
}

TEST_CASE("bf16 keeps the upper half, rounded") {
  CHECK(to_bf16(1.0f) == 0x3F80);
  CHECK(to_bf16(std::bit_cast<float>(0x3F808000u)) == 0x3F80);
  CHECK(to_bf16(std::bit_cast<float>(0x3F818000u)) == 0x3F82);
  CHECK(to_bf16(std::numeric_limits<float>::max()) == 0x7F80);
}

TEST_CASE("integers convert or say that they cannot") {
  int64_t given[] = {-1, 7, 1LL << 40};
  int32_t narrow[3];
  convert(given, SINTER_I64, narrow, SINTER_I32, 2, "x");
  CHECK(narrow[0] == -1);
  CHECK(narrow[1] == 7);
  CHECK(error_of([&] { convert(given, SINTER_I64, narrow, SINTER_I32, 3, "the input 'x'"); }) ==
        "1: the input 'x' holds 1099511627776, which i32 cannot");
  uint8_t flags[] = {0, 1, 255};
  convert(flags, SINTER_BOOL, narrow, SINTER_I32, 3, "x");
  CHECK(narrow[2] == 1);
  CHECK_FALSE(convertible(SINTER_F32, SINTER_I32));
}

TEST_CASE("arrays keep their memory and refuse impossible shapes") {
  Array array;
  array.resize(SINTER_F32, {4, 4});
  void* before = array.data();
  CHECK(reinterpret_cast<uintptr_t>(before) % 64 == 0);
  array.resize(SINTER_F32, {2, 0, 3});
  CHECK(array.data() == before);
  CHECK(array.count() == 0);
  CHECK(error_of([&] { array.resize(SINTER_F32, {1LL << 32, 1LL << 32}); }) ==
        "1: a tensor of shape 4294967296 x 4294967296 is too large");
  CHECK(error_of([&] {
          array.resize(SINTER_F32, {1LL << 50});
        }).starts_with("3: a tensor needs 4503599627370496 bytes of memory"));
}
