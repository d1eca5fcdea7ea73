// Memory with a page that must not be touched on both sides. Its first byte is 64-byte aligned and
// its last lies within 63 bytes of the page behind; all of it holds dirt at first.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace sinter::lowered {

class Guarded {
 public:
  Guarded(uint64_t size, unsigned char dirt) {
    const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    const uint64_t room = (size + 63) / 64 * 64, whole = (room + page - 1) / page * page;
    mapped_ = whole + 2 * page;
    base_ =
        static_cast<char*>(mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base_ == MAP_FAILED) throw std::runtime_error("no memory for a test");
    if (whole > 0 && mprotect(base_ + page, whole, PROT_READ | PROT_WRITE) != 0)
      throw std::runtime_error("no memory for a test");
    memset(base_ + page, dirt, whole);
    first_ = base_ + page + (whole - room);
  }
  ~Guarded() { munmap(base_, mapped_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  char* data() const { return first_; }

 private:
  char *base_, *first_;
  uint64_t mapped_;
};

}  // namespace sinter::lowered
