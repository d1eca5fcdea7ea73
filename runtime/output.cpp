// Writing to file descriptors; see output.h.
#include "output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "error.h"

namespace sinter::runtime {

int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {  // whoever shares the file made it non-blocking
      pollfd room = {file, POLLOUT, 0};
      poll(&room, 1, -1);
      continue;
    }
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

void warn(std::string_view text) {
  write_all(2, program_invocation_short_name +
                   (": " + std::string(text) + "\n"));  // nothing to do where it fails
}

void Output::flush() {
  int error = write_all(1, text_);
  text_.clear();
  written_ = seconds();
  if (error == EPIPE || error == EBADF) throw OutputClosed{};
  if (error != 0)
    fail(exit_resource, std::string("standard output cannot be written: ") + std::strerror(error));
}

}  // namespace sinter::runtime
