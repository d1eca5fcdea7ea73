// Toolchain.h: the environment variable wins, then what this build was configured with, then PATH.
#include "compiler/tools/Toolchain.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "compiler/tools/Process.h"

namespace sinter {
namespace {

namespace fs = std::filesystem;

bool isProgram(const fs::path& path) {
  return fs::is_regular_file(path) && access(path.c_str(), X_OK) == 0;
}

// `name` itself where it is a path, or the first of that name in PATH; empty if there is none.
fs::path findProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return isProgram(name) ? fs::path(name) : fs::path();
  const char* variable = getenv("PATH");
  std::istringstream folders(variable ? variable : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (isProgram(fs::path(folder) / name)) return fs::path(folder) / name;
  return {};
}

std::string required(const char* variable, std::initializer_list<std::string> names,
                     const std::string& what, const std::string& package) {
  if (const char* forced = getenv(variable)) {
    fs::path found = findProgram(forced);
    if (found.empty())
      throw Failure(std::string(variable) + " names '" + forced + "', which cannot be run", 3);
    return found;
  }
  for (const std::string& name : names)
    if (fs::path found = findProgram(name); !found.empty()) return found;
  throw Failure(what + " is missing: install Debian's " + package + ", or set " + variable, 3);
}

}  // namespace

Toolchain::Toolchain() {
  fs::path prefix = fs::canonical("/proc/self/exe").parent_path().parent_path();
  headers_ = prefix / "share/sinter";
  libraries_ = prefix / "lib/sinter";
  if (!fs::exists(headers_ / "dsl"))
    throw Failure(headers_.string() + ": the language's headers are not there", 3);
}

fs::path Toolchain::runtimeLibrary() const { return libraries_ / "libsinter_runtime.a"; }

std::string Toolchain::compiler() const {
  return required("SINTER_CLANG", {SINTER_DEFAULT_CLANG, "clang++-22"},
                  "the C++ compiler for models (clang 22)", "clang-22");
}

std::string Toolchain::linker() const {
  std::string beside = fs::path(compiler()).replace_filename("ld.lld");
  return required("SINTER_LLD", {beside, "ld.lld-22"}, "the linker (lld 22)", "lld-22");
}

}  // namespace sinter
