// Rows of ids; see id_rows.h.
#include "id_rows.h"

#include <algorithm>
#include <string>

#include "task.h"

namespace sinter::runtime {
namespace {

template <class T>
void place(T* out, const int32_t* ids, int64_t length, int64_t width, int32_t pad) {
  std::copy(ids, ids + length, out);
  std::fill(out + length, out + width, static_cast<T>(pad));
}

}  // namespace

IdRows::IdRows(const SinterEntry& entry, int input, int32_t pad)
    : tensor_(entry.inputs[input]), input_(input), pad_(pad) {
  if (tensor_.rank != 2 || (tensor_.type != SINTER_I32 && tensor_.type != SINTER_I64))
    fail(exit_usage,
         "the task's input '" + std::string(tensor_.name) + "' must be a matrix of i32 or i64 ids");
  width_ = constant_extent(entry, tensor_, 1);
}

void IdRows::make_distinct() {
  auto begin = ids_.begin() + static_cast<std::ptrdiff_t>(closed());
  std::sort(begin, ids_.end());
  ids_.erase(std::unique(begin, ids_.end()), ids_.end());
}

void IdRows::must_take(int64_t size) const {
  if (tensor_.id_limit > 0 && size > tensor_.id_limit)
    fail(exit_usage, "the vocabulary has " + std::to_string(size) + " ids, but the model's table " +
                         std::to_string(tensor_.id_limit) + " rows");
}

int64_t IdRows::close() {
  int64_t length = open_size();
  if (width_ >= 0 && length > width_)
    bad_input("it has " + std::to_string(length) + " symbols, the model takes " +
              std::to_string(width_));
  ends_.push_back(ids_.size());
  return length;
}

void IdRows::fill(Call& call, int64_t rows) {
  int64_t longest = std::max<int64_t>(width_, 0);
  std::vector<int64_t> lengths;
  size_t begin = 0;
  for (int64_t row = 0; row < rows; ++row) {
    lengths.push_back(static_cast<int64_t>(ends_[row] - begin));
    longest = std::max(longest, lengths.back());
    begin = ends_[row];
  }
  Array& array = call.input(input_);
  array.resize(tensor_.type, {rows, longest});
  const int32_t* ids = ids_.data();
  for (int64_t row = 0; row < rows; ++row) {
    if (tensor_.type == SINTER_I32) {
      place(array.as<int32_t>() + row * longest, ids, lengths[row], longest, pad_);
    } else {
      place(array.as<int64_t>() + row * longest, ids, lengths[row], longest, pad_);
    }
    ids += lengths[row];
  }
  if (ragged()) call.lengths(tensor_.ragged_symbol) = lengths;
  ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(begin));
  ends_.erase(ends_.begin(), ends_.begin() + rows);
  for (size_t& end : ends_) end -= begin;
}

}  // namespace sinter::runtime
