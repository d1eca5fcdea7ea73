// Ops whose work is multiply-add over a window or a shared axis: einsum, linear, convolution; and
// the pools, which share the window's geometry.
#ifndef SINTER_CONTRACTION_OPS
#define SINTER_CONTRACTION_OPS

include "Dialect.td"

def EinsumOp : Sinter_RuledOp<"einsum", "Einstein summation of one to three operands",
                             [Contraction]> {
  let rule = "in.einsum(getEquation())";
  let arguments = (ins Variadic<Sinter_Tensor>:$operands, StrAttr:$equation);
  let description = [{
    One letter per axis; a letter that the result lacks is summed, one that a term has twice is a
    diagonal, `...` stands for broadcast leading axes.

    Example: `%r = sinter.einsum %q, %k {equation = "bqd,bkd->bqk"} : (!sinter.tensor<b x q x d x f32>,
    !sinter.tensor<b x k x d x f32>) -> !sinter.tensor<b x q x k x f32>`
  }];
}

def LinearOp : Sinter_RuledOp<"linear", "x times the transposed weight, plus bias",
                              [Contraction]> {
  let rule = "linear(in.table, in[0], in[1], in.optional(2))";
  let arguments = (ins Sinter_Tensor:$input, Sinter_Tensor:$weight, Optional<Sinter_Tensor>:$bias);
  let description = [{
    x is `[…, in]`, the weight `[out, in]`, the bias `[out]`.

    Example: `%r = sinter.linear %x, %w, %b : (!sinter.tensor<n x 3 x f32>,
    !sinter.tensor<5 x 3 x f32>, !sinter.tensor<5 x f32>) -> !sinter.tensor<n x 5 x f32>`
  }];
}

def ConvOp : Sinter_RuledOp<"conv", "convolution over one or two axes", [Contraction]> {
  let arguments = (ins Sinter_Tensor:$input, Sinter_Tensor:$weight, Optional<Sinter_Tensor>:$bias,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
                       DenseI64ArrayAttr:$dilation, Sinter_Int:$groups);
  let rule = "conv(in.table, in[0], in[1], in.optional(2), in.window({}, getStride(), "
             "getPadding(), getDilation(), false), getGroups())";
  let description = [{
    x is `[n, channels, spatial…]`, the weight `[out, channels / groups, kernel…]`; `padding` holds
    low and high per axis. The kernel is not flipped.

    Example: `%r = sinter.conv %x, %w {stride = array<i64: 1>, padding = array<i64: 1, 1>,
    dilation = array<i64: 1>, groups = 1 : i64} : (!sinter.tensor<n x 4 x seq x f32>,
    !sinter.tensor<6 x 4 x 3 x f32>) -> !sinter.tensor<n x 6 x seq x f32>`
  }];
}

class Sinter_Pool<string mnemonic, string text, dag attributes = (ins)>
    : Sinter_RuledOp<mnemonic, text> {
  let arguments = !con((ins Sinter_Tensor:$input, DenseI64ArrayAttr:$size,
                            DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$padding,
                            DenseI64ArrayAttr:$dilation,
                            DefaultValuedAttr<BoolAttr, "false">:$ceil), attributes);
  let rule = "pool(in.table, \"" # mnemonic # "\", in[0], in.window(getSize(), getStride(), " #
             "getPadding(), getDilation(), getCeil()))";
  let description = "Windows over the axes after the channel; `padding` holds low and high per axis; " #
                    "`ceil` keeps a last window that hangs over. Example: `%r = sinter." # mnemonic #
                    " %x {size = array<i64: 2>, stride = array<i64: 2>, padding = array<i64: 0, 0>," #
                    " dilation = array<i64: 1>} : (!sinter.tensor<n x 4 x 8 x f32>)" #
                    " -> !sinter.tensor<n x 4 x 4 x f32>`";
}
def MaxPoolOp : Sinter_Pool<"max_pool", "largest of each window">;
def AvgPoolOp : Sinter_Pool<"avg_pool", "mean of each window",
                            (ins DefaultValuedAttr<BoolAttr, "true">:$count_include_pad)>;

#endif // SINTER_CONTRACTION_OPS
