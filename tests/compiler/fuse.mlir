// RUN: sinter-opt %s --pass-pipeline="builtin.module(sinter.model(sinter.entry(fuse)))" | FileCheck %s
!x = !sinter.tensor<n x 8 x f32>
!y = !sinter.tensor<n x 4 x f32>
!w = !sinter.tensor<4 x 8 x f32>
!row = !sinter.tensor<4 x f32>
!s = !sinter.tensor<f32>
!img = !sinter.tensor<n x 4 x h x w x f32>
!ids = !sinter.tensor<n x seq~ x i32>
!rows = !sinter.tensor<n x seq~ x 4 x f32>

sinter.model @m {
  sinter.weight "w" : !sinter.tensor<8 x 4 x f32>
  // Bias, a constant, an activation and a residual; the constant moves in.
  // CHECK-LABEL: @epilogue
  // CHECK: %[[F:.*]] = sinter.fused {kind = "gemm"} : () -> !sinter.tensor<n x 4 x f32> {
  // CHECK-NEXT: sinter.constant
  // CHECK-NEXT: sinter.linear
  // CHECK-NEXT: sinter.add
  // CHECK-NEXT: sinter.mul
  // CHECK-NEXT: sinter.gelu
  // CHECK-NEXT: %[[R:.*]] = sinter.add
  // CHECK-NEXT: sinter.yield %[[R]]
  // CHECK-NEXT: }
  // CHECK-NEXT: sinter.return %[[F]]
  sinter.entry @epilogue inputs ["x", "w", "b", "r"] outputs ["y"] {
  ^bb0(%x: !x, %w: !w, %b: !row, %r: !y):
    %half = sinter.constant {value = 0.5} : () -> !s
    %0 = sinter.linear %x, %w : (!x, !w) -> !y
    %1 = sinter.add %0, %b : (!y, !row) -> !y
    %2 = sinter.mul %1, %half : (!y, !s) -> !y
    %3 = sinter.gelu %2 : (!y) -> !y
    %4 = sinter.add %r, %3 : (!y, !y) -> !y
    sinter.return %4 : !y
  }

  // The product is asked for itself, so nothing may swallow it.
  // CHECK-LABEL: @used_twice
  // CHECK-NOT: kind = "gemm"
  // CHECK: sinter.return
  sinter.entry @used_twice inputs ["x", "w"] outputs ["y", "z"] {
  ^bb0(%x: !x, %w: !w):
    %0 = sinter.linear %x, %w : (!x, !w) -> !y
    %1 = sinter.relu %0 : (!y) -> !y
    sinter.return %0, %1 : !y, !y
  }

  // A bias of a convolution lies along the channel.
  // CHECK-LABEL: @convolution
  // CHECK: sinter.fused {kind = "gemm"}
  // CHECK-NEXT: sinter.conv
  // CHECK-NEXT: sinter.mul
  // CHECK-NEXT: sinter.relu
  // CHECK-NEXT: sinter.yield
  sinter.entry @convolution inputs ["x", "w", "s"] outputs ["y"] {
  ^bb0(%x: !img, %w: !sinter.tensor<4 x 4 x 1 x 1 x f32>, %s: !sinter.tensor<4 x 1 x 1 x f32>):
    %0 = sinter.conv %x, %w {stride = array<i64: 1, 1>, padding = array<i64: 0, 0, 0, 0>, dilation = array<i64: 1, 1>, groups = 1} : (!img, !sinter.tensor<4 x 4 x 1 x 1 x f32>) -> !img
    %1 = sinter.mul %0, %s : (!img, !sinter.tensor<4 x 1 x 1 x f32>) -> !img
    %2 = sinter.relu %1 : (!img) -> !img
    sinter.return %2 : !img
  }

  // A small LSTM-like cell: one product takes the other as its residual, the rest is a cluster.
  // CHECK-LABEL: @cell
  // CHECK: sinter.linear
  // CHECK: sinter.fused {kind = "gemm"}
  // CHECK-NEXT: sinter.linear
  // CHECK-NEXT: sinter.add
  // CHECK-NEXT: sinter.yield
  // CHECK: sinter.fused {kind = "elementwise"}
  // CHECK-NEXT: sinter.sigmoid
  // CHECK-NEXT: sinter.mul
  // CHECK-NEXT: sinter.yield
  // CHECK-NOT: sinter.fused
  sinter.entry @cell inputs ["x", "h", "w"] outputs ["y"] {
  ^bb0(%x: !x, %h: !x, %w: !w):
    %0 = sinter.linear %x, %w : (!x, !w) -> !y
    %1 = sinter.linear %h, %w : (!x, !w) -> !y
    %2 = sinter.add %0, %1 : (!y, !y) -> !y
    %3 = sinter.sigmoid %2 : (!y) -> !y
    %4 = sinter.mul %3, %2 : (!y, !y) -> !y
    sinter.return %4 : !y
  }

  // Shapes differ between the two halves: two clusters would have one op each, so there is none.
  // CHECK-LABEL: @shapes
  // CHECK-NOT: sinter.fused
  // CHECK: sinter.return
  sinter.entry @shapes inputs ["x", "r"] outputs ["y"] {
  ^bb0(%x: !y, %r: !row):
    %0 = sinter.exp %r : (!row) -> !row
    %1 = sinter.add %x, %0 : (!y, !row) -> !y
    sinter.return %1 : !y
  }

  // An embedding bag of scaled rows; what is not looked up is only arranged as it lies.
  // CHECK-LABEL: @bag
  // CHECK: sinter.rearrange %{{.*}} {pattern = "ab->ba"}
  // CHECK: sinter.fused {kind = "reduction"}
  // CHECK: sinter.gather
  // CHECK-NEXT: sinter.gather
  // CHECK-NEXT: sinter.rearrange
  // CHECK-NEXT: sinter.mul
  // CHECK-NEXT: sinter.mean
  // CHECK-NEXT: sinter.yield
  sinter.entry @bag inputs ["ids", "table", "scale"] outputs ["y"] {
  ^bb0(%ids: !ids, %table: !sinter.tensor<4 x 9 x f32>, %scale: !sinter.tensor<9 x f32>):
    %t = sinter.rearrange %table {pattern = "ab->ba"} : (!sinter.tensor<4 x 9 x f32>) -> !sinter.tensor<9 x 4 x f32>
    %0 = sinter.gather %t, %ids {axis = 0} : (!sinter.tensor<9 x 4 x f32>, !ids) -> !rows
    %1 = sinter.gather %scale, %ids {axis = 0} : (!sinter.tensor<9 x f32>, !ids) -> !sinter.tensor<n x seq~ x f32>
    %2 = sinter.rearrange %1 {pattern = "ab->ab1"} : (!sinter.tensor<n x seq~ x f32>) -> !sinter.tensor<n x seq~ x 1 x f32>
    %3 = sinter.mul %0, %2 : (!rows, !sinter.tensor<n x seq~ x 1 x f32>) -> !rows
    %4 = sinter.mean %3 {axes = array<i64: 1>, keepdim = false} : (!rows) -> !y
    sinter.return %4 : !y
  }

  // The length of a row: its squares are never stored.
  // CHECK-LABEL: @length
  // CHECK: sinter.fused {kind = "reduction"}
  // CHECK-NEXT: sinter.square
  // CHECK-NEXT: sinter.sum
  // CHECK-NEXT: sinter.yield
  // CHECK: sinter.sqrt
  sinter.entry @length inputs ["x"] outputs ["y"] {
  ^bb0(%x: !y):
    %0 = sinter.square %x : (!y) -> !y
    %1 = sinter.sum %0 {axes = array<i64: 1>, keepdim = false} : (!y) -> !sinter.tensor<n x f32>
    %2 = sinter.sqrt %1 : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>
    sinter.return %2 : !sinter.tensor<n x f32>
  }

  // The rows are asked for themselves; a variance would look them up twice.
  // CHECK-LABEL: @no_bag
  // CHECK-NOT: sinter.fused
  // CHECK: sinter.return
  sinter.entry @no_bag inputs ["ids", "table"] outputs ["y", "z", "rows"] {
  ^bb0(%ids: !ids, %table: !sinter.tensor<9 x 4 x f32>):
    %0 = sinter.gather %table, %ids {axis = 0} : (!sinter.tensor<9 x 4 x f32>, !ids) -> !rows
    %1 = sinter.sum %0 {axes = array<i64: 1>, keepdim = false} : (!rows) -> !y
    %2 = sinter.gather %table, %ids {axis = 0} : (!sinter.tensor<9 x 4 x f32>, !ids) -> !rows
    %3 = sinter.var %2 {axes = array<i64: 1>, keepdim = false, correction = 0} : (!rows) -> !y
    sinter.return %1, %3, %0 : !y, !y, !rows
  }

  // The weight and its arrangement are read before the kernel.
  // CHECK-LABEL: @product
  // CHECK: sinter.param
  // CHECK-NEXT: sinter.rearrange
  // CHECK-NEXT: sinter.fused {kind = "gemm"}
  // CHECK-NEXT: sinter.linear
  sinter.entry @product inputs ["x"] outputs ["y"] {
  ^bb0(%x: !x):
    %y = sinter.fused {kind = "user"} : () -> !y {
      %w = sinter.param {key = "w"} : () -> !sinter.tensor<8 x 4 x f32>
      %t = sinter.rearrange %w {pattern = "io->oi"} : (!sinter.tensor<8 x 4 x f32>) -> !w
      %0 = sinter.linear %x, %t : (!x, !w) -> !y
      %1 = sinter.tanh %0 : (!y) -> !y
      sinter.yield %1 : !y
    }
    sinter.return %y : !y
  }

  // CHECK-LABEL: @asked
  // CHECK: sinter.fused {kind = "elementwise"}
  sinter.entry @asked inputs ["x"] outputs ["y"] {
  ^bb0(%x: !x):
    %y = sinter.fused {kind = "user"} : () -> !x {
      %0 = sinter.exp %x : (!x) -> !x
      %1 = sinter.neg %0 : (!x) -> !x
      sinter.yield %1 : !x
    }
    sinter.return %y : !x
  }
}
