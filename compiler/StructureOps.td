// What a model is made of: weights, entries, the text task, and the reading of a weight.
#ifndef SINTER_STRUCTURE_OPS
#define SINTER_STRUCTURE_OPS

include "Dialect.td"
include "mlir/IR/SymbolInterfaces.td"

def ModelOp : Op<Sinter_Dialect, "model", [
    IsolatedFromAbove, Symbol, SymbolTable, SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "a model: its weights and the entries over them";
  let description = [{
    ```mlir
    sinter.model @mlp {
      sinter.weight "fc.weight" : !sinter.tensor<2 x 3 x f32> {init = "normal:0.02"}
      sinter.entry @forward inputs ["x"] outputs ["y"] {
      ^bb0(%x: !sinter.tensor<batch x 3 x f32>):
        %w = sinter.param {key = "fc.weight"} : () -> !sinter.tensor<2 x 3 x f32>
        %y = sinter.linear %x, %w : …
        sinter.return %y : !sinter.tensor<batch x 2 x f32>
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The weight with this key, or null.
    WeightOp getWeight(::llvm::StringRef key);
    /// The entry with this name, or null.
    EntryOp getEntry(::llvm::StringRef name);
    /// Elements of all weights of kind param and frozen, aliases not counted.
    int64_t countParameters();
  }];
}

def WeightOp : Op<Sinter_Dialect, "weight", [HasParent<"ModelOp">]> {
  let summary = "a tensor that is loaded with the model";
  let description = [{
    `count` weights share one declaration when the key has `{}` at the place of the round's number,
    which counts from `first`. `kind` is "param" (learned), "frozen" or "buffer" (not counted as a
    parameter). `init` says how training starts it. `alias` is the key whose storage it shares.

    Example: `sinter.weight "layer.{}.w" : !sinter.tensor<8 x 8 x f32> {count = 12 : i64}`
  }];
  let arguments = (ins StrAttr:$key, TypeAttrOf<Sinter_Tensor>:$type,
                       DefaultValuedAttr<Sinter_Int, "1">:$count, DefaultValuedAttr<Sinter_Int, "0">:$first,
                       DefaultValuedAttr<StrAttr, "\"param\"">:$kind, OptionalAttr<StrAttr>:$init,
                       OptionalAttr<StrAttr>:$alias);
  let assemblyFormat = "$key `:` $type attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    TensorType getTensorType() { return ::mlir::cast<TensorType>(getType()); }
    /// Whether the key holds `{}`, so that each round of a repeat has its own.
    bool isPerRound() { return getKey().contains("{}"); }
    /// The key in the checkpoint of one round.
    std::string getRoundKey(int64_t round);
  }];
}

def EntryOp : Op<Sinter_Dialect, "entry", [
    HasParent<"ModelOp">, IsolatedFromAbove, Symbol, SingleBlock]> {
  let summary = "something a model can be asked: inputs to outputs";
  let description = [{
    The block's arguments are the inputs in order, `sinter.return` gives the outputs. `state` lists
    names that are input and output. `constraints` are relations of dimensions that are checked once
    per run, such as "seq <= 512". A ragged symbol `seq~` adds an implicit input `seq.lengths`.
    `askable` lists outputs that are left out unless a user asks for them by name.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$inputs, StrArrayAttr:$outputs,
                       OptionalAttr<StrArrayAttr>:$state, OptionalAttr<StrArrayAttr>:$constraints,
                       OptionalAttr<StrArrayAttr>:$askable);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat =
      "$sym_name `inputs` $inputs `outputs` $outputs attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ReturnOp getReturn();
  }];
}

def ReturnOp : Op<Sinter_Dialect, "return", [Pure, Terminator, HasParent<"EntryOp">]> {
  let summary = "the outputs of an entry";
  let description = "Example: `sinter.return %logits : !sinter.tensor<batch x 2 x f32>`";
  let arguments = (ins Variadic<Sinter_Tensor>:$operands);
  let assemblyFormat = "($operands^ `:` type($operands))? attr-dict";
}

def TaskOp : Op<Sinter_Dialect, "task", [HasParent<"ModelOp">]> {
  let summary = "how text becomes input and output becomes text";
  let description = [{
    `reader` and `writer` name functions of the runtime; every other attribute is a text or number
    that they read.

    Example: `sinter.task {reader = "characters", writer = "tokens", max_len = 64 : i64}`
  }];
  let arguments = (ins StrAttr:$reader, StrAttr:$writer);
  let assemblyFormat = "attr-dict";
}

def ParamOp : Sinter_SourceOp<"param", "a weight of the model, in a repeat the round's own"> {
  let hasVerifier = 0;  // the model checks it: it knows the weights
  let arguments = (ins StrAttr:$key);
  let description = [{
    Example: `%w = sinter.param {key = "fc.weight"} : () -> !sinter.tensor<2 x 3 x f32>`
  }];
}

#endif // SINTER_STRUCTURE_OPS
