// The reference interpreter: runs an entry of the dialect op by op in f64. It is what every pass
// and kernel is compared with, so it takes any IR that verifies, before and after every pass.
// Ragged rows are computed one by one, cut to their own length: what a batch gives is by
// construction what its rows give alone. Non-goals: speed beyond Eigen's products, gradients.
#pragma once

#include "compiler/HostTensor.h"
#include "llvm/Support/Error.h"

namespace sinter {

class EntryOp;

struct Interpreted {
  HostTensors outputs;  // by the entry's names
  /// What `sinter.name` marks; in round r of a repeat `NAME.r`.
  HostTensors named;
};

/// `weights` by checkpoint key (of a round: its number in place of `{}`); a weight that is tied may
/// be absent if the one it shares storage with is there. `inputs` by name; a ragged symbol `seq~`
/// reads `seq.lengths` (i64 per row), and without it every row has full length. Values beyond a
/// row's length are never read. Integer inputs may have any integer type.
/// The error names the op's location and says what it wants and what it got.
llvm::Expected<Interpreted> interpret(EntryOp entry, const HostTensors &inputs,
                                      const HostTensors &weights);

}  // namespace sinter
