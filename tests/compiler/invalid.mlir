// Every way to break a rule of dsl/rules.h, with its whole sentence, which is the one that the C++
// surface says; one case per sentence, hence the length. rules.py lists the rules that are missing here.
// RUN: sinter-opt %s -split-input-file -verify-diagnostics

sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x bool>):
    // expected-error @+1 {{neg: wants numbers, got bool[n, 8]}}
    %r = sinter.neg %a : (!sinter.tensor<n x 8 x bool>) -> !sinter.tensor<n x 8 x bool>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x i32>):
    // expected-error @+1 {{exp: wants floating-point numbers, got i32[n, 8]}}
    %r = sinter.exp %a : (!sinter.tensor<n x 8 x i32>) -> !sinter.tensor<n x 8 x i32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>):
    // expected-error @+1 {{not: wants truth values, got f32[n, 8]}}
    %r = sinter.not %a : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>):
    // expected-error @+1 {{relu: gives f32[n, 8], but is written as f32[n, 9]}}
    %r = sinter.relu %a : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 9 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>, %b: !sinter.tensor<m x 8 x f32>):
    // expected-error @+1 {{add: cannot broadcast f32[n, 8] with f32[m, 8] (axis -2: n against m)}}
    %r = sinter.add %a, %b : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<m x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>, %b: !sinter.tensor<n x 8 x i32>):
    // expected-error @+1 {{add: element types differ: f32[n, 8] and i32[n, 8]}}
    %r = sinter.add %a, %b : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 8 x i32>) -> !sinter.tensor<n x 8 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>, %b: !sinter.tensor<n x f32>):
    // expected-error @+1 {{and: wants truth values, got f32[n]}}
    %r = sinter.and %a, %b : (!sinter.tensor<n x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x bool>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x bool>, %b: !sinter.tensor<n x bool>):
    // expected-error @+1 {{lt: wants numbers, got bool[n]}}
    %r = sinter.lt %a, %b : (!sinter.tensor<n x bool>, !sinter.tensor<n x bool>) -> !sinter.tensor<n x bool>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>, %b: !sinter.tensor<n x f32>):
    // expected-error @+1 {{lt: gives bool[n], but is written as f32[n]}}
    %r = sinter.lt %a, %b : (!sinter.tensor<n x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>, %b: !sinter.tensor<n x f32>, %c: !sinter.tensor<n x f32>):
    // expected-error @+1 {{where: wants a bool condition, got f32[n]}}
    %r = sinter.where %a, %b, %c : (!sinter.tensor<n x f32>, !sinter.tensor<n x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x bool>, %b: !sinter.tensor<n x f32>, %c: !sinter.tensor<n x i32>):
    // expected-error @+1 {{where: element types differ: f32[n] and i32[n]}}
    %r = sinter.where %a, %b, %c : (!sinter.tensor<n x bool>, !sinter.tensor<n x f32>, !sinter.tensor<n x i32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>):
    // expected-error @+1 {{cast: gives i32[n], but is written as i32[m]}}
    %r = sinter.cast %a : (!sinter.tensor<n x f32>) -> !sinter.tensor<m x i32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{broadcast: cannot turn f32[n, 3] into f32[n, 4]}}
    %r = sinter.broadcast %a : (!sinter.tensor<n x 3 x f32>) -> !sinter.tensor<n x 4 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{broadcast: cannot turn f32[n, 3] into f32[3]}}
    %r = sinter.broadcast %a : (!sinter.tensor<n x 3 x f32>) -> !sinter.tensor<3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>):
    // expected-error @+1 {{sum: axis 2 is outside of f32[n, 8]}}
    %r = sinter.sum %a {axes = array<i64: 2>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>):
    // expected-error @+1 {{sum: axis -1 is named twice for f32[n, 8]}}
    %r = sinter.sum %a {axes = array<i64: 1, -1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x i32>):
    // expected-error @+1 {{mean: wants floating-point numbers, got i32[n, 8]}}
    %r = sinter.mean %a {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x i32>) -> !sinter.tensor<n x i32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>):
    // expected-error @+1 {{any: wants truth values, got f32[n, 8]}}
    %r = sinter.any %a {axes = array<i64: 1>} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 0 x f32>):
    // expected-error @+1 {{argmax: axis 1 of f32[n, 0] is empty}}
    %r = sinter.argmax %a {axis = 1} : (!sinter.tensor<n x 0 x f32>) -> !sinter.tensor<n x i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{argmax: gives i64[n], but is written as i32[n]}}
    %r = sinter.argmax %a {axis = 1} : (!sinter.tensor<n x 3 x f32>) -> !sinter.tensor<n x i32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{top_k: cannot take 4 along axis 1 of f32[n, 3]}}
    %r:2 = sinter.top_k %a {k = 4, axis = 1} : (!sinter.tensor<n x 3 x f32>) -> (!sinter.tensor<n x 4 x f32>, !sinter.tensor<n x 4 x i64>)
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{top_k: gives i64[n, 2], but is written as i32[n, 2]}}
    %r:2 = sinter.top_k %a {k = 2, axis = 1} : (!sinter.tensor<n x 3 x f32>) -> (!sinter.tensor<n x 2 x f32>, !sinter.tensor<n x 2 x i32>)
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x bool>):
    // expected-error @+1 {{cumsum: wants numbers, got bool[n, 3]}}
    %r = sinter.cumsum %a {axis = 1} : (!sinter.tensor<n x 3 x bool>) -> !sinter.tensor<n x 3 x bool>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>, %b: !sinter.tensor<3 x f32>):
    // expected-error @+1 {{softmax: wants a bool mask, got f32[3]}}
    %r = sinter.softmax %a, %b {axis = 1} : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<3 x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<3 x f32>, %b: !sinter.tensor<n x 3 x bool>):
    // expected-error @+1 {{softmax: the mask bool[n, 3] is larger than f32[3]}}
    %r = sinter.softmax %a, %b {axis = 0} : (!sinter.tensor<3 x f32>, !sinter.tensor<n x 3 x bool>) -> !sinter.tensor<3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{layer_norm: cannot normalise the last 3 axes of f32[n, 3]}}
    %r = sinter.layer_norm %a {rank = 3, eps = 1.0e-5} : (!sinter.tensor<n x 3 x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>, %b: !sinter.tensor<4 x f32>):
    // expected-error @+1 {{layer_norm: weight f32[4] does not fit the last 1 axis of f32[n, 3]}}
    %r = sinter.layer_norm %a, %b {rank = 1, eps = 1.0e-5} : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<4 x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 2 x 3 x f32>, %b: !sinter.tensor<2 x 3 x f32>, %c: !sinter.tensor<3 x f32>):
    // expected-error @+1 {{layer_norm: bias f32[3] does not fit the last 2 axes of f32[n, 2, 3]}}
    %r = sinter.layer_norm %a, %b, %c {rank = 2, eps = 1.0e-5} : (!sinter.tensor<n x 2 x 3 x f32>, !sinter.tensor<2 x 3 x f32>, !sinter.tensor<3 x f32>) -> !sinter.tensor<n x 2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c", "d"] outputs [] {
  ^bb0(%a: !sinter.tensor<3 x f32>, %b: !sinter.tensor<3 x f32>, %c: !sinter.tensor<3 x f32>, %d: !sinter.tensor<3 x f32>):
    // expected-error @+1 {{'sinter.layer_norm' op failed to verify that it has at most x, weight and bias}}
    %r = sinter.layer_norm %a, %b, %c, %d {rank = 1, eps = 1.0e-5} : (!sinter.tensor<3 x f32>, !sinter.tensor<3 x f32>, !sinter.tensor<3 x f32>, !sinter.tensor<3 x f32>) -> !sinter.tensor<3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c", "d", "e"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>, %b: !sinter.tensor<3 x f32>, %c: !sinter.tensor<3 x f32>, %d: !sinter.tensor<3 x f32>, %e: !sinter.tensor<4 x f32>):
    // expected-error @+1 {{batch_norm: wants 3 numbers for axis 1 of f32[n, 3], got f32[4]}}
    %r = sinter.batch_norm %a, %b, %c, %d, %e {axis = 1, eps = 1.0e-5} : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<3 x f32>, !sinter.tensor<3 x f32>, !sinter.tensor<3 x f32>, !sinter.tensor<4 x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c", "d"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>, %b: !sinter.tensor<n x f32>, %c: !sinter.tensor<n x f32>, %d: !sinter.tensor<n x f32>):
    // expected-error @+1 {{einsum: wants 1 to 3 operands, got 4}}
    %r = sinter.einsum %a, %b, %c, %d {equation = "a,a,a,a->a"} : (!sinter.tensor<n x f32>, !sinter.tensor<n x f32>, !sinter.tensor<n x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>, %b: !sinter.tensor<n x i32>):
    // expected-error @+1 {{einsum: element types differ: f32[n] and i32[n]}}
    %r = sinter.einsum %a, %b {equation = "a,a->a"} : (!sinter.tensor<n x f32>, !sinter.tensor<n x i32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x bool>):
    // expected-error @+1 {{einsum: wants numbers, got bool[n]}}
    %r = sinter.einsum %a {equation = "a->a"} : (!sinter.tensor<n x bool>) -> !sinter.tensor<n x bool>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>, %b: !sinter.tensor<n x f32>):
    // expected-error @+1 {{einsum: 'a->a' does not name 2 operands}}
    %r = sinter.einsum %a, %b {equation = "a->a"} : (!sinter.tensor<n x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>):
    // expected-error @+1 {{einsum: 'a,a->a' does not name 1 operand}}
    %r = sinter.einsum %a {equation = "a,a->a"} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 5 x 100 x f32>):
    // expected-error @+1 {{einsum: 'ab->a': 'ab' names 2 axes, but operand 1 is f32[n, 5, 100]}}
    %r = sinter.einsum %a {equation = "ab->a"} : (!sinter.tensor<n x 5 x 100 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 2 x f32>):
    // expected-error @+1 {{einsum: 'a.->a': 'a.' names 1 axes, but operand 1 is f32[n, 2]}}
    %r = sinter.einsum %a {equation = "a.->a"} : (!sinter.tensor<n x 2 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 2 x f32>):
    // expected-error @+1 {{einsum: 'a2b->a': '2' is not a letter or '...'}}
    %r = sinter.einsum %a {equation = "a2b->a"} : (!sinter.tensor<n x 2 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>):
    // expected-error @+1 {{einsum: 'a->aaaaaaaaa': 'aaaaaaaaa' names more than 8 axes}}
    %r = sinter.einsum %a {equation = "a->aaaaaaaaa"} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 2 x f32>, %b: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{einsum: 'ab,ab->a': 'b' is 2 and, in operand 2, 3}}
    %r = sinter.einsum %a, %b {equation = "ab,ab->a"} : (!sinter.tensor<n x 2 x f32>, !sinter.tensor<n x 3 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 2 x f32>, %b: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{einsum: '...,...->...': '...' is 2 and, in operand 2, 3}}
    %r = sinter.einsum %a, %b {equation = "...,...->..."} : (!sinter.tensor<n x 2 x f32>, !sinter.tensor<n x 3 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>):
    // expected-error @+1 {{einsum: 'a->b': the result names an axis that no operand has}}
    %r = sinter.einsum %a {equation = "a->b"} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>):
    // expected-error @+1 {{einsum: 'a->aa': the result names an axis twice}}
    %r = sinter.einsum %a {equation = "a->aa"} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x i32>, %b: !sinter.tensor<5 x 3 x i32>):
    // expected-error @+1 {{linear: wants floating-point numbers, got i32[n, 3]}}
    %r = sinter.linear %a, %b : (!sinter.tensor<n x 3 x i32>, !sinter.tensor<5 x 3 x i32>) -> !sinter.tensor<n x 5 x i32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>, %b: !sinter.tensor<3 x f32>):
    // expected-error @+1 {{linear: wants a weight [out, in], got f32[3]}}
    %r = sinter.linear %a, %b : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<3 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>, %b: !sinter.tensor<5 x 4 x f32>):
    // expected-error @+1 {{linear: maps 4 -> 5 features, but its input is f32[n, 3]}}
    %r = sinter.linear %a, %b : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<5 x 4 x f32>) -> !sinter.tensor<n x 5 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>, %b: !sinter.tensor<5 x 3 x f32>, %c: !sinter.tensor<3 x f32>):
    // expected-error @+1 {{linear: wants a bias [5], got f32[3]}}
    %r = sinter.linear %a, %b, %c : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<5 x 3 x f32>, !sinter.tensor<3 x f32>) -> !sinter.tensor<n x 5 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x i32>, %b: !sinter.tensor<2 x 4 x i32>):
    // expected-error @+1 {{conv: wants floating-point numbers, got i32[n, 4]}}
    %r = sinter.conv %a, %b {stride = array<i64: 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1>, groups = 1} : (!sinter.tensor<n x 4 x i32>, !sinter.tensor<2 x 4 x i32>) -> !sinter.tensor<n x 2 x i32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x f32>, %b: !sinter.tensor<2 x 4 x f32>):
    // expected-error @+1 {{conv: wants x [batch, channels, 1 or 2 axes] and a weight of that rank, got f32[n, 4] and f32[2, 4]}}
    %r = sinter.conv %a, %b {stride = array<i64: 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1>, groups = 1} : (!sinter.tensor<n x 4 x f32>, !sinter.tensor<2 x 4 x f32>) -> !sinter.tensor<n x 2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 9 x f32>, %b: !sinter.tensor<2 x 4 x k x f32>):
    // expected-error @+1 {{conv: wants a window of constant size, got f32[2, 4, k]}}
    %r = sinter.conv %a, %b {stride = array<i64: 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1>, groups = 1} : (!sinter.tensor<n x 4 x 9 x f32>, !sinter.tensor<2 x 4 x k x f32>) -> !sinter.tensor<n x 2 x 9 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 9 x f32>, %b: !sinter.tensor<2 x 4 x 3 x f32>):
    // expected-error @+1 {{conv: wants 1 sizes, strides and dilations and 2 paddings}}
    %r = sinter.conv %a, %b {stride = array<i64: 1>, padding = array<i64: 0>, dilation = array<i64: 1>, groups = 1} : (!sinter.tensor<n x 4 x 9 x f32>, !sinter.tensor<2 x 4 x 3 x f32>) -> !sinter.tensor<n x 2 x 7 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 9 x f32>, %b: !sinter.tensor<2 x 4 x 3 x f32>):
    // expected-error @+1 {{conv: wants sizes, strides and dilations of at least 1 and paddings of at least 0}}
    %r = sinter.conv %a, %b {stride = array<i64: 0>, padding = array<i64: 0, 0>, dilation = array<i64: 1>, groups = 1} : (!sinter.tensor<n x 4 x 9 x f32>, !sinter.tensor<2 x 4 x 3 x f32>) -> !sinter.tensor<n x 2 x 7 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 9 x f32>, %b: !sinter.tensor<2 x 4 x 3 x f32>):
    // expected-error @+1 {{conv: cannot split the channels of f32[n, 4, 9] into 3 groups}}
    %r = sinter.conv %a, %b {stride = array<i64: 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1>, groups = 3} : (!sinter.tensor<n x 4 x 9 x f32>, !sinter.tensor<2 x 4 x 3 x f32>) -> !sinter.tensor<n x 2 x 7 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 5 x 9 x f32>, %b: !sinter.tensor<2 x 4 x 3 x f32>):
    // expected-error @+1 {{conv: wants 4 channels on axis 1, got f32[n, 5, 9]}}
    %r = sinter.conv %a, %b {stride = array<i64: 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1>, groups = 1} : (!sinter.tensor<n x 5 x 9 x f32>, !sinter.tensor<2 x 4 x 3 x f32>) -> !sinter.tensor<n x 2 x 7 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 9 x f32>, %b: !sinter.tensor<3 x 2 x 3 x f32>):
    // expected-error @+1 {{conv: cannot split the outputs of f32[3, 2, 3] into 2 groups}}
    %r = sinter.conv %a, %b {stride = array<i64: 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1>, groups = 2} : (!sinter.tensor<n x 4 x 9 x f32>, !sinter.tensor<3 x 2 x 3 x f32>) -> !sinter.tensor<n x 3 x 7 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 9 x f32>, %b: !sinter.tensor<2 x 4 x 3 x f32>, %c: !sinter.tensor<4 x f32>):
    // expected-error @+1 {{conv: wants a bias [2], got f32[4]}}
    %r = sinter.conv %a, %b, %c {stride = array<i64: 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1>, groups = 1} : (!sinter.tensor<n x 4 x 9 x f32>, !sinter.tensor<2 x 4 x 3 x f32>, !sinter.tensor<4 x f32>) -> !sinter.tensor<n x 2 x 7 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 2 x f32>, %b: !sinter.tensor<2 x 4 x 3 x f32>):
    // expected-error @+1 {{conv: a window of 3 does not fit into axis 2 of f32[n, 4, 2]}}
    %r = sinter.conv %a, %b {stride = array<i64: 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1>, groups = 1} : (!sinter.tensor<n x 4 x 2 x f32>, !sinter.tensor<2 x 4 x 3 x f32>) -> !sinter.tensor<n x 2 x 0 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x f32>):
    // expected-error @+1 {{max_pool: wants x [batch, channels, 1 or 2 axes], got f32[n, 4]}}
    %r = sinter.max_pool %a {size = array<i64: 2>, stride = array<i64: 2>, padding = array<i64: 0, 0>, dilation = array<i64: 1>} : (!sinter.tensor<n x 4 x f32>) -> !sinter.tensor<n x 2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 9 x f32>):
    // expected-error @+1 {{max_pool: a padding must be smaller than the window of 2}}
    %r = sinter.max_pool %a {size = array<i64: 2>, stride = array<i64: 2>, padding = array<i64: 2, 0>, dilation = array<i64: 1>} : (!sinter.tensor<n x 4 x 9 x f32>) -> !sinter.tensor<n x 4 x 5 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 1 x f32>):
    // expected-error @+1 {{max_pool: a window of 2 does not fit into axis 2 of f32[n, 4, 1]}}
    %r = sinter.max_pool %a {size = array<i64: 2>, stride = array<i64: 2>, padding = array<i64: 0, 0>, dilation = array<i64: 1>} : (!sinter.tensor<n x 4 x 1 x f32>) -> !sinter.tensor<n x 4 x 0 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 4 x 9 x bool>):
    // expected-error @+1 {{avg_pool: wants numbers, got bool[n, 4, 9]}}
    %r = sinter.avg_pool %a {size = array<i64: 2>, stride = array<i64: 2>, padding = array<i64: 0, 0>, dilation = array<i64: 1>} : (!sinter.tensor<n x 4 x 9 x bool>) -> !sinter.tensor<n x 4 x 4 x bool>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'ab' has no '->'}}
    %r = sinter.rearrange %a {pattern = "ab"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'ab->111111111' has more than 8 axes on a side}}
    %r = sinter.rearrange %a {pattern = "ab->111111111"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'a-b->ab': '-' is not a letter, a group or 1}}
    %r = sinter.rearrange %a {pattern = "a-b->ab"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'aa->a': 'a' stands twice on the left}}
    %r = sinter.rearrange %a {pattern = "aa->a"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<16 x f32>):
    // expected-error @+1 {{rearrange: '(abcdefghijklmnopq)->a' has more than 16 letters}}
    %r = sinter.rearrange %a {pattern = "(abcdefghijklmnopq)->a"} : (!sinter.tensor<16 x f32>) -> !sinter.tensor<16 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'ab->abc': 'c' stands only on the right}}
    %r = sinter.rearrange %a {pattern = "ab->abc"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'ab->(abababababababab)a' has more than 16 letters}}
    %r = sinter.rearrange %a {pattern = "ab->(abababababababab)a"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'a(b->ab': ')' is missing}}
    %r = sinter.rearrange %a {pattern = "a(b->ab"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'abc->abc' names 3 axes, but its input is f32[2, 3]}}
    %r = sinter.rearrange %a {pattern = "abc->abc"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 6 x f32>):
    // expected-error @+1 {{rearrange: 'a(bc)->abc' has no letter 'd' to size}}
    %r = sinter.rearrange %a {pattern = "a(bc)->abc", sizes = {d = 2}} : (!sinter.tensor<2 x 6 x f32>) -> !sinter.tensor<2 x 2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'a1->a' drops axis 1 of f32[2, 3], which is not 1}}
    %r = sinter.rearrange %a {pattern = "a1->a"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 6 x f32>):
    // expected-error @+1 {{rearrange: 'a(bc)->abc': give the size of 'b' or 'c'}}
    %r = sinter.rearrange %a {pattern = "a(bc)->abc"} : (!sinter.tensor<2 x 6 x f32>) -> !sinter.tensor<2 x 2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x seq~ x f32>):
    // expected-error @+1 {{rearrange: 'n(ab)->nab' splits the ragged axis 1 of f32[n, seq~]}}
    %r = sinter.rearrange %a {pattern = "n(ab)->nab", sizes = {b = 2}} : (!sinter.tensor<n x seq~ x f32>) -> !sinter.tensor<n x 2 x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 7 x f32>):
    // expected-error @+1 {{rearrange: 'a(bc)->abc': axis 1 of f32[2, 7] is not divisible by 2}}
    %r = sinter.rearrange %a {pattern = "a(bc)->abc", sizes = {c = 2}} : (!sinter.tensor<2 x 7 x f32>) -> !sinter.tensor<2 x 3 x 2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 7 x f32>):
    // expected-error @+1 {{rearrange: 'a(bc)->abc': axis 1 of f32[2, 7] is not 6}}
    %r = sinter.rearrange %a {pattern = "a(bc)->abc", sizes = {b = 3, c = 2}} : (!sinter.tensor<2 x 7 x f32>) -> !sinter.tensor<2 x 3 x 2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'ab->aba': 'a' stands twice on the right}}
    %r = sinter.rearrange %a {pattern = "ab->aba"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x 3 x 2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x seq~ x f32>):
    // expected-error @+1 {{rearrange: 'ab->(ab)' merges the ragged axis 'b' of f32[n, seq~]}}
    %r = sinter.rearrange %a {pattern = "ab->(ab)"} : (!sinter.tensor<n x seq~ x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 3 x f32>):
    // expected-error @+1 {{rearrange: 'ab->a' loses 'b', which is 3}}
    %r = sinter.rearrange %a {pattern = "ab->a"} : (!sinter.tensor<2 x 3 x f32>) -> !sinter.tensor<2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<2 x 6 x f32>):
    // expected-error @+1 {{rearrange: sizes wants a number or text for each letter, not for 'bc'}}
    %r = sinter.rearrange %a {pattern = "a(bc)->abc", sizes = {bc = 2}} : (!sinter.tensor<2 x 6 x f32>) -> !sinter.tensor<2 x 3 x 2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>):
    // expected-error @+1 {{slice: axis 2 is outside of f32[n, 8]}}
    %r = sinter.slice %a {axis = 2, start = 0} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 8 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>, %b: !sinter.tensor<f32>):
    // expected-error @+1 {{slice: wants a scalar i32 or i64 index, got f32[]}}
    %r = sinter.slice %a, %b {axis = 1, start = 0} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<f32>) -> !sinter.tensor<n x 1 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>):
    // expected-error @+1 {{slice: cannot take 3 from 6, step 1, along axis 1 of f32[n, 8]}}
    %r = sinter.slice %a {axis = 1, start = 6} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>):
    // expected-error @+1 {{dimension 'seq-': wants a number or a name at ''}}
    %r = sinter.slice %a {axis = 1, start = "seq-"} : (!sinter.tensor<n x 8 x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>, %b: !sinter.tensor<n x 2 x f32>, %c: !sinter.tensor<f32>):
    // expected-error @+1 {{update_slice: wants a scalar i32 or i64 index, got f32[]}}
    %r = sinter.update_slice %a, %b, %c {axis = 1, start = 0} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x f32>, !sinter.tensor<f32>) -> !sinter.tensor<n x 8 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 8 x f32>, %b: !sinter.tensor<n x 2 x f32>):
    // expected-error @+1 {{update_slice: cannot put f32[n, 2] at 7 along axis 1 of f32[n, 8]}}
    %r = sinter.update_slice %a, %b {axis = 1, start = 7} : (!sinter.tensor<n x 8 x f32>, !sinter.tensor<n x 2 x f32>) -> !sinter.tensor<n x 8 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{concat: wants at least one operand}}
    %r = sinter.concat {axis = 0} : () -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>, %b: !sinter.tensor<m x 3 x f32>):
    // expected-error @+1 {{concat: f32[n, 3] and f32[m, 3] differ beyond axis 1}}
    %r = sinter.concat %a, %b {axis = 1} : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<m x 3 x f32>) -> !sinter.tensor<n x 6 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x seq~ x f32>, %b: !sinter.tensor<n x seq~ x f32>):
    // expected-error @+1 {{concat: cannot join the ragged axis 1 of f32[n, seq~]}}
    %r = sinter.concat %a, %b {axis = 1} : (!sinter.tensor<n x seq~ x f32>, !sinter.tensor<n x seq~ x f32>) -> !sinter.tensor<n x 2*seq~ x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{pad: wants a pair of amounts for each axis of f32[n, 3], got 1 and 1}}
    %r = sinter.pad %a {low = array<i64: 1>, high = array<i64: 0>} : (!sinter.tensor<n x 3 x f32>) -> !sinter.tensor<n x 4 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{pad: mode 'wrap' is not constant, reflect or replicate}}
    %r = sinter.pad %a {low = array<i64: 0, 1>, high = array<i64: 0, 0>, mode = "wrap"} : (!sinter.tensor<n x 3 x f32>) -> !sinter.tensor<n x 4 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{pad: cannot reflect-pad axis 1 of f32[n, 3] by 3 and 0}}
    %r = sinter.pad %a {low = array<i64: 0, 3>, high = array<i64: 0, 0>, mode = "reflect"} : (!sinter.tensor<n x 3 x f32>) -> !sinter.tensor<n x 6 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>):
    // expected-error @+1 {{flip: axis 2 is outside of f32[n, 3]}}
    %r = sinter.flip %a {axes = array<i64: 2>} : (!sinter.tensor<n x 3 x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<9 x 3 x f32>, %b: !sinter.tensor<n x f32>):
    // expected-error @+1 {{gather: wants i32 or i64 indices, got f32[n]}}
    %r = sinter.gather %a, %b {axis = 0} : (!sinter.tensor<9 x 3 x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<1 x 1 x 1 x 1 x 1 x f32>, %b: !sinter.tensor<1 x 1 x 1 x 1 x 1 x i32>):
    // expected-error @+1 {{gather: the result of f32[1, 1, 1, 1, 1] by i32[1, 1, 1, 1, 1] has more than 8 axes}}
    %r = sinter.gather %a, %b {axis = 0} : (!sinter.tensor<1 x 1 x 1 x 1 x 1 x f32>, !sinter.tensor<1 x 1 x 1 x 1 x 1 x i32>) -> !sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x 1 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>, %b: !sinter.tensor<m x 2 x i64>):
    // expected-error @+1 {{gather_along: indices i64[m, 2] do not fit f32[n, 3] along axis 1}}
    %r = sinter.gather_along %a, %b {axis = 1} : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<m x 2 x i64>) -> !sinter.tensor<m x 2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x bool>, %b: !sinter.tensor<n x 2 x i64>, %c: !sinter.tensor<n x 2 x bool>):
    // expected-error @+1 {{scatter_add: wants numbers, got bool[n, 3]}}
    %r = sinter.scatter_add %a, %b, %c {axis = 1} : (!sinter.tensor<n x 3 x bool>, !sinter.tensor<n x 2 x i64>, !sinter.tensor<n x 2 x bool>) -> !sinter.tensor<n x 3 x bool>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x 3 x f32>, %b: !sinter.tensor<n x 2 x i64>, %c: !sinter.tensor<n x 1 x f32>):
    // expected-error @+1 {{scatter_add: cannot add f32[n, 1] at i64[n, 2] along axis 1 of f32[n, 3]}}
    %r = sinter.scatter_add %a, %b, %c {axis = 1} : (!sinter.tensor<n x 3 x f32>, !sinter.tensor<n x 2 x i64>, !sinter.tensor<n x 1 x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x f32>):
    // expected-error @+1 {{one_hot: wants i32 or i64 indices, got f32[n]}}
    %r = sinter.one_hot %a {classes = 3} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x 3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x i32>):
    // expected-error @+1 {{one_hot: wants at least 1 class, got 0}}
    %r = sinter.one_hot %a {classes = 0} : (!sinter.tensor<n x i32>) -> !sinter.tensor<n x 0 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x 1 x i32>):
    // expected-error @+1 {{one_hot: the result for i32[1, 1, 1, 1, 1, 1, 1, 1] has more than 8 axes}}
    %r = sinter.one_hot %a {classes = 3} : (!sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x 1 x i32>) -> !sinter.tensor<1 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{iota: wants numbers, got bool[n]}}
    %r = sinter.iota {axis = 0} : () -> !sinter.tensor<n x bool>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{iota: axis 1 is outside of i64[n]}}
    %r = sinter.iota {axis = 1} : () -> !sinter.tensor<n x i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x seq x f32>, %b: !sinter.tensor<n x i64>):
    // expected-error @+1 {{ragged: 'seq' is not the name of a ragged dimension}}
    %r = sinter.ragged %a, %b : (!sinter.tensor<n x seq x f32>, !sinter.tensor<n x i64>) -> !sinter.tensor<n x seq x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x seq x f32>, %b: !sinter.tensor<m x i64>):
    // expected-error @+1 {{ragged: wants x [rows, extent, ...] and i32 or i64 lengths [rows], got f32[n, seq] and i64[m]}}
    %r = sinter.ragged %a, %b : (!sinter.tensor<n x seq x f32>, !sinter.tensor<m x i64>) -> !sinter.tensor<n x seq~ x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<n x seq x f32>):
    // expected-error @+1 {{dense: wants a ragged axis, got f32[n, seq]}}
    %r = sinter.dense %a : (!sinter.tensor<n x seq x f32>) -> !sinter.tensor<n x seq x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{constant: gives 2 elements, but is written as '!sinter.tensor<3 x f32>'}}
    %r = sinter.constant {value = dense<[1.0, 2.0]> : tensor<2xf64>} : () -> !sinter.tensor<3 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{constant: wants f64 elements for a float result and i64 for the others, got 'f32'}}
    %r = sinter.constant {value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> !sinter.tensor<2 x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{size: gives a scalar i64, but is written as '!sinter.tensor<i32>'}}
    %r = sinter.size {dim = "seq"} : () -> !sinter.tensor<i32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{dimension '2*': wants a number or a name at ''}}
    %r = sinter.size {dim = "2*"} : () -> !sinter.tensor<i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{dimension 'n m': unexpected 'm'}}
    %r = sinter.size {dim = "n m"} : () -> !sinter.tensor<i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{dimension 'f(2, 3)': 'f' is not floordiv, ceildiv, min or max}}
    %r = sinter.size {dim = "f(2, 3)"} : () -> !sinter.tensor<i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{dimension 'floordiv(n, m)': floordiv wants a constant divisor of at least 1}}
    %r = sinter.size {dim = "floordiv(n, m)"} : () -> !sinter.tensor<i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{dimension 'min(n 3)': ',' is missing}}
    %r = sinter.size {dim = "min(n 3)"} : () -> !sinter.tensor<i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{dimension '(n': ')' is missing}}
    %r = sinter.size {dim = "(n"} : () -> !sinter.tensor<i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{dimension '99999999999999999999': a number is larger than 64 bits}}
    %r = sinter.size {dim = "99999999999999999999"} : () -> !sinter.tensor<i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{lengths: 'seq' is not a ragged dimension}}
    %r = sinter.lengths {dim = "seq"} : () -> !sinter.tensor<n x i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{lengths: gives one i64 for each row, but is written as '!sinter.tensor<n x i32>'}}
    %r = sinter.lengths {dim = "seq~"} : () -> !sinter.tensor<n x i32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<i32>, %b: !sinter.tensor<i64>):
    // expected-error @+1 {{random: wants i64 seed and offset, scalars or of the first axes of f32[n], got i32[] and i64[]}}
    %r = sinter.random %a, %b {kind = "uniform"} : (!sinter.tensor<i32>, !sinter.tensor<i64>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<i64>, %b: !sinter.tensor<i64>):
    // expected-error @+1 {{random: kind 'even' is not uniform, normal or bits}}
    %r = sinter.random %a, %b {kind = "even"} : (!sinter.tensor<i64>, !sinter.tensor<i64>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<i64>, %b: !sinter.tensor<i64>):
    // expected-error @+1 {{random: 'bits' gives integers, but is written as '!sinter.tensor<n x f32>'}}
    %r = sinter.random %a, %b {kind = "bits"} : (!sinter.tensor<i64>, !sinter.tensor<i64>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<i64>, %b: !sinter.tensor<i64>):
    // expected-error @+1 {{random: 'normal' gives f32, but is written as '!sinter.tensor<n x i32>'}}
    %r = sinter.random %a, %b {kind = "normal"} : (!sinter.tensor<i64>, !sinter.tensor<i64>) -> !sinter.tensor<n x i32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a"] outputs [] {
  ^bb0(%a: !sinter.tensor<a x b x c x d x e x f x g x f32>):
    // expected-error @+1 {{rearrange: a dimension multiplies more than 6 factors}}
    %r = sinter.rearrange %a {pattern = "abcdefg->(abcdefg)"} : (!sinter.tensor<a x b x c x d x e x f x g x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c", "d", "e", "f", "g", "h", "i"] outputs [] {
  ^bb0(%a: !sinter.tensor<a x b x f32>, %b: !sinter.tensor<a x c x f32>, %c: !sinter.tensor<a x d x f32>, %d: !sinter.tensor<a x e x f32>, %e: !sinter.tensor<a x f x f32>, %f: !sinter.tensor<a x g x f32>, %g: !sinter.tensor<a x h x f32>, %h: !sinter.tensor<a x i x f32>, %i: !sinter.tensor<a x j x f32>):
    // expected-error @+1 {{concat: a dimension adds more than 8 terms}}
    %r = sinter.concat %a, %b, %c, %d, %e, %f, %g, %h, %i {axis = 1} : (!sinter.tensor<a x b x f32>, !sinter.tensor<a x c x f32>, !sinter.tensor<a x d x f32>, !sinter.tensor<a x e x f32>, !sinter.tensor<a x f x f32>, !sinter.tensor<a x g x f32>, !sinter.tensor<a x h x f32>, !sinter.tensor<a x i x f32>, !sinter.tensor<a x j x f32>) -> !sinter.tensor<a x n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<9223372036854775807 x f32>, %b: !sinter.tensor<9223372036854775807 x f32>):
    // expected-error @+1 {{concat: a dimension is larger than 64 bits}}
    %r = sinter.concat %a, %b {axis = 0} : (!sinter.tensor<9223372036854775807 x f32>, !sinter.tensor<9223372036854775807 x f32>) -> !sinter.tensor<n x f32>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs [] {
    // expected-error @+1 {{dimension '(((((((((((((((((((((((((((((((((n)))))))))))))))))))))))))))))))))' nests deeper than 32}}
    %r = sinter.size {dim = "(((((((((((((((((((((((((((((((((n)))))))))))))))))))))))))))))))))"} : () -> !sinter.tensor<i64>
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<b x s x f32>, %b: !sinter.tensor<b x f32>):
    // expected-error @+1 {{scan: cannot take 3 sequences from 2 operands}}
    %r = sinter.scan %a, %b {axis = 1, xs = 3} : (!sinter.tensor<b x s x f32>, !sinter.tensor<b x f32>) -> !sinter.tensor<b x f32> {
    ^bb0(%x0: !sinter.tensor<b x f32>, %x1: !sinter.tensor<b x f32>):
      sinter.yield %x1 : !sinter.tensor<b x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<b x s x f32>, %b: !sinter.tensor<b x f32>):
    // expected-error @+1 {{scan: axis 2 is outside of f32[b, s]}}
    %r = sinter.scan %a, %b {axis = 2, xs = 1} : (!sinter.tensor<b x s x f32>, !sinter.tensor<b x f32>) -> !sinter.tensor<b x f32> {
    ^bb0(%x0: !sinter.tensor<b x f32>, %x1: !sinter.tensor<b x f32>):
      sinter.yield %x1 : !sinter.tensor<b x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b", "c"] outputs [] {
  ^bb0(%a: !sinter.tensor<b x s x f32>, %b: !sinter.tensor<b x t x f32>, %c: !sinter.tensor<b x f32>):
    // expected-error @+1 {{scan: axis 1 of f32[b, t] is not s as in the first sequence}}
    %r = sinter.scan %a, %b, %c {axis = 1, xs = 2} : (!sinter.tensor<b x s x f32>, !sinter.tensor<b x t x f32>, !sinter.tensor<b x f32>) -> !sinter.tensor<b x f32> {
    ^bb0(%x0: !sinter.tensor<b x f32>, %x1: !sinter.tensor<b x f32>, %x2: !sinter.tensor<b x f32>):
      sinter.yield %x2 : !sinter.tensor<b x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<b x s x f32>, %b: !sinter.tensor<b x f32>):
    // expected-error @+1 {{scan: the region wants ('!sinter.tensor<b x f32>', '!sinter.tensor<b x f32>'), but takes ('!sinter.tensor<b x 2 x f32>', '!sinter.tensor<b x f32>')}}
    %r = sinter.scan %a, %b {axis = 1, xs = 1} : (!sinter.tensor<b x s x f32>, !sinter.tensor<b x f32>) -> !sinter.tensor<b x f32> {
    ^bb0(%x0: !sinter.tensor<b x 2 x f32>, %x1: !sinter.tensor<b x f32>):
      sinter.yield %x1 : !sinter.tensor<b x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<b x s x f32>, %b: !sinter.tensor<b x f32>):
    // expected-error @+3 {{yield: wants 1 values, got 2}}
    %r = sinter.scan %a, %b {axis = 1, xs = 1} : (!sinter.tensor<b x s x f32>, !sinter.tensor<b x f32>) -> !sinter.tensor<b x f32> {
    ^bb0(%x0: !sinter.tensor<b x f32>, %x1: !sinter.tensor<b x f32>):
      sinter.yield %x1, %x0 : !sinter.tensor<b x f32>, !sinter.tensor<b x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<b x s x i32>, %b: !sinter.tensor<b x f32>):
    // expected-error @+1 {{scan: state '0' enters as f32[b] but the body returns i32[b]}}
    %r = sinter.scan %a, %b {axis = 1, xs = 1} : (!sinter.tensor<b x s x i32>, !sinter.tensor<b x f32>) -> !sinter.tensor<b x f32> {
    ^bb0(%x0: !sinter.tensor<b x i32>, %x1: !sinter.tensor<b x f32>):
      sinter.yield %x0 : !sinter.tensor<b x i32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<b x s x f32>, %b: !sinter.tensor<b x f32>):
    // expected-error @+1 {{scan: gives f32[b], but is written as f32[c]}}
    %r = sinter.scan %a, %b {axis = 1, xs = 1} : (!sinter.tensor<b x s x f32>, !sinter.tensor<b x f32>) -> !sinter.tensor<c x f32> {
    ^bb0(%x0: !sinter.tensor<b x f32>, %x1: !sinter.tensor<b x f32>):
      sinter.yield %x1 : !sinter.tensor<b x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<b x s x f32>, %b: !sinter.tensor<b x f32>):
    // expected-error @+1 {{scan: gives f32[b, s], but is written as f32[b]}}
    %r:2 = sinter.scan %a, %b {axis = 1, xs = 1} : (!sinter.tensor<b x s x f32>, !sinter.tensor<b x f32>) -> (!sinter.tensor<b x f32>, !sinter.tensor<b x f32>) {
    ^bb0(%x0: !sinter.tensor<b x f32>, %x1: !sinter.tensor<b x f32>):
      sinter.yield %x1, %x0 : !sinter.tensor<b x f32>, !sinter.tensor<b x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["a", "b"] outputs [] {
  ^bb0(%a: !sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x s x f32>, %b: !sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x 1 x f32>):
    // expected-error @+1 {{scan: cannot stack f32[1, 1, 1, 1, 1, 1, 1, 1] along axis 7}}
    %r:2 = sinter.scan %a, %b {axis = 7, xs = 1} : (!sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x s x f32>, !sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x 1 x f32>) -> (!sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x 1 x f32>, !sinter.tensor<1 x f32>) {
    ^bb0(%x0: !sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x f32>, %x1: !sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x 1 x f32>):
      sinter.yield %x1, %x1 : !sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x 1 x f32>, !sinter.tensor<1 x 1 x 1 x 1 x 1 x 1 x 1 x 1 x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x f32>):
    // expected-error @+1 {{repeat: wants at least 1 round, got 0}}
    %r = sinter.repeat %x {count = 0} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32> {
    ^bb0(%s: !sinter.tensor<n x f32>):
      sinter.yield %s : !sinter.tensor<n x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x f32>):
    // expected-error @+1 {{repeat: the region wants ('!sinter.tensor<n x f32>'), but takes ('!sinter.tensor<m x f32>')}}
    %r = sinter.repeat %x {count = 2} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32> {
    ^bb0(%s: !sinter.tensor<m x f32>):
      sinter.yield %x : !sinter.tensor<n x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x f32>):
    // expected-error @+1 {{repeat: wants 2 results, got 1}}
    %r = sinter.repeat %x {count = 2, ys = 1} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32> {
    ^bb0(%s: !sinter.tensor<n x f32>):
      sinter.yield %s : !sinter.tensor<n x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x f32>):
    // expected-error @+3 {{yield: wants 1 values, got 2}}
    %r = sinter.repeat %x {count = 2} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32> {
    ^bb0(%s: !sinter.tensor<n x f32>):
      sinter.yield %s, %s : !sinter.tensor<n x f32>, !sinter.tensor<n x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x f32>):
    %h = sinter.eq %x, %x : (!sinter.tensor<n x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x bool>
    // expected-error @+1 {{loop: wants at least 1 round, got 0}}
    %r = sinter.loop %x {bound = 0} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32> {
    ^bb0(%s: !sinter.tensor<n x f32>):
      %g = sinter.any %h {axes = array<i64: 0>} : (!sinter.tensor<n x bool>) -> !sinter.tensor<bool>
      sinter.yield %g : !sinter.tensor<bool>
    } do {
    ^bb0(%s: !sinter.tensor<n x f32>):
      sinter.yield %s : !sinter.tensor<n x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x f32>):
    %h = sinter.eq %x, %x : (!sinter.tensor<n x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x bool>
    // expected-error @+1 {{loop: the condition wants a bool scalar, got bool[n]}}
    %r = sinter.loop %x {bound = 9} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32> {
    ^bb0(%s: !sinter.tensor<n x f32>):
      sinter.yield %h : !sinter.tensor<n x bool>
    } do {
    ^bb0(%s: !sinter.tensor<n x f32>):
      sinter.yield %s : !sinter.tensor<n x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x f32>):
    %h = sinter.eq %x, %x : (!sinter.tensor<n x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x bool>
    // expected-error @+3 {{yield: wants 1 values, got 2}}
    %r = sinter.loop %x {bound = 9} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32> {
    ^bb0(%s: !sinter.tensor<n x f32>):
      sinter.yield %s, %s : !sinter.tensor<n x f32>, !sinter.tensor<n x f32>
    } do {
    ^bb0(%s: !sinter.tensor<n x f32>):
      sinter.yield %s : !sinter.tensor<n x f32>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x f32>):
    %h = sinter.eq %x, %x : (!sinter.tensor<n x f32>, !sinter.tensor<n x f32>) -> !sinter.tensor<n x bool>
    // expected-error @+1 {{loop: state '0' enters as f32[n] but the body returns bool[n]}}
    %r = sinter.loop %x {bound = 9} : (!sinter.tensor<n x f32>) -> !sinter.tensor<n x f32> {
    ^bb0(%s: !sinter.tensor<n x f32>):
      %g = sinter.any %h {axes = array<i64: 0>} : (!sinter.tensor<n x bool>) -> !sinter.tensor<bool>
      sinter.yield %g : !sinter.tensor<bool>
    } do {
    ^bb0(%s: !sinter.tensor<n x f32>):
      sinter.yield %h : !sinter.tensor<n x bool>
    }
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: !sinter.tensor<n x f32>):
    // expected-error @+1 {{fused: the region yields ('!sinter.tensor<n x f32>'), but gives ('!sinter.tensor<m x f32>')}}
    %r = sinter.fused {kind = "user"} : () -> !sinter.tensor<m x f32> {
      sinter.yield %x : !sinter.tensor<n x f32>
    }
    sinter.return
  }
}

// -----
// expected-error @+1 {{a tensor has at most 8 axes}}
!t = !sinter.tensor<n x m x 1 x 2 x 3 x 4 x 5 x 6 x 7 x f32>

// -----
// expected-error @+1 {{dimension '-2' is negative}}
!t = !sinter.tensor<n-2-n x f32>

// -----
// expected-error @+1 {{dimension 'n-': wants a number or a name at ''}}
!t = !sinter.tensor<n- x f32>
