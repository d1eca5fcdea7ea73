// Ops that combine the elements along axes: reductions, softmax, norms, order statistics. Along a
// ragged axis each row contributes its own length only.
#ifndef SINTER_REDUCTION_OPS
#define SINTER_REDUCTION_OPS

include "Dialect.td"

class Sinter_Reduction<string mnemonic, string text, dag attributes = (ins)>
    : Sinter_RuledOp<mnemonic, text, [Reduction]> {
  let rule = "reduce(in.table, \"" # mnemonic # "\", in[0], in.ints(getAxes()), getKeepdim())";
  let arguments = !con((ins Sinter_Tensor:$input, DenseI64ArrayAttr:$axes,
                            DefaultValuedAttr<BoolAttr, "false">:$keepdim), attributes);
  let description = "The axes vanish, or stay as 1 with `keepdim`. Example: `%r = sinter." #
                    mnemonic # " %x {axes = array<i64: 1>} : (!sinter.tensor<n x 3 x f32>)" #
                    " -> !sinter.tensor<n x f32>`";
}

def SumOp : Sinter_Reduction<"sum", "sum">;
def MeanOp : Sinter_Reduction<"mean", "arithmetic mean">;
def ProdOp : Sinter_Reduction<"prod", "product">;
def AmaxOp : Sinter_Reduction<"amax", "largest; NaN wins">;
def AminOp : Sinter_Reduction<"amin", "smallest; NaN wins">;
def LogSumExpOp : Sinter_Reduction<"logsumexp", "log(sum(exp(x))), without overflow">;
def AnyOp : Sinter_Reduction<"any", "whether one is true">;
def AllOp : Sinter_Reduction<"all", "whether all are true">;
def VarOp : Sinter_Reduction<"var", "variance over count - correction",
                             (ins DefaultValuedAttr<Sinter_Int, "0">:$correction)>;

class Sinter_ArgReduction<string mnemonic, string text>
    : Sinter_RuledOp<mnemonic, text> {
  let rule = "arg_reduce(in.table, \"" # mnemonic # "\", in[0], getAxis(), getKeepdim())";
  let arguments = (ins Sinter_Tensor:$input, Sinter_Int:$axis,
                       DefaultValuedAttr<BoolAttr, "false">:$keepdim);
  let description = "The lowest index wins a tie; NaN counts as the extreme. Example: `%r = sinter." #
                    mnemonic # " %x {axis = 1 : i64} : (!sinter.tensor<n x 3 x f32>)" #
                    " -> !sinter.tensor<n x i64>`";
}
def ArgmaxOp : Sinter_ArgReduction<"argmax", "index of the largest">;
def ArgminOp : Sinter_ArgReduction<"argmin", "index of the smallest">;

def TopKOp : Sinter_Op<"top_k", "the k largest (or smallest) and their indices, sorted", [Pure]> {
  let arguments = (ins Sinter_Tensor:$input, Sinter_Int:$k, Sinter_Int:$axis,
                       DefaultValuedAttr<BoolAttr, "true">:$largest);
  let results = (outs Sinter_Tensor:$values, Sinter_Tensor:$indices);
  let description = [{
    Ties keep the order of the indices.

    Example: `%r:2 = sinter.top_k %x {k = 2 : i64, axis = 1 : i64} : (!sinter.tensor<n x 9 x f32>)
    -> (!sinter.tensor<n x 2 x f32>, !sinter.tensor<n x 2 x i64>)`
  }];
}

def CumsumOp : Sinter_RuledOp<"cumsum", "running sum along an axis"> {
  let rule = "cumsum(in.table, in[0], getAxis())";
  let arguments = (ins Sinter_Tensor:$input, Sinter_Int:$axis);
  let description = [{
    Example: `%r = sinter.cumsum %x {axis = 0 : i64} : (!sinter.tensor<n x f32>)
    -> !sinter.tensor<n x f32>`
  }];
}

class Sinter_Softmax<string mnemonic, string text> : Sinter_RuledOp<mnemonic, text> {
  let rule = "softmax(in.table, \"" # mnemonic # "\", in[0], in.optional(1), getAxis())";
  let hasCanonicalizeMethod = 1;
  let arguments = (ins Sinter_Tensor:$input, Optional<Sinter_Tensor>:$mask, Sinter_Int:$axis);
  let description = "Entries whose mask (bool, broadcastable to x) is false take no part; a row " #
                    "with none is 0. Example: `%r = sinter." # mnemonic #
                    " %x, %m {axis = 1 : i64} : (!sinter.tensor<n x 3 x f32>," #
                    " !sinter.tensor<3 x bool>) -> !sinter.tensor<n x 3 x f32>`";
}
def SoftmaxOp : Sinter_Softmax<"softmax", "exp(x) / sum(exp(x)) along an axis">;
def LogSoftmaxOp : Sinter_Softmax<"log_softmax", "log of softmax, without overflow">;

def LayerNormOp : Sinter_RuledOp<"layer_norm", "normalise the last axes, then scale and shift", [
    PredOpTrait<"it has at most x, weight and bias", CPred<"$_op.getNumOperands() <= 3">>]> {
  let rule = "layer_norm(in.table, in[0], in.optional(1), in.optional(2), getRank())";
  let arguments = (ins Sinter_Tensor:$input, Variadic<Sinter_Tensor>:$parameters,
                       Sinter_Int:$rank, F64Attr:$eps);
  let description = [{
    `(x - mean) / sqrt(var + eps) * weight + bias` over the last `rank` axes; weight, or weight and
    bias, may be absent.

    Example: `%r = sinter.layer_norm %x, %w, %b {rank = 1 : i64, eps = 1.0e-12}
    : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>, !sinter.tensor<8 x f32>)
    -> !sinter.tensor<n x 8 x f32>`
  }];
  let extraClassDeclaration = [{
    ::mlir::Value getWeight() { return getParameters().size() > 0 ? getParameters()[0] : nullptr; }
    ::mlir::Value getBias() { return getParameters().size() > 1 ? getParameters()[1] : nullptr; }
  }];
}

def BatchNormOp : Sinter_RuledOp<"batch_norm", "normalise with stored statistics per channel"> {
  let rule = "batch_norm(in.table, in[0], in.pointers(1), getAxis())";
  let arguments = (ins Sinter_Tensor:$input, Sinter_Tensor:$weight, Sinter_Tensor:$bias,
                       Sinter_Tensor:$mean, Sinter_Tensor:$variance, Sinter_Int:$axis, F64Attr:$eps);
  let description = [{
    `(x - mean) / sqrt(variance + eps) * weight + bias`, each of the four as long as the axis.

    Example: `%r = sinter.batch_norm %x, %w, %b, %m, %v {axis = 1 : i64, eps = 1.0e-5}
    : (!sinter.tensor<n x 8 x f32>, …) -> !sinter.tensor<n x 8 x f32>`
  }];
}

#endif // SINTER_REDUCTION_OPS
