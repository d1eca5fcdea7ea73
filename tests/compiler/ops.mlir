// Every op without regions in the form it is printed; structure.mlir has the others.
// RUN: sinter-opt %s | FileCheck %s --match-full-lines
sinter.model @ops {
  sinter.weight "w" : !sinter.tensor<5 x 8 x f32>
  sinter.entry @forward inputs ["x", "y", "b", "i", "k", "n1", "s", "img", "w3", "b6", "dense", "rag", "lin", "b5", "table", "ids", "q", "kk", "v2"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x 8 x f32>,
       %y: !sinter.tensor<8 x f32>,
       %b: !sinter.tensor<n x 8 x bool>,
       %i: !sinter.tensor<n x 8 x i32>,
       %k: !sinter.tensor<n x 2 x i64>,
       %n1: !sinter.tensor<n x i64>,
       %s: !sinter.tensor<i64>,
       %img: !sinter.tensor<n x 4 x seq x f32>,
       %w3: !sinter.tensor<6 x 4 x 3 x f32>,
       %b6: !sinter.tensor<6 x f32>,
       %dense: !sinter.tensor<n x seq x 8 x f32>,
       %rag: !sinter.tensor<n x seq~ x 8 x f32>,
       %lin: !sinter.tensor<5 x 8 x f32>,
       %b5: !sinter.tensor<5 x f32>,
       %table: !sinter.tensor<100 x 8 x f32>,
       %ids: !sinter.tensor<n x seq~ x i32>,
       %q: !sinter.tensor<n x q x d x f32>,
       %kk: !sinter.tensor<n x k x d x f32>,
       %v2: !sinter.tensor<n x 2 x f32>):
    // CHECK: {{.*}} = sinter.neg %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %0 = sinter.neg %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.abs %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %1 = sinter.abs %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.sign %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %2 = sinter.sign %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.floor %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %3 = sinter.floor %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.ceil %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %4 = sinter.ceil %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.round %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %5 = sinter.round %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.exp %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %6 = sinter.exp %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.expm1 %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %7 = sinter.expm1 %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.log %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %8 = sinter.log %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.log1p %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %9 = sinter.log1p %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.sqrt %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %10 = sinter.sqrt %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.rsqrt %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %11 = sinter.rsqrt %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.reciprocal %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %12 = sinter.reciprocal %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.square %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %13 = sinter.square %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.sin %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %14 = sinter.sin %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.cos %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %15 = sinter.cos %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.tanh %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %16 = sinter.tanh %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.sigmoid %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %17 = sinter.sigmoid %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.log_sigmoid %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %18 = sinter.log_sigmoid %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.softplus %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %19 = sinter.softplus %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.relu %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %20 = sinter.relu %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.silu %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %21 = sinter.silu %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.erf %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %22 = sinter.erf %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.not %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x bool>
    %23 = sinter.not %b : (!sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x bool>
    // CHECK: {{.*}} = sinter.gelu %{{[a-z0-9]+}} {approximate = "tanh"} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %24 = sinter.gelu %x {approximate = "tanh"} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.gelu %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %25 = sinter.gelu %x : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.elu %{{[a-z0-9]+}} {alpha = 2.000000e+00 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %26 = sinter.elu %x {alpha = 2.000000e+00 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.leaky_relu %{{[a-z0-9]+}} {slope = 1.000000e-01 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %27 = sinter.leaky_relu %x {slope = 1.000000e-01 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.hard_sigmoid %{{[a-z0-9]+}} {offset = 5.000000e-01 : f64, slope = 2.000000e-01 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %28 = sinter.hard_sigmoid %x {offset = 5.000000e-01 : f64, slope = 2.000000e-01 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.clamp %{{[a-z0-9]+}} {max = 6.000000e+00 : f64, min = 0.000000e+00 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %29 = sinter.clamp %x {max = 6.000000e+00 : f64, min = 0.000000e+00 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.clamp %{{[a-z0-9]+}} {min = 0.000000e+00 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %30 = sinter.clamp %x {min = 0.000000e+00 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.cast %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x i32>) -> !sinter.tensor<n x 8 x f32>
    %31 = sinter.cast %i : (!sinter.tensor<n x 8 x i32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.dropout %{{[a-z0-9]+}} {p = 1.000000e-01 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %32 = sinter.dropout %x {p = 1.000000e-01 : f64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.name %{{[a-z0-9]+}} {name = "attentions"} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %33 = sinter.name %x {name = "attentions"} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.add %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %34 = sinter.add %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.sub %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %35 = sinter.sub %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.mul %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %36 = sinter.mul %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.div %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %37 = sinter.div %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.rem %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %38 = sinter.rem %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.pow %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %39 = sinter.pow %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.minimum %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %40 = sinter.minimum %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.maximum %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %41 = sinter.maximum %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.eq %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    %42 = sinter.eq %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    // CHECK: {{.*}} = sinter.ne %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    %43 = sinter.ne %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    // CHECK: {{.*}} = sinter.lt %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    %44 = sinter.lt %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    // CHECK: {{.*}} = sinter.le %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    %45 = sinter.le %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    // CHECK: {{.*}} = sinter.gt %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    %46 = sinter.gt %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    // CHECK: {{.*}} = sinter.ge %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    %47 = sinter.ge %x, %y : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x bool>
    // CHECK: {{.*}} = sinter.and %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x bool>, !sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x bool>
    %48 = sinter.and %b, %b : (!sinter.tensor<n x 8 x bool>, !sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x bool>
    // CHECK: {{.*}} = sinter.or %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x bool>, !sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x bool>
    %49 = sinter.or %b, %b : (!sinter.tensor<n x 8 x bool>, !sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x bool>
    // CHECK: {{.*}} = sinter.where %{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x bool>, !sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %50 = sinter.where %b, %x, %y : (!sinter.tensor<n x 8 x bool>, !sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.sum %{{[a-z0-9]+}} {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    %51 = sinter.sum %x {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    // CHECK: {{.*}} = sinter.mean %{{[a-z0-9]+}} {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    %52 = sinter.mean %x {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    // CHECK: {{.*}} = sinter.prod %{{[a-z0-9]+}} {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    %53 = sinter.prod %x {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    // CHECK: {{.*}} = sinter.amax %{{[a-z0-9]+}} {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    %54 = sinter.amax %x {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    // CHECK: {{.*}} = sinter.amin %{{[a-z0-9]+}} {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    %55 = sinter.amin %x {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    // CHECK: {{.*}} = sinter.logsumexp %{{[a-z0-9]+}} {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    %56 = sinter.logsumexp %x {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    // CHECK: {{.*}} = sinter.sum %{{[a-z0-9]+}} {axes = array<i64: 0, 1>, keepdim = true} : (!sinter.tensor<n x seq~ x 8 x f32>) -> !sinter.tensor<1 x 1 x 8 x f32>
    %57 = sinter.sum %rag {axes = array<i64: 0, 1>, keepdim = true} : (!sinter.tensor<n x seq~ x 8 x f32>) -> !sinter.tensor<1 x 1 x 8 x f32>
    // CHECK: {{.*}} = sinter.any %{{[a-z0-9]+}} {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x bool>
    %58 = sinter.any %b {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x bool>
    // CHECK: {{.*}} = sinter.all %{{[a-z0-9]+}} {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x bool>
    %59 = sinter.all %b {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x bool>
    // CHECK: {{.*}} = sinter.var %{{[a-z0-9]+}} {axes = array<i64: 1>, correction = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    %60 = sinter.var %x {axes = array<i64: 1>, correction = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    // CHECK: {{.*}} = sinter.argmax %{{[a-z0-9]+}} {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x i64>
    %61 = sinter.argmax %x {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x i64>
    // CHECK: {{.*}} = sinter.argmin %{{[a-z0-9]+}} {axis = 1 : i64, keepdim = true} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 1 x i64>
    %62 = sinter.argmin %x {axis = 1 : i64, keepdim = true} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 1 x i64>
    // CHECK: {{.*}} = sinter.top_k %{{[a-z0-9]+}} {axis = 1 : i64, k = 2 : i64} : (!sinter.tensor<n x 8 x f32>) -> (!sinter.tensor<n x 2 x f32>, !sinter.tensor<n x 2 x i64>)
    %63:2 = sinter.top_k %x {axis = 1 : i64, k = 2 : i64} : (!sinter.tensor<n x 8 x f32>) -> (!sinter.tensor<n x 2 x f32>, !sinter.tensor<n x 2 x i64>)
    // CHECK: {{.*}} = sinter.cumsum %{{[a-z0-9]+}} {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %64 = sinter.cumsum %x {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.softmax %{{[a-z0-9]+}} {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %65 = sinter.softmax %x {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.softmax %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x f32>
    %66 = sinter.softmax %x, %b {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.log_softmax %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x f32>
    %67 = sinter.log_softmax %x, %b {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.layer_norm %{{[a-z0-9]+}} {eps = 1.000000e-05 : f64, rank = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %68 = sinter.layer_norm %x {eps = 1.000000e-05 : f64, rank = 1 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.layer_norm %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {eps = 1.000000e-05 : f64, rank = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %69 = sinter.layer_norm %x, %y {eps = 1.000000e-05 : f64, rank = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.layer_norm %{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {eps = 1.000000e-05 : f64, rank = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %70 = sinter.layer_norm %x, %y, %y {eps = 1.000000e-05 : f64, rank = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.batch_norm %{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 1 : i64, eps = 1.000000e-05 : f64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>, !sinter.tensor<8 x f32>, !sinter.tensor<8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %71 = sinter.batch_norm %x, %y, %y, %y, %y {axis = 1 : i64, eps = 1.000000e-05 : f64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<8 x f32>, !sinter.tensor<8 x f32>, !sinter.tensor<8 x f32>, !sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.einsum %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {equation = "bqd,bkd->bqk"} : (!sinter.tensor<n x q x d x f32>, !sinter.tensor<n x k x d x f32>) -> !sinter.tensor<n x q x k x f32>
    %72 = sinter.einsum %q, %kk {equation = "bqd,bkd->bqk"} : (!sinter.tensor<n x q x d x f32>, !sinter.tensor<n x k x d x f32>) -> !sinter.tensor<n x q x k x f32>
    // CHECK: {{.*}} = sinter.linear %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<5 x 8 x f32>) -> !sinter.tensor<n x 5 x f32>
    %73 = sinter.linear %x, %lin : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<5 x 8 x f32>) -> !sinter.tensor<n x 5 x f32>
    // CHECK: {{.*}} = sinter.linear %{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<5 x 8 x f32>, !sinter.tensor<5 x f32>) -> !sinter.tensor<n x 5 x f32>
    %74 = sinter.linear %x, %lin, %b5 : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<5 x 8 x f32>, !sinter.tensor<5 x f32>) -> !sinter.tensor<n x 5 x f32>
    // CHECK: {{.*}} = sinter.conv %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {dilation = array<i64: 1>, groups = 1 : i64, padding = array<i64: 1, 1>, stride = array<i64: 1>} : (!sinter.tensor<n x 4 x seq x f32>, !sinter.tensor<6 x 4 x 3 x f32>) -> !sinter.tensor<n x 6 x seq x f32>
    %75 = sinter.conv %img, %w3 {dilation = array<i64: 1>, groups = 1 : i64, padding = array<i64: 1, 1>, stride = array<i64: 1>} : (!sinter.tensor<n x 4 x seq x f32>, !sinter.tensor<6 x 4 x 3 x f32>) -> !sinter.tensor<n x 6 x seq x f32>
    // CHECK: {{.*}} = sinter.conv %{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {dilation = array<i64: 1>, groups = 1 : i64, padding = array<i64: 1, 1>, stride = array<i64: 1>} : (!sinter.tensor<n x 4 x seq x f32>, !sinter.tensor<6 x 4 x 3 x f32>, !sinter.tensor<6 x f32>) -> !sinter.tensor<n x 6 x seq x f32>
    %76 = sinter.conv %img, %w3, %b6 {dilation = array<i64: 1>, groups = 1 : i64, padding = array<i64: 1, 1>, stride = array<i64: 1>} : (!sinter.tensor<n x 4 x seq x f32>, !sinter.tensor<6 x 4 x 3 x f32>, !sinter.tensor<6 x f32>) -> !sinter.tensor<n x 6 x seq x f32>
    // CHECK: {{.*}} = sinter.max_pool %{{[a-z0-9]+}} {dilation = array<i64: 1>, padding = array<i64: 0, 0>, size = array<i64: 3>, stride = array<i64: 1>} : (!sinter.tensor<n x 4 x seq x f32>) -> !sinter.tensor<n x 4 x seq-2 x f32>
    %77 = sinter.max_pool %img {dilation = array<i64: 1>, padding = array<i64: 0, 0>, size = array<i64: 3>, stride = array<i64: 1>} : (!sinter.tensor<n x 4 x seq x f32>) -> !sinter.tensor<n x 4 x seq-2 x f32>
    // CHECK: {{.*}} = sinter.avg_pool %{{[a-z0-9]+}} {count_include_pad = false, dilation = array<i64: 1>, padding = array<i64: 0, 0>, size = array<i64: 3>, stride = array<i64: 1>} : (!sinter.tensor<n x 4 x seq x f32>) -> !sinter.tensor<n x 4 x seq-2 x f32>
    %78 = sinter.avg_pool %img {count_include_pad = false, dilation = array<i64: 1>, padding = array<i64: 0, 0>, size = array<i64: 3>, stride = array<i64: 1>} : (!sinter.tensor<n x 4 x seq x f32>) -> !sinter.tensor<n x 4 x seq-2 x f32>
    // CHECK: {{.*}} = sinter.rearrange %{{[a-z0-9]+}} {pattern = "b(hd)->hb1d", sizes = {h = 2 : i64}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<2 x n x 1 x 4 x f32>
    %79 = sinter.rearrange %x {pattern = "b(hd)->hb1d", sizes = {h = 2 : i64}} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<2 x n x 1 x 4 x f32>
    // CHECK: {{.*}} = sinter.broadcast %{{[a-z0-9]+}} : (!sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    %80 = sinter.broadcast %y : (!sinter.tensor<8 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.slice %{{[a-z0-9]+}} {axis = 1 : i64, start = "seq-1"} : (!sinter.tensor<n x seq x 8 x f32>) -> !sinter.tensor<n x 1 x 8 x f32>
    %81 = sinter.slice %dense {axis = 1 : i64, start = "seq-1"} : (!sinter.tensor<n x seq x 8 x f32>) -> !sinter.tensor<n x 1 x 8 x f32>
    // CHECK: {{.*}} = sinter.slice %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 1 : i64, start = 0 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<i64>) -> !sinter.tensor<n x 1 x f32>
    %82 = sinter.slice %x, %s {axis = 1 : i64, start = 0 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<i64>) -> !sinter.tensor<n x 1 x f32>
    // CHECK: {{.*}} = sinter.slice %{{[a-z0-9]+}} {axis = 1 : i64, start = 1 : i64, step = 2 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 4 x f32>
    %83 = sinter.slice %x {axis = 1 : i64, start = 1 : i64, step = 2 : i64} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 4 x f32>
    // CHECK: {{.*}} = sinter.update_slice %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 1 : i64, start = 0 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x f32>) -> !sinter.tensor<n x 8 x f32>
    %84 = sinter.update_slice %x, %v2 {axis = 1 : i64, start = 0 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.update_slice %{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 1 : i64, start = 0 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x f32>, !sinter.tensor<i64>) -> !sinter.tensor<n x 8 x f32>
    %85 = sinter.update_slice %x, %v2, %s {axis = 1 : i64, start = 0 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x f32>, !sinter.tensor<i64>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.concat %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 16 x f32>
    %86 = sinter.concat %x, %x {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 16 x f32>
    // CHECK: {{.*}} = sinter.pad %{{[a-z0-9]+}} {high = array<i64: 0, 2>, low = array<i64: 0, 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 11 x f32>
    %87 = sinter.pad %x {high = array<i64: 0, 2>, low = array<i64: 0, 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 11 x f32>
    // CHECK: {{.*}} = sinter.pad %{{[a-z0-9]+}} {high = array<i64: 0, 1>, low = array<i64: 0, 1>, mode = "reflect"} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 10 x f32>
    %88 = sinter.pad %x {high = array<i64: 0, 1>, low = array<i64: 0, 1>, mode = "reflect"} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 10 x f32>
    // CHECK: {{.*}} = sinter.pad %{{[a-z0-9]+}} {high = array<i64: 0, 0>, low = array<i64: -1, -2>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n-1 x 6 x f32>
    %crop = sinter.pad %x {high = array<i64: 0, 0>, low = array<i64: -1, -2>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n-1 x 6 x f32>
    // CHECK: {{.*}} = sinter.flip %{{[a-z0-9]+}} {axes = array<i64: 1>} : (!sinter.tensor<n x seq~ x 8 x f32>) -> !sinter.tensor<n x seq~ x 8 x f32>
    %89 = sinter.flip %rag {axes = array<i64: 1>} : (!sinter.tensor<n x seq~ x 8 x f32>) -> !sinter.tensor<n x seq~ x 8 x f32>
    // CHECK: {{.*}} = sinter.gather %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 0 : i64} : (!sinter.tensor<100 x 8 x f32>, !sinter.tensor<n x seq~ x i32>) -> !sinter.tensor<n x seq~ x 8 x f32>
    %90 = sinter.gather %table, %ids {axis = 0 : i64} : (!sinter.tensor<100 x 8 x f32>, !sinter.tensor<n x seq~ x i32>) -> !sinter.tensor<n x seq~ x 8 x f32>
    // CHECK: {{.*}} = sinter.gather_along %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x i64>) -> !sinter.tensor<n x 2 x f32>
    %91 = sinter.gather_along %x, %k {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x i64>) -> !sinter.tensor<n x 2 x f32>
    // CHECK: {{.*}} = sinter.scatter_add %{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x i64>, !sinter.tensor<n x 2 x f32>) -> !sinter.tensor<n x 8 x f32>
    %92 = sinter.scatter_add %x, %k, %v2 {axis = 1 : i64} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x i64>, !sinter.tensor<n x 2 x f32>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.one_hot %{{[a-z0-9]+}} {classes = 5 : i64} : (!sinter.tensor<n x i64>) -> !sinter.tensor<n x 5 x f32>
    %93 = sinter.one_hot %n1 {classes = 5 : i64} : (!sinter.tensor<n x i64>) -> !sinter.tensor<n x 5 x f32>
    // CHECK: {{.*}} = sinter.iota {axis = 0 : i64} : () -> !sinter.tensor<n x i64>
    %94 = sinter.iota {axis = 0 : i64} : () -> !sinter.tensor<n x i64>
    // CHECK: {{.*}} = sinter.constant {value = 1.000000e+00 : f64} : () -> !sinter.tensor<n x f32>
    %95 = sinter.constant {value = 1.000000e+00 : f64} : () -> !sinter.tensor<n x f32>
    // CHECK: {{.*}} = sinter.constant {value = dense<[1, 2]> : tensor<2xi64>} : () -> !sinter.tensor<2 x i32>
    %96 = sinter.constant {value = dense<[1, 2]> : tensor<2xi64>} : () -> !sinter.tensor<2 x i32>
    // CHECK: {{.*}} = sinter.size {dim = "2*seq+1"} : () -> !sinter.tensor<i64>
    %97 = sinter.size {dim = "2*seq+1"} : () -> !sinter.tensor<i64>
    // CHECK: {{.*}} = sinter.lengths {dim = "seq~"} : () -> !sinter.tensor<n x i64>
    %98 = sinter.lengths {dim = "seq~"} : () -> !sinter.tensor<n x i64>
    // CHECK: {{.*}} = sinter.ragged %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : (!sinter.tensor<n x seq x 8 x f32>, !sinter.tensor<n x i64>) -> !sinter.tensor<n x seq~ x 8 x f32>
    %99 = sinter.ragged %dense, %n1 : (!sinter.tensor<n x seq x 8 x f32>, !sinter.tensor<n x i64>) -> !sinter.tensor<n x seq~ x 8 x f32>
    // CHECK: {{.*}} = sinter.dense %{{[a-z0-9]+}} : (!sinter.tensor<n x seq~ x 8 x f32>) -> !sinter.tensor<n x seq x 8 x f32>
    %100 = sinter.dense %rag : (!sinter.tensor<n x seq~ x 8 x f32>) -> !sinter.tensor<n x seq x 8 x f32>
    // CHECK: {{.*}} = sinter.random %{{[a-z0-9]+}}, %{{[a-z0-9]+}} {kind = "uniform"} : (!sinter.tensor<i64>, !sinter.tensor<i64>) -> !sinter.tensor<n x 8 x f32>
    %101 = sinter.random %s, %s {kind = "uniform"} : (!sinter.tensor<i64>, !sinter.tensor<i64>) -> !sinter.tensor<n x 8 x f32>
    // CHECK: {{.*}} = sinter.param {key = "w"} : () -> !sinter.tensor<5 x 8 x f32>
    %102 = sinter.param {key = "w"} : () -> !sinter.tensor<5 x 8 x f32>
    sinter.return
  }
}
