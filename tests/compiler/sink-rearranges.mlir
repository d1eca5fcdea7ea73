// RUN: sinter-opt %s --pass-pipeline="builtin.module(sinter.model(sinter.entry(sink-rearranges)))" | FileCheck %s
!x = !sinter.tensor<n x 8 x f32>
!heads = !sinter.tensor<2 x n x 4 x f32>
!s = !sinter.tensor<f32>

sinter.model @m {
  // A chain of element-wise ops runs before the rearrange.
  // CHECK-LABEL: @chain
  // CHECK: %[[A:.*]] = sinter.mul %{{.*}} -> !sinter.tensor<n x 8 x f32>
  // CHECK-NEXT: %[[B:.*]] = sinter.tanh %[[A]] {{.*}} -> !sinter.tensor<n x 8 x f32>
  // CHECK-NEXT: %[[C:.*]] = sinter.gt %[[B]], %{{.*}} -> !sinter.tensor<n x 8 x bool>
  // CHECK-NEXT: %[[R:.*]] = sinter.rearrange %[[C]] {pattern = "b(hd)->hbd", sizes = {h = 2 : i64}} {{.*}} -> !sinter.tensor<2 x n x 4 x bool>
  // CHECK-NEXT: sinter.return %[[R]]
  sinter.entry @chain inputs ["x", "s"] outputs ["y"] {
  ^bb0(%x: !x, %s: !s):
    %0 = sinter.rearrange %x {pattern = "b(hd)->hbd", sizes = {h = 2 : i64}} : (!x) -> !heads
    %1 = sinter.mul %0, %s : (!heads, !s) -> !heads
    %2 = sinter.tanh %1 : (!heads) -> !heads
    %3 = sinter.gt %2, %s : (!heads, !s) -> !sinter.tensor<2 x n x 4 x bool>
    sinter.return %3 : !sinter.tensor<2 x n x 4 x bool>
  }

  // Another reader of the arrangement, or another tensor beside it: nothing moves.
  // CHECK-LABEL: @kept
  // CHECK: sinter.rearrange
  // CHECK-NEXT: sinter.tanh
  // CHECK-NEXT: sinter.rearrange
  // CHECK-NEXT: sinter.add
  sinter.entry @kept inputs ["x", "y"] outputs ["a", "b", "c"] {
  ^bb0(%x: !x, %y: !heads):
    %0 = sinter.rearrange %x {pattern = "b(hd)->hbd", sizes = {h = 2 : i64}} : (!x) -> !heads
    %1 = sinter.tanh %0 : (!heads) -> !heads
    %2 = sinter.rearrange %x {pattern = "b(dh)->hbd", sizes = {h = 2 : i64}} : (!x) -> !heads
    %3 = sinter.add %2, %y : (!heads, !heads) -> !heads
    sinter.return %0, %1, %3 : !heads, !heads, !heads
  }
}
