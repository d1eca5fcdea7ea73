// RUN: sinter-opt %s --pass-pipeline="builtin.module(sinter.model(sinter.entry(decompose-einsum)))" | FileCheck %s
!q = !sinter.tensor<b x q~ x 4 x 8 x f32>
!k = !sinter.tensor<b x k~ x 4 x 8 x f32>

sinter.model @m {
  sinter.weight "proj" : !sinter.tensor<32 x 4 x 8 x f32>

  // Attention scores: heads stay an axis of their own; ragged axes stay with their batch.
  // CHECK-LABEL: @scores
  // CHECK: %[[Q:.*]] = sinter.rearrange %{{.*}} {pattern = "bqhd->bhqd"} {{.*}} -> !sinter.tensor<b x 4 x q~ x 8 x f32>
  // CHECK: %[[K:.*]] = sinter.rearrange %{{.*}} {pattern = "bkhd->bhkd"} {{.*}} -> !sinter.tensor<b x 4 x k~ x 8 x f32>
  // CHECK: %[[S:.*]] = sinter.einsum %[[Q]], %[[K]] {equation = "bhmk,bhnk->bhmn"} {{.*}} -> !sinter.tensor<b x 4 x q~ x k~ x f32>
  // CHECK: sinter.return %[[S]]
  sinter.entry @scores inputs ["q", "k"] outputs ["s"] {
  ^bb0(%q: !q, %k: !k):
    %s = sinter.einsum %q, %k {equation = "bqhd,bkhd->bhqk"} : (!q, !k) -> !sinter.tensor<b x 4 x q~ x k~ x f32>
    sinter.return %s : !sinter.tensor<b x 4 x q~ x k~ x f32>
  }

  // CHECK-LABEL: @context
  // CHECK: %[[V:.*]] = sinter.rearrange %{{.*}} {pattern = "bkhd->bhdk"}
  // CHECK: %[[C:.*]] = sinter.einsum %{{.*}}, %[[V]] {equation = "bhmk,bhnk->bhmn"} {{.*}} -> !sinter.tensor<b x 4 x q~ x 8 x f32>
  // CHECK: sinter.rearrange %[[C]] {pattern = "bhqd->bqhd"}
  sinter.entry @context inputs ["q", "v", "p"] outputs ["c"] {
  ^bb0(%q: !q, %v: !k, %p: !sinter.tensor<b x 4 x q~ x k~ x f32>):
    %c = sinter.einsum %p, %v {equation = "bhqk,bkhd->bqhd"} : (!sinter.tensor<b x 4 x q~ x k~ x f32>, !k) -> !q
    sinter.return %c : !q
  }

  // CHECK-LABEL: @projection
  // CHECK: %[[W:.*]] = sinter.rearrange %{{.*}} {pattern = "dhk->(hk)d"} {{.*}} -> !sinter.tensor<32 x 32 x f32>
  // CHECK: %[[L:.*]] = sinter.linear %{{.*}}, %[[W]] : {{.*}} -> !sinter.tensor<b x s~ x 32 x f32>
  // CHECK: sinter.rearrange %[[L]] {pattern = "bs(hk)->bshk", sizes = {h = 4 : i64, k = 8 : i64}}
  sinter.entry @projection inputs ["x"] outputs ["y"] {
  ^bb0(%x: !sinter.tensor<b x s~ x 32 x f32>):
    %w = sinter.param {key = "proj"} : () -> !sinter.tensor<32 x 4 x 8 x f32>
    %y = sinter.einsum %x, %w {equation = "bsd,dhk->bshk"} : (!sinter.tensor<b x s~ x 32 x f32>, !sinter.tensor<32 x 4 x 8 x f32>) -> !sinter.tensor<b x s~ x 4 x 8 x f32>
    sinter.return %y : !sinter.tensor<b x s~ x 4 x 8 x f32>
  }

  // The weight on the left, and the result the other way round.
  // CHECK-LABEL: @left
  // CHECK: %[[W:.*]] = sinter.rearrange %{{.*}} {pattern = "hkd->(hk)d"}
  // CHECK: %[[L:.*]] = sinter.linear %{{.*}}, %[[W]] : {{.*}} -> !sinter.tensor<n x 256 x f32>
  // CHECK: sinter.rearrange %[[L]] {pattern = "n(hk)->hkn", sizes = {h = 32 : i64, k = 8 : i64}}
  sinter.entry @left inputs ["x"] outputs ["y"] {
  ^bb0(%x: !sinter.tensor<n x 4 x f32>):
    %w = sinter.param {key = "proj"} : () -> !sinter.tensor<32 x 4 x 8 x f32>
    %t = sinter.rearrange %w {pattern = "hdk->hkd"} : (!sinter.tensor<32 x 4 x 8 x f32>) -> !sinter.tensor<32 x 8 x 4 x f32>
    %y = sinter.einsum %t, %x {equation = "hkd,nd->hkn"} : (!sinter.tensor<32 x 8 x 4 x f32>, !sinter.tensor<n x 4 x f32>) -> !sinter.tensor<32 x 8 x n x f32>
    sinter.return %y : !sinter.tensor<32 x 8 x n x f32>
  }

  // Matrix times vector, per pair.
  // CHECK-LABEL: @vector
  // CHECK: %[[R:.*]] = sinter.rearrange %{{.*}} {pattern = "pd->p1d"}
  // CHECK: %[[P:.*]] = sinter.einsum %[[R]], %{{.*}} {equation = "bmk,bnk->bmn"} {{.*}} -> !sinter.tensor<p x 1 x 5 x f32>
  // CHECK: sinter.rearrange %[[P]] {pattern = "p1k->pk"}
  sinter.entry @vector inputs ["v", "n"] outputs ["y"] {
  ^bb0(%v: !sinter.tensor<p x 8 x f32>, %n: !sinter.tensor<p x 5 x 8 x f32>):
    %y = sinter.einsum %v, %n {equation = "pd,pkd->pk"} : (!sinter.tensor<p x 8 x f32>, !sinter.tensor<p x 5 x 8 x f32>) -> !sinter.tensor<p x 5 x f32>
    sinter.return %y : !sinter.tensor<p x 5 x f32>
  }

  // CHECK-LABEL: @dot
  // CHECK: %[[P:.*]] = sinter.mul
  // CHECK: sinter.sum %[[P]] {axes = array<i64: 1>
  sinter.entry @dot inputs ["v", "n"] outputs ["y"] {
  ^bb0(%v: !sinter.tensor<p x 8 x f32>, %n: !sinter.tensor<p x 8 x f32>):
    %y = sinter.einsum %v, %n {equation = "pd,pd->p"} : (!sinter.tensor<p x 8 x f32>, !sinter.tensor<p x 8 x f32>) -> !sinter.tensor<p x f32>
    sinter.return %y : !sinter.tensor<p x f32>
  }

  // CHECK-LABEL: @outer
  // CHECK: %[[B:.*]] = sinter.rearrange %{{.*}} {pattern = "j->j1"}
  // CHECK: %[[A:.*]] = sinter.rearrange %{{.*}} {pattern = "i->1i"}
  // CHECK: sinter.mul %[[B]], %[[A]] {{.*}} -> !sinter.tensor<m x n x f32>
  sinter.entry @outer inputs ["a", "b"] outputs ["y"] {
  ^bb0(%a: !sinter.tensor<n x f32>, %b: !sinter.tensor<m x f32>):
    %y = sinter.einsum %a, %b {equation = "i,j->ji"} : (!sinter.tensor<n x f32>, !sinter.tensor<m x f32>) -> !sinter.tensor<m x n x f32>
    sinter.return %y : !sinter.tensor<m x n x f32>
  }

  // CHECK-LABEL: @trace
  // CHECK: %[[I:.*]] = sinter.iota {axis = 1 : i64} : () -> !sinter.tensor<b x 5 x 1 x i64>
  // CHECK: %[[G:.*]] = sinter.gather_along %{{.*}}, %[[I]] {axis = 2 : i64}
  // CHECK: %[[D:.*]] = sinter.rearrange %[[G]] {pattern = "ab1->ab"}
  // CHECK: sinter.sum %[[D]] {axes = array<i64: 1>
  sinter.entry @trace inputs ["a"] outputs ["y"] {
  ^bb0(%a: !sinter.tensor<b x 5 x 5 x f32>):
    %y = sinter.einsum %a {equation = "bii->b"} : (!sinter.tensor<b x 5 x 5 x f32>) -> !sinter.tensor<b x f32>
    sinter.return %y : !sinter.tensor<b x f32>
  }

  // Three operands: the first two share i only, which the third needs.
  // CHECK-LABEL: @three
  // CHECK: sinter.mul
  // CHECK: sinter.einsum %{{.*}}, %{{.*}} {equation = "bmk,bnk->bmn"}
  sinter.entry @three inputs ["a", "b", "c"] outputs ["y"] {
  ^bb0(%a: !sinter.tensor<i x 3 x f32>, %b: !sinter.tensor<i x f32>, %c: !sinter.tensor<i x 3 x 7 x f32>):
    %y = sinter.einsum %a, %b, %c {equation = "ij,i,ijk->ik"} : (!sinter.tensor<i x 3 x f32>, !sinter.tensor<i x f32>, !sinter.tensor<i x 3 x 7 x f32>) -> !sinter.tensor<i x 7 x f32>
    sinter.return %y : !sinter.tensor<i x 7 x f32>
  }

  // A unit axis of the ellipsis is broadcast, so the other operand does not share it.
  // CHECK-LABEL: @ellipsis
  // CHECK: %[[A:.*]] = sinter.rearrange %{{.*}} {pattern = "1bc->bc"}
  // CHECK: %[[B:.*]] = sinter.rearrange %{{.*}} {pattern = "Hjk->(Hj)k"}
  // CHECK: %[[P:.*]] = sinter.einsum %[[B]], %[[A]] {equation = "mk,nk->mn"}
  // CHECK: sinter.rearrange %[[P]] {pattern = "(Hj)i->Hij", sizes = {H = 2 : i64, j = 7 : i64}}
  sinter.entry @ellipsis inputs ["a", "b"] outputs ["y"] {
  ^bb0(%a: !sinter.tensor<1 x n x 5 x f32>, %b: !sinter.tensor<2 x 7 x 5 x f32>):
    %y = sinter.einsum %a, %b {equation = "...ik,...jk->...ij"} : (!sinter.tensor<1 x n x 5 x f32>, !sinter.tensor<2 x 7 x 5 x f32>) -> !sinter.tensor<2 x n x 7 x f32>
    sinter.return %y : !sinter.tensor<2 x n x 7 x f32>
  }

  // Two symbolic axes do not merge into rows.
  // CHECK-LABEL: @unmerged
  // CHECK: sinter.mul
  // CHECK: sinter.sum
  // CHECK-NOT: sinter.einsum
  // CHECK: sinter.return
  sinter.entry @unmerged inputs ["a", "b"] outputs ["y"] {
  ^bb0(%a: !sinter.tensor<n x m x 5 x f32>, %b: !sinter.tensor<k x 5 x f32>):
    %y = sinter.einsum %a, %b {equation = "nmd,kd->nmk"} : (!sinter.tensor<n x m x 5 x f32>, !sinter.tensor<k x 5 x f32>) -> !sinter.tensor<n x m x k x f32>
    sinter.return %y : !sinter.tensor<n x m x k x f32>
  }
}
