// ESIM: does one sentence follow from another? Each word looks at the other sentence.
// Sources: Chen et al. 2017; names of github.com/coetaur0/ESIM and
// of AllenNLP. The authors' own program joins
// [a, a~, a * a~, a - a~], coetaur0's [a, a~, a - a~, a * a~]: their weights do not interchange.
// The one idea: align softly, then compare each word with what it aligns to.
// B = batch, P = premise, Q = hypothesis, H = hidden size.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct EsimConfig {
  double dropout = 0.5;
  int vocab = 42394, dim = 300, hidden = 300, classes = 3;
  OneOf<"coetaur0", "authors"> order = "coetaur0";
  bool segment = false;  // true: texts without blanks are cut by the asset "dictionary"
};

/// How both programs start training.
constexpr Inits esim_inits{.matrices = {"xavier_uniform"}, .vectors = {"zeros"},
                           .recurrent = {"orthogonal"}, .recurrent_biases = {"forget_ones"}};

using Premises = Input<"premises", i64, "batch", ragged("premise")>;
using Hypotheses = Input<"hypotheses", i64, "batch", ragged("hypothesis")>;

/// Each word's picture of the other sentence: p [B, P, D] and q [B, Q, D].
struct Alignment {
  Tensor from_p, from_q;        // [B, P, Q], [B, Q, P]
  Tensor p_aligned, q_aligned;  // [B, P, D], [B, Q, D]
};
constexpr Alignment align(Tensor p, Tensor q) {
  Tensor similarity = einsum("bph,bqh->bpq", p, q);
  Tensor from_p = softmax(similarity), from_q = softmax(rearrange(similarity, "bpq->bqp"));
  return {from_p, from_q, einsum("bpq,bqh->bph", from_p, q), einsum("bqp,bph->bqh", from_q, p)};
}
struct Scores {
  Tensor probs;  // [B, classes]
};

template <EsimConfig C> struct Esim {
  static constexpr int H = C.hidden;
  template <int In> struct Encoder {
    nn::LSTM<In, H, 1, true> _encoder;
    constexpr Tensor operator()(Tensor x) const { return _encoder(x).output; }  // [B, T, 2 H]
  };
  nn::Embedding<C.vocab, C.dim> _word_embedding;
  Encoder<C.dim> _encoding;
  List<nn::Linear<8 * H, H>> _projection;
  Encoder<H> _composition;
  struct {
    Named<"1", nn::Linear<8 * H, H>> hidden;
    Named<"4", nn::Linear<H, C.classes>> out;
  } _classification;
  static constexpr Inits inits = esim_inits;

  /// A sentence beside what it aligns to, composed and pooled: [B, 4 H]
  constexpr Tensor compare(Tensor own, Tensor other) const {
    Tensor difference = own - other, product = own * other;
    Tensor all = C.order == "coetaur0" ? concat({own, other, difference, product}, -1)
                                       : concat({own, other, product, difference}, -1);
    Tensor v = _composition(relu(_projection.template get<0>()(all)));
    return concat({mean(v, 1), max(v, 1)}, -1);
  }
  struct Read {
    Tensor premise_attention, hypothesis_attention;  // [B, P, Q], [B, Q, P]
    Tensor pooled, logits;                           // [B, 8 H], [B, classes]
  };
  constexpr Read read(Tensor premises, Tensor hypotheses) const {
    Tensor p = _encoding(_word_embedding(premises)), q = _encoding(_word_embedding(hypotheses));
    const auto [from_p, from_q, p_aligned, q_aligned] = align(p, q);
    Tensor pooled = concat({compare(p, p_aligned), compare(q, q_aligned)}, -1);
    Tensor h = tanh(_classification.hidden(dropout(pooled, C.dropout)));
    return {from_p, from_q, pooled, _classification.out(dropout(h, C.dropout))};
  }
  constexpr Scores score(Premises premises, Hypotheses hypotheses) const {
    return {softmax(read(premises, hypotheses).logits)};
  }
  struct Verdict {
    Tensor premise_attention, hypothesis_attention, pooled, logits;
    Tensor probs, loss;  // [B, classes], []
  };
  constexpr Verdict forward(Premises premises, Hypotheses hypotheses,
                            Input<"label", i64, "batch"> label) const {
    const auto [from_p, from_q, pooled, logits] = read(premises, hypotheses);
    return {from_p, from_q, pooled, logits, softmax(logits), nn::cross_entropy(logits, label)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "esim" && c.kind == "model";
  }
  static constexpr Task task{"words", "labels",
                             {{"entry", "score"}, {"input", "premises"}, {"second", "hypotheses"},
                              {"lower", "true"}, {"punctuation", "true"}, {"output", "probs"},
                              {"segment", C.segment ? "dictionary" : ""},
                              {"names", "entailment,neutral,contradiction"}}};
};

// ---- AllenNLP's --------------------------------------------------------------------------------

struct AllenConfig {
  int vocab = 24, dim = 300, projection = 10, hidden = 25, output = 5, classes = 3;
};

/// Word vectors that stay as they are behind a projection, and relu before the answer.
template <AllenConfig C> struct AllenEsim {
  static constexpr int H = C.hidden;
  template <int In, int Out> struct FeedForward {
    List<nn::Linear<In, Out>> _linear_layers;
    constexpr Tensor operator()(Tensor x) const { return _linear_layers.template get<0>()(x); }
  };
  template <int In> struct Encoder {
    nn::LSTM<In, H, 1, true> _module;
    constexpr Tensor operator()(Tensor x) const { return _module(x).output; }  // [B, T, 2 H]
  };
  struct {
    struct {
      Frozen<C.vocab, C.dim> weight;
      nn::Linear<C.dim, C.projection> _projection;
    } token_embedder_tokens;
  } _text_field_embedder;
  Encoder<C.projection> _encoder;
  FeedForward<8 * H, H> _projection_feedforward;
  Encoder<H> _inference_encoder;
  FeedForward<8 * H, C.output> _output_feedforward;
  FeedForward<C.output, C.classes> _output_logit;
  static constexpr Inits inits = esim_inits;

  constexpr Tensor encode_words(Tensor ids) const {
    const auto& [table, projection] = _text_field_embedder.token_embedder_tokens;
    return _encoder(projection(gather(table, ids)));
  }
  constexpr Tensor compare(Tensor own, Tensor other) const {
    Tensor all = concat({own, other, own - other, own * other}, -1);
    Tensor v = _inference_encoder(relu(_projection_feedforward(all)));
    return concat({mean(v, 1), max(v, 1)}, -1);
  }
  constexpr Scores score(Premises premises, Hypotheses hypotheses) const {
    Tensor p = encode_words(premises), q = encode_words(hypotheses);
    const auto [from_p, from_q, p_aligned, q_aligned] = align(p, q);
    Tensor pooled = concat({compare(p, p_aligned), compare(q, q_aligned)}, -1);
    return {softmax(_output_logit(relu(_output_feedforward(pooled))))};
  }
  /// The vocabulary's file leaves out the padding, which is id 0.
  static constexpr Task task{"words", "labels",
                             {{"first", 1}, {"unknown", "@@UNKNOWN@@"}, {"lower", "true"},
                              {"punctuation", "true"}, {"input", "premises"},
                              {"second", "hypotheses"}, {"output", "probs"}}};
};

inline constexpr auto& allen_esim = model<AllenEsim<config<AllenConfig>>>;
inline constexpr auto& esim = model<Esim<config<EsimConfig>>>;

// torch's LSTMs have two biases of 4 H in each of four directions, where one would do.
static_assert(parameters(model<Esim<EsimConfig{}>>) - 42'394 * 300 - 4 * 4 * 300 == 4'326'303);

}  // namespace
