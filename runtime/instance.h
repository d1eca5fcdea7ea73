// A model in memory and one call of it: what binaries, libraries and the reference tools share.
//
//   Pool pool(2);
//   Instance instance(sinter_model, pool, choose_isa(sinter_model, ""), "");
//   Call call(*find_entry(sinter_model, ""));
//   call.input(0).resize(SINTER_I32, {1, 3});   // then fill call.input(0).as<int32_t>()
//   call.lengths(0) = {3};                      // one vector for each ragged symbol
//   instance.run(call);                         // throws Error
//   call.output(0).as<float>();                 // shape: call.output(0).shape()
//
// An instance is thread-compatible: several may run at once, one must not. A call keeps its memory
// for the next run. Non-goals: no text, no files but the weights, no batching.
#ifndef SINTER_RUNTIME_INSTANCE_H
#define SINTER_RUNTIME_INSTANCE_H

#include <string>
#include <string_view>
#include <vector>

#include "abi.h"
#include "array.h"
#include "error.h"
#include "isa.h"
#include "pool.h"

namespace sinter::runtime {

/// An entry's inputs, row lengths and, after a run, outputs.
class Call {
 public:
  explicit Call(const SinterEntry& entry);

  const SinterEntry& entry() const { return *entry_; }
  Array& input(int i) { return inputs_[i]; }
  std::vector<int64_t>& lengths(int ragged) { return lengths_[ragged]; }
  const std::vector<int64_t>& lengths(int ragged) const { return lengths_[ragged]; }
  const Array& output(int i) const { return outputs_[i]; }
  bool wanted(int i) const { return wanted_[i]; }
  /// Outputs are wanted from the start unless they are only computed when asked for.
  void want(int i, bool wanted) { wanted_[i] = wanted; }
  /// The lengths of an output's rows, or null where it is not ragged.
  const std::vector<int64_t>* output_lengths(int i) const;
  /// Index by name, -1 where there is none.
  int find_input(std::string_view name) const;
  int find_output(std::string_view name) const;
  int find_ragged(std::string_view name) const;

  /// Binds symbols, evaluates and checks everything that can be checked before the run; an Error
  /// names the input, row and value. Converts integer inputs; zeroes what lies beyond ragged rows.
  void prepare(int threads);
  const std::vector<int64_t>& values() const { return values_; }  // after prepare()

 private:
  friend class Instance;
  void convert_inputs();
  void bind_symbols();
  void check_extents() const;
  void check_constraints() const;
  void check_lengths();
  void check_rows(int i);
  void check_part(int i, int64_t begin, int64_t live, int64_t end);
  void prepare_outputs();

  /// SinterCall's arrays, kept so that a run allocates nothing for them.
  struct Pointers {
    std::vector<const void*> inputs;
    std::vector<void*> outputs;
    std::vector<const int64_t*> lengths;
  };

  const SinterEntry* entry_;
  Pointers pointers_;
  std::vector<Array> inputs_, outputs_;
  std::vector<bool> wanted_;
  std::vector<std::vector<int64_t>> lengths_;
  std::vector<int64_t> values_;
  Array converted_;
};

/// By name; the first one for an empty name, null where there is none.
const SinterEntry* find_entry(const SinterModel& model, std::string_view name);

class Instance {
 public:
  /// `folder` is where model.weights_file lies; unused for embedded weights.
  Instance(const SinterModel& model, Pool& pool, int isa, const std::string& folder);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const SinterModel& model() const { return model_; }
  Pool& pool() { return pool_; }
  int isa() const { return isa_; }
  /// Runs and waits. Beyond the call's own arrays it allocates only the arena, at once.
  void run(Call& call);
  uint64_t arena_size() const { return arena_.capacity(); }

 private:
  void map_weights(const std::string& folder);

  const SinterModel& model_;
  Pool& pool_;
  int isa_;
  const unsigned char* weights_;
  void* mapped_ = nullptr;
  std::vector<const void*> params_;
  Block arena_;
};

/// Evaluates every expression of `entry` into values[]; the symbols' values are there already. An
/// Error where one overflows or divides by 0.
void evaluate(const SinterEntry& entry, std::vector<int64_t>& values);

}  // namespace sinter::runtime
#endif
