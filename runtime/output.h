// Standard output in large writes, and standard error in whole lines. Non-goals: no formatting.
#ifndef SINTER_RUNTIME_OUTPUT_H
#define SINTER_RUNTIME_OUTPUT_H

#include <string>
#include <string_view>

#include "clock.h"

namespace sinter::runtime {

/// Writes everything; 0 or errno.
int write_all(int file, std::string_view bytes);

/// One line on standard error, "program: text".
void warn(std::string_view text);

/// Thrown where nobody reads standard output any more: the program ends quietly.
struct OutputClosed {};

/// Collects text and writes it to standard output; throws OutputClosed, or an Error where the
/// system refuses it (a full disk).
class Output {
 public:
  std::string& text() { return text_; }
  /// Writes when much has come together, or when nothing has been written for a while: whoever
  /// waits for an answer gets it, and an interrupt loses little. It reads the clock, so it is for
  /// the end of a run of the model, not of a line.
  void flush_large_or_old() {
    if (text_.size() > (1 << 16) || seconds() - written_ > 0.2) flush();
  }
  void flush();

 private:
  std::string text_;
  double written_ = seconds();
};

}  // namespace sinter::runtime
#endif
