// Rows of ids that wait to become a model's input: [batch, seq], ragged, dense of any length, or of
// a fixed width. Non-goals: no text.
#ifndef SINTER_RUNTIME_ID_ROWS_H
#define SINTER_RUNTIME_ID_ROWS_H

#include <cstdint>
#include <vector>

#include "runtime/instance.h"

namespace sinter::runtime {

class IdRows {
 public:
  /// For input `input` of the entry, filled up with `pad` where it is not ragged.
  IdRows(const SinterEntry& entry, int input, int32_t pad);

  /// Refuses a vocabulary of `size` ids where the model's table has fewer rows.
  void must_take(int64_t size) const;
  void push(int32_t id) { ids_.push_back(id); }
  /// Ids of the row that is being made.
  int64_t open_size() const { return static_cast<int64_t>(ids_.size() - closed()); }
  /// Cuts the row that is being made down to `size` ids.
  void cut(int64_t size) { ids_.resize(closed() + static_cast<size_t>(size)); }
  /// Leaves each id of the row that is being made once, in rising order.
  void make_distinct();
  std::vector<int32_t>& ids() { return ids_; }
  /// Ends the row and returns its length.
  int64_t close();
  /// Moves the first `rows` into the call.
  void fill(Call& call, int64_t rows);

  const char* name() const { return tensor_.name; }
  bool ragged() const { return tensor_.ragged_symbol >= 0; }
  /// The width that the input declares, or -1.
  int64_t width() const { return width_; }
  /// Rows of different lengths cannot share a call.
  bool equal_lengths() const { return !ragged() && width_ < 0; }

 private:
  size_t closed() const { return ends_.empty() ? 0 : ends_.back(); }

  const SinterTensor& tensor_;
  int input_;
  int32_t pad_;
  int64_t width_;
  std::vector<int32_t> ids_;
  std::vector<size_t> ends_;
};

}  // namespace sinter::runtime
#endif
