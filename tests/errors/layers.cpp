// Wrong models: a layer's error has the line that called it and names the weight.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Head {
  struct {
    nn::Linear<8, 4> dense;
    nn::LayerNorm<8> LayerNorm;
  } output;
  nn::Embedding<100, 8> embedding;
  nn::Conv1d<8, 4, 3> conv;
  nn::LSTM<8, 16> lstm;
  nn::GRU<8, 16, 2, true> gru;

  constexpr Tensor forward(Input<"x", f32, "batch", "seq", 6> x) const {
    // error: linear: maps 8 -> 4 features, but its input is f32[batch, seq, 6]
    //   (weight 'output.dense.weight')
    output.dense(x);
    // error: layer_norm: weight f32[8] does not fit the last 1 axis of f32[batch, seq, 6]
    //   (weight 'output.LayerNorm.weight')
    output.LayerNorm(x);
    // error: gather: wants i32 or i64 indices, got f32[batch, seq, 6] (weight 'embedding.weight')
    embedding(x);
    // error: conv: wants 8 channels on axis 1, got f32[batch, seq, 6] (weight 'conv.weight')
    conv(x);
    // error: linear: maps 8 -> 64 features, but its input is f32[batch, seq, 6]
    //   (weight 'lstm.weight_ih_l0')
    lstm(x);
    // error: linear: maps 8 -> 48 features, but its input is f32[batch, seq, 6]
    //   (weight 'gru.weight_ih_l0')
    // error: linear: maps 8 -> 48 features, but its input is f32[batch, seq, 6]
    //   (weight 'gru.weight_ih_l0_reverse')
    gru(x);
    // error: rearrange: 'bt(hd)->bhtd': axis 2 of f32[batch, seq, 6] is not divisible by 4
    nn::split_heads(x, 4);
    return x;
  }
};

struct Layers {
  Repeat<nn::Linear<6, 5>, 3> layer;
  constexpr Tensor forward(Input<"x", f32, "batch", 6> x) const {
    // error: repeat: state '0' enters as f32[batch, 6] but the body returns f32[batch, 5]
    repeat(layer, x, [](const auto& one, Tensor y) { return one(y); });
    return repeat(layer, x, [](const auto& one, Tensor y) {
      // error: linear: maps 6 -> 5 features, but its input is f32[batch, 5]
      //   (weight 'layer.{}.weight')
      return one(one(y));
    });
  }
};

[[maybe_unused]] constexpr auto& head = model<Head>;
[[maybe_unused]] constexpr auto& layers = model<Layers>;
}  // namespace
