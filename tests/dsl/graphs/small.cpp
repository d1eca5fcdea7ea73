// The small models of the tutorial, and one op of each kind.
#include "dsl/dsl.h"
#include "dsl/print.h"

namespace {
using namespace sinter;

template <int Vocab, int Width, int Maps, int Classes> struct TextCNN {
  nn::Embedding<Vocab, Width> embedding;
  List<nn::Conv1d<Width, Maps, 3>, nn::Conv1d<Width, Maps, 4>, nn::Conv1d<Width, Maps, 5>> convs;
  nn::Linear<3 * Maps, Classes> fc;

  constexpr Tensor forward(Input<"input_ids", i32, "batch", "seq"> ids) const {
    Tensor x = rearrange(embedding(ids), "btc->bct");
    auto pooled = convs.map([&](auto& conv) { return max(relu(conv(x)), -1); });
    return fc(concat(pooled, -1));
  }
};

template <int Vocab, int Width, int Negatives> struct SkipGram {
  nn::Embedding<Vocab, Width> syn0, syn1neg;  // word2vec.c's own names

  constexpr Tensor forward(Input<"center", i32, "pair"> center, Input<"context", i32, "pair"> context,
                           Input<"noise", i32, "pair", Negatives> noise) const {
    Tensor v = syn0(center);
    Tensor seen = einsum("pd,pd->p", v, syn1neg(context));
    Tensor unseen = einsum("pd,pkd->pk", v, syn1neg(noise));
    return -mean(log_sigmoid(seen) + sum(log_sigmoid(-unseen), -1), 0);
  }
};

/// One shared layer, used several times: ALBERT's sharing. Names that are no identifiers.
struct Shared {
  Named<"0", nn::Linear<8, 8>> first;
  struct {
    nn::Linear<8, 8> class_;
  } inner;
  Array<nn::Linear<8, 8>, 2> blocks;
  Frozen<8> scale;
  Buffer<8> offset;

  constexpr Tensor forward(Input<"x", f32, "batch", 8> x) const {
    Tensor y = first(x) * scale + offset;
    for (int i = 0; i < 3; ++i) y = tanh(inner.class_(y));
    for (auto& block : blocks) y = relu(block(y));
    return fused(y, [&] { return exp(y) * 2.0; });
  }
};

struct Everything {
  Param<4, 3, 3, 3> kernel;
  Param<4, 3, 5> filter;
  struct Outputs {
    std::array<Tensor, 3> images;
    struct {
      Tensor values, indices;
    } best;
    std::array<Tensor, 6> rows;
    Tensor noise, places;
  };

  constexpr Outputs forward(Input<"image", f32, "batch", 3, 32, 32> image,
                            Input<"rows", f32, "batch", ragged("seq"), 3> rows,
                            Input<"ids", i64, "batch", "n"> ids, Input<"seed", i64> seed) const {
    Tensor a = conv(image, kernel, {.stride = 2, .padding = 1});
    Tensor b = max_pool(a, 3, {.stride = 2, .padding = 1, .ceil = true});
    Tensor c = avg_pool(b, 2, {.count_include_pad = true});
    auto [values, indices] = top_k(reshape(c, {"batch", 64}), 5);
    Tensor series = rearrange(rows, "btc->bct");
    Tensor turned = flip(conv(series, filter), 2);
    Tensor hot = one_hot(ids, 7);
    Tensor padded = pad(make_dense(rows), {{0, 0}, {1, 2}, {0, 0}}, 0, "replicate");
    Tensor again = make_ragged(padded, lengths(rows) + cast(size(rows, 0), i64), "longer");
    Tensor table = scatter_add(hot, iota(hot, {"batch", "n", 7}, 1), hot, 1);
    Tensor near = where(rows > 0.5, rows, cumsum(softmax(rows, 1), 1));
    return {{a, b, c},
            {values, gather_along(indices, argmax(values, 1, true), 1)},
            {turned, table, again, near, var(rows, {1, 2}), logsumexp(rows, 1, true)},
            random(seed, full(seed, {}, 0), "normal", {"batch", 4}),
            slice(image, -1, 1, -1, 2)};
  }
};

inline constexpr auto& text_cnn = model<TextCNN<100, 16, 8, 2>>;
inline constexpr auto& skip_gram = model<SkipGram<1000, 64, 5>>;
inline constexpr auto& shared = model<Shared>;
inline constexpr auto& everything = model<Everything>;
static_assert(parameters(shared) == 4 * 72 + 8);  // a buffer does not count
}  // namespace

int main(int argc, char** argv) {
  return sinter::generate(argc, argv,
                          {{"text_cnn", text_cnn}, {"skip_gram", skip_gram}, {"shared", shared},
                           {"everything", everything}});
}
