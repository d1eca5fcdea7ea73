#include "Source.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sinter::weights {

bool Source::startsWith(std::string_view wanted, uint64_t at) const {
  return at <= size() && text().substr(at).starts_with(wanted);
}

Source mapFile(const std::string& path) {
  auto failure = [&](std::string_view what) {
    return Failure{join(path, ": ", what, ": ", std::strerror(errno))};
  };
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw failure("cannot open the file");
  struct stat info;
  if (fstat(file, &info) != 0) {
    ::close(file);
    throw failure("cannot read the file's size");
  }
  if (!S_ISREG(info.st_mode) || info.st_size == 0) {
    ::close(file);
    throw Failure{join(path, S_ISREG(info.st_mode) ? ": the file is empty" : ": is not a file")};
  }
  auto size = static_cast<size_t>(info.st_size);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  ::close(file);
  if (data == MAP_FAILED) throw failure("cannot map the file");
  std::shared_ptr<const void> owner(
      data, [size](const void* mapped) { munmap(const_cast<void*>(mapped), size); });
  return {path, owner, {static_cast<const std::byte*>(data), size}, true};
}

std::span<const std::byte> Cursor::take(uint64_t count, std::string_view what) {
  if (count > left()) {
    source.fail("the file ends too early: ", what, " needs ", count, " bytes at ", at, ", but ",
                left(), left() == 1 ? " is left" : " are left");
  }
  auto taken = source.bytes.subspan(at, count);
  at += count;
  return taken;
}

std::string_view Cursor::takeText(uint64_t count, std::string_view what) {
  auto taken = take(count, what);
  return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

std::string_view Cursor::takeUntil(char end, std::string_view what) {
  auto rest = source.text().substr(at);
  auto length = rest.find(end);
  if (length == rest.npos) {
    source.fail("the file ends too early: ", what, " at ", at, " has no end");
  }
  at += length + 1;
  return rest.substr(0, length);
}

bool byteCount(std::span<const int64_t> shape, uint64_t elementSize, uint64_t& bytes) {
  bytes = elementSize;
  bool fits = true;
  bool empty = false;
  for (int64_t extent : shape) {
    if (extent < 0) return false;
    empty = empty || extent == 0;
    fits = fits && !__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes);
  }
  if (empty) bytes = 0;
  return fits || empty;
}

std::string shapeText(std::span<const int64_t> shape) {
  std::string text = "[";
  for (int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

Tensor viewedTensor(const Source& source, std::string name, DType type, std::vector<int64_t> shape,
                    uint64_t at) {
  Tensor tensor{std::move(name), type, std::move(shape), {}, {}};
  tensor.read = [bytes = source.view(at, tensor.bytes())]() -> Result<Bytes> { return bytes; };
  return tensor;
}

std::vector<std::byte> gathered(std::span<const std::byte> from, std::span<const int64_t> shape,
                                std::span<const int64_t> strides, uint64_t elementSize) {
  uint64_t total = 0;
  byteCount(shape, elementSize, total);
  std::vector<std::byte> to(total);
  std::vector<int64_t> index(shape.size(), 0);
  uint64_t element = 0;  // of `from`
  for (uint64_t at = 0; at < total; at += elementSize) {
    std::memcpy(to.data() + at, from.data() + element * elementSize, elementSize);
    for (size_t axis = shape.size(); axis-- > 0;) {
      element += static_cast<uint64_t>(strides[axis]);
      if (++index[axis] < shape[axis]) break;
      element -= static_cast<uint64_t>(strides[axis]) * static_cast<uint64_t>(shape[axis]);
      index[axis] = 0;
    }
  }
  return to;
}

void swapBytes(std::span<std::byte> data, uint64_t elementSize) {
  for (uint64_t at = 0; at + elementSize <= data.size(); at += elementSize) {
    std::reverse(data.data() + at, data.data() + at + elementSize);
  }
}

}  // namespace sinter::weights
