// Lines of standard input, as they come. Non-goals: no decoding; a line may hold any bytes.
#ifndef SINTER_RUNTIME_LINE_SOURCE_H
#define SINTER_RUNTIME_LINE_SOURCE_H

#include <string>
#include <string_view>

namespace sinter::runtime {

class LineSource {
 public:
  explicit LineSource(int file) : file_(file) {}

  /// The next line without its end ("\n" or "\r\n"), valid until the next call; false at the end of
  /// the input. May wait. The last line needs no end.
  bool next(std::string_view& line);
  /// Whether next() would wait for input now.
  bool would_wait();

 private:
  bool have_line();
  bool read_more();

  int file_;
  std::string buffer_;
  size_t begin_ = 0;    // of what next() has not given yet
  size_t scanned_ = 0;  // no line end before it
  bool ended_ = false;
};

}  // namespace sinter::runtime
#endif
