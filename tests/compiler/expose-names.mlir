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

!b = !sinter.tensor<n x 4 x f32>
!s = !sinter.tensor<n x t~ x 4 x f32>
!i = !sinter.tensor<i64>

// Steps: a scan's are stacked where it stacks its own outputs, also those of a repeat inside of it.
// CHECK-LABEL: sinter.model @steps
// CHECK: sinter.entry @forward inputs ["x"] outputs ["y"] attributes
// CHECK-SAME: sinter.unaskable = ["'all' cannot be asked for: in a scan its values, !sinter.tensor<4 x f32> each, cannot be stacked"]
// CHECK: sinter.entry @forward.asked inputs ["x"] outputs ["y", "sum", "deep.0", "deep.1"]
// CHECK: %[[R:.*]]:4 = sinter.scan %{{.*}}, %{{.*}} {axis = 1 : i64, xs = 1 : i64}
// CHECK-SAME: -> (!sinter.tensor<n x 4 x f32>, !sinter.tensor<n x t~ x 4 x f32>, !sinter.tensor<n x t~ x 4 x f32>, !sinter.tensor<n x t~ x 4 x f32>)
// CHECK: %[[SUM:.*]] = sinter.name %{{.*}} {name = "sum"}
// CHECK: %[[D:.*]]:2 = sinter.repeat %[[SUM]] {count = 2 : i64, ys = 1 : i64}
// CHECK: %[[D0:.*]] = sinter.rearrange %{{.*}} {pattern = "1bc->bc"}
// CHECK: %[[D1:.*]] = sinter.rearrange %{{.*}} {pattern = "1bc->bc"}
// CHECK: sinter.yield %[[D]]#0, %[[SUM]], %[[D0]], %[[D1]]
// CHECK: sinter.return %[[R]]#0, %[[R]]#1, %[[R]]#2, %[[R]]#3
sinter.model @steps {
  sinter.entry @forward inputs ["x"] outputs ["y"] {
  ^bb0(%x: !s):
    %h = sinter.constant {value = 0.0 : f64} : () -> !b
    %y = sinter.scan %x, %h {axis = 1 : i64, xs = 1 : i64} : (!s, !b) -> !b {
    ^bb0(%step: !b, %state: !b):
      %a = sinter.add %step, %state : (!b, !b) -> !b
      %n = sinter.name %a {name = "sum"} : (!b) -> !b
      %e = sinter.repeat %n {count = 2 : i64} : (!b) -> !b {
      ^bb0(%g: !b):
        %t = sinter.tanh %g : (!b) -> !b
        %d = sinter.name %t {name = "deep"} : (!b) -> !b
        sinter.yield %d : !b
      }
      %m = sinter.sum %a {axes = array<i64: 0>} : (!b) -> !sinter.tensor<4 x f32>
      %all = sinter.name %m {name = "all"} : (!sinter.tensor<4 x f32>) -> !sinter.tensor<4 x f32>
      sinter.yield %e : !b
    }
    sinter.return %y : !b
  }
}

// Rounds: each is put at its place of a further state, which begins as zeros.
// CHECK-LABEL: sinter.model @rounds
// CHECK: sinter.unaskable = ["'goes' cannot be asked for: it is in the condition of a loop", "'small' cannot be asked for: it is inside of a fused kernel", "'far' cannot be asked for: it is inside of a loop of more than 4096 rounds"]
// CHECK: sinter.entry @forward.asked inputs ["x"] outputs ["y", "next"]
// CHECK: %[[NONE:.*]] = sinter.constant {value = 0 : i64} : () -> !sinter.tensor<i64>
// CHECK: %[[ZEROS:.*]] = sinter.constant {value = 0 : i64} : () -> !sinter.tensor<9 x i64>
// CHECK: %[[R:.*]]:3 = sinter.loop %{{.*}}, %[[NONE]], %[[ZEROS]] {bound = 9 : i64}
// CHECK: } do {
// CHECK: ^bb0(%{{.*}}: !sinter.tensor<i64>, %[[ROUND:.*]]: !sinter.tensor<i64>, %[[KEPT:.*]]: !sinter.tensor<9 x i64>):
// CHECK: %[[NEXT:.*]] = sinter.name %{{.*}} {name = "next"}
// CHECK: %[[ONE:.*]] = sinter.constant {value = 1 : i64}
// CHECK: %[[MORE:.*]] = sinter.add %[[ROUND]], %[[ONE]]
// CHECK: %[[ROW:.*]] = sinter.rearrange %[[NEXT]] {pattern = "->1"}
// CHECK: %[[PUT:.*]] = sinter.update_slice %[[KEPT]], %[[ROW]], %[[ROUND]] {axis = 0 : i64, start = 0 : i64}
// CHECK: sinter.yield %[[NEXT]], %[[MORE]], %[[PUT]]
// CHECK: sinter.return %{{.*}}, %[[R]]#2
sinter.model @rounds {
  sinter.entry @forward inputs ["x"] outputs ["y"] {
  ^bb0(%x: !i):
    %two = sinter.constant {value = 2 : i64} : () -> !i
    %l = sinter.loop %x {bound = 9 : i64} : (!i) -> !i {
    ^bb0(%i: !i):
      %c = sinter.lt %i, %x : (!i, !i) -> !sinter.tensor<bool>
      %go = sinter.name %c {name = "goes"} : (!sinter.tensor<bool>) -> !sinter.tensor<bool>
      sinter.yield %go : !sinter.tensor<bool>
    } do {
    ^bb0(%i: !i):
      %f = sinter.fused {kind = "user"} : () -> !i {
        %d = sinter.mul %i, %two : (!i, !i) -> !i
        %s = sinter.name %d {name = "small"} : (!i) -> !i
        sinter.yield %s : !i
      }
      %n = sinter.name %f {name = "next"} : (!i) -> !i
      sinter.yield %n : !i
    }
    %m = sinter.loop %l {bound = 4097 : i64} : (!i) -> !i {
    ^bb0(%i: !i):
      %c = sinter.lt %i, %x : (!i, !i) -> !sinter.tensor<bool>
      sinter.yield %c : !sinter.tensor<bool>
    } do {
    ^bb0(%i: !i):
      %n = sinter.name %i {name = "far"} : (!i) -> !i
      sinter.yield %n : !i
    }
    sinter.return %m : !i
  }
}
