// What makes a model, its weights and its entries ill formed: one case per sentence.
// RUN: sinter-opt %s -split-input-file -verify-diagnostics
sinter.model @m {
  // expected-error @+1 {{weight 'w': kind is param, frozen or buffer, not 'learned'}}
  sinter.weight "w" : !sinter.tensor<2 x f32> {kind = "learned"}
}

// -----
sinter.model @m {
  // expected-error @+1 {{weight 'w' needs constant sizes, but is '!sinter.tensor<n x f32>'}}
  sinter.weight "w" : !sinter.tensor<n x f32>
}

// -----
sinter.model @m {
  // expected-error @+1 {{weight 'a.{}.{}' has more than one place for the round's number}}
  sinter.weight "a.{}.{}" : !sinter.tensor<2 x f32>
}

// -----
sinter.model @m {
  // expected-error @+1 {{weight 'w' is declared 3 times, but its key has no {} for the round's number}}
  sinter.weight "w" : !sinter.tensor<2 x f32> {count = 3 : i64}
}

// -----
sinter.model @m {
  sinter.weight "w.{}" : !sinter.tensor<2 x f32> {count = 3 : i64}
  // expected-error @+1 {{weight 'w.2' is declared twice}}
  sinter.weight "w.2" : !sinter.tensor<2 x f32>
}

// -----
sinter.model @m {
  // expected-error @+1 {{weight 'w' shares the storage of 'v', which the model lacks}}
  sinter.weight "w" : !sinter.tensor<2 x f32> {alias = "v"}
}

// -----
sinter.model @m {
  sinter.weight "v" : !sinter.tensor<3 x f32>
  // expected-error @+1 {{weight 'w' is '!sinter.tensor<2 x f32>', but shares the storage of 'v', which is '!sinter.tensor<3 x f32>'}}
  sinter.weight "w" : !sinter.tensor<2 x f32> {alias = "v"}
}

// -----
sinter.model @m {
  // expected-error @+1 {{a model holds weights, entries and a task, not 'sinter.param'}}
  %w = sinter.param {key = "w"} : () -> !sinter.tensor<2 x f32>
}

// -----
sinter.model @m {
  sinter.task {reader = "a", writer = "b"}
  // expected-error @+1 {{a model has at most one task}}
  sinter.task {reader = "a", writer = "b"}
}

// -----
sinter.model @m {
  sinter.entry @f inputs [] outputs ["y"] {
    // expected-error @+1 {{param: the model has no weight 'w'}}
    %w = sinter.param {key = "w"} : () -> !sinter.tensor<2 x f32>
    sinter.return %w : !sinter.tensor<2 x f32>
  }
}

// -----
sinter.model @m {
  sinter.weight "w" : !sinter.tensor<3 x f32>
  sinter.entry @f inputs [] outputs ["y"] {
    // expected-error @+1 {{param 'w' is '!sinter.tensor<2 x f32>', but the weight is '!sinter.tensor<3 x f32>'}}
    %w = sinter.param {key = "w"} : () -> !sinter.tensor<2 x f32>
    sinter.return %w : !sinter.tensor<2 x f32>
  }
}

// -----
sinter.model @m {
  sinter.weight "w.{}" : !sinter.tensor<2 x f32> {count = 3 : i64}
  sinter.entry @f inputs [] outputs ["y"] {
    // expected-error @+1 {{param 'w.{}' is a weight per round, but no repeat is around it}}
    %w = sinter.param {key = "w.{}"} : () -> !sinter.tensor<2 x f32>
    sinter.return %w : !sinter.tensor<2 x f32>
  }
}

// -----
sinter.model @m {
  sinter.weight "w.{}" : !sinter.tensor<2 x f32> {count = 3 : i64}
  sinter.entry @f inputs ["x"] outputs ["y"] {
  ^bb0(%x: !sinter.tensor<2 x f32>):
    %y = sinter.repeat %x {count = 4 : i64} : (!sinter.tensor<2 x f32>) -> !sinter.tensor<2 x f32> {
    ^bb0(%s: !sinter.tensor<2 x f32>):
      // expected-error @+1 {{param 'w.{}' has 3 rounds, but the repeat around it runs 4}}
      %w = sinter.param {key = "w.{}"} : () -> !sinter.tensor<2 x f32>
      sinter.yield %w : !sinter.tensor<2 x f32>
    }
    sinter.return %y : !sinter.tensor<2 x f32>
  }
}

// -----
sinter.model @m {
  // expected-error @+1 {{entry 'f' names 2 inputs, but its block has 1}}
  sinter.entry @f inputs ["x", "y"] outputs [] {
  ^bb0(%x: !sinter.tensor<2 x f32>):
    sinter.return
  }
}

// -----
sinter.model @m {
  // expected-error @+1 {{entry 'f' takes tensors, not 'i32'}}
  sinter.entry @f inputs ["x"] outputs [] {
  ^bb0(%x: i32):
    sinter.return
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs ["y"] {
  ^bb0(%x: !sinter.tensor<2 x f32>):
    // expected-error @+1 {{entry 'f' names 1 outputs, but returns 0}}
    sinter.return
  }
}

// -----
sinter.model @m {
  // expected-error @+1 {{entry 'f' has two inputs named 'x'}}
  sinter.entry @f inputs ["x", "x"] outputs [] {
  ^bb0(%x: !sinter.tensor<2 x f32>, %y: !sinter.tensor<2 x f32>):
    sinter.return
  }
}

// -----
sinter.model @m {
  // expected-error @+1 {{entry 'f': state 'h' must be an input and an output}}
  sinter.entry @f inputs ["h"] outputs [] attributes {state = ["h"]} {
  ^bb0(%h: !sinter.tensor<2 x f32>):
    sinter.return
  }
}

// -----
sinter.model @m {
  // expected-error @+1 {{entry 'f': state 'h' enters as '!sinter.tensor<2 x f32>' but is returned as '!sinter.tensor<3 x f32>'}}
  sinter.entry @f inputs ["h", "x"] outputs ["h"] attributes {state = ["h"]} {
  ^bb0(%h: !sinter.tensor<2 x f32>, %x: !sinter.tensor<3 x f32>):
    sinter.return %x : !sinter.tensor<3 x f32>
  }
}

// -----
sinter.model @m {
  sinter.entry @f inputs ["x"] outputs ["y"] {
  ^bb0(%x: !sinter.tensor<n x 2*m x f32>):
    // expected-error @+1 {{entry 'f': no input has the dimension 'm' of '!sinter.tensor<n x 2*m x f32>'}}
    %y = sinter.neg %x : (!sinter.tensor<n x 2*m x f32>) -> !sinter.tensor<n x 2*m x f32>
    sinter.return %y : !sinter.tensor<n x 2*m x f32>
  }
}

// -----
sinter.model @m {
  // expected-error @+1 {{constraint 'n <= 2*': dimension '2*': wants a number or a name at ''}}
  sinter.entry @f inputs ["x"] outputs [] attributes {constraints = ["n <= 2*"]} {
  ^bb0(%x: !sinter.tensor<n x f32>):
    sinter.return
  }
}

// -----
sinter.model @m {
  // expected-error @+1 {{constraint 'n' is no relation of two dimensions}}
  sinter.entry @f inputs ["x"] outputs [] attributes {constraints = ["n"]} {
  ^bb0(%x: !sinter.tensor<n x f32>):
    sinter.return
  }
}

// -----
// expected-error @+1 {{unknown type '!sinter.matrix<2 x f32>', expected '!sinter.tensor<…>'}}
!t = !sinter.matrix<2 x f32>

// -----
// expected-error @+1 {{'f31' is no element type of !sinter.tensor<2 x f31>}}
!t = !sinter.tensor<2 x f31>
