// The fields of an aggregate and their names, without macros: what C++26 reflection will replace.
// A name is read from the compiler's spelling of a pointer to a field of an object that is never
// defined. Non-goals: bases, private fields, references, C arrays.
#pragma once
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sinter::fields {

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc++26-extensions"
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"

template <class T> constexpr auto tie(T& object) {
  if constexpr (std::is_empty_v<T>) {
    return std::tuple<>();
  } else {
    auto& [... field] = object;
    return std::tie(field...);
  }
}
#else
struct Any {
  template <class T> constexpr operator T() const;
};
template <class T, class... A> consteval std::size_t arity() {
  if constexpr (requires { T{A{}..., Any{}}; }) return arity<T, A..., Any>();
  else return sizeof...(A);
}
// One rung for each number of fields; beyond the last the compile stops with a sentence.
template <class T> constexpr auto tie(T& object) {
  constexpr std::size_t n = arity<std::remove_const_t<T>>();
  static_assert(n <= 24, "a module has at most 24 fields; group some in a struct");
  if constexpr (n == 0) { return std::tuple<>(); }
  else if constexpr (n == 1) { auto& [a] = object; return std::tie(a); }
  else if constexpr (n == 2) { auto& [a, b] = object; return std::tie(a, b); }
  else if constexpr (n == 3) { auto& [a, b, c] = object; return std::tie(a, b, c); }
  else if constexpr (n == 4) { auto& [a, b, c, d] = object; return std::tie(a, b, c, d); }
  else if constexpr (n == 5) { auto& [a, b, c, d, e] = object; return std::tie(a, b, c, d, e); }
  else if constexpr (n == 6) { auto& [a, b, c, d, e, f] = object; return std::tie(a, b, c, d, e, f); }
  else if constexpr (n == 7) { auto& [a, b, c, d, e, f, g] = object; return std::tie(a, b, c, d, e, f, g); }
  else if constexpr (n == 8) { auto& [a, b, c, d, e, f, g, h] = object; return std::tie(a, b, c, d, e, f, g, h); }
  else if constexpr (n == 9) { auto& [a, b, c, d, e, f, g, h, i] = object; return std::tie(a, b, c, d, e, f, g, h, i); }
  else if constexpr (n == 10) { auto& [a, b, c, d, e, f, g, h, i, j] = object; return std::tie(a, b, c, d, e, f, g, h, i, j); }
  else if constexpr (n == 11) { auto& [a, b, c, d, e, f, g, h, i, j, k] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k); }
  else if constexpr (n == 12) { auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l); }
  else if constexpr (n == 13) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m); }
  else if constexpr (n == 14) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o); }
  else if constexpr (n == 15) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p); }
  else if constexpr (n == 16) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q); }
  else if constexpr (n == 17) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r); }
  else if constexpr (n == 18) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s); }
  else if constexpr (n == 19) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t); }
  else if constexpr (n == 20) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u); }
  else if constexpr (n == 21) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v); }
  else if constexpr (n == 22) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w); }
  else if constexpr (n == 23) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x); }
  else { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y] = object; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y); }
}
#endif

namespace detail {
template <class T> struct Holder {
  T value;
};
template <class T> extern const Holder<T> never_defined;
template <class P> struct Pointer {
  P pointer;
};
template <class P> Pointer(P) -> Pointer<P>;
template <class T, std::size_t I> consteval auto address() {
  return Pointer{&std::get<I>(tie(never_defined<T>.value))};
}
constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
/// The last identifier in the spelling of P; a trailing '_' is for names that C++ reserves.
template <auto P> consteval std::string_view last_word() {
  std::string_view text = __PRETTY_FUNCTION__;
  if (const auto semicolon = text.find("; std::string_view"); semicolon != text.npos)
    text = text.substr(0, semicolon);
  std::size_t end = text.size();
  while (!is_word(text[end - 1])) --end;
  std::size_t begin = end;
  while (is_word(text[begin - 1])) --begin;
  if (end - begin > 1 && text[end - 1] == '_') --end;
  return text.substr(begin, end - begin);
}
}  // namespace detail

/// The name of a class without namespaces and arguments, as it is written in the program.
template <class T> consteval std::string_view type_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  text = text.substr(text.find("T = ") + 4);
  std::size_t begin = 0, end = 0;
  while (end < text.size() && (detail::is_word(text[end]) || text[end] == ':' || text[end] == ' ' ||
                               text[end] == '(' || text[end] == ')' || text[end] == '{' ||
                               text[end] == '}')) {
    if (!detail::is_word(text[end])) begin = end + 1;
    ++end;
  }
  return text.substr(begin, end - begin);
}

template <class T>
inline constexpr std::size_t count = std::tuple_size_v<decltype(tie(std::declval<T&>()))>;

/// The name of field I of T, as it is written in the program.
template <class T, std::size_t I>
inline constexpr std::string_view name = detail::last_word<detail::address<T, I>()>();

/// visit(field, name) for each field in order.
template <class T, class Visit> constexpr void each(T& object, Visit&& visit) {
  auto all = tie(object);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(std::get<I>(all), name<std::remove_const_t<T>, I>), ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(all)>>{});
}

#ifdef __clang__
#pragma clang diagnostic pop
#endif

}  // namespace sinter::fields
