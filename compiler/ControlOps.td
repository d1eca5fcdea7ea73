// Structured control: regions run once per step, round or iteration and see the values around them.
#ifndef SINTER_CONTROL_OPS
#define SINTER_CONTROL_OPS

include "Dialect.td"

class Sinter_ControlOp<string mnemonic, string text, string regionFormat,
                       string operandFormat = "operands ">
    : Op<Sinter_Dialect, mnemonic, [RecursiveMemoryEffects, RecursivelySpeculatable, SingleBlock]> {
  let summary = text;
  let hasRegionVerifier = 1;
  let results = (outs Variadic<Sinter_Tensor>:$results);
  let assemblyFormat =
      operandFormat # "attr-dict `:` functional-type(operands, results) " # regionFormat;
}

def ScanOp : Sinter_ControlOp<"scan", "a recurrence along an axis", "$body"> {
  let arguments = (ins Variadic<Sinter_Tensor>:$operands, Sinter_Int:$axis, Sinter_Int:$xs,
                       DefaultValuedAttr<BoolAttr, "false">:$reverse);
  let regions = (region SizedRegion<1>:$body);
  let description = [{
    The first `xs` operands are cut along `axis`, the others are the initial states. The body gets
    the slices (without the axis) and the states, and yields the next states and the outputs of the
    step. Results: final states, then outputs stacked along `axis`. On a ragged axis a row's state
    freezes beyond its length, `reverse` starts at the row's last element, and outputs beyond are 0.

    ```mlir
    %r:2 = sinter.scan %x, %h {axis = 1 : i64, xs = 1 : i64}
        : (!sinter.tensor<b x s~ x 8 x f32>, !sinter.tensor<b x 8 x f32>)
        -> (!sinter.tensor<b x 8 x f32>, !sinter.tensor<b x s~ x 8 x f32>) {
    ^bb0(%step: !sinter.tensor<b x 8 x f32>, %state: !sinter.tensor<b x 8 x f32>):
      %next = sinter.add %step, %state : …
      sinter.yield %next, %next : !sinter.tensor<b x 8 x f32>, !sinter.tensor<b x 8 x f32>
    }
    ```
  }];
  let extraClassDeclaration = [{
    unsigned getNumStates() { return getNumOperands() - getXs(); }
    ::mlir::OperandRange getSequences() { return getOperands().take_front(getXs()); }
    ::mlir::OperandRange getInits() { return getOperands().drop_front(getXs()); }
    ::mlir::ResultRange getFinalStates() { return getResults().take_front(getNumStates()); }
    ::mlir::ResultRange getStacked() { return getResults().drop_front(getNumStates()); }
    YieldOp getYield();
  }];
}

def RepeatOp : Sinter_ControlOp<"repeat", "the same layer over and over, each round with its weights",
                                "$body"> {
  let arguments = (ins Variadic<Sinter_Tensor>:$operands, Sinter_Int:$count,
                       DefaultValuedAttr<Sinter_Int, "0">:$ys);
  let regions = (region SizedRegion<1>:$body);
  let description = [{
    Operands are the initial states. The body gets the states and yields the next ones, then `ys`
    outputs of the round. `sinter.param {key = "layer.{}.w"}` in it is the round's weight. Results:
    final states, then outputs stacked along a new first axis.

    ```mlir
    %r = sinter.repeat %x {count = 12 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32> {
    ^bb0(%state: !sinter.tensor<n x 8 x f32>):
      %w = sinter.param {key = "layer.{}.w"} : () -> !sinter.tensor<8 x 8 x f32>
      %next = sinter.linear %state, %w : …
      sinter.yield %next : !sinter.tensor<n x 8 x f32>
    }
    ```
  }];
  let extraClassDeclaration = [{
    unsigned getNumStates() { return getNumOperands(); }
    ::mlir::ResultRange getFinalStates() { return getResults().take_front(getNumStates()); }
    ::mlir::ResultRange getStacked() { return getResults().drop_front(getNumStates()); }
    YieldOp getYield();
  }];
}

def LoopOp : Sinter_ControlOp<"loop", "run while a condition holds, at most `bound` times",
                              "$condition `do` $body"> {
  let arguments = (ins Variadic<Sinter_Tensor>:$operands, Sinter_Int:$bound);
  let regions = (region SizedRegion<1>:$condition, SizedRegion<1>:$body);
  let description = [{
    Both regions get the states; the condition yields a bool scalar, the body the next states.

    ```mlir
    %r = sinter.loop %x {bound = 100 : i64} : (!sinter.tensor<i64>) -> !sinter.tensor<i64> {
    ^bb0(%i: !sinter.tensor<i64>):
      %go = sinter.lt %i, %end : …
      sinter.yield %go : !sinter.tensor<bool>
    } do {
    ^bb0(%i: !sinter.tensor<i64>):
      %next = sinter.add %i, %one : …
      sinter.yield %next : !sinter.tensor<i64>
    }
    ```
  }];
  let extraClassDeclaration = [{
    YieldOp getConditionYield();
    YieldOp getYield();
  }];
}

def FusedOp : Sinter_ControlOp<"fused", "ops that become one kernel", "$body", ""> {
  let arguments = (ins StrAttr:$kind);
  let regions = (region SizedRegion<1>:$body);
  let description = [{
    The body stays visible, so that dumps, the interpreter and the profiler speak of it. It captures
    the values around it. `kind` names the kernel's family: "gemm", "reduction" or "elementwise"
    from the `fuse` pass, "user" when a model asks for it.

    ```mlir
    %r = sinter.fused {kind = "gemm"} : () -> !sinter.tensor<n x 5 x f32> {
      %y = sinter.linear %x, %w, %b : …
      %z = sinter.relu %y : …
      sinter.yield %z : !sinter.tensor<n x 5 x f32>
    }
    ```
  }];
  let extraClassDeclaration = [{
    YieldOp getYield();
  }];
}

def YieldOp : Op<Sinter_Dialect, "yield", [
    Pure, Terminator, ParentOneOf<["ScanOp", "RepeatOp", "LoopOp", "FusedOp"]>]> {
  let summary = "what a region hands to its op";
  let description = "Example: `sinter.yield %a, %b : !sinter.tensor<f32>, !sinter.tensor<i64>`";
  let arguments = (ins Variadic<Sinter_Tensor>:$operands);
  let assemblyFormat = "($operands^ `:` type($operands))? attr-dict";
}

#endif // SINTER_CONTROL_OPS
