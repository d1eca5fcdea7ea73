// Starts other programs and keeps their output, and owns the private directory of one run of a tool.
// Non-goals: shells, pipelines, time limits.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace sinter {

// What ends a subcommand: a sentence for the user and the exit code (1 bad input, 2 usage, 3 the
// machine lacks something).
struct Failure : std::runtime_error {
  explicit Failure(const std::string& sentence, int code = 1)
      : std::runtime_error(sentence), exitCode(code) {}
  int exitCode;
};

struct ProcessResult {
  int status = 0;  // the exit code, or 128 + the signal that ended it
  std::string out, err;
};

// Runs command[0] with the other words as its arguments and the file `input` (empty: nothing) as
// its standard input; throws Failure if it cannot be started.
ProcessResult runProcess(const std::vector<std::string>& command, const std::string& input = "");

// A directory only this user can read, removed with all it holds unless the user asked to keep it.
class PrivateDirectory {
 public:
  explicit PrivateDirectory(std::string keepAt = "");
  ~PrivateDirectory();
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
  bool keep_;
};

std::string readFile(const std::filesystem::path& path);
void writeFile(const std::filesystem::path& path, const std::string& text);

}  // namespace sinter
