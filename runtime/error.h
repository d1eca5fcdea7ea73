// What the runtime throws and the exit codes of a produced program. Non-goals: no categories beyond
// the four codes, no chains of causes: an error is one sentence.
#ifndef SINTER_RUNTIME_ERROR_H
#define SINTER_RUNTIME_ERROR_H

#include <string>
#include <utility>

namespace sinter::runtime {

enum Exit { exit_done = 0, exit_bad_input = 1, exit_usage = 2, exit_resource = 3 };

struct Error {
  Exit code;
  std::string sentence;  // no newline, no program name
};

[[noreturn]] inline void fail(Exit code, std::string sentence) {
  throw Error{code, std::move(sentence)};
}
[[noreturn]] inline void bad_input(std::string sentence) {
  fail(exit_bad_input, std::move(sentence));
}

}  // namespace sinter::runtime
#endif
