// A typed, shaped block of memory that only ever grows, and the element types with their
// conversions. Non-goals: no views, no arithmetic, no sharing.
#ifndef SINTER_RUNTIME_ARRAY_H
#define SINTER_RUNTIME_ARRAY_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "abi.h"

namespace sinter::runtime {

using Shape = std::vector<int64_t>;

/// Bytes per element; "f32".
size_t type_size(int32_t type);
const char* type_name(int32_t type);
bool is_integer(int32_t type);
/// "4 x 12"; "scalar" for rank 0.
std::string shape_text(const Shape& shape);
/// Product of the extents; an Error where it does not fit in 64 bits or one is negative.
int64_t element_count(const Shape& shape);

/// 64-byte aligned bytes; grows, never shrinks, contents are lost when it grows.
class Block {
 public:
  Block() = default;
  Block(Block&& other) noexcept;
  Block& operator=(Block&& other) noexcept;
  ~Block();

  /// At least `size` bytes; an Error with exit code 3 naming `what` where there is no memory.
  void* reserve(uint64_t size, const char* what);
  void* data() const { return data_; }
  uint64_t capacity() const { return capacity_; }

 private:
  void* data_ = nullptr;
  uint64_t capacity_ = 0;
};

class Array {
 public:
  /// Gives the array this type and shape; the contents are unspecified afterwards.
  void resize(int32_t type, Shape shape);
  /// The same, with `bytes` copied in; it converts where `from` is another type, see convert().
  void assign(int32_t type, Shape shape, const void* bytes, int32_t from);
  void fill_zero();

  int32_t type() const { return type_; }
  const Shape& shape() const { return shape_; }
  int64_t count() const { return count_; }
  uint64_t size() const { return static_cast<uint64_t>(count_) * type_size(type_); }
  void* data() { return block_.data(); }
  const void* data() const { return block_.data(); }
  template <class T>
  T* as() {
    return static_cast<T*>(block_.data());
  }
  template <class T>
  const T* as() const {
    return static_cast<const T*>(block_.data());
  }
  /// Element i as a double (exact but for i64 beyond 2^53) or as an integer (floats truncate).
  double number(int64_t i) const;
  int64_t integer(int64_t i) const;

 private:
  int32_t type_ = SINTER_F32;
  Shape shape_;
  int64_t count_ = 0;
  Block block_;
};

/// A type that occurs only in files.
constexpr int32_t file_f64 = 100;

/// Whether convert() accepts the pair: float to float, integer or bool to integer or bool.
bool convertible(int32_t from, int32_t to);
/// Converts `count` elements, rounding floats to nearest even; an Error where an integer does not
/// fit (`what` names the tensor).
void convert(const void* from, int32_t from_type, void* to, int32_t to_type, int64_t count,
             const char* what);

}  // namespace sinter::runtime
#endif
