// Work in a child process: every way it can end is told, and the parent goes on. Non-goals: what the
// work is.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "compiler/tools/golden/Child.h"

using sinter::golden::ChildResult;
using sinter::golden::runInChild;
using namespace std::chrono_literals;

TEST_CASE("a child's answer arrives whole, larger than a pipe holds and with zero bytes") {
  const std::string large = std::string(300000, 'x') + '\0' + "end";
  const ChildResult result = runInChild(20s, [&] { return large; });
  CHECK(result.problem == "");
  CHECK(result.output == large);
}

TEST_CASE("what a child changes stays in the child") {
  int value = 1;
  CHECK(runInChild(20s, [&] { return std::to_string(++value); }).output == "2");
  CHECK(value == 1);
}

TEST_CASE("a crash is told by its signal, and the next child runs") {
  for (auto [signal, words] : {std::pair{SIGSEGV, "killed by signal 11 (Segmentation fault)"},
                               {SIGFPE, "killed by signal 8 (Floating point exception)"},
                               {SIGILL, "killed by signal 4 (Illegal instruction)"}}) {
    const ChildResult result = runInChild(20s, [signal = signal] {
      std::signal(signal, SIG_DFL);  // Catch's own handler would report it in the child
      raise(signal);
      return std::string("not reached");
    });
    CHECK(result.problem == words);
  }
  CHECK(runInChild(20s, [] { return std::string("fine"); }).output == "fine");
}

TEST_CASE("a child that ends by itself without an answer is told by its exit code") {
  CHECK(runInChild(20s, []() -> std::string { _exit(7); }).problem == "the process ended with 7");
}

TEST_CASE("an endless child is killed when its time is over") {
  const auto begin = std::chrono::steady_clock::now();
  const ChildResult result = runInChild(1s, []() -> std::string {
    while (true) pause();
  });
  CHECK(result.problem == "not done after 1 s");
  CHECK(std::chrono::steady_clock::now() - begin < 15s);
}
