// Work in a process of its own, so that a crash or an endless loop of the compiler or of generated
// code ends one case and not the run. The child is a copy of this process: nothing is started or sent to it.
// Non-goals: other programs (Process.h), several children at once.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace sinter::golden {

struct ChildResult {
  std::string output;   // what `work` returned
  std::string problem;  // how else the child ended: "killed by signal 11 (Segmentation fault)"
};

/// Waits for the child and kills it when `limit` is over. `work` must not throw.
ChildResult runInChild(std::chrono::seconds limit, const std::function<std::string()>& work);

}  // namespace sinter::golden
