// Shapes, and the one place where a rule that is broken becomes a sentence.
// Non-goals: the rules themselves (the other files of this folder).
#pragma once
#include "dsl/dim.h"

namespace sinter::rules {

/// Element types, in the order of their names.
enum class DType : unsigned char { f32, f16, bf16, u8, i8, i32, i64, boolean };
inline constexpr std::string_view dtype_names[] = {"f32", "f16", "bf16", "u8",
                                                   "i8",  "i32", "i64",  "bool"};
constexpr std::string_view name_of(DType dtype) {
  return dtype_names[static_cast<std::size_t>(dtype)];
}
constexpr bool is_float(DType dtype) { return dtype <= DType::bf16; }
constexpr bool is_integer(DType dtype) { return !is_float(dtype) && dtype != DType::boolean; }
constexpr bool is_id(DType dtype) { return dtype == DType::i32 || dtype == DType::i64; }

/// An element type and up to eight dimensions; a poisoned one follows an error and causes none.
struct Shape {
  static constexpr int max_rank = 8;
  DType dtype = DType::f32;
  int rank = 0;
  Dim dims[max_rank]{};

  constexpr bool bad() const { return rank < 0; }
  /// Negative axes count from the end. Wants an axis that exists.
  constexpr Dim operator[](int axis) const { return dims[axis < 0 ? rank + axis : axis]; }
  constexpr Dim& operator[](int axis) { return dims[axis < 0 ? rank + axis : axis]; }
  constexpr bool operator==(const Shape& other) const {
    if (dtype != other.dtype || rank != other.rank) return false;
    for (int i = 0; i < rank; ++i)
      if (dims[i] != other.dims[i]) return false;
    return true;
  }
  constexpr Shape with(DType other) const {
    Shape shape = *this;
    shape.dtype = other;
    return shape;
  }
};
inline constexpr Shape poison{DType::f32, -1, {}};

/// The dimensions of one graph and the first rule that it broke.
class Rules {
 public:
  DimTable dims;
  Text error;  // the sentence, without file and line; empty: no rule is broken

  /// "f32[batch, seq~, 768]"
  constexpr Text print(const Shape& shape) const {
    Text text;
    text << name_of(shape.dtype) << '[';
    for (int i = 0; i < shape.rank; ++i) text << (i > 0 ? ", " : "") << dims.print(shape.dims[i]);
    return text << ']';
  }
  constexpr Text print(Dim dim) const { return dims.print(dim); }

  template <class... Parts> constexpr Shape fail(std::string_view op, const Parts&... parts) {
    if (!error.empty()) return poison;
    error << op << ": ";
    (append(parts), ...);
    return poison;
  }
  /// A shape that a rule arrived at; a capacity that was exceeded on the way is an error.
  constexpr Shape checked(std::string_view op, const Shape& shape) {
    if (!dims.error.empty()) return fail(op, std::string_view(dims.error));
    return shape;
  }

 private:
  template <class Part> constexpr void append(const Part& part) {
    if constexpr (requires { part.rank; }) error << print(part);
    else error << part;
  }
};

/// The axis counted from the start, or -1 after an error.
constexpr int find_axis(Rules& r, std::string_view op, const Shape& x, long long axis) {
  const long long found = axis < 0 ? axis + x.rank : axis;
  if (found >= 0 && found < x.rank) return static_cast<int>(found);
  r.fail(op, "axis ", axis, " is outside of ", x);
  return -1;
}

/// A list of integers from either door.
struct Ints {
  const long long* data = nullptr;
  int size = 0;
  constexpr long long operator[](int i) const { return data[i]; }
};

}  // namespace sinter::rules
