#include "Isolated.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <new>

namespace sinter::weights {
namespace {

constexpr int failed = 3;  // the child's exit code when its output is a sentence

#if defined(__SANITIZE_ADDRESS__)
constexpr bool limitsMemory = false;  // the sanitizer's shadow is larger than any limit
#elif defined(__has_feature)
constexpr bool limitsMemory = !__has_feature(address_sanitizer);
#else
constexpr bool limitsMemory = true;
#endif

void limit(const Source& source) {
  constexpr rlim_t second = 32 << 20;  // bytes that any reader passes in a second
  rlim_t seconds = 10 + source.size() / second;
  rlimit time{seconds, seconds};
  setrlimit(RLIMIT_CPU, &time);
  rlimit noCore{0, 0};
  setrlimit(RLIMIT_CORE, &noCore);
  if (limitsMemory) {
    rlim_t bytes = (rlim_t{8} << 30) + 2 * source.size();
    rlimit memory{bytes, bytes};
    setrlimit(RLIMIT_DATA, &memory);
  }
}

// A crash must look like one to the parent, whoever installed handlers; nothing is printed.
void silence() {
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM, SIGXCPU}) {
    std::signal(fault, SIG_DFL);
  }
  int nowhere = ::open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
}

[[noreturn]] void runChild(const Source& source, SharedOutput& output,
                           const std::function<void(SharedOutput&)>& work) {
  silence();
  limit(source);
  int code = 0;
  try {
    work(output);
  } catch (const Failure& failure) {
    output.write(failure.text);
    code = failed;
  } catch (const std::bad_alloc&) {
    output.write(join(source.path, ": reading it needs more memory than there is"));
    code = failed;
  }
  _exit(code);
}

}  // namespace

SharedOutput::SharedOutput() : file(memfd_create("sinter-weights", MFD_CLOEXEC)) {
  if (file < 0) throw Failure{join("cannot get shared memory: ", std::strerror(errno))};
}

SharedOutput::~SharedOutput() { ::close(file); }

std::byte* SharedOutput::resize(uint64_t bytes) {
  if (bytes == 0) return nullptr;
  if (ftruncate(file, static_cast<off_t>(bytes)) != 0) throw std::bad_alloc();
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (data == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(data);
}

void SharedOutput::write(std::string_view text) {
  while (!text.empty()) {
    auto written = ::write(file, text.data(), text.size());
    if (written <= 0) std::abort();  // in the child: the parent sees a crash
    text.remove_prefix(static_cast<size_t>(written));
  }
}

Bytes SharedOutput::map() const {
  auto end = lseek(file, 0, SEEK_END);
  if (end <= 0) return {};
  auto size = static_cast<size_t>(end);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (data == MAP_FAILED) {
    throw Failure{join("cannot map shared memory: ", std::strerror(errno))};
  }
  std::shared_ptr<const void> owner(
      data, [size](const void* mapped) { munmap(const_cast<void*>(mapped), size); });
  return {owner, {static_cast<const std::byte*>(data), size}};
}

Bytes isolated(const Source& source, const std::function<void(SharedOutput&)>& work) {
  SharedOutput output;
  pid_t child = fork();
  if (child < 0) source.fail("cannot start a process to read it: ", std::strerror(errno));
  if (child == 0) runChild(source, output, work);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) source.fail("lost the process that reads it: ", std::strerror(errno));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output.map();
  if (WIFEXITED(status) && WEXITSTATUS(status) == failed) {
    Bytes text = output.map();
    throw Failure{std::string(reinterpret_cast<const char*>(text.data()), text.size())};
  }
  source.fail("the file is damaged: reading it ", WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU
                                                      ? "never ends"
                                                      : "makes its library crash");
}

}  // namespace sinter::weights
