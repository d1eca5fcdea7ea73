// Runs a reader that cannot be trusted with damaged files in a child process. The HDF5 library
// checks too little: a bad file can make it crash, loop or ask for any amount of memory. In a
// child that is one more way to fail, with limits on time and memory.
// Non-goals: no protection from malice beyond that; the child has the parent's rights.
#ifndef SINTER_COMPILER_WEIGHTS_ISOLATED_H
#define SINTER_COMPILER_WEIGHTS_ISOLATED_H

#include "Source.h"

namespace sinter::weights {

// Memory that both processes see.
class SharedOutput {
 public:
  SharedOutput();
  ~SharedOutput();
  SharedOutput(const SharedOutput&) = delete;
  SharedOutput& operator=(const SharedOutput&) = delete;

  std::byte* resize(uint64_t bytes);  // called by the child, once
  void write(std::string_view text);  // instead of resize
  Bytes map() const;                  // called by the parent, afterwards

 private:
  int file;
};

// Runs `work` in a child; what it wrote is the result. A Failure thrown there is thrown here.
Bytes isolated(const Source& source, const std::function<void(SharedOutput&)>& work);

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_ISOLATED_H
