// The entry point of every produced program: arguments in, exit code out.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "program.h"

namespace sinter::runtime {
namespace {

/// Where the program lies, for the weights file beside it.
std::string program_folder() {
  char path[4096];
  ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  std::string_view whole(path, size > 0 ? static_cast<size_t>(size) : 0);
  size_t slash = whole.rfind('/');
  return slash == std::string_view::npos ? "." : std::string(whole.substr(0, slash));
}

/// Descriptors 0 to 2 that are closed become /dev/null, so that no file opened later is taken for
/// standard output.
void guard_standard_files() {
  for (int file = 0; file < 3; ++file)
    if (fcntl(file, F_GETFD) < 0) open("/dev/null", file == 0 ? O_RDONLY : O_WRONLY);
}

int run(int argc, char** argv) {
  const SinterModel& model = sinter_model;
  Command command = parse_command_line(model, argc, argv);
  command.outputs = spelled_out(model, command.outputs);
  Output out;
  int code = exit_done;
  const char* variable = std::getenv("SINTER_ISA");
  if (command.isa.empty() && variable != nullptr) command.isa = variable;
  int threads = command.threads != 0 ? command.threads : allowed_processors();
  if (command.mode == Command::help) {
    out.text() = help_text(model, argv[0] != nullptr ? argv[0] : model.name);
  } else if (command.mode == Command::version) {
    out.text() = std::string(model.name) + ", made by sinter " + model.version + "\n";
  } else {
    int isa = choose_isa(model, command.isa);
    if (command.mode == Command::info) {
      out.text() = info_text(model, command, isa, threads);
    } else if (command.mode == Command::self_test) {
      code = run_self_test(model, threads, program_folder(), out);
    } else {
      Pool pool(threads);
      Instance instance(model, pool, isa, program_folder());
      if (command.mode == Command::tensors) {
        run_tensors(instance, command);
      } else {
        run_text(instance, command, out);
      }
    }
  }
  out.flush();
  return code;
}

}  // namespace
}  // namespace sinter::runtime

int main(int argc, char** argv) {
  using namespace sinter::runtime;
  guard_standard_files();
  signal(SIGPIPE, SIG_IGN);  // write() then says EPIPE
  signal(SIGXFSZ, SIG_IGN);  // and EFBIG
  try {
    return run(argc, argv);
  } catch (const OutputClosed&) {
    return exit_done;
  } catch (const Error& error) {
    warn(error.sentence);
    return error.code;
  } catch (const std::bad_alloc&) {
    warn("there is not enough memory");
    return exit_resource;
  }
}
