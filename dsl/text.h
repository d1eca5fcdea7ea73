// Growable arrays and text that work while C++ compiles, on both compilers.
// clang-22 on libstdc++ 12 has no constexpr std::string, and std::vector costs three times the
// steps. Non-goals: exceptions, allocators, anything the language does not need.
#pragma once
#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace sinter {

/// A growable array of values that can be default-constructed.
template <class T> class Vec {
 public:
  constexpr Vec() = default;
  constexpr Vec(std::initializer_list<T> items) {
    for (const T& item : items) push_back(item);
  }
  constexpr Vec(const Vec& other) { append(other); }
  constexpr Vec(Vec&& other) noexcept
      : data_(other.data_), size_(other.size_), capacity_(other.capacity_) {
    other.data_ = nullptr;
    other.size_ = other.capacity_ = 0;
  }
  constexpr Vec& operator=(const Vec& other) {
    if (this != &other) {
      size_ = 0;
      append(other);
    }
    return *this;
  }
  constexpr Vec& operator=(Vec&& other) noexcept {
    if (this != &other) {
      delete[] data_;
      data_ = other.data_;
      size_ = other.size_;
      capacity_ = other.capacity_;
      other.data_ = nullptr;
      other.size_ = other.capacity_ = 0;
    }
    return *this;
  }
  constexpr ~Vec() { delete[] data_; }

  constexpr void push_back(const T& item) {
    if (size_ == capacity_) reserve(2 * capacity_ + 8);
    data_[size_++] = item;
  }
  constexpr void append(const Vec& other) {
    if (size_ + other.size_ > capacity_) reserve(size_ + other.size_ + capacity_ + 8);
    for (std::size_t i = 0; i < other.size_; ++i) data_[size_++] = other.data_[i];
  }
  constexpr void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    T* grown = new T[capacity]{};
    for (std::size_t i = 0; i < size_; ++i) grown[i] = data_[i];
    delete[] data_;
    data_ = grown;
    capacity_ = capacity;
  }
  constexpr void resize(std::size_t size) {
    reserve(size);
    while (size_ < size) data_[size_++] = T{};
    size_ = size;
  }

  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const T* data() const { return data_; }
  constexpr T& operator[](std::size_t i) { return data_[i]; }
  constexpr const T& operator[](std::size_t i) const { return data_[i]; }
  constexpr T& back() { return data_[size_ - 1]; }
  constexpr const T& back() const { return data_[size_ - 1]; }
  constexpr T* begin() { return data_; }
  constexpr T* end() { return data_ + size_; }
  constexpr const T* begin() const { return data_; }
  constexpr const T* end() const { return data_ + size_; }
  constexpr bool operator==(const Vec& other) const {
    if (size_ != other.size_) return false;
    for (std::size_t i = 0; i < size_; ++i)
      if (!(data_[i] == other.data_[i])) return false;
    return true;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

/// Text that grows; numbers are written in decimal.
class Text {
 public:
  constexpr Text() = default;
  constexpr Text(std::string_view text) { *this << text; }
  constexpr Text(const char* text) { *this << std::string_view(text); }

  constexpr Text& operator<<(std::string_view text) {
    for (char c : text) chars_.push_back(c);
    return *this;
  }
  constexpr Text& operator<<(const char* text) { return *this << std::string_view(text); }
  constexpr Text& operator<<(const Text& text) {
    chars_.append(text.chars_);
    return *this;
  }
  constexpr Text& operator<<(char c) {
    chars_.push_back(c);
    return *this;
  }
  constexpr Text& operator<<(long long value) {
    char digits[20]{};
    int count = 0;
    // The smallest number has no positive twin, so the digits come from the negative side.
    long long rest = value < 0 ? value : -value;
    do {
      digits[count++] = static_cast<char>('0' - rest % 10);
      rest /= 10;
    } while (rest != 0);
    if (value < 0) chars_.push_back('-');
    while (count > 0) chars_.push_back(digits[--count]);
    return *this;
  }
  constexpr Text& operator<<(int value) { return *this << static_cast<long long>(value); }
  constexpr Text& operator<<(unsigned value) { return *this << static_cast<long long>(value); }
  constexpr Text& operator<<(long value) { return *this << static_cast<long long>(value); }
  constexpr Text& operator<<(std::size_t value) { return *this << static_cast<long long>(value); }

  constexpr std::size_t size() const { return chars_.size(); }
  constexpr bool empty() const { return chars_.empty(); }
  constexpr std::string_view view() const { return {chars_.data(), chars_.size()}; }
  constexpr operator std::string_view() const { return view(); }
  constexpr bool operator==(std::string_view other) const { return view() == other; }

 private:
  Vec<char> chars_;
};

/// The arguments one after the other.
template <class... Parts> constexpr Text join(const Parts&... parts) {
  Text text;
  (text << ... << parts);
  return text;
}

/// "a.b", or b alone. (g++-12 destroys `c ? Text(x) : Text(y)` twice: write functions like this.)
constexpr Text dotted(std::string_view path, std::string_view name) {
  Text text;
  if (!path.empty()) text << path << '.';
  return text << name;
}

/// Text of a fixed capacity that may be a template argument: names, choices in a configuration.
template <std::size_t Capacity> struct FixedText {
  char chars[Capacity + 1]{};
  constexpr FixedText() = default;
  constexpr FixedText(std::string_view text) {
    std::size_t i = 0;
    for (char c : text) {
      if (i == Capacity) throw "a text is longer than its capacity";  // stops constant evaluation
      chars[i++] = c;
    }
  }
  template <std::size_t N> constexpr FixedText(const char (&text)[N])
      : FixedText(std::string_view(text, N - 1)) {}
  constexpr std::string_view view() const {
    std::size_t n = 0;
    while (n < Capacity && chars[n] != '\0') ++n;
    return {chars, n};
  }
  constexpr operator std::string_view() const { return view(); }
  constexpr bool operator==(const FixedText&) const = default;
  constexpr bool operator==(std::string_view other) const { return view() == other; }
  template <std::size_t N> constexpr bool operator==(const char (&text)[N]) const {
    return view() == std::string_view(text, N - 1);
  }
};

/// A text literal as a template argument of exactly its length.
template <std::size_t N> struct Name {
  char chars[N]{};
  constexpr Name(const char (&text)[N]) {
    for (std::size_t i = 0; i < N; ++i) chars[i] = text[i];
  }
  constexpr std::string_view view() const { return {chars, N - 1}; }
  constexpr operator std::string_view() const { return view(); }
};

}  // namespace sinter
