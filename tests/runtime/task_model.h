// Entries, options and assets made for one test of a reader or writer. Non-goals: nothing runs.
#ifndef SINTER_TESTS_RUNTIME_TASK_MODEL_H
#define SINTER_TESTS_RUNTIME_TASK_MODEL_H

#include <deque>
#include <string>
#include <vector>

#include "runtime/task.h"

/// An entry over the symbols batch, seq and threads. Axes: 'b' batch, 's' seq (ragged), 'd' seq
/// (dense), or a number. With Symbols::all also 't' texts, 'w' words (ragged, of texts) and 'l'
/// links (ragged).
class TaskModel {
 public:
  struct Axis {
    Axis(char symbol) : symbol(symbol) {}
    Axis(int number) : number(number) {}
    char symbol = 0;
    int number = 0;
  };

  enum class Symbols { usual = 3, all = 6 };
  explicit TaskModel(Symbols symbols = Symbols::usual)
      : symbols_(static_cast<int>(symbols)), starts_(static_cast<size_t>(symbols_) + 1, 0) {}

  TaskModel& input(const char* name, int32_t type, std::vector<Axis> axes) {
    inputs_.push_back(tensor(name, type, axes));
    return *this;
  }
  TaskModel& output(const char* name, int32_t type, std::vector<Axis> axes) {
    outputs_.push_back(tensor(name, type, axes));
    return *this;
  }
  TaskModel& option(const char* key, const char* value) {
    options_.push_back({key, value});
    return *this;
  }
  TaskModel& asset(const char* name, std::string bytes) {
    kept_.push_back(std::move(bytes));
    assets_.push_back(
        {name, reinterpret_cast<const unsigned char*>(kept_.back().data()), kept_.back().size()});
    return *this;
  }
  /// seq <= limit
  TaskModel& limit(int most) {
    constraints_.push_back({1, constant(most), SINTER_LE, "seq <= limit"});
    return *this;
  }

  const SinterEntry& entry() {
    entry_ = {};
    entry_.name = "forward";
    entry_.input_count = static_cast<int32_t>(inputs_.size());
    entry_.output_count = static_cast<int32_t>(outputs_.size());
    entry_.symbol_count = symbols_;
    entry_.ragged_count = symbols_ == static_cast<int>(Symbols::all) ? 3 : 1;
    entry_.constraint_count = static_cast<int32_t>(constraints_.size());
    entry_.expression_count = static_cast<int32_t>(starts_.size()) - 1;
    entry_.threads_symbol = 2;
    entry_.inputs = inputs_.data();
    entry_.outputs = outputs_.data();
    entry_.symbols = kSymbols;
    entry_.ragged = kRagged;
    entry_.constraints = constraints_.data();
    entry_.code = code_.data();
    entry_.code_starts = starts_.data();
    return entry_;
  }

  const SinterModel& model() {
    model_ = {};
    model_.name = "task";
    model_.option_count = static_cast<int32_t>(options_.size());
    model_.options = options_.data();
    model_.asset_count = static_cast<int32_t>(assets_.size());
    model_.assets = assets_.data();
    return model_;
  }

  std::unique_ptr<sinter::runtime::Reader> make(const SinterReader& reader) {
    return reader.make(sinter::runtime::Options(model()), entry());
  }
  std::unique_ptr<sinter::runtime::Writer> make(const SinterWriter& writer) {
    return writer.make(sinter::runtime::Options(model()), entry());
  }

 private:
  static constexpr const char* kSymbols[] = {"batch", "seq", "threads", "texts", "words", "links"};
  static constexpr SinterRagged kRagged[] = {{"seq", 1, 0}, {"words", 4, 3}, {"links", 5, 0}};
  static int symbol_of(char axis) { return axis == 'd' ? 1 : std::string("bs_twl").find(axis); }
  static int ragged_of(char axis) {
    return axis == 's' ? 0 : axis == 'w' ? 1 : axis == 'l' ? 2 : -1;
  }

  int32_t constant(int value) {
    code_.push_back(SINTER_PUSH);
    code_.push_back(value);
    starts_.push_back(static_cast<int32_t>(code_.size()));
    return static_cast<int32_t>(starts_.size()) - 2;
  }

  SinterTensor tensor(const char* name, int32_t type, const std::vector<Axis>& axes) {
    SinterTensor t = {name, type, static_cast<int32_t>(axes.size()), nullptr, -1, -1, 0, 0};
    extents_.emplace_back();
    for (const Axis& axis : axes) {
      if (int ragged = ragged_of(axis.symbol); ragged >= 0) {
        t.ragged_axis = static_cast<int32_t>(extents_.back().size());
        t.ragged_symbol = ragged;
      }
      extents_.back().push_back(axis.symbol != 0 ? symbol_of(axis.symbol) : constant(axis.number));
    }
    t.extents = extents_.back().data();
    return t;
  }

  int symbols_;
  std::vector<int64_t> code_;
  std::vector<int32_t> starts_;
  std::vector<SinterTensor> inputs_, outputs_;
  std::vector<SinterConstraint> constraints_;
  std::vector<SinterOption> options_;
  std::vector<SinterAsset> assets_;
  std::deque<std::string> kept_;
  std::deque<std::vector<int32_t>> extents_;
  SinterEntry entry_;
  SinterModel model_;
};

/// The elements of an integer array.
inline std::vector<int64_t> integers(const sinter::runtime::Array& array) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < array.count(); ++i) all.push_back(array.integer(i));
  return all;
}

#endif
