// Where the C++ compiler, the linker, the language's headers and the runtime library are. Non-goals:
// running them (Process.h).
#pragma once

#include <filesystem>
#include <string>

namespace sinter {

class Toolchain {
 public:
  // Finds Sinter's own files relative to this executable.
  Toolchain();

  std::filesystem::path headers() const { return headers_; }  // holds dsl/ and runtime/
  std::filesystem::path runtimeLibrary() const;

  // Each throws Failure with what to install when the program is missing.
  std::string compiler() const;
  std::string linker() const;

 private:
  std::filesystem::path headers_, libraries_;
};

}  // namespace sinter
