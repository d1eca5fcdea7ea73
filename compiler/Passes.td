// Graph passes: what each does and what it leaves for codegen. Their order is in Pipelines.cpp.
#ifndef SINTER_PASSES
#define SINTER_PASSES

include "mlir/Pass/PassBase.td"

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

def Fuse : Pass<"fuse", "::sinter::EntryOp"> {
  let summary = "Gather ops that become one kernel into `sinter.fused`.";
  let description = [{
    *gemm*: a linear, einsum or conv and the element-wise ops that follow it, as long as each value
    has one use. The other operands of those ops are scalars, one row (bias), or of the result's
    shape (residual); all arithmetic is f32.

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
