// The dialect, its one type and the base classes of its ops. The ops themselves live in the *Ops.td
// files by family and are gathered in Ops.td.
#ifndef SINTER_DIALECT
#define SINTER_DIALECT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Sinter_Dialect : Dialect {
  let name = "sinter";
  let cppNamespace = "::sinter";
  let summary = "Tensor programs of neural language models, with symbolic and ragged dimensions.";
  let description = [{
    A `sinter.model` holds weights, entries and the text task. An entry is a pure data flow graph
    over `!sinter.tensor`; control flow is structured (`scan`, `repeat`, `loop`). Shapes are
    checked by the rules of `dsl/rules.h`, the same that check the C++ surface.

    Every op without regions is written `%r = sinter.NAME %a, %b {attributes} : (T, T) -> T`.
  }];
  let useDefaultTypePrinterParser = 0;
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    ::mlir::Type parseType(::mlir::DialectAsmParser &parser) const override;
    void printType(::mlir::Type type, ::mlir::DialectAsmPrinter &printer) const override;
  }];
}

def Sinter_Tensor : TypeDef<Sinter_Dialect, "Tensor"> {
  let typeName = "sinter.tensor";
  let summary = "a tensor with symbolic, possibly ragged dimensions";
  let description = [{
    `!sinter.tensor<batch x seq~ x 768 x f32>`; a scalar is `!sinter.tensor<f32>`. A dimension is
    a number or a canonical sum of products of symbols (`2*seq+1`, `floordiv(seq-3, 2)+1`).
    A symbol that ends in `~` is ragged: each row of the dimension before it has its own length.
    Element types: f32 f16 bf16 u8 i8 i32 i64 bool.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$dims, "::sinter::DType":$dType);
  let extraClassDeclaration = [{
    /// From dimension texts; a number is its decimal text.
    static TensorType get(::mlir::MLIRContext *context, ::llvm::ArrayRef<::llvm::StringRef> dims,
                          DType dType);
    /// From constant sizes only.
    static TensorType get(::mlir::MLIRContext *context, ::llvm::ArrayRef<int64_t> dims,
                          DType dType);

    int64_t getRank() const { return getDims().size(); }
    bool isScalar() const { return getDims().empty(); }
    /// The text between two ` x `, as it is printed.
    ::llvm::StringRef getDimText(unsigned axis) const { return getDims()[axis].getValue(); }
    /// The size, or -1 when it is symbolic.
    int64_t getStaticDim(unsigned axis) const;
    bool isStatic(unsigned axis) const { return getStaticDim(axis) >= 0; }
    bool hasStaticShape() const;
    /// The product of the sizes, or -1 when one is symbolic.
    int64_t getNumElements() const;
    /// Whether rows have their own lengths along this axis.
    bool isRagged(unsigned axis) const { return getDimText(axis).contains('~'); }
    bool hasRaggedDim() const;

    bool isFloat() const { return sinter::isFloat(getDType()); }
    bool isBool() const { return getDType() == DType::boolean; }
    bool isInteger() const { return !isFloat() && !isBool(); }

    /// The builtin type of one element in memory (signless; bool is i8).
    ::mlir::Type getStorageType(::mlir::MLIRContext *context) const;
    TensorType withDType(DType dType) const;
    TensorType withDims(::llvm::ArrayRef<::mlir::StringAttr> dims) const;
  }];
}

//===-- Traits by which passes ask for a family (helpers in Dialect.h) ----------------------===//

class Sinter_Trait<string name> : NativeOpTrait<name> { let cppNamespace = "::sinter"; }
def ElementwiseUnary : Sinter_Trait<"ElementwiseUnary">;
def ElementwiseBinary : Sinter_Trait<"ElementwiseBinary">;
def Reduction : Sinter_Trait<"Reduction">;
def Contraction : Sinter_Trait<"Contraction">;
def Relayout : Sinter_Trait<"Relayout">;

//===-- Attributes ---------------------------------------------------------------------------===//

/// `3 : i64`, read as int64_t (MLIR's own I64Attr reads as unsigned).
def Sinter_Int : TypedSignlessIntegerAttrBase<I64, "int64_t", "64-bit integer">;

/// A dimension: its text or, when it is constant, a number.
def Sinter_DimAttr : AnyAttrOf<[StrAttr, Sinter_Int], "dimension text or number">;

//===-- Op classes ---------------------------------------------------------------------------===//

/// An op without regions in the uniform form.
class Sinter_Op<string mnemonic, string text, list<Trait> traits = []>
    : Op<Sinter_Dialect, mnemonic, traits> {
  let summary = text;
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

/// An op without effects and with one result.
class Sinter_PureOp<string mnemonic, string text, list<Trait> traits = []>
    : Sinter_Op<mnemonic, text, !listconcat([Pure], traits)> {
  let results = (outs Sinter_Tensor:$result);
}

/// An op whose result is what a rule of dsl/rules.h says: almost all of them. `rule` is the call;
/// `in` is the op's RuleCheck.
class Sinter_RuledOp<string mnemonic, string text, list<Trait> traits = []>
    : Sinter_PureOp<mnemonic, text, traits> {
  string rule = "";
  string otherDefinitions = "";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::verify() {
      ::sinter::RuleCheck in(getOperation());
      return in.expect(}] # rule # [{);
    }
  }] # otherDefinitions;
}

/// A ruled op that Fold.cpp folds through one function.
class Sinter_ElementwiseOp<string mnemonic, string text, list<Trait> traits>
    : Sinter_RuledOp<mnemonic, text, traits> {
  let hasFolder = 1;
  let otherDefinitions = [{
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return ::sinter::foldElementwise(getOperation(), adaptor.getOperands());
    }
  }];
}

/// An op without effects and operands.
class Sinter_SourceOp<string mnemonic, string text, list<Trait> traits = []>
    : Sinter_PureOp<mnemonic, text, traits> {
  let assemblyFormat = "attr-dict `:` functional-type(operands, results)";
}

#endif // SINTER_DIALECT
