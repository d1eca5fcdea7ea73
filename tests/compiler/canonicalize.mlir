// Folding and canonical forms of the ops.
// RUN: sinter-opt %s --canonicalize | FileCheck %s
!v = !sinter.tensor<n x 8 x f32>
!row = !sinter.tensor<8 x f32>
!i = !sinter.tensor<n x i32>
!s = !sinter.tensor<f32>

sinter.model @m {
  // CHECK-LABEL: entry @constants
  // CHECK-DAG: value = 2.000000e+00 : f64
  // CHECK-DAG: value = -3.000000e+00 : f64
  // CHECK-DAG: value = -2147483648 : i64} : () -> !sinter.tensor<i32>
  // CHECK-DAG: value = 1 : i64} : () -> !sinter.tensor<bool>
  // CHECK-DAG: value = 5 : i64} : () -> !sinter.tensor<i64>
  sinter.entry @constants inputs [] outputs ["a", "b", "c", "d", "e"] {
    %two = sinter.constant {value = 2 : i64} : () -> !sinter.tensor<i32>
    %a = sinter.cast %two : (!sinter.tensor<i32>) -> !s
    %one = sinter.constant {value = 1.0} : () -> !s
    %three = sinter.add %a, %one : (!s, !s) -> !s
    %b = sinter.neg %three : (!s) -> !s
    %top = sinter.constant {value = 2147483647 : i64} : () -> !sinter.tensor<i32>
    %unit = sinter.constant {value = 1 : i64} : () -> !sinter.tensor<i32>
    %c = sinter.add %top, %unit : (!sinter.tensor<i32>, !sinter.tensor<i32>) -> !sinter.tensor<i32>
    %d = sinter.lt %a, %three : (!s, !s) -> !sinter.tensor<bool>
    %e = sinter.size {dim = 5 : i64} : () -> !sinter.tensor<i64>
    sinter.return %a, %b, %c, %d, %e : !s, !s, !sinter.tensor<i32>, !sinter.tensor<bool>, !sinter.tensor<i64>
  }

  // exp has no one answer, x + 0.0 turns -0 into 0.
  // CHECK-LABEL: entry @kept
  // CHECK: sinter.exp
  // CHECK: sinter.add
  sinter.entry @kept inputs ["x"] outputs ["a", "b"] {
  ^bb0(%x: !v):
    %one = sinter.constant {value = 1.0} : () -> !s
    %a = sinter.exp %one : (!s) -> !s
    %zero = sinter.constant {value = 0.0} : () -> !s
    %b = sinter.add %x, %zero : (!v, !s) -> !v
    sinter.return %a, %b : !s, !v
  }

  // CHECK-LABEL: entry @identities
  // CHECK-NEXT: ^bb0(%[[X:.*]]: !sinter.tensor<n x 8 x f32>):
  // CHECK-NEXT: sinter.return %[[X]], %[[X]], %[[X]], %[[X]], %[[X]], %[[X]], %[[X]], %[[X]]
  sinter.entry @identities inputs ["x"] outputs ["a", "b", "c", "d", "e", "f", "g", "h"] {
  ^bb0(%x: !v):
    %one = sinter.constant {value = 1.0} : () -> !s
    %zero = sinter.constant {value = 0.0} : () -> !s
    %a = sinter.mul %one, %x : (!s, !v) -> !v
    %b = sinter.sub %x, %zero : (!v, !s) -> !v
    %n = sinter.neg %x : (!v) -> !v
    %c = sinter.neg %n : (!v) -> !v
    %d = sinter.rearrange %x {pattern = "ab->ab"} : (!v) -> !v
    %e = sinter.slice %x {axis = 1, start = 0} : (!v) -> !v
    %f = sinter.pad %x {low = array<i64: 0, 0>, high = array<i64: 0, 0>} : (!v) -> !v
    %g = sinter.concat %x {axis = 1} : (!v) -> !v
    %flip = sinter.flip %x {axes = array<i64: 1>} : (!v) -> !v
    %h = sinter.flip %flip {axes = array<i64: 1>} : (!v) -> !v
    sinter.return %a, %b, %c, %d, %e, %f, %g, %h : !v, !v, !v, !v, !v, !v, !v, !v
  }

  // i32 -> i64 loses nothing, i32 -> f32 does.
  // CHECK-LABEL: entry @casts
  // CHECK-NEXT: ^bb0(%[[X:.*]]: !sinter.tensor<n x i32>):
  // CHECK-NEXT: %[[F:.*]] = sinter.cast %[[X]] {{.*}} -> !sinter.tensor<n x f32>
  // CHECK-NEXT: %[[I:.*]] = sinter.cast %[[F]]
  // CHECK-NEXT: sinter.return %[[F]], %[[I]]
  sinter.entry @casts inputs ["x"] outputs ["a", "b"] {
  ^bb0(%x: !i):
    %long = sinter.cast %x : (!i) -> !sinter.tensor<n x i64>
    %a = sinter.cast %long : (!sinter.tensor<n x i64>) -> !sinter.tensor<n x f32>
    %b = sinter.cast %a : (!sinter.tensor<n x f32>) -> !i
    sinter.return %a, %b : !sinter.tensor<n x f32>, !i
  }

  // CHECK-LABEL: entry @broadcasts
  // CHECK-NEXT: ^bb0(%[[X:.*]]: !sinter.tensor<n x 8 x f32>, %[[R:.*]]: !sinter.tensor<8 x f32>):
  // CHECK-NEXT: %[[A:.*]] = sinter.add %[[X]], %[[R]]
  // CHECK-NEXT: sinter.return %[[A]]
  sinter.entry @broadcasts inputs ["x", "row"] outputs ["a"] {
  ^bb0(%x: !v, %row: !row):
    %wide = sinter.broadcast %row : (!row) -> !v
    %a = sinter.add %x, %wide : (!v, !v) -> !v
    sinter.return %a : !v
  }

  // Split, moved, moved again: one rearrange. Merged differently than split: two.
  // CHECK-LABEL: entry @rearranges
  // CHECK-NEXT: ^bb0(%[[X:.*]]: !sinter.tensor<n x s~ x 8 x f32>):
  // CHECK-NEXT: %[[A:.*]] = sinter.rearrange %[[X]] {pattern = "bs(hd)->bhds", sizes = {d = 4 : i64, h = 2 : i64}} {{.*}} -> !sinter.tensor<n x 2 x 4 x s~ x f32>
  // CHECK-NEXT: %[[B:.*]] = sinter.rearrange %[[X]] {pattern = "bs(hd)->(hd)bs1"
  // CHECK-NEXT: %[[C:.*]] = sinter.rearrange %[[X]] {pattern = "bsm->mbs"}
  // CHECK-NEXT: %[[D:.*]] = sinter.rearrange %[[C]] {pattern = "(xy)bs->xbsy"
  // CHECK-NEXT: sinter.return %[[A]], %[[B]], %[[X]], %[[D]]
  sinter.entry @rearranges inputs ["x"] outputs ["a", "b", "c", "d"] {
  ^bb0(%x: !sinter.tensor<n x s~ x 8 x f32>):
    %heads = sinter.rearrange %x {pattern = "bs(hd)->bhsd", sizes = {h = 2}} : (!sinter.tensor<n x s~ x 8 x f32>) -> !sinter.tensor<n x 2 x s~ x 4 x f32>
    %a = sinter.rearrange %heads {pattern = "xhkd->xhdk"} : (!sinter.tensor<n x 2 x s~ x 4 x f32>) -> !sinter.tensor<n x 2 x 4 x s~ x f32>
    %b = sinter.rearrange %heads {pattern = "abcd->(bd)ac1"} : (!sinter.tensor<n x 2 x s~ x 4 x f32>) -> !sinter.tensor<8 x n x s~ x 1 x f32>
    %c = sinter.rearrange %heads {pattern = "bhsd->bs(hd)"} : (!sinter.tensor<n x 2 x s~ x 4 x f32>) -> !sinter.tensor<n x s~ x 8 x f32>
    %moved = sinter.rearrange %x {pattern = "bsm->mbs"} : (!sinter.tensor<n x s~ x 8 x f32>) -> !sinter.tensor<8 x n x s~ x f32>
    %d = sinter.rearrange %moved {pattern = "(xy)bs->xbsy", sizes = {x = 2}} : (!sinter.tensor<8 x n x s~ x f32>) -> !sinter.tensor<2 x n x s~ x 4 x f32>
    sinter.return %a, %b, %c, %d : !sinter.tensor<n x 2 x 4 x s~ x f32>, !sinter.tensor<8 x n x s~ x 1 x f32>, !sinter.tensor<n x s~ x 8 x f32>, !sinter.tensor<2 x n x s~ x 4 x f32>
  }

  // CHECK-LABEL: entry @choices
  // CHECK-NEXT: ^bb0(%[[X:.*]]: !sinter.tensor<n x 8 x f32>, %[[Y:.*]]: !sinter.tensor<n x 8 x f32>):
  // CHECK-NEXT: %[[S:.*]] = sinter.softmax %[[X]] {axis = 1 : i64}
  // CHECK-NEXT: sinter.return %[[X]], %[[Y]], %[[S]]
  sinter.entry @choices inputs ["x", "y"] outputs ["a", "b", "c"] {
  ^bb0(%x: !v, %y: !v):
    %true = sinter.constant {value = 1 : i64} : () -> !sinter.tensor<bool>
    %false = sinter.not %true : (!sinter.tensor<bool>) -> !sinter.tensor<bool>
    %a = sinter.where %true, %x, %y : (!sinter.tensor<bool>, !v, !v) -> !v
    %b = sinter.where %false, %x, %y : (!sinter.tensor<bool>, !v, !v) -> !v
    %c = sinter.softmax %x, %true {axis = 1} : (!v, !sinter.tensor<bool>) -> !v
    sinter.return %a, %b, %c : !v, !v, !v
  }

  // Constants of a fused region stay in it.
  // CHECK-LABEL: entry @region
  // CHECK: sinter.fused
  // CHECK-NEXT: sinter.constant
  // CHECK-NEXT: sinter.mul
  sinter.entry @region inputs ["x"] outputs ["a"] {
  ^bb0(%x: !v):
    %a = sinter.fused {kind = "elementwise"} : () -> !v {
      %half = sinter.constant {value = 0.5} : () -> !s
      %0 = sinter.mul %x, %half : (!v, !s) -> !v
      %1 = sinter.exp %0 : (!v) -> !v
      sinter.yield %1 : !v
    }
    sinter.return %a : !v
  }
}
