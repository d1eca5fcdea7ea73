// Ops that move, select or make elements without arithmetic on them.
#ifndef SINTER_SHAPE_OPS
#define SINTER_SHAPE_OPS

include "Dialect.td"

def RearrangeOp : Sinter_RuledOp<"rearrange", "permute, split and merge axes by letters",
                                 [Relayout]> {
  let rule = "in.rearrange(getPattern(), getSizes())";
  let hasCanonicalizeMethod = 1;
  let hasFolder = 1;
  let arguments = (ins Sinter_Tensor:$input, StrAttr:$pattern,
                       DefaultValuedAttr<DictionaryAttr, "{}">:$sizes);
  let description = [{
    One letter per axis, groups in parentheses on either side, `1` inserts or drops a unit axis.
    `sizes` gives the sizes of split letters; one per group may be left to infer.

    Example: `%r = sinter.rearrange %x {pattern = "bs(hd)->bhsd", sizes = {h = 12}}
    : (!sinter.tensor<batch x seq x 768 x f32>) -> !sinter.tensor<batch x 12 x seq x 64 x f32>`
  }];
}

def BroadcastOp : Sinter_RuledOp<"broadcast", "to the shape of the result, by numpy's rule",
                                [Relayout]> {
  let rule = "broadcast(in.table, in[0], in.result())";
  let hasFolder = 1;
  let arguments = (ins Sinter_Tensor:$input);
  let description = [{
    Example: `%r = sinter.broadcast %x : (!sinter.tensor<3 x f32>) -> !sinter.tensor<n x 3 x f32>`
  }];
}

def SliceOp : Sinter_RuledOp<"slice", "part of an axis"> {
  let rule = "slice(in.table, in[0], in.optional(1), getAxis(), in.dim(getStart()), "
             "in.resultDim(getAxis()), getStep())";
  let hasFolder = 1;
  let arguments = (ins Sinter_Tensor:$input, Optional<Sinter_Tensor>:$index, Sinter_Int:$axis,
                       Sinter_DimAttr:$start, DefaultValuedAttr<Sinter_Int, "1">:$step);
  let description = [{
    Every `step`-th element from `start`; the result's type says how many. With the scalar i64 index
    the slice begins so much later; one that would leave the axis is moved inside. A ragged row that
    is too short for its slice is a fault of the run.

    Example: `%r = sinter.slice %x {axis = 1 : i64, start = "seq-1"}
    : (!sinter.tensor<batch x seq x f32>) -> !sinter.tensor<batch x 1 x f32>`
  }];
}

def UpdateSliceOp : Sinter_RuledOp<"update_slice", "x with part of an axis replaced"> {
  let rule = "update_slice(in.table, in[0], in[1], in.optional(2), getAxis(), "
             "in.dim(getStart()))";
  let arguments = (ins Sinter_Tensor:$input, Sinter_Tensor:$value, Optional<Sinter_Tensor>:$index,
                       Sinter_Int:$axis, Sinter_DimAttr:$start);
  let description = [{
    The index is as in `slice`.

    Example: `%r = sinter.update_slice %x, %v, %i {axis = 1 : i64, start = 0 : i64}
    : (!sinter.tensor<n x 9 x f32>, !sinter.tensor<n x 1 x f32>, !sinter.tensor<i64>)
    -> !sinter.tensor<n x 9 x f32>`
  }];
}

def ConcatOp : Sinter_RuledOp<"concat", "operands one after the other along an axis"> {
  let rule = "concat(in.table, in.pointers(), in.size(), getAxis())";
  let hasFolder = 1;
  let arguments = (ins Variadic<Sinter_Tensor>:$operands, Sinter_Int:$axis);
  let description = [{
    Example: `%r = sinter.concat %x, %y {axis = 0 : i64} : (!sinter.tensor<2 x f32>,
    !sinter.tensor<3 x f32>) -> !sinter.tensor<5 x f32>`
  }];
}

def PadOp : Sinter_RuledOp<"pad", "add elements around; a negative amount crops"> {
  let rule = "pad(in.table, in[0], in.ints(getLow()), in.ints(getHigh()), in.view(getMode()))";
  let hasFolder = 1;
  let arguments = (ins Sinter_Tensor:$input, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high,
                       DefaultValuedAttr<StrAttr, "\"constant\"">:$mode,
                       DefaultValuedAttr<F64Attr, "0.0">:$value);
  let description = [{
    `mode` is "constant" (of `value`), "reflect" (without the edge) or "replicate" (the edge).

    Example: `%r = sinter.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 2>}
    : (!sinter.tensor<n x 4 x f32>) -> !sinter.tensor<n x 7 x f32>`
  }];
}

def FlipOp : Sinter_RuledOp<"flip", "reverse the order along axes"> {
  let rule = "flip(in.table, in[0], in.ints(getAxes()))";
  let hasFolder = 1;
  let arguments = (ins Sinter_Tensor:$input, DenseI64ArrayAttr:$axes);
  let description = [{
    Example: `%r = sinter.flip %x {axes = array<i64: 0>} : (!sinter.tensor<n x f32>)
    -> !sinter.tensor<n x f32>`
  }];
}

def GatherOp : Sinter_RuledOp<"gather", "rows of a table by index"> {
  let rule = "gather(in.table, in[0], in[1], getAxis())";
  let arguments = (ins Sinter_Tensor:$table, Sinter_Tensor:$indices, Sinter_Int:$axis);
  let description = [{
    The table's axis is replaced by the shape of the indices; axis 0 is an embedding.

    Example: `%r = sinter.gather %t, %ids {axis = 0 : i64} : (!sinter.tensor<100 x 8 x f32>,
    !sinter.tensor<n x i32>) -> !sinter.tensor<n x 8 x f32>`
  }];
}

def GatherAlongOp : Sinter_RuledOp<"gather_along", "one element per index along an axis"> {
  let rule = "gather_along(in.table, in[0], in[1], getAxis())";
  let arguments = (ins Sinter_Tensor:$input, Sinter_Tensor:$indices, Sinter_Int:$axis);
  let description = [{
    `r[i][j] = x[i][indices[i][j]]` for axis 1, as torch.gather.

    Example: `%r = sinter.gather_along %x, %i {axis = 1 : i64} : (!sinter.tensor<n x 9 x f32>,
    !sinter.tensor<n x 2 x i64>) -> !sinter.tensor<n x 2 x f32>`
  }];
}

def ScatterAddOp : Sinter_RuledOp<"scatter_add", "x with values added at indices along an axis"> {
  let rule = "scatter_add(in.table, in[0], in[1], in[2], getAxis())";
  let arguments = (ins Sinter_Tensor:$input, Sinter_Tensor:$indices, Sinter_Tensor:$source,
                       Sinter_Int:$axis);
  let description = [{
    `r[i][indices[i][j]] += source[i][j]` for axis 1, as torch.scatter_add.

    Example: `%r = sinter.scatter_add %x, %i, %s {axis = 1 : i64} : (!sinter.tensor<n x 9 x f32>,
    !sinter.tensor<n x 2 x i64>, !sinter.tensor<n x 2 x f32>) -> !sinter.tensor<n x 9 x f32>`
  }];
}

def OneHotOp : Sinter_RuledOp<"one_hot", "1 at the index along a new last axis, 0 elsewhere"> {
  let rule = "one_hot(in.table, in[0], getClasses(), in.result().dtype)";
  let arguments = (ins Sinter_Tensor:$indices, Sinter_Int:$classes);
  let description = [{
    Example: `%r = sinter.one_hot %i {classes = 5 : i64} : (!sinter.tensor<n x i64>)
    -> !sinter.tensor<n x 5 x f32>`
  }];
}

def IotaOp : Sinter_SourceOp<"iota", "0, 1, 2 … along an axis"> {
  let arguments = (ins Sinter_Int:$axis);
  let description = [{
    Example: `%r = sinter.iota {axis = 0 : i64} : () -> !sinter.tensor<seq x i64>`
  }];
}

def ConstantOp : Sinter_SourceOp<"constant", "a value known when the model is compiled",
                                 [ConstantLike]> {
  let hasFolder = 1;
  let arguments = (ins AnyAttrOf<[F64Attr, Sinter_Int, ElementsAttr]>:$value);
  let description = [{
    A number fills the result; `dense<…> : tensor<…>` gives each element (f64 for float results, i64
    for the others).

    Example: `%r = sinter.constant {value = 1.0 : f64} : () -> !sinter.tensor<seq x f32>`
  }];
}

def SizeOp : Sinter_SourceOp<"size", "a dimension as a scalar i64"> {
  let hasFolder = 1;
  let arguments = (ins Sinter_DimAttr:$dim);
  let description = [{
    Example: `%r = sinter.size {dim = "seq"} : () -> !sinter.tensor<i64>`
  }];
}

def LengthsOp : Sinter_SourceOp<"lengths", "the rows' own lengths of a ragged dimension"> {
  let arguments = (ins StrAttr:$dim);
  let description = [{
    Example: `%r = sinter.lengths {dim = "seq~"} : () -> !sinter.tensor<batch x i64>`
  }];
}

def RaggedOp : Sinter_RuledOp<"ragged", "give each row its own length"> {
  let rule = "ragged(in.table, in[0], in[1], in.resultDim(1))";
  let arguments = (ins Sinter_Tensor:$input, Sinter_Tensor:$lengths);
  let description = [{
    Example: `%r = sinter.ragged %x, %n : (!sinter.tensor<batch x seq x f32>, !sinter.tensor<batch x i64>)
    -> !sinter.tensor<batch x seq~ x f32>`
  }];
}

def DenseOp : Sinter_RuledOp<"dense", "ragged rows padded with zeros to one length"> {
  let rule = "dense(in.table, in[0])";
  let arguments = (ins Sinter_Tensor:$input);
  let description = [{
    Example: `%r = sinter.dense %x : (!sinter.tensor<batch x seq~ x f32>)
    -> !sinter.tensor<batch x seq x f32>`
  }];
}

def RandomOp : Sinter_PureOp<"random", "counter-based random numbers (Philox4x32-10)"> {
  let arguments = (ins Sinter_Tensor:$seed, Sinter_Tensor:$offset, StrAttr:$kind);
  let description = [{
    Element i is lane `i % 4` of the block with counter `offset + i / 4` under key `seed`. `kind` is
    "bits", "uniform" (`(bits >> 8) * 2^-24`) or "normal" (Box-Muller over lane pairs). A seed or
    offset that has the result's first axes gives each row of them its own stream: i then counts the
    row's elements. On a ragged axis i counts what a row has, within its own length, and the row's
    number is the upper half of the counter unless the rows have streams: neither padding nor other
    rows change a row's numbers.

    Example: `%r = sinter.random %seed, %offset {kind = "uniform"} : (!sinter.tensor<i64>,
    !sinter.tensor<i64>) -> !sinter.tensor<n x f32>`
  }];
}

#endif // SINTER_SHAPE_OPS
