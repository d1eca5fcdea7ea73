// ESIM: does one sentence follow from another? Each word looks at the other sentence.
// Sources: Chen et al. 2017; names of github.com/coetaur0/ESIM. The authors' own program joins
// [a, a~, a * a~, a - a~], coetaur0's [a, a~, a - a~, a * a~]: their weights do not interchange.
// The one idea: align softly, then compare each word with what it aligns to.
// B = batch, P = premise, Q = hypothesis, H = hidden size.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct EsimConfig {
  int vocab = 42394, dim = 300, hidden = 300, classes = 3;
  OneOf<"coetaur0", "authors"> order = "coetaur0";
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

  /// A sentence beside what it aligns to, composed and pooled: [B, 4 H]
  constexpr Tensor compare(Tensor own, Tensor other) const {
    Tensor difference = own - other, product = own * other;
    Tensor all = C.order == "coetaur0" ? concat({own, other, difference, product}, -1)
                                       : concat({own, other, product, difference}, -1);
    Tensor v = _composition(relu(_projection.template get<0>()(all)));
    return concat({mean(v, 1), max(v, 1)}, -1);
  }
  struct Verdict {
    Tensor premise_attention, hypothesis_attention;  // [B, P, Q], [B, Q, P]
    Tensor pooled, logits, probs, loss;              // [B, 8 H], [B, classes], [B, classes], []
  };
  constexpr Verdict forward(Input<"premises", i64, "batch", ragged("premise")> premises,
                            Input<"hypotheses", i64, "batch", ragged("hypothesis")> hypotheses,
                            Input<"label", i64, "batch"> label) const {
    Tensor p = _encoding(_word_embedding(premises)), q = _encoding(_word_embedding(hypotheses));
    Tensor similarity = einsum("bph,bqh->bpq", p, q);
    Tensor from_p = softmax(similarity), from_q = softmax(rearrange(similarity, "bpq->bqp"));
    Tensor p_aligned = einsum("bpq,bqh->bph", from_p, q);
    Tensor q_aligned = einsum("bqp,bph->bqh", from_q, p);
    Tensor pooled = concat({compare(p, p_aligned), compare(q, q_aligned)}, -1);
    Tensor h = tanh(_classification.hidden(dropout(pooled, 0.5)));
    Tensor logits = _classification.out(dropout(h, 0.5));
    return {from_p, from_q, pooled, logits, softmax(logits), nn::cross_entropy(logits, label)};
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "esim" && c.kind == "model";
  }
};

inline constexpr auto& esim = model<Esim<config<EsimConfig>>>;

// torch's LSTMs have two biases of 4 H in each of four directions, where one would do.
static_assert(parameters(model<Esim<EsimConfig{}>>) - 42'394 * 300 - 4 * 4 * 300 == 4'326'303);

}  // namespace
