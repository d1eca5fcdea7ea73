// A plain `for` over 24 layers of BERT-large's size unrolls within both compilers' default limits.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Layer {
  static constexpr int H = 1024, heads = 16;
  nn::Linear<H, H> query, key, value, dense;
  nn::LayerNorm<H> norm, output_norm;
  nn::Linear<H, 4 * H> up;
  nn::Linear<4 * H, H> down;

  constexpr Tensor operator()(Tensor x) const {  // [batch, seq, H]
    auto split = [](Tensor t) { return nn::split_heads(t, heads); };
    Tensor context =
        nn::attention(split(query(x)), split(key(x)), split(value(x)), 1 / sqrt(H / heads)).output;
    Tensor h = norm(x + dropout(dense(nn::merge_heads(context)), 0.1));
    return output_norm(h + dropout(down(gelu(up(h))), 0.1));
  }
};
struct Unrolled {
  Repeat<Layer, 24> layer;
  constexpr Tensor forward(Input<"x", f32, "batch", ragged("seq"), 1024> x) const {
    Tensor h = x;
    for (auto& one : layer) h = one(h);
    return h;
  }
};
inline constexpr auto& unrolled = model<Unrolled>;
static_assert(unrolled.nodes > 24 * 25);
static_assert(parameters(unrolled) == 24 * (4 * (1024 * 1024 + 1024) + 2 * 4 * 1024 * 1024 +
                                            5 * 1024 + 2 * 2 * 1024));
}  // namespace
