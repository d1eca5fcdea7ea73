// RUN: sinter-opt %s --pass-pipeline="builtin.module(sinter.model(sinter.entry(prepare-inference)))" | FileCheck %s
// RUN: sinter-opt %s --pass-pipeline="builtin.module(sinter.model(sinter.entry(prepare-inference{keep-names=probs})))" | FileCheck %s --check-prefix=KEEP
!v = !sinter.tensor<n x f32>
sinter.model @m {
  // CHECK: ^bb0(%[[X:.*]]: !sinter.tensor<n x f32>):
  // CHECK-NEXT: %[[Y:.*]] = sinter.exp %[[X]]
  // CHECK-NEXT: sinter.return %[[Y]]
  // KEEP: %[[Y:.*]] = sinter.exp %{{.*}}
  // KEEP-NEXT: sinter.name %[[Y]] {name = "probs"}
  sinter.entry @forward inputs ["x"] outputs ["y"] {
  ^bb0(%x: !v):
    %a = sinter.dropout %x {p = 0.1} : (!v) -> !v
    %b = sinter.name %a {name = "hidden"} : (!v) -> !v
    %c = sinter.exp %b : (!v) -> !v
    %d = sinter.name %c {name = "probs"} : (!v) -> !v
    sinter.return %d : !v
  }
}
