// Elements as another type. Every float type goes through f64, which holds all of them exactly,
// and is rounded once, to nearest even.
#include <cmath>
#include <limits>

#include "Source.h"

namespace sinter::weights {
namespace {

// A small float format: sign, exponent, mantissa, from the top.
struct Format {
  int exponentBits, mantissaBits;
  bool hasInfinity = true;  // f8_e4m3 has one NaN pattern instead
};
constexpr Format half{5, 10}, brain{8, 7}, e4m3{4, 3, false}, e5m2{5, 2};

double decode(Format format, uint32_t bits) {
  int bias = (1 << (format.exponentBits - 1)) - 1;
  uint32_t topExponent = (1u << format.exponentBits) - 1;
  uint32_t mantissa = bits & ((1u << format.mantissaBits) - 1);
  uint32_t exponent = (bits >> format.mantissaBits) & topExponent;
  double sign = (bits >> (format.mantissaBits + format.exponentBits)) & 1 ? -1.0 : 1.0;
  if (exponent == topExponent && format.hasInfinity) {
    return mantissa ? std::numeric_limits<double>::quiet_NaN() : sign * INFINITY;
  }
  if (!format.hasInfinity && exponent == topExponent &&
      mantissa == (1u << format.mantissaBits) - 1) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - format.mantissaBits);
  return sign * std::ldexp((1u << format.mantissaBits) + mantissa,
                           static_cast<int>(exponent) - bias - format.mantissaBits);
}

// For formats with an infinity; Sinter's own types have one.
uint32_t encode(Format format, double value) {
  int bias = (1 << (format.exponentBits - 1)) - 1;
  uint32_t infinity = ((1u << format.exponentBits) - 1) << format.mantissaBits;
  uint32_t sign = std::signbit(value) ? 1u << (format.mantissaBits + format.exponentBits) : 0;
  if (std::isnan(value)) return sign | infinity | (1u << (format.mantissaBits - 1));
  if (std::isinf(value)) return sign | infinity;
  if (value == 0) return sign;
  int exponent = std::max(std::ilogb(value), 1 - bias);
  // In units of the last place; a carry out of the mantissa moves on to the next exponent.
  auto units = static_cast<uint64_t>(
      std::nearbyint(std::ldexp(std::fabs(value), format.mantissaBits - exponent)));
  uint64_t bits = (static_cast<uint64_t>(exponent + bias - 1) << format.mantissaBits) + units;
  return sign | static_cast<uint32_t>(std::min<uint64_t>(bits, infinity));
}

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

double loadFloat(DType type, const std::byte* from) {
  switch (type) {
    case DType::F64: return load<double>(from);
    case DType::F32: return load<float>(from);
    case DType::F16: return decode(half, load<uint16_t>(from));
    case DType::BF16: return decode(brain, load<uint16_t>(from));
    case DType::F8E4M3: return decode(e4m3, load<uint8_t>(from));
    default: return decode(e5m2, load<uint8_t>(from));
  }
}

// The values of all patterns of a 16-bit type, for tensors where decoding each would be slow.
std::vector<double> allValues(DType type) {
  std::vector<double> values(65536);
  for (size_t bits = 0; bits < values.size(); ++bits) {
    auto pattern = static_cast<uint16_t>(bits);
    values[bits] = loadFloat(type, reinterpret_cast<const std::byte*>(&pattern));
  }
  return values;
}

template <class T>
void store(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}

void storeFloat(DType type, std::byte* to, double value) {
  switch (type) {
    case DType::F64: return store(to, value);
    case DType::F32: return store(to, static_cast<float>(value));
    case DType::F16: return store(to, static_cast<uint16_t>(encode(half, value)));
    default: return store(to, static_cast<uint16_t>(encode(brain, value)));
  }
}

using Wide = __int128;  // holds every integer type

Wide loadInteger(DType type, const std::byte* from) {
  switch (type) {
    case DType::I64: return load<int64_t>(from);
    case DType::I32: return load<int32_t>(from);
    case DType::I16: return load<int16_t>(from);
    case DType::I8: return load<int8_t>(from);
    case DType::U64: return load<uint64_t>(from);
    case DType::U32: return load<uint32_t>(from);
    case DType::U16: return load<uint16_t>(from);
    default: return load<uint8_t>(from);
  }
}

bool isSigned(DType type) { return type >= DType::I64 && type <= DType::I8; }

bool storeInteger(DType type, std::byte* to, Wide value) {
  auto bits = static_cast<int>(8 * bytesPerElement(type));
  Wide most = (Wide{1} << (isSigned(type) ? bits - 1 : bits)) - 1;
  Wide least = isSigned(type) ? -most - 1 : 0;
  if (value < least || value > most) return false;
  auto low = static_cast<uint64_t>(value);
  std::memcpy(to, &low, bytesPerElement(type));
  return true;
}

bool isInteger(DType type) { return type >= DType::I64 && type <= DType::U8; }

}  // namespace

bool converts(DType from, DType to) {
  if (from == to) return from != DType::Text;
  bool writable = to != DType::F8E4M3 && to != DType::F8E5M2;
  return writable && ((isFloat(from) && isFloat(to)) || (isInteger(from) && isInteger(to)));
}

Result<Bytes> readAs(const Tensor& tensor, DType wanted) {
  if (!converts(tensor.dtype, wanted)) {
    return std::unexpected(join("tensor '", tensor.name, "' holds ", name(tensor.dtype),
                                ", which is not converted to ", name(wanted)));
  }
  auto original = tensor.read();
  if (!original || tensor.dtype == wanted) return original;
  uint64_t fromSize = bytesPerElement(tensor.dtype), toSize = bytesPerElement(wanted);
  uint64_t count = original->size() / fromSize;
  std::vector<std::byte> converted(count * toSize);
  std::vector<double> table;
  if (isFloat(wanted) && fromSize == 2 && count > 65536) table = allValues(tensor.dtype);
  for (uint64_t i = 0; i < count; ++i) {
    const std::byte* from = original->data() + i * fromSize;
    std::byte* to = converted.data() + i * toSize;
    if (isFloat(wanted)) {
      bool isListed = !table.empty();
      storeFloat(wanted, to,
                 isListed ? table[load<uint16_t>(from)] : loadFloat(tensor.dtype, from));
    } else if (!storeInteger(wanted, to, loadInteger(tensor.dtype, from))) {
      return std::unexpected(
          join("tensor '", tensor.name, "': element ", i, " does not fit ", name(wanted)));
    }
  }
  return Bytes(std::move(converted));
}

}  // namespace sinter::weights
