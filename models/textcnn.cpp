// Convolution over a sentence: detectors for phrases of a few words, and of each its best match.
// Sources: Y. Kim 2014 (github.com/yoonkim/CNN_sentence): 300-dimensional word vectors, 100 maps of
// widths 3, 4, 5, dropout before the classifier. Id 0 pads both ends and is convolved like a word.
// Kim's variants differ in their word vectors: `textcnn` trains them, `textcnn_static` leaves those
// from elsewhere as they are, `textcnn_two_channel` reads both. ("rand" and "non-static" are the
// first, from chance and from elsewhere.)
// The one idea: max over time makes a place-free feature of each map.
// B = batch, T = time, D = width of a word vector, F = maps of one width.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct TextCnnConfig {
  double dropout = 0.5;
  int vocab = 20000, dim = 300, filters = 100, classes = 2;
  Seq<int, 8> widths = {3, 4, 5};
  bool segment = false;  // true: texts without blanks are cut by the asset "dictionary"

  constexpr int widest() const {
    int most = 0;
    for (int width : widths) most = width > most ? width : most;
    return most;
  }
};

/// Detectors of every width over x [B, D, T] -> [B, F * widths]
template <TextCnnConfig C> struct Phrases {
  template <int I> using Conv = nn::Conv1d<C.dim, C.filters, C.widths[I]>;
  static constexpr int width = C.filters * C.widths.size();
  using Convs = ListOf<C.widths.size(), Conv>;
  static constexpr Tensor pool(const Convs& convs, Tensor x) {
    return concat(convs.map([&](const auto& conv) { return max(relu(conv(x)), -1); }), -1);
  }
};

/// With pads enough around it a text has a window of pads alone for each width, as it has in Kim's
/// rows, which are padded to the longest text: more pads change nothing.
template <TextCnnConfig C>
constexpr Task text_to_label{"words", "labels",
                             {{"entry", "score"}, {"around", C.widest()}, {"lower", "true"},
                              {"punctuation", "true"}, {"segment", C.segment ? "dictionary" : ""},
                              {"output", "probs"}}};
/// CNN_sentence starts so; the classifiers, at 0.
constexpr Inits kim_inits{.matrices = uniform(0.01), .vectors = {"zeros"},
                          .tables = uniform(0.25)};
struct Scores {
  Tensor probs;  // [B, classes]
};
using Words = Input<"ids", i64, "batch", ragged("seq")>;

struct Answer {
  Tensor pooled, logits, probs, loss;
};
constexpr Answer answer(Tensor pooled, Tensor logits, Tensor label) {
  return {pooled, logits, softmax(logits), nn::cross_entropy(logits, label)};
}

/// Word vectors that training changes ("rand" and "non-static").
template <TextCnnConfig C> struct TextCnn {
  using Detect = Phrases<C>;
  nn::Embedding<C.vocab, C.dim> embedding;
  typename Detect::Convs convs;
  Started<"zeros", nn::Linear<Detect::width, C.classes>> fc;
  static constexpr Inits inits = kim_inits;

  constexpr Tensor pool(Tensor ids) const {
    return Detect::pool(convs, rearrange(embedding(ids), "btd->bdt"));
  }
  constexpr Scores score(Words ids) const { return {softmax(fc(pool(ids)))}; }
  constexpr Answer forward(Input<"ids", i64, "batch", "seq"> ids,
                           Input<"label", i64, "batch"> label) const {
    Tensor pooled = pool(ids);
    return answer(pooled, fc(dropout(pooled, C.dropout)), label);
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "textcnn" && c.kind == "kim";
  }
  static constexpr Task task = text_to_label<C>;
};

/// Word vectors from elsewhere that stay as they are ("static").
template <TextCnnConfig C> struct StaticTextCnn {
  using Detect = Phrases<C>;
  struct {
    Frozen<C.vocab, C.dim> weight;
  } embedding;
  typename Detect::Convs convs;
  Started<"zeros", nn::Linear<Detect::width, C.classes>> fc;
  static constexpr Inits inits = kim_inits;

  constexpr Tensor pool(Tensor ids) const {
    return Detect::pool(convs, rearrange(gather(embedding.weight, ids), "btd->bdt"));
  }
  constexpr Scores score(Words ids) const { return {softmax(fc(pool(ids)))}; }
  static constexpr Task task = text_to_label<C>;
  constexpr Answer forward(Input<"ids", i64, "batch", "seq"> ids,
                           Input<"label", i64, "batch"> label) const {
    Tensor pooled = pool(ids);
    return answer(pooled, fc(dropout(pooled, C.dropout)), label);
  }
};

/// Both, as two channels ("multichannel"). Each detector is applied to both and the results are
/// added, which is the detector applied to the channels' sum.
template <TextCnnConfig C> struct TwoChannelTextCnn {
  using Detect = Phrases<C>;
  nn::Embedding<C.vocab, C.dim> embedding;
  struct {
    Frozen<C.vocab, C.dim> weight;
  } embedding_static;
  typename Detect::Convs convs;
  Started<"zeros", nn::Linear<Detect::width, C.classes>> fc;
  static constexpr Inits inits = kim_inits;

  constexpr Tensor pool(Tensor ids) const {
    Tensor both = embedding(ids) + gather(embedding_static.weight, ids);
    return Detect::pool(convs, rearrange(both, "btd->bdt"));
  }
  constexpr Scores score(Words ids) const { return {softmax(fc(pool(ids)))}; }
  static constexpr Task task = text_to_label<C>;
  constexpr Answer forward(Input<"ids", i64, "batch", "seq"> ids,
                           Input<"label", i64, "batch"> label) const {
    Tensor pooled = pool(ids);
    return answer(pooled, fc(dropout(pooled, C.dropout)), label);
  }
};

struct FillConfig {
  int vocab = 20000, dim = 128, filters = 256, width = 5, layers = 3;
};

/// What word stands at a masked place, from its neighbourhood alone: each layer sees `width` words.
template <FillConfig C> struct ConvFill {
  static_assert(C.width % 2 == 1, "a word has as many neighbours on either side");
  nn::Embedding<C.vocab, C.dim> embedding;
  nn::Conv1d<C.dim, C.filters, C.width> first;
  Repeat<nn::Conv1d<C.filters, C.filters, C.width>, C.layers - 1> convs;
  nn::Linear<C.filters, C.vocab> decoder;

  struct Filled {
    Tensor logits;  // [B, masks, vocab]
  };
  constexpr Filled score(Words ids, Input<"masked", i64, "batch", ragged("masks")> masked) const {
    const ConvOptions same{.padding = C.width / 2};
    Tensor x = relu(first(rearrange(embedding(ids), "btd->bdt"), same));
    x = repeat(convs, x, [&](const auto& conv, Tensor h) { return h + relu(conv(h, same)); });
    return {decoder(nn::rows_at(rearrange(x, "bdt->btd"), masked))};
  }
  static constexpr Task task{"words", "fill", {{"lower", "true"}, {"punctuation", "true"},
                                               {"mask", "<mask>"}, {"output", "logits"}}};
};

inline constexpr auto& textcnn = model<TextCnn<config<TextCnnConfig>>>;
inline constexpr auto& textcnn_static = model<StaticTextCnn<config<TextCnnConfig>>>;
inline constexpr auto& textcnn_two_channel = model<TwoChannelTextCnn<config<TextCnnConfig>>>;
inline constexpr auto& conv_fill = model<ConvFill<config<FillConfig>>>;

static_assert(parameters(model<TextCnn<TextCnnConfig{}>>) == 20'000 * 300 + 360'902);

}  // namespace
