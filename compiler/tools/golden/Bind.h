// A case's tensors as an entry of a graph names them. Non-goals: running anything.
#pragma once

#include <functional>
#include <map>

#include "compiler/tools/Graph.h"
#include "compiler/tools/golden/Case.h"

namespace sinter::golden {

HostTensor hostTensor(const CaseTensor& from);

// Every param: of a case, by the checkpoint's key.
HostTensors weightsOf(const Case& from);

// The inputs of one entry with row lengths as `NAME.lengths`; nothing where the case lacks one.
// Lengths of `seq~` are in:seq.lengths, in:seq_lengths, in:INPUT_lengths, in:lengths or the sums
// of a mask: in:seq_mask, in:INPUT_mask, in:attention_mask, in:mask. Without any of them rows have
// full length.
std::optional<HostTensors> inputsOf(const Case& from, const GraphEntry& entry);

// Whether an element of `output` lies beyond its row's length; empty where nothing is ragged.
std::function<bool(const std::vector<int64_t>&)> paddingOf(const GraphEntry& entry,
                                                           const GraphTensor& output,
                                                           const HostTensors& inputs);

}  // namespace sinter::golden
