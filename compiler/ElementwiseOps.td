// Element-wise ops: one value per element, the same shape or numpy's broadcast of the operands.
#ifndef SINTER_ELEMENTWISE_OPS
#define SINTER_ELEMENTWISE_OPS

include "Dialect.td"

class Sinter_Unary<string mnemonic, string text, dag attributes = (ins),
                   string example = "">
    : Sinter_ElementwiseOp<mnemonic, text, [ElementwiseUnary]> {
  let rule = "unary(in.table, \"" # mnemonic # "\", in[0])";
  let arguments = !con((ins Sinter_Tensor:$input), attributes);
  let description = "Example: `%r = sinter." # mnemonic # " %x" # example #
                    " : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>`";
}

def NegOp : Sinter_Unary<"neg", "-x">;
def AbsOp : Sinter_Unary<"abs", "|x|">;
def SignOp : Sinter_Unary<"sign", "-1, 0 or 1; NaN stays NaN">;
def FloorOp : Sinter_Unary<"floor", "the next whole number below">;
def CeilOp : Sinter_Unary<"ceil", "the next whole number above">;
def RoundOp : Sinter_Unary<"round", "the nearest whole number, halves to even">;
def ExpOp : Sinter_Unary<"exp", "e^x">;
def Expm1Op : Sinter_Unary<"expm1", "e^x - 1, exact near 0">;
def LogOp : Sinter_Unary<"log", "natural logarithm">;
def Log1pOp : Sinter_Unary<"log1p", "log(1 + x), exact near 0">;
def SqrtOp : Sinter_Unary<"sqrt", "square root">;
def RsqrtOp : Sinter_Unary<"rsqrt", "1 / sqrt(x)">;
def ReciprocalOp : Sinter_Unary<"reciprocal", "1 / x">;
def SquareOp : Sinter_Unary<"square", "x * x">;
def SinOp : Sinter_Unary<"sin", "sine">;
def CosOp : Sinter_Unary<"cos", "cosine">;
def TanhOp : Sinter_Unary<"tanh", "hyperbolic tangent">;
def SigmoidOp : Sinter_Unary<"sigmoid", "1 / (1 + e^-x)">;
def LogSigmoidOp : Sinter_Unary<"log_sigmoid", "log(sigmoid(x)), without overflow">;
def SoftplusOp : Sinter_Unary<"softplus", "log(1 + e^x), without overflow">;
def ReluOp : Sinter_Unary<"relu", "max(x, 0)">;
def SiluOp : Sinter_Unary<"silu", "x * sigmoid(x)">;
def ErfOp : Sinter_Unary<"erf", "the error function">;
def NotOp : Sinter_Unary<"not", "logical not of bool">;
def GeluOp : Sinter_Unary<"gelu", "x * Phi(x), exact or in the tanh form",
    (ins DefaultValuedAttr<StrAttr, "\"none\"">:$approximate), " {approximate = \"tanh\"}">;
def EluOp : Sinter_Unary<"elu", "x above 0, alpha * (e^x - 1) below",
    (ins DefaultValuedAttr<F64Attr, "1.0">:$alpha), " {alpha = 1.0}">;
def LeakyReluOp : Sinter_Unary<"leaky_relu", "x above 0, slope * x below",
    (ins DefaultValuedAttr<F64Attr, "0.01">:$slope), " {slope = 0.1}">;
def HardSigmoidOp : Sinter_Unary<"hard_sigmoid", "clamp(slope * x + offset, 0, 1)",
    (ins F64Attr:$slope, F64Attr:$offset), " {slope = 0.2, offset = 0.5}">;
def ClampOp : Sinter_Unary<"clamp", "min(max(x, min), max); an absent bound does not bind",
    (ins OptionalAttr<F64Attr>:$min, OptionalAttr<F64Attr>:$max), " {min = 0.0, max = 6.0}">;
def CastOp : Sinter_Unary<"cast", "to the element type of the result"> {
  let rule = "cast(in.table, in[0], in.result().dtype)";
  let description = [{
    Float to integer truncates toward zero; what the type cannot hold becomes its largest or least
    value, and NaN 0. Integer to integer keeps the lower bits. Anything to bool is `x != 0`.

    Example: `%r = sinter.cast %x : (!sinter.tensor<n x i32>) -> !sinter.tensor<n x f32>`
  }];
}
def DropoutOp : Sinter_Unary<"dropout", "identity in inference",
    (ins F64Attr:$p), " {p = 0.1}">;
def NameOp : Sinter_Unary<"name", "identity that makes a value askable by name",
    (ins StrAttr:$name), " {name = \"attentions\"}">;

class Sinter_Binary<string mnemonic, string text, list<Trait> traits = []>
    : Sinter_ElementwiseOp<mnemonic, text, !listconcat([ElementwiseBinary], traits)> {
  let rule = "binary(in.table, \"" # mnemonic # "\", in[0], in[1])";
  let arguments = (ins Sinter_Tensor:$lhs, Sinter_Tensor:$rhs);
  let description = "Operands of one element type, broadcast by numpy's rule. Example: `%r = sinter." #
                    mnemonic # " %x, %y : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<3 x f32>)" #
                    " -> !sinter.tensor<n x 3 x f32>`";
}

def AddOp : Sinter_Binary<"add", "x + y", [Commutative]>;
def SubOp : Sinter_Binary<"sub", "x - y">;
def MulOp : Sinter_Binary<"mul", "x * y", [Commutative]>;
def DivOp : Sinter_Binary<"div", "x / y; integers round down, and give 0 where y is 0">;
def RemOp : Sinter_Binary<"rem", "x - y * floor(x / y), the sign of y; of integers x where y is 0">;
def PowOp : Sinter_Binary<"pow", "x^y">;
def MinimumOp : Sinter_Binary<"minimum", "the smaller, NaN if either is NaN", [Commutative]>;
def MaximumOp : Sinter_Binary<"maximum", "the larger, NaN if either is NaN", [Commutative]>;
def EqOp : Sinter_Binary<"eq", "x == y as bool", [Commutative]>;
def NeOp : Sinter_Binary<"ne", "x != y as bool", [Commutative]>;
def LtOp : Sinter_Binary<"lt", "x < y as bool">;
def LeOp : Sinter_Binary<"le", "x <= y as bool">;
def GtOp : Sinter_Binary<"gt", "x > y as bool">;
def GeOp : Sinter_Binary<"ge", "x >= y as bool">;
def AndOp : Sinter_Binary<"and", "logical and of bool", [Commutative]>;
def OrOp : Sinter_Binary<"or", "logical or of bool", [Commutative]>;

def WhereOp : Sinter_RuledOp<"where", "x where the condition holds, y elsewhere"> {
  let rule = "where(in.table, in[0], in[1], in[2])";
  let hasFolder = 1;
  let arguments = (ins Sinter_Tensor:$condition, Sinter_Tensor:$x, Sinter_Tensor:$y);
  let description = [{
    All three broadcast; the condition is bool, x and y have one element type.

    Example: `%r = sinter.where %c, %x, %y : (!sinter.tensor<n x bool>, !sinter.tensor<n x f32>,
    !sinter.tensor<f32>) -> !sinter.tensor<n x f32>`
  }];
}

#endif // SINTER_ELEMENTWISE_OPS
