// UTF-8 in and out. Non-goals: no properties of characters (see wordpiece.cpp), no normal forms.
#ifndef SINTER_RUNTIME_UTF8_H
#define SINTER_RUNTIME_UTF8_H

#include <cstdint>
#include <string>
#include <string_view>

namespace sinter::runtime {

/// The code point at `at`, which moves behind it. One maximal invalid part (Unicode 3.9, as WHATWG
/// decodes) gives U+FFFD.
uint32_t next_code_point(std::string_view text, size_t& at);

void append_utf8(std::string& out, uint32_t code_point);

}  // namespace sinter::runtime
#endif
