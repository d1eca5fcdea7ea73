// The whole pipeline over an attention layer: what is a kernel, and what stands between kernels.
// RUN: sinter-opt %s --fusion | FileCheck %s
// RUN: sinter-opt %s --fusion | sinter-opt --fusion | FileCheck %s
!x = !sinter.tensor<batch x seq~ x 64 x f32>
!heads = !sinter.tensor<batch x 4 x seq~ x 16 x f32>
!scores = !sinter.tensor<batch x 4 x seq~ x seq~ x f32>
!w = !sinter.tensor<64 x 64 x f32>
!b = !sinter.tensor<64 x f32>

sinter.model @attention {
  sinter.weight "layer.{}.qkv.weight" : !w {count = 2 : i64}
  sinter.weight "layer.{}.qkv.bias" : !b {count = 2 : i64}
  sinter.entry @forward inputs ["x"] outputs ["y"] {
  ^bb0(%x: !x):
    // CHECK: sinter.repeat
    // CHECK: %[[L:.*]] = sinter.linear
    // CHECK-NEXT: %[[Q:.*]] = sinter.rearrange %[[L]] {pattern = "bs(hd)->bhsd", sizes = {h = 4 : i64}}
    // CHECK-NEXT: %[[S:.*]] = sinter.fused {kind = "gemm"} : () -> !sinter.tensor<batch x 4 x seq~ x seq~ x f32> {
    // CHECK-NEXT: %[[C:.*]] = sinter.constant {value = 4.000000e+00 : f64}
    // CHECK-NEXT: %[[E:.*]] = sinter.einsum %[[Q]], %[[Q]] {equation = "bhmk,bhnk->bhmn"}
    // CHECK-NEXT: %[[D:.*]] = sinter.div %[[E]], %[[C]]
    // CHECK-NEXT: sinter.yield %[[D]]
    // CHECK-NEXT: }
    // CHECK-NEXT: %[[P:.*]] = sinter.softmax %[[S]]
    // CHECK-NEXT: %[[V:.*]] = sinter.rearrange %[[L]] {pattern = "bs(hd)->bhds"
    // CHECK-NEXT: %[[A:.*]] = sinter.einsum %[[P]], %[[V]] {equation = "bhmk,bhnk->bhmn"}
    // CHECK-NEXT: %[[M:.*]] = sinter.rearrange %[[A]] {pattern = "bhsd->bs(hd)"}
    // CHECK-NEXT: %[[R:.*]] = sinter.fused {kind = "gemm"}
    // CHECK-NEXT: sinter.linear %[[M]]
    // CHECK-NEXT: sinter.add
    // CHECK-NEXT: sinter.gelu
    // CHECK-NEXT: sinter.yield
    // CHECK-NEXT: }
    // CHECK-NEXT: sinter.yield %[[R]]
    %y = sinter.repeat %x {count = 2 : i64, ys = 0 : i64} : (!x) -> !x {
    ^bb0(%s: !x):
      %w = sinter.param {key = "layer.{}.qkv.weight"} : () -> !w
      %b = sinter.param {key = "layer.{}.qkv.bias"} : () -> !b
      %0 = sinter.linear %s, %w, %b : (!x, !w, !b) -> !x
      %1 = sinter.rearrange %0 {pattern = "bs(hd)->bhsd", sizes = {h = 4 : i64}} : (!x) -> !heads
      %2 = sinter.einsum %1, %1 {equation = "bhqd,bhkd->bhqk"} : (!heads, !heads) -> !scores
      %four = sinter.constant {value = 4.0} : () -> !sinter.tensor<f32>
      %3 = sinter.div %2, %four : (!scores, !sinter.tensor<f32>) -> !scores
      %4 = sinter.softmax %3 {axis = 3 : i64} : (!scores) -> !scores
      %5 = sinter.name %4 {name = "attentions"} : (!scores) -> !scores
      %6 = sinter.dropout %5 {p = 0.1} : (!scores) -> !scores
      %7 = sinter.einsum %6, %1 {equation = "bhqk,bhkd->bhqd"} : (!scores, !heads) -> !heads
      %8 = sinter.rearrange %7 {pattern = "bhsd->bs(hd)"} : (!heads) -> !x
      %9 = sinter.linear %8, %w, %b : (!x, !w, !b) -> !x
      %10 = sinter.add %s, %9 : (!x, !x) -> !x
      %11 = sinter.gelu %10 : (!x) -> !x
      sinter.yield %11 : !x
    }
    sinter.return %y : !x
  }
}
