// A walk over the fields of a protobuf message, front to back. Non-goals: no schema, no groups, no
// writing.
#ifndef SINTER_RUNTIME_PROTOBUF_H
#define SINTER_RUNTIME_PROTOBUF_H

#include <bit>
#include <cstdint>
#include <string_view>

namespace sinter::runtime {

class ProtobufReader {
 public:
  struct Malformed {};

  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  /// The next field; false at the message's end. Throws Malformed.
  bool next() {
    if (rest_.empty()) return false;
    uint64_t tag = varint();
    field_ = tag >> 3;
    if (field_ == 0) throw Malformed{};
    kind_ = static_cast<Kind>(tag & 7);
    switch (kind_) {
      case Kind::varint: number_ = varint(); break;
      case Kind::fixed64: bytes_ = take(8); break;
      case Kind::bytes: bytes_ = take(varint()); break;
      case Kind::fixed32: bytes_ = take(4); break;
      default: throw Malformed{};
    }
    return true;
  }

  uint64_t field() const { return field_; }
  /// The field's value; Malformed where it is of another kind.
  uint64_t number() const {
    want(Kind::varint);
    return number_;
  }
  bool flag() const { return number() != 0; }
  std::string_view bytes() const {
    want(Kind::bytes);
    return bytes_;
  }
  float real() const {
    want(Kind::fixed32);
    uint32_t bits = 0;
    for (size_t i = 4; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes_[i]);
    return std::bit_cast<float>(bits);
  }

 private:
  enum class Kind { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

  void want(Kind kind) const {
    if (kind_ != kind) throw Malformed{};
  }

  std::string_view take(uint64_t size) {
    if (size > rest_.size()) throw Malformed{};
    std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    throw Malformed{};
  }

  std::string_view rest_;
  uint64_t field_ = 0;
  Kind kind_ = Kind::varint;
  uint64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace sinter::runtime
#endif
