// SentencePiece .model files made for a test, field by field. Non-goals: no reading.
#ifndef SINTER_TESTS_RUNTIME_SENTENCEPIECE_MODEL_H
#define SINTER_TESTS_RUNTIME_SENTENCEPIECE_MODEL_H

#include <bit>
#include <cstdint>
#include <string>

class SentencePieceModel {
 public:
  /// Types: 1 normal, 2 unknown, 3 control, 4 of the user, 5 unused, 6 byte.
  SentencePieceModel& piece(const std::string& text, float score, int type = 1) {
    std::string message = field(1, text);
    auto bits = std::bit_cast<uint32_t>(score);
    message += varint(2 << 3 | 5);
    for (int i = 0; i < 4; ++i) message += static_cast<char>(bits >> 8 * i);
    if (type != 1) message += field(3, static_cast<uint64_t>(type));
    pieces_ += field(1, message);
    return *this;
  }
  SentencePieceModel& trainer(int number, uint64_t value) {
    trainer_ += field(number, value);
    return *this;
  }
  template <class Value>
  SentencePieceModel& normalizer(int number, Value value) {
    normalizer_ += field(number, value);
    return *this;
  }
  std::string bytes() const { return pieces_ + field(2, trainer_) + field(3, normalizer_); }

 private:
  static std::string varint(uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    return out + static_cast<char>(value);
  }
  static std::string field(int number, uint64_t value) {
    return varint(static_cast<uint64_t>(number) << 3) + varint(value);
  }
  static std::string field(int number, int value) {
    return field(number, static_cast<uint64_t>(value));
  }
  static std::string field(int number, const std::string& bytes) {
    return varint(static_cast<uint64_t>(number) << 3 | 2) + varint(bytes.size()) + bytes;
  }
  static std::string field(int number, const char* bytes) {
    return field(number, std::string(bytes));
  }

  std::string pieces_, trainer_, normalizer_;
};

#endif
