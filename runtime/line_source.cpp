// Buffered lines of a file descriptor; see line_source.h.
#include "line_source.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "error.h"

namespace sinter::runtime {

// Moves scanned_ to the end of the first waiting line; false where there is no complete one.
bool LineSource::have_line() {
  scanned_ = std::max(scanned_, begin_);
  size_t end = buffer_.find('\n', scanned_);
  scanned_ = std::min(end, buffer_.size());
  return end != std::string::npos || (ended_ && begin_ < buffer_.size());
}

bool LineSource::read_more() {
  if (ended_) return false;
  constexpr size_t kStep = 1 << 16;
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  size_t size = buffer_.size();
  // A long line doubles the buffer, so that it is read in linear time.
  if (buffer_.capacity() < size + kStep) buffer_.reserve(2 * size + kStep);
  buffer_.resize(size + kStep);
  ssize_t got;
  while ((got = read(file_, buffer_.data() + size, kStep)) < 0) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN) break;
    pollfd more = {file_, POLLIN, 0};  // whoever shares the file made it non-blocking
    poll(&more, 1, -1);
  }
  int error = errno;
  buffer_.resize(size + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0)
    fail(exit_resource, std::string("standard input cannot be read: ") + std::strerror(error));
  ended_ = got == 0;
  return true;
}

bool LineSource::would_wait() {
  while (!have_line()) {
    pollfd poll_file = {file_, POLLIN, 0};
    if (ended_) return false;
    if (poll(&poll_file, 1, 0) == 0) return true;
    read_more();
  }
  return false;
}

bool LineSource::next(std::string_view& line) {
  while (!have_line())
    if (!read_more()) return false;
  line = std::string_view(buffer_).substr(begin_, scanned_ - begin_);
  begin_ = std::min(scanned_ + 1, buffer_.size());
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

}  // namespace sinter::runtime
