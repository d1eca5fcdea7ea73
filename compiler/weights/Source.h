// The bytes that readers read: a mapped file or memory, and cursors that check every step.
// Inside this folder a reader that meets a bad file throws Failure; `open` and Tensor::read turn
// it into a Result. Non-goals: nothing here knows a format.
#ifndef SINTER_COMPILER_WEIGHTS_SOURCE_H
#define SINTER_COMPILER_WEIGHTS_SOURCE_H

#include <bit>
#include <concepts>
#include <cstring>
#include <new>
#include <type_traits>

#include "Weights.h"

namespace sinter::weights {

static_assert(std::endian::native == std::endian::little, "files are read as little-endian");

struct Failure {
  std::string text;
};

inline void append(std::string& to, std::string_view part) { to += part; }
inline void append(std::string& to, char part) { to += part; }
inline void append(std::string& to, std::integral auto part) { to += std::to_string(part); }

// join("needs ", 8, " bytes")
template <class... Parts>
std::string join(const Parts&... parts) {
  std::string text;
  (append(text, parts), ...);
  return text;
}

struct Source {
  std::string path;  // as the user wrote it; starts every sentence
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
  bool isFile = false;  // `path` can be opened by another library

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw Failure{join(path, ": ", parts...)};
  }
  uint64_t size() const { return bytes.size(); }
  bool startsWith(std::string_view text, uint64_t at = 0) const;
  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // A piece that keeps the whole alive. The caller has checked the bounds.
  Bytes view(uint64_t at, uint64_t count) const { return {owner, bytes.subspan(at, count)}; }
};

Source mapFile(const std::string& path);  // throws Failure

// Reads forward through a source; past the end is a Failure that says what was wanted.
class Cursor {
 public:
  explicit Cursor(const Source& source, uint64_t at = 0) : source(source), at(at) {}

  uint64_t position() const { return at; }
  uint64_t left() const { return source.size() - at; }
  void seek(uint64_t to) { at = to; }  // the caller has checked that `to` is inside
  std::span<const std::byte> take(uint64_t count, std::string_view what);
  std::string_view takeText(uint64_t count, std::string_view what);
  std::string_view takeUntil(char end, std::string_view what);  // without `end`, which is passed

  template <class T>
    requires std::is_arithmetic_v<T>
  T read(std::string_view what) {
    T value;
    std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
    return value;
  }

 private:
  const Source& source;
  uint64_t at;
};

// The product of a shape's extents times the element size, or nothing when it overflows or an
// extent is negative. Readers compare it with the bytes that the file really has.
bool byteCount(std::span<const int64_t> shape, uint64_t elementSize, uint64_t& bytes);

std::string shapeText(std::span<const int64_t> shape);  // "[768, 768]"

// A tensor whose elements lie at `at` in the source as they are. The caller has checked bounds.
Tensor viewedTensor(const Source& source, std::string name, DType type, std::vector<int64_t> shape,
                    uint64_t at);

// Turns a function that may throw Failure into Tensor::read.
template <class Make>
std::function<Result<Bytes>()> lazily(Make make) {
  return [make = std::move(make)]() -> Result<Bytes> {
    try {
      return make();
    } catch (const Failure& failure) {
      return std::unexpected(failure.text);
    } catch (const std::bad_alloc&) {
      return std::unexpected("reading a tensor needs more memory than there is");
    }
  };
}

// Row-major order from any strides (in elements, not negative); swaps bytes where asked. The
// caller has checked that every element lies inside `from`.
std::vector<std::byte> gathered(std::span<const std::byte> from, std::span<const int64_t> shape,
                                std::span<const int64_t> strides, uint64_t elementSize);
void swapBytes(std::span<std::byte> data, uint64_t elementSize);

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_SOURCE_H
