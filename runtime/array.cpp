// Memory and element conversions; see array.h.
#include "array.h"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "error.h"

namespace sinter::runtime {
namespace {

struct TypeRow {
  const char* name;
  size_t size;
  bool integer;
};
// In SinterType's order.
constexpr TypeRow kTypes[] = {{"f32", 4, false}, {"f16", 2, false}, {"bf16", 2, false},
                              {"u8", 1, true},   {"i8", 1, true},   {"i32", 4, true},
                              {"i64", 8, true},  {"bool", 1, true}};
constexpr TypeRow kF64 = {"f64", 8, false};

const TypeRow& row(int32_t type) { return type == file_f64 ? kF64 : kTypes[type]; }

double half_to_double(uint16_t bits) {
  int exponent = bits >> 10 & 31;
  double mantissa = bits & 1023;
  double value;
  if (exponent == 31) {
    value = mantissa != 0 ? std::numeric_limits<double>::quiet_NaN()
                          : std::numeric_limits<double>::infinity();
  } else if (exponent == 0) {
    value = mantissa * 0x1p-24;
  } else {
    value = (1024 + mantissa) * std::bit_cast<double>(uint64_t(exponent - 25 + 1023) << 52);
  }
  return bits & 0x8000 ? -value : value;
}

// Rounds a double to a float format with `mantissa` explicit bits and the given exponent range, and
// returns its bits: nearest, ties to even, straight from 64 bits (no double rounding).
uint32_t narrow(double value, int mantissa, int exponent_bits) {
  uint64_t bits = std::bit_cast<uint64_t>(value);
  uint32_t sign = uint32_t(bits >> 63) << (mantissa + exponent_bits);
  int bias = (1 << (exponent_bits - 1)) - 1;
  uint32_t infinity = uint32_t((1 << exponent_bits) - 1) << mantissa;
  int exponent = int(bits >> 52 & 2047) - 1023 + bias;
  uint64_t fraction = bits & ((uint64_t(1) << 52) - 1);
  if ((bits >> 52 & 2047) == 2047)
    return sign | infinity | (fraction != 0 ? uint32_t(1) << (mantissa - 1) : 0);
  if (exponent >= (1 << exponent_bits) - 1) return sign | infinity;
  int drop = 52 - mantissa;
  if (exponent <= 0) {  // a denormal of the target: the hidden bit becomes explicit
    drop += 1 - exponent;
    if (drop > 63) return sign;
    if ((bits >> 52 & 2047) != 0) fraction |= uint64_t(1) << 52;
    exponent = 0;
  }
  uint64_t kept = fraction >> drop;
  uint64_t rest = fraction & ((uint64_t(1) << drop) - 1), half = uint64_t(1) << (drop - 1);
  if (rest > half || (rest == half && (kept & 1))) ++kept;
  // A carry out of the mantissa rightly raises the exponent, up to infinity.
  return sign | ((uint32_t(exponent) << mantissa) + uint32_t(kept));
}

template <class T>
T load(const void* from, int64_t i) {
  T value;
  std::memcpy(&value, static_cast<const char*>(from) + i * int64_t(sizeof(T)), sizeof(T));
  return value;
}

template <class T>
void store(void* to, int64_t i, T value) {
  std::memcpy(static_cast<char*>(to) + i * int64_t(sizeof(T)), &value, sizeof(T));
}

double load_float(const void* from, int32_t type, int64_t i) {
  switch (type) {
    case SINTER_F32: return load<float>(from, i);
    case SINTER_F16: return half_to_double(load<uint16_t>(from, i));
    case SINTER_BF16: return std::bit_cast<float>(uint32_t(load<uint16_t>(from, i)) << 16);
    default: return load<double>(from, i);
  }
}

void store_float(void* to, int32_t type, int64_t i, double value) {
  switch (type) {
    case SINTER_F32: return store(to, i, std::bit_cast<float>(narrow(value, 23, 8)));
    case SINTER_F16: return store(to, i, static_cast<uint16_t>(narrow(value, 10, 5)));
    case SINTER_BF16: return store(to, i, static_cast<uint16_t>(narrow(value, 7, 8)));
    default: return store(to, i, value);
  }
}

int64_t load_integer(const void* from, int32_t type, int64_t i) {
  switch (type) {
    case SINTER_U8: return load<uint8_t>(from, i);
    case SINTER_I8: return load<int8_t>(from, i);
    case SINTER_I32: return load<int32_t>(from, i);
    case SINTER_BOOL: return load<uint8_t>(from, i) != 0;
    default: return load<int64_t>(from, i);
  }
}

bool fits(int64_t value, int32_t type) {
  switch (type) {
    case SINTER_U8: return value >= 0 && value <= 255;
    case SINTER_I8: return value >= -128 && value <= 127;
    case SINTER_I32: return value >= INT32_MIN && value <= INT32_MAX;
    case SINTER_BOOL: return value == 0 || value == 1;
    default: return true;
  }
}

void store_integer(void* to, int32_t type, int64_t i, int64_t value) {
  switch (type_size(type)) {
    case 1: return store(to, i, static_cast<uint8_t>(value));
    case 4: return store(to, i, static_cast<int32_t>(value));
    default: return store(to, i, value);
  }
}

}  // namespace

size_t type_size(int32_t type) { return row(type).size; }
const char* type_name(int32_t type) { return row(type).name; }
bool is_integer(int32_t type) { return row(type).integer; }

std::string shape_text(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (int64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count))
      bad_input("a tensor of shape " + shape_text(shape) + " is too large");
  return count;
}

Block::Block(Block&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}

Block& Block::operator=(Block&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

Block::~Block() { std::free(data_); }

void* Block::reserve(uint64_t size, const char* what) {
  if (size <= capacity_ && data_ != nullptr) return data_;
  std::free(std::exchange(data_, nullptr));
  capacity_ = 0;
  // Never empty: generated code may form addresses into a block of no elements.
  uint64_t rounded = size < 64 ? 64 : (size + 63) / 64 * 64;
  if (rounded >= size && rounded <= PTRDIFF_MAX) data_ = std::aligned_alloc(64, rounded);
  if (data_ == nullptr)
    fail(exit_resource, std::string(what) + " needs " + std::to_string(size) +
                            " bytes of memory, more than this machine gives");
  capacity_ = rounded;
  return data_;
}

void Array::resize(int32_t type, Shape shape) {
  int64_t count = element_count(shape);
  uint64_t bytes;
  if (__builtin_mul_overflow(static_cast<uint64_t>(count), type_size(type), &bytes))
    bad_input("a tensor of shape " + shape_text(shape) + " is too large");
  block_.reserve(bytes, "a tensor");
  type_ = type;
  shape_ = std::move(shape);
  count_ = count;
}

void Array::assign(int32_t type, Shape shape, const void* bytes, int32_t from) {
  resize(type, std::move(shape));
  convert(bytes, from, data(), type, count_, "the tensor");
}

void Array::fill_zero() { std::memset(block_.data(), 0, size()); }

double Array::number(int64_t i) const {
  return is_integer(type_) ? static_cast<double>(load_integer(data(), type_, i))
                           : load_float(data(), type_, i);
}

int64_t Array::integer(int64_t i) const {
  return is_integer(type_) ? load_integer(data(), type_, i)
                           : static_cast<int64_t>(load_float(data(), type_, i));
}

bool convertible(int32_t from, int32_t to) {
  return from == to || is_integer(from) == is_integer(to);
}

void convert(const void* from, int32_t from_type, void* to, int32_t to_type, int64_t count,
             const char* what) {
  if (from_type == to_type && from_type != SINTER_BOOL) {
    if (count != 0) std::memcpy(to, from, static_cast<size_t>(count) * type_size(to_type));
    return;
  }
  if (!is_integer(from_type)) {
    for (int64_t i = 0; i < count; ++i) store_float(to, to_type, i, load_float(from, from_type, i));
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    int64_t value = load_integer(from, from_type, i);
    if (!fits(value, to_type))
      bad_input(std::string(what) + " holds " + std::to_string(value) + ", which " +
                type_name(to_type) + " cannot");
    store_integer(to, to_type, i, value);
  }
}

}  // namespace sinter::runtime
