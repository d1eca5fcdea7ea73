// What is checked and computed before a run: symbols, expressions, constraints, lengths, ids.
#include <cstring>
#include <string>

#include "instance.h"

namespace sinter::runtime {
namespace {

constexpr int64_t kUnbound = -1;

std::string quoted(const char* name) { return "'" + std::string(name) + "'"; }

[[noreturn]] void impossible(const SinterEntry& entry) {
  bad_input("the inputs of " + quoted(entry.name) +
            " have impossible sizes: one overflows 64 bits or divides by 0");
}

/// a/b rounded down, or up; b > 0.
int64_t divide(int64_t a, int64_t b, bool up) {
  int64_t quotient = a / b, rest = a % b;
  if (up) return quotient + (rest > 0);
  return quotient - (rest < 0);
}

/// The result of a binary opcode; false where it overflows or divides by no positive number.
bool apply(int64_t opcode, int64_t a, int64_t b, int64_t& result) {
  switch (opcode) {
    case SINTER_ADD: return !__builtin_add_overflow(a, b, &result);
    case SINTER_SUB: return !__builtin_sub_overflow(a, b, &result);
    case SINTER_MUL: return !__builtin_mul_overflow(a, b, &result);
    case SINTER_MIN: result = a < b ? a : b; return true;
    case SINTER_MAX: result = a > b ? a : b; return true;
    case SINTER_FLOORDIV:
    case SINTER_CEILDIV:
      if (b <= 0) return false;
      result = divide(a, b, opcode == SINTER_CEILDIV);
      return true;
    case SINTER_ALIGN: return b > 0 && !__builtin_mul_overflow(divide(a, b, true), b, &result);
    default: return false;
  }
}

const char* relation_text(int32_t relation) {
  return relation == SINTER_EQ ? "equal to" : relation == SINTER_LE ? "at most" : "at least";
}

bool holds(int64_t left, int32_t relation, int64_t right) {
  return relation == SINTER_EQ   ? left == right
         : relation == SINTER_LE ? left <= right
                                 : left >= right;
}

template <class T, class Names>
int find(int count, const T* items, Names name_of, std::string_view name) {
  for (int i = 0; i < count; ++i)
    if (name == name_of(items[i])) return i;
  return -1;
}

/// The first element in [begin, end) that is not 0 … limit - 1, or end.
int64_t first_outside(const Array& array, int64_t begin, int64_t end, int64_t limit) {
  auto scan = [&](auto element) {
    int64_t k = begin;
    while (k < end && static_cast<uint64_t>(element(k)) < static_cast<uint64_t>(limit)) ++k;
    return k;
  };
  if (array.type() == SINTER_I32)
    return scan([ids = array.as<int32_t>()](int64_t k) -> int64_t { return ids[k]; });
  if (array.type() == SINTER_I64)
    return scan([ids = array.as<int64_t>()](int64_t k) { return ids[k]; });
  return scan([&](int64_t k) { return array.integer(k); });
}

}  // namespace

void evaluate(const SinterEntry& entry, std::vector<int64_t>& values) {
  values.resize(entry.expression_count);
  std::vector<int64_t> stack;
  for (int i = entry.symbol_count; i < entry.expression_count; ++i) {
    stack.clear();
    for (int32_t at = entry.code_starts[i]; at < entry.code_starts[i + 1];) {
      int64_t opcode = entry.code[at++];
      if (opcode == SINTER_PUSH) {
        stack.push_back(entry.code[at++]);
      } else if (opcode == SINTER_VALUE) {
        stack.push_back(values[entry.code[at++]]);
      } else {
        int64_t right = stack.back();
        stack.pop_back();
        if (!apply(opcode, stack.back(), right, stack.back())) impossible(entry);
      }
    }
    values[i] = stack.back();
  }
}

Call::Call(const SinterEntry& entry)
    : entry_(&entry),
      pointers_{std::vector<const void*>(entry.input_count), std::vector<void*>(entry.output_count),
                std::vector<const int64_t*>(entry.ragged_count)},
      inputs_(entry.input_count),
      outputs_(entry.output_count),
      wanted_(entry.output_count),
      lengths_(entry.ragged_count) {
  for (int i = 0; i < entry.output_count; ++i) wanted_[i] = entry.outputs[i].askable == 0;
}

int Call::find_input(std::string_view name) const {
  auto name_of = [](const SinterTensor& t) { return t.name; };
  return find(entry_->input_count, entry_->inputs, name_of, name);
}

int Call::find_output(std::string_view name) const {
  auto name_of = [](const SinterTensor& t) { return t.name; };
  return find(entry_->output_count, entry_->outputs, name_of, name);
}

int Call::find_ragged(std::string_view name) const {
  auto name_of = [](const SinterRagged& r) { return r.name; };
  return find(entry_->ragged_count, entry_->ragged, name_of, name);
}

const std::vector<int64_t>* Call::output_lengths(int i) const {
  int32_t ragged = entry_->outputs[i].ragged_symbol;
  return ragged < 0 ? nullptr : &lengths_[ragged];
}

void Call::prepare(int threads) {
  values_.assign(entry_->symbol_count, kUnbound);
  if (entry_->threads_symbol >= 0) values_[entry_->threads_symbol] = threads;
  convert_inputs();
  bind_symbols();
  evaluate(*entry_, values_);
  check_extents();
  check_constraints();
  check_lengths();
  for (int i = 0; i < entry_->input_count; ++i) check_rows(i);
  prepare_outputs();
}

void Call::convert_inputs() {
  for (int i = 0; i < entry_->input_count; ++i) {
    const SinterTensor& wanted = entry_->inputs[i];
    Array& given = inputs_[i];
    if (given.data() == nullptr) bad_input("the input " + quoted(wanted.name) + " is missing");
    if (given.type() != wanted.type) {
      if (!convertible(given.type(), wanted.type))
        bad_input("the input " + quoted(wanted.name) + " is " + type_name(wanted.type) +
                  ", but it was given as " + type_name(given.type()));
      converted_.resize(wanted.type, given.shape());
      convert(given.data(), given.type(), converted_.data(), wanted.type, given.count(),
              ("the input " + quoted(wanted.name)).c_str());
      std::swap(converted_, given);
    }
    if (given.shape().size() != static_cast<size_t>(wanted.rank))
      bad_input("the input " + quoted(wanted.name) + " has " + std::to_string(wanted.rank) +
                " axes, but it was given with shape " + shape_text(given.shape()));
  }
}

void Call::bind_symbols() {
  for (int i = 0; i < entry_->input_count; ++i)
    for (int axis = 0; axis < entry_->inputs[i].rank; ++axis) {
      int32_t symbol = entry_->inputs[i].extents[axis];
      if (symbol < entry_->symbol_count && values_[symbol] == kUnbound)
        values_[symbol] = inputs_[i].shape()[axis];
    }
  for (int s = 0; s < entry_->symbol_count; ++s)
    if (values_[s] == kUnbound)
      bad_input("the size " + quoted(entry_->symbols[s]) + " of " + quoted(entry_->name) +
                " is no axis of any input, so nothing tells it");
}

void Call::check_extents() const {
  for (int i = 0; i < entry_->input_count; ++i) {
    const SinterTensor& wanted = entry_->inputs[i];
    const Shape& given = inputs_[i].shape();
    for (int axis = 0; axis < wanted.rank; ++axis) {
      int64_t extent = values_[wanted.extents[axis]];
      if (given[axis] == extent) continue;
      std::string symbol;
      if (wanted.extents[axis] < entry_->symbol_count)
        symbol = " (" + std::string(entry_->symbols[wanted.extents[axis]]) + ")";
      bad_input("axis " + std::to_string(axis) + " of the input " + quoted(wanted.name) +
                " must be " + std::to_string(extent) + symbol + ", but its shape is " +
                shape_text(given));
    }
  }
}

void Call::check_constraints() const {
  for (int i = 0; i < entry_->constraint_count; ++i) {
    const SinterConstraint& c = entry_->constraints[i];
    int64_t left = values_[c.left], right = values_[c.right];
    if (holds(left, c.relation, right)) continue;
    bad_input("the model needs " + std::string(c.text) + ", but " + std::to_string(left) +
              " is not " + relation_text(c.relation) + " " + std::to_string(right));
  }
}

void Call::check_lengths() {
  for (int i = 0; i < entry_->ragged_count; ++i) {
    const SinterRagged& ragged = entry_->ragged[i];
    int64_t rows = values_[ragged.row_extent], longest = values_[ragged.symbol];
    std::vector<int64_t>& lengths = lengths_[i];
    if (lengths.empty()) lengths.assign(static_cast<size_t>(rows), longest);
    if (lengths.size() != static_cast<size_t>(rows))
      bad_input("'" + std::string(ragged.name) + ".lengths' has " + std::to_string(lengths.size()) +
                " rows instead of " + std::to_string(rows));
    for (size_t row = 0; row < lengths.size(); ++row)
      if (lengths[row] < 0 || lengths[row] > longest)
        bad_input("'" + std::string(ragged.name) + ".lengths' has " + std::to_string(lengths[row]) +
                  " in row " + std::to_string(row) + "; it must be 0 … " + std::to_string(longest));
  }
}

// Zeroes elements [live, end) of an input and checks the ids in [begin, live).
void Call::check_part(int i, int64_t begin, int64_t live, int64_t end) {
  const SinterTensor& tensor = entry_->inputs[i];
  Array& array = inputs_[i];
  const size_t width = type_size(array.type());
  if (live < end)
    std::memset(array.as<char>() + live * int64_t(width), 0, size_t(end - live) * width);
  if (tensor.id_limit == 0) return;
  const int64_t k = first_outside(array, begin, live, tensor.id_limit);
  if (k == live) return;
  const int64_t row = array.shape().empty() ? 0 : k / (array.count() / array.shape()[0]);
  bad_input("the input " + quoted(tensor.name) + " has the id " + std::to_string(array.integer(k)) +
            " in row " + std::to_string(row) + "; it must be 0 … " +
            std::to_string(tensor.id_limit - 1));
}

// The array is (places before the ragged axis, extent of the axis, inner). The axis of rows stands
// before the ragged one or, in a transposed input, behind it, as part of `inner`.
void Call::check_rows(int i) {
  const SinterTensor& tensor = entry_->inputs[i];
  const Array& array = inputs_[i];
  if (array.count() == 0) return;
  const int32_t axis = tensor.ragged_axis;
  int rows_axis = -1;
  if (tensor.ragged_symbol >= 0 && axis >= 0)
    for (int other = 0; other < tensor.rank && rows_axis < 0; ++other)
      if (other != axis && tensor.extents[other] == entry_->ragged[tensor.ragged_symbol].row_extent)
        rows_axis = other;
  if (rows_axis < 0) return check_part(i, 0, array.count(), array.count());
  const std::vector<int64_t>& lengths = lengths_[tensor.ragged_symbol];
  const Shape& shape = array.shape();
  auto product = [&](int from, int to) {
    int64_t elements = 1;
    for (int other = from; other < to; ++other) elements *= shape[other];
    return elements;
  };
  const int64_t outer = product(0, axis), extent = shape[axis];
  const int64_t inner = product(axis + 1, tensor.rank), rows = shape[rows_axis];
  if (rows_axis < axis) {
    const int64_t between = product(rows_axis + 1, axis);
    for (int64_t o = 0; o < outer; ++o) {
      const int64_t begin = o * extent * inner;
      const int64_t length = lengths[static_cast<size_t>(o / between % rows)];
      check_part(i, begin, begin + length * inner, begin + extent * inner);
    }
    return;
  }
  const int64_t part = product(rows_axis + 1, tensor.rank);  // elements of one row at one place
  for (int64_t p = 0; p < array.count() / part; ++p) {
    const bool is_own = p / (inner / part) % extent < lengths[static_cast<size_t>(p % rows)];
    check_part(i, p * part, is_own ? (p + 1) * part : p * part, (p + 1) * part);
  }
}

void Call::prepare_outputs() {
  for (int i = 0; i < entry_->output_count; ++i) {
    if (!wanted_[i]) continue;
    const SinterTensor& tensor = entry_->outputs[i];
    Shape shape;
    for (int axis = 0; axis < tensor.rank; ++axis) shape.push_back(values_[tensor.extents[axis]]);
    for (int64_t extent : shape)
      if (extent < 0)
        bad_input("the inputs are too small: the output " + quoted(tensor.name) +
                  " would have shape " + shape_text(shape));
    outputs_[i].resize(tensor.type, shape);
    if (tensor.ragged_symbol >= 0) outputs_[i].fill_zero();
  }
}

}  // namespace sinter::runtime
