// RUN: sinter-opt %s --pass-pipeline="builtin.module(sinter.model(expose-names))" | FileCheck %s
!v = !sinter.tensor<n x f32>

// CHECK-LABEL: sinter.model @m
// CHECK: sinter.entry @forward inputs ["x"] outputs ["y"] {
// CHECK: sinter.repeat %{{.*}} {count = 2 : i64} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32> {
// CHECK: sinter.entry @forward.asked inputs ["x"] outputs ["y", "start", "round.0", "round.1"]
// CHECK-SAME: askable = ["start", "round.0", "round.1"]
// CHECK: %[[START:.*]] = sinter.name %{{.*}} {name = "start"}
// CHECK: %[[R:.*]]:2 = sinter.repeat %[[START]] {count = 2 : i64, ys = 1 : i64}
// CHECK-SAME: -> (!sinter.tensor<n x f32>, !sinter.tensor<2 x n x f32>)
// CHECK: %[[NEXT:.*]] = sinter.exp
// CHECK: %[[NAMED:.*]] = sinter.name %[[NEXT]]
// CHECK: sinter.yield %[[NEXT]], %[[NAMED]]
// CHECK: %[[S0:.*]] = sinter.slice %[[R]]#1 {axis = 0 : i64, start = "0"}
// CHECK: %[[A:.*]] = sinter.rearrange %[[S0]] {pattern = "1b->b"}
// CHECK: %[[S1:.*]] = sinter.slice %[[R]]#1 {axis = 0 : i64, start = "1"}
// CHECK: %[[B:.*]] = sinter.rearrange %[[S1]] {pattern = "1b->b"}
// CHECK: sinter.return %[[R]]#0, %[[START]], %[[A]], %[[B]]
sinter.model @m {
  sinter.entry @forward inputs ["x"] outputs ["y"] {
  ^bb0(%x: !v):
    %s = sinter.name %x {name = "start"} : (!v) -> !v
    %y = sinter.repeat %s {count = 2 : i64} : (!v) -> !v {
    ^bb0(%h: !v):
      %e = sinter.exp %h : (!v) -> !v
      %n = sinter.name %e {name = "round"} : (!v) -> !v
      sinter.yield %e : !v
    }
    sinter.return %y : !v
  }
  // An entry without names has no companion.
  // CHECK: sinter.entry @plain
  // CHECK-NOT: sinter.entry @plain.asked
  sinter.entry @plain inputs ["x"] outputs ["y"] {
  ^bb0(%x: !v):
    %e = sinter.exp %x : (!v) -> !v
    sinter.return %e : !v
  }
}
