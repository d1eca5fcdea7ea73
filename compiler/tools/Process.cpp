// Process.h: posix_spawn with both outputs collected through temporary files, which cannot fill up
// and block as pipes do.
#include "compiler/tools/Process.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

extern char** environ;

namespace sinter {
namespace {

using File = std::unique_ptr<FILE, int (*)(FILE*)>;

File temporaryFile() {
  File file(tmpfile(), fclose);
  if (!file) throw Failure(std::string("no temporary file: ") + strerror(errno), 3);
  return file;
}

std::string contents(FILE* file) {
  std::string text;
  rewind(file);
  char block[1 << 14];
  while (size_t n = fread(block, 1, sizeof block, file)) text.append(block, n);
  return text;
}

}  // namespace

ProcessResult runProcess(const std::vector<std::string>& command, const std::string& input) {
  File out = temporaryFile(), err = temporaryFile();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
                                   input.empty() ? "/dev/null" : input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(err.get()), STDERR_FILENO);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t child = 0;
  int error = posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error) throw Failure(command[0] + " cannot be started: " + strerror(error), 3);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, contents(out.get()), contents(err.get())};
}

PrivateDirectory::PrivateDirectory(std::string keepAt) : keep_(!keepAt.empty()) {
  if (keep_) {
    path_ = keepAt;
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (error) throw Failure(keepAt + ": " + error.message());
    return;
  }
  std::string name = std::filesystem::temp_directory_path() / "sinter-XXXXXX";
  if (!mkdtemp(name.data())) throw Failure(name + ": " + strerror(errno), 3);
  path_ = name;
}

PrivateDirectory::~PrivateDirectory() {
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(path_, ignored);
}

std::string readFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path))
    throw Failure(path.string() + ": " + (std::filesystem::is_directory(path) ? "is a directory"
                                                                              : strerror(errno)));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void writeFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Failure(path.string() + ": cannot be written: " + strerror(errno), 3);
}

}  // namespace sinter
