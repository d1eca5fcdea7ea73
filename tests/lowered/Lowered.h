// Properties of whole models as generated code: models are compiled and linked together, each is
// run in a child process, over sizes, threads and instruction sets. What every run uses: inputs,
// arena and outputs lie before pages that must not be touched, and what nobody wrote holds dirt.
// Non-goals: single kernels (tests/codegen), reference cases (sinter golden), text.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/HostTensor.h"
#include "dsl/model.h"

namespace sinter::lowered {

/// The sizes of one run. Of a ragged symbol `seq` the lengths of the rows; its extent is the
/// longest unless `extents` has a larger one. "batch" is the number of lengths unless `extents` has
/// it.
struct Sizes {
  std::map<std::string, int64_t> extents = {};
  std::map<std::string, std::vector<int64_t>> lengths = {};
};

/// One Sizes for each extent of `symbol`, with `batch` rows.
std::vector<Sizes> extentsOf(const std::string& symbol, std::vector<int64_t> extents,
                             int64_t batch = 3);
/// One for each list of lengths.
std::vector<Sizes> rowsOf(const std::string& symbol, std::vector<std::vector<int64_t>> lengths,
                          std::map<std::string, int64_t> others = {});
/// 0, 1, primes, and what lies around 16, 32 and 48.
std::vector<int64_t> oddExtents();
/// No rows, rows without elements, rows of all the sizes above.
std::vector<std::vector<int64_t>> oddRows();

/// What is asked of a model.
struct Plan {
  std::vector<Sizes> sizes;
  /// Values of an integer input: 0 … limit - 1. Without a row 0 … 4, or what the model's ids allow.
  std::map<std::string, int64_t> limits = {};
  /// Also NaN, infinities, denormals and the largest numbers; the interpreter's answer is then
  /// compared element by element, within `ulps` of the element or `absolute`.
  bool special = false;
  double ulps = 8, absolute = 1e-30;
  /// Whether row b of every output depends on row b of every input alone; rows are the axis
  /// "batch".
  bool rowByRow = true;
  /// The least extent of a ragged axis that the model's constraints allow.
  int64_t least = 0;
  /// Outputs that are not compared with the interpreter, with the reason at the test.
  std::vector<std::string> notInterpreted = {};
};

class Models {
 public:
  struct Named {
    const char* name;
    const ModelInfo& info;
  };
  explicit Models(const std::vector<Named>& models);
  ~Models();

  /// Runs the model as the plan says; the text lists what does not hold, empty: all does.
  ///   again      a second run, with other dirt in memory, has the same bits
  ///   threads    2, 3 and 4 threads give the bits of one
  ///   v3         has the bits of v4; v2 has its own, whatever the threads
  ///   row        each row alone has its bits in the batch
  ///   padding    longer rows of padding, or other padding, change nothing; behind a row are zeros
  ///   reference  the interpreter's values, within 10 times what one rounding of the inputs moves
  ///              them (the rule of shared reference cases, whose second precision is f32)
  std::string check(const std::string& model, const Plan& plan) const;

  /// The sentence that a run through the runtime ends with; empty: it ends well.
  std::string sentence(const std::string& model, const HostTensors& inputs, int threads = 1) const;
  /// The outputs of the generated code and of the interpreter, for inputs that a test chooses.
  HostTensors run(const std::string& model, const HostTensors& inputs, int threads = 1,
                  const std::string& isa = "") const;
  HostTensors interpret(const std::string& model, const HostTensors& inputs) const;
  /// The interpreter's sentence, empty where it has none.
  std::string interpreted(const std::string& model, const HostTensors& inputs) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

HostTensor reals(std::vector<int64_t> shape, std::vector<double> values);
HostTensor integers(std::vector<int64_t> shape, std::vector<int64_t> values,
                    rules::DType type = rules::DType::i64);

}  // namespace sinter::lowered
