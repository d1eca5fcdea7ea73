// RUN: sinter-opt %s --pass-pipeline="builtin.module(sinter.model(sinter.entry(expand-batch-norm)))" | FileCheck %s
!c = !sinter.tensor<8 x f32>
sinter.model @m {
  // CHECK-LABEL: @image
  // CHECK-NEXT: ^bb0(%[[X:.*]]: !sinter.tensor<n x 8 x h x w x f32>, %[[W:.*]]: !sinter.tensor<8 x f32>, %[[B:.*]]: !sinter.tensor<8 x f32>, %[[M:.*]]: !sinter.tensor<8 x f32>, %[[V:.*]]: !sinter.tensor<8 x f32>):
  // CHECK-NEXT: %[[EPS:.*]] = sinter.constant {value = 1.000000e-05 : f64} : () -> !sinter.tensor<f32>
  // CHECK-NEXT: %[[SHIFTED:.*]] = sinter.add %[[V]], %[[EPS]]
  // CHECK-NEXT: %[[DEVIATION:.*]] = sinter.sqrt %[[SHIFTED]]
  // CHECK-NEXT: %[[SCALE:.*]] = sinter.div %[[W]], %[[DEVIATION]]
  // CHECK-NEXT: %[[MEANS:.*]] = sinter.rearrange %[[M]] {pattern = "c->c11"} : (!sinter.tensor<8 x f32>) -> !sinter.tensor<8 x 1 x 1 x f32>
  // CHECK-NEXT: %[[CENTRED:.*]] = sinter.sub %[[X]], %[[MEANS]]
  // CHECK-NEXT: %[[SCALES:.*]] = sinter.rearrange %[[SCALE]]
  // CHECK-NEXT: %[[SCALED:.*]] = sinter.mul %[[CENTRED]], %[[SCALES]]
  // CHECK-NEXT: %[[BIASES:.*]] = sinter.rearrange %[[B]]
  // CHECK-NEXT: %[[RESULT:.*]] = sinter.add %[[SCALED]], %[[BIASES]]
  // CHECK-NEXT: sinter.return %[[RESULT]]
  sinter.entry @image inputs ["x", "w", "b", "m", "v"] outputs ["y"] {
  ^bb0(%x: !sinter.tensor<n x 8 x h x w x f32>, %w: !c, %b: !c, %m: !c, %v: !c):
    %y = sinter.batch_norm %x, %w, %b, %m, %v {axis = 1, eps = 1.0e-5} : (!sinter.tensor<n x 8 x h x w x f32>, !c, !c, !c, !c) -> !sinter.tensor<n x 8 x h x w x f32>
    sinter.return %y : !sinter.tensor<n x 8 x h x w x f32>
  }

  // CHECK-LABEL: @features
  // CHECK-NOT: rearrange
  sinter.entry @features inputs ["x", "w", "b", "m", "v"] outputs ["y"] {
  ^bb0(%x: !sinter.tensor<n x 8 x f32>, %w: !c, %b: !c, %m: !c, %v: !c):
    %y = sinter.batch_norm %x, %w, %b, %m, %v {axis = 1, eps = 1.0e-5} : (!sinter.tensor<n x 8 x f32>, !c, !c, !c, !c) -> !sinter.tensor<n x 8 x f32>
    sinter.return %y : !sinter.tensor<n x 8 x f32>
  }
}
