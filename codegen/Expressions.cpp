// Builds and evaluates the postfix programs of runtime/abi.h.
#include <algorithm>
#include <cassert>
#include <optional>

#include "codegen/Descriptor.h"

namespace sinter {
namespace {

int64_t floorDiv(int64_t x, int64_t y) { return x / y - (x % y != 0 && (x < 0) != (y < 0)); }
int64_t ceilDiv(int64_t x, int64_t y) { return x / y + (x % y != 0 && (x < 0) == (y < 0)); }

/// Nothing where 64 bits do not hold the result, or there is none.
std::optional<int64_t> apply(int64_t op, int64_t x, int64_t y) {
  int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case SINTER_ADD: overflow = __builtin_add_overflow(x, y, &result); break;
    case SINTER_SUB: overflow = __builtin_sub_overflow(x, y, &result); break;
    case SINTER_MUL: overflow = __builtin_mul_overflow(x, y, &result); break;
    case SINTER_MIN: result = std::min(x, y); break;
    case SINTER_MAX: result = std::max(x, y); break;
    case SINTER_FLOORDIV:
    case SINTER_CEILDIV:
    case SINTER_ALIGN:
      if (y <= 0) return std::nullopt;
      result = op == SINTER_FLOORDIV ? floorDiv(x, y) : ceilDiv(x, y);
      if (op == SINTER_ALIGN) overflow = __builtin_mul_overflow(result, y, &result);
      break;
    default: return std::nullopt;
  }
  if (overflow) return std::nullopt;
  return result;
}

}  // namespace

int32_t Expressions::symbol(std::string name) {
  assert(programs.size() == names.size() && "symbols come before other expressions");
  names.push_back(std::move(name));
  programs.emplace_back();
  return size() - 1;
}

int32_t Expressions::intern(std::vector<int64_t> program) {
  auto [place, isNew] = known.try_emplace(program, size());
  if (isNew) programs.push_back(std::move(program));
  return place->second;
}

int32_t Expressions::constant(int64_t value) { return intern({SINTER_PUSH, value}); }

std::optional<int64_t> Expressions::asConstant(int32_t i) const {
  const std::vector<int64_t>& program = programs[i];
  if (program.size() != 2 || program[0] != SINTER_PUSH) return std::nullopt;
  return program[1];
}

int32_t Expressions::binary(SinterOpcode op, int32_t left, int32_t right) {
  std::optional<int64_t> x = asConstant(left), y = asConstant(right);
  if (x && y)
    if (auto folded = apply(op, *x, *y)) return constant(*folded);
  bool commutes = op == SINTER_ADD || op == SINTER_MUL || op == SINTER_MIN || op == SINTER_MAX;
  if (commutes && (x || (!y && right < left))) std::swap(left, right), std::swap(x, y);
  bool isSum = op == SINTER_ADD || op == SINTER_SUB;
  bool isProduct = op == SINTER_MUL || op == SINTER_FLOORDIV || op == SINTER_CEILDIV ||
                   op == SINTER_ALIGN;
  if (y && ((isSum && *y == 0) || (isProduct && *y == 1))) return left;
  if ((op == SINTER_MIN || op == SINTER_MAX) && left == right) return left;
  if (op == SINTER_MUL && y && *y == 0) return right;
  std::vector<int64_t> program;
  for (auto [index, value] : {std::pair(left, x), std::pair(right, y)}) {
    program.push_back(value ? SINTER_PUSH : SINTER_VALUE);
    program.push_back(value ? *value : index);
  }
  program.push_back(op);
  return intern(std::move(program));
}

std::optional<std::vector<int64_t>> Expressions::evaluate(
    std::span<const int64_t> symbolValues) const {
  assert(symbolValues.size() == names.size());
  std::vector<int64_t> values(symbolValues.begin(), symbolValues.end());
  for (size_t i = names.size(); i < programs.size(); ++i) {
    std::vector<int64_t> stack;
    const std::vector<int64_t>& program = programs[i];
    for (size_t at = 0; at < program.size(); ++at) {
      int64_t op = program[at];
      if (op == SINTER_PUSH || op == SINTER_VALUE) {
        int64_t operand = program[++at];
        stack.push_back(op == SINTER_PUSH ? operand : values[operand]);
        continue;
      }
      int64_t right = stack.back();
      stack.pop_back();
      auto result = apply(op, stack.back(), right);
      if (!result) return std::nullopt;
      stack.back() = *result;
    }
    values.push_back(stack.back());
  }
  return values;
}

}  // namespace sinter
