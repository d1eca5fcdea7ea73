// The structure of a model and structured control, in the form the DSL prints.
// RUN: sinter-opt %s | sinter-opt | FileCheck %s
// CHECK-LABEL: sinter.model @m attributes {note = "x"}
sinter.model @m attributes {note = "x"} {
  sinter.weight "layer.{}.w" : !sinter.tensor<8 x 8 x f32> {count = 12 : i64, init = "normal:0.02"}
  sinter.weight "fc.weight" : !sinter.tensor<2 x 8 x f32>
  sinter.weight "tied" : !sinter.tensor<2 x 8 x f32> {alias = "fc.weight"}
  sinter.task {reader = "characters", writer = "tokens", max_len = 64 : i64}
  sinter.entry @forward inputs ["x", "h"] outputs ["y", "h"] attributes {state = ["h"], constraints = ["seq <= 512"]} {
  ^bb0(%x: !sinter.tensor<batch x seq~ x 8 x f32>, %h: !sinter.tensor<batch x 8 x f32>):
    %n = sinter.lengths {dim = "seq~"} : () -> !sinter.tensor<batch x i64> loc("a.cpp":1:2)
    %0 = sinter.rearrange %x {pattern = "bs(hd)->bhsd", sizes = {h = 2}} : (!sinter.tensor<batch x seq~ x 8 x f32>) -> !sinter.tensor<batch x 2 x seq~ x 4 x f32>
    %r = sinter.repeat %x {count = 12 : i64} : (!sinter.tensor<batch x seq~ x 8 x f32>) -> !sinter.tensor<batch x seq~ x 8 x f32> {
    ^bb0(%s: !sinter.tensor<batch x seq~ x 8 x f32>):
      %w = sinter.param {key = "layer.{}.w"} : () -> !sinter.tensor<8 x 8 x f32>
      %y = sinter.linear %s, %w : (!sinter.tensor<batch x seq~ x 8 x f32>, !sinter.tensor<8 x 8 x f32>) -> !sinter.tensor<batch x seq~ x 8 x f32>
      sinter.yield %y : !sinter.tensor<batch x seq~ x 8 x f32>
    }
    // CHECK: sinter.scan {{.*}} {axis = 1 : i64, xs = 1 : i64} : (!sinter.tensor<batch x seq~ x 8 x f32>, !sinter.tensor<batch x 8 x f32>)
    %s:2 = sinter.scan %r, %h {axis = 1, xs = 1} : (!sinter.tensor<batch x seq~ x 8 x f32>, !sinter.tensor<batch x 8 x f32>) -> (!sinter.tensor<batch x 8 x f32>, !sinter.tensor<batch x seq~ x 8 x f32>) {
    ^bb0(%a: !sinter.tensor<batch x 8 x f32>, %b: !sinter.tensor<batch x 8 x f32>):
      %c = sinter.add %a, %b : (!sinter.tensor<batch x 8 x f32>, !sinter.tensor<batch x 8 x f32>) -> !sinter.tensor<batch x 8 x f32>
      sinter.yield %c, %c : !sinter.tensor<batch x 8 x f32>, !sinter.tensor<batch x 8 x f32>
    }
    %one = sinter.constant {value = 1 : i64} : () -> !sinter.tensor<i64>
    // CHECK: sinter.size {dim = "floordiv(batch-3, 2)+1"} : () -> !sinter.tensor<i64>
    %end = sinter.size {dim = "floordiv(batch-3, 2)+1"} : () -> !sinter.tensor<i64>
    %l = sinter.loop %one {bound = 100 : i64} : (!sinter.tensor<i64>) -> (!sinter.tensor<i64>) {
    ^bb0(%i: !sinter.tensor<i64>):
      %go = sinter.lt %i, %end : (!sinter.tensor<i64>, !sinter.tensor<i64>) -> !sinter.tensor<bool>
      sinter.yield %go : !sinter.tensor<bool>
    } do {
    ^bb0(%i: !sinter.tensor<i64>):
      %next = sinter.add %i, %one : (!sinter.tensor<i64>, !sinter.tensor<i64>) -> !sinter.tensor<i64>
      sinter.yield %next : !sinter.tensor<i64>
    }
    %f = sinter.fused {kind = "elementwise"} : () -> !sinter.tensor<batch x 8 x f32> {
      %t = sinter.tanh %s#0 : (!sinter.tensor<batch x 8 x f32>) -> !sinter.tensor<batch x 8 x f32>
      sinter.yield %t : !sinter.tensor<batch x 8 x f32>
    }
    %v:2 = sinter.top_k %f {k = 2, axis = -1} : (!sinter.tensor<batch x 8 x f32>) -> (!sinter.tensor<batch x 2 x f32>, !sinter.tensor<batch x 2 x i64>)
    %c = sinter.constant {value = dense<[1.0, 2.0]> : tensor<2xf64>} : () -> !sinter.tensor<2 x f32>
    sinter.return %s#1, %f : !sinter.tensor<batch x seq~ x 8 x f32>, !sinter.tensor<batch x 8 x f32>
  }
}
