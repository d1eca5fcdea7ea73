// Graph passes: what each does and what it leaves for codegen. Their order is in Pipelines.cpp.
#ifndef SINTER_PASSES
#define SINTER_PASSES

include "mlir/Pass/PassBase.td"

def ExposeNames : Pass<"expose-names", "::sinter::ModelOp"> {
  let summary = "Add entries that also return what `name` names.";
  let description = [{
    Beside an entry with names stands one called `ENTRY.asked`, with an output for each name; these
    are listed as `askable`. A name in a repeat stands for one value per round: `attentions.3`; so
    does one that occurs several times. A name in a scan stands for its values stacked as the scan
    stacks its outputs, `[batch, time, …]`; one in a loop for those of its rounds, `[bound, …]`,
    zeros behind the last round. For each name without such a value, as in a `fused`, the first
    entry has a sentence in `sinter.unaskable`. A program runs the second entry when one of its
    values is asked for, and the first stays free to fuse.

    ```mlir
    sinter.entry @forward … outputs ["y"]  →  the same, and
    %b = sinter.name %a {name = "probs"}      sinter.entry @forward.asked … outputs ["y", "probs"]
    sinter.return %y                              sinter.return %y, %b
    ```
  }];
}

def PrepareInference : Pass<"prepare-inference", "::sinter::EntryOp"> {
  let summary = "Remove what only training and debugging need.";
  let description = [{
    `dropout` is the identity in inference; `name` stays only for the names in `keep-names`.

    ```mlir
    %a = sinter.dropout %x {p = 0.1} : …     →   uses of %a read %x
    %b = sinter.name %a {name = "probs"} : …
    ```
  }];
  let options = [
    ListOption<"keepNames", "keep-names", "std::string", "names that stay askable">
  ];
}

def ExpandBatchNorm : Pass<"expand-batch-norm", "::sinter::EntryOp"> {
  let summary = "Write batch_norm as scale and shift per channel, so that it fuses.";
  let description = [{
    `(x - mean) * (weight / sqrt(variance + eps)) + bias`. The factor has one element per channel
    and is made of weights only.
  }];
}

def DecomposeEinsum : Pass<"decompose-einsum", "::sinter::EntryOp"> {
  let summary = "Write einsum as rearranges, sums and canonical products.";
  let description = [{
    What is left afterwards:

    - `sinter.linear` where one side is a weight (a `param` or constant, perhaps rearranged) and the
      operands share no batch axis. The other side keeps its axes.
    - `sinter.einsum` with exactly two operands and the equation `bmk,bnk->bmn`: any number of batch
      axes in front (`mk,nk->mn`, `bhmk,bhnk->bhmn`), then one axis each for rows, columns and sum.
      Matrix times vector has a unit axis. Batch axes are not merged, because a ragged axis belongs
      to the axis before it.
    - `mul` and `sum` for products without rows and columns, outer products, integers, and axes that
      cannot merge (ragged or two symbolic ones).

    Three operands are contracted from the left; a letter twice in a term is a `gather_along`; letters
    of one term only are summed first. A `rearrange` of a `param` is a layout of that weight: codegen
    packs it when the model is built, so that it costs nothing at run time.

    ```mlir
    %y = sinter.einsum %x, %w {equation = "bsd,dhk->bshk"} : …
    →
    %v = sinter.rearrange %w {pattern = "dhk->(hk)d"} : …
    %l = sinter.linear %x, %v : …
    %y = sinter.rearrange %l {pattern = "bs(hk)->bshk", sizes = {h = 12, k = 64}} : …
    ```
  }];
}

def SinkRearranges : Pass<"sink-rearranges", "::sinter::EntryOp"> {
  let summary = "Rearrange after element-wise ops, not before them.";
  let description = [{
    So that scaling the heads of an attention joins the kernel of the projection above.

    ```mlir
    %r = sinter.rearrange %x …          %m = sinter.mul %x, %scalar …
    %m = sinter.mul %r, %scalar …   →   %r = sinter.rearrange %m …
    ```
  }];
}

def Fuse : Pass<"fuse", "::sinter::EntryOp"> {
  let summary = "Gather ops that become one kernel into `sinter.fused`.";
  let description = [{
    *gemm*: a linear, einsum or conv and the element-wise ops that follow it, as long as each value
    has one use. The other operands of those ops are scalars, one row (bias), or of the result's
    shape (residual); all arithmetic is f32.

    *reduction*: a sum, mean or other reduction that reads each element once, with the gathers that
    it reads, their ids, new arrangements of what was gathered and element-wise ops of its shape, as
    long as their values are used inside only: an embedding bag never stores its rows, a norm no
    squares.

    *elementwise*: element-wise ops of one shape whose values are used inside the cluster only, with
    one result.

    Constants are copied into the body, everything else is captured. A region that the model itself
    asked for (`kind = "user"`) becomes one of the two, or an error says what prevents it.

    ```mlir
    %y = sinter.linear %x, %w, %b : …        %z = sinter.fused {kind = "gemm"} : () -> … {
    %z = sinter.relu %y : …              →     %y = sinter.linear %x, %w, %b : …
                                               %r = sinter.relu %y : …
                                               sinter.yield %r : …
                                             }
    ```
  }];
}

#endif // SINTER_PASSES
