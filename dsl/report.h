// How a broken model stops the compile with its own sentences: clang-22 prints a computed
// static_assert, g++-12 the name of a type that carries the text.
// Non-goals: what the sentences say.
#pragma once
#include "dsl/text.h"

namespace sinter {

/// Text of a known length as a template argument.
template <std::size_t N> struct Message {
  char chars[N + 1]{};
  constexpr Message() = default;
  constexpr Message(std::string_view text) {
    for (std::size_t i = 0; i < N; ++i) chars[i] = text[i];
  }
  constexpr std::size_t size() const { return N; }
  constexpr const char* data() const { return chars; }
};

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc++26-extensions"
template <Message Text> consteval void report() {
  static_assert(false, Text);
}
#pragma clang diagnostic pop
#else
template <Message Text> consteval void MODEL_ERROR();  // never defined: g++ prints its argument
template <Message Text> consteval void report() {
  MODEL_ERROR<Text>();
}
#endif

}  // namespace sinter
