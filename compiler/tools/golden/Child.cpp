// Child.h: a pipe whose end of file says that the child is done, with or without an answer.
#include "compiler/tools/golden/Child.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "compiler/tools/Process.h"

namespace sinter::golden {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void runChild(int pipe, const std::function<std::string()>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // an endless loop must not outlive a killed parent
  std::string output = work();
  for (size_t done = 0; done < output.size();) {
    ssize_t n = write(pipe, output.data() + done, output.size() - done);
    if (n < 0 && errno != EINTR) _exit(1);
    if (n > 0) done += size_t(n);
  }
  _exit(0);  // not exit(): the parent's buffers and static objects are the parent's
}

// Whether the child closed its end in time; what it wrote is in `output`.
bool readAll(int pipe, Clock::time_point deadline, std::string& output) {
  char block[1 << 12];
  while (true) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd ready{pipe, POLLIN, 0};
    int count = poll(&ready, 1, left > 0 ? int(left) : 0);
    if (count == 0) return false;
    ssize_t n = count < 0 ? -1 : read(pipe, block, sizeof block);
    if (n == 0) return true;
    if (n > 0)
      output.append(block, size_t(n));
    else if (errno != EINTR)
      throw Failure(std::string("a child's answer: ") + strerror(errno), 3);
  }
}

}  // namespace

ChildResult runInChild(std::chrono::seconds limit, const std::function<std::string()>& work) {
  int ends[2];
  if (pipe(ends) != 0) throw Failure(std::string("no pipe: ") + strerror(errno), 3);
  fflush(nullptr);  // an abort in the child would print again what is still in the buffers
  pid_t child = fork();
  if (child < 0) throw Failure(std::string("no child process: ") + strerror(errno), 3);
  if (child == 0) {
    close(ends[0]);
    runChild(ends[1], work);
  }
  close(ends[1]);
  ChildResult result;
  bool inTime = readAll(ends[0], Clock::now() + limit, result.output);
  close(ends[0]);
  if (!inTime) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!inTime)
    result.problem = fmt::format("not done after {} s", limit.count());
  else if (WIFSIGNALED(status))
    result.problem =
        fmt::format("killed by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  else if (WEXITSTATUS(status) != 0)
    result.problem = fmt::format("the process ended with {}", WEXITSTATUS(status));
  return result;
}

}  // namespace sinter::golden
