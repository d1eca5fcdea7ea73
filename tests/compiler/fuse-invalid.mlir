// Regions that a model wants fused and that are no kernel.
// RUN: sinter-opt %s --pass-pipeline="builtin.module(sinter.model(sinter.entry(fuse)))" -split-input-file -verify-diagnostics
!x = !sinter.tensor<n x 8 x f32>
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs ["y"] {
  ^bb0(%x: !x):
    %y = sinter.fused {kind = "user"} : () -> !x {
      // expected-error @+1 {{fused: 'cumsum' is not element-wise over the shape of the region's result}}
      %0 = sinter.cumsum %x {axis = 1} : (!x) -> !x
      %1 = sinter.neg %0 : (!x) -> !x
      sinter.yield %1 : !x
    }
    sinter.return %y : !x
  }
}

// -----
!x = !sinter.tensor<n x 8 x f32>
!w = !sinter.tensor<8 x 8 x f32>
sinter.model @m {
  sinter.entry @f inputs ["x", "w"] outputs ["y"] {
  ^bb0(%x: !x, %w: !w):
    %y = sinter.fused {kind = "user"} : () -> !x {
      %0 = sinter.linear %x, %w : (!x, !w) -> !x
      // expected-error @+1 {{fused: 'softmax' cannot follow 'linear' in its kernel}}
      %1 = sinter.softmax %0 {axis = 1} : (!x) -> !x
      sinter.yield %1 : !x
    }
    sinter.return %y : !x
  }
}

// -----
!x = !sinter.tensor<n x 8 x f32>
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs ["y", "z"] {
  ^bb0(%x: !x):
    // expected-error @+1 {{fused: one kernel has one result, but the region has 2}}
    %y:2 = sinter.fused {kind = "user"} : () -> (!x, !x) {
      %0 = sinter.exp %x : (!x) -> !x
      sinter.yield %0, %x : !x, !x
    }
    sinter.return %y#0, %y#1 : !x, !x
  }
}

// -----
!x = !sinter.tensor<n x 8 x f32>
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs ["y"] {
  ^bb0(%x: !x):
    // expected-error @+1 {{fused: the last op must give the region's result}}
    %y = sinter.fused {kind = "user"} : () -> !x {
      %0 = sinter.exp %x : (!x) -> !x
      %1 = sinter.neg %x : (!x) -> !x
      sinter.yield %0 : !x
    }
    sinter.return %y : !x
  }
}
