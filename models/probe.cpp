// A linear probe: what does a hidden state know?
// Source: Alain & Bengio 2017, a linear classifier on each layer of a trained network. The penalty
// is that of logistic regression, l2 / 2 times the squared weights.
// The one idea: leave the model as it is and ask one linear layer. What that reads off a vector
// stands in it plainly, and the layer from which on it can be read is where the model worked it out.
// The model that is asked is included, not changed. B = batch, S = sequence, D = a vector's width.
#include "bert.cpp"

namespace {

// ---- vectors of any model, from a file or a pipe -----------------------------------------------

struct ProbeConfig {
  double l2 = 0;  // of the loss
  int dim = 384, classes = 2;
};

/// Two classes are one number, whose sign decides; more have a number each.
template <ProbeConfig C> struct Probe {
  static constexpr bool binary = C.classes == 2;
  nn::Linear<C.dim, binary ? 1 : C.classes> linear;

  struct Scores {
    Tensor logits, probs;  // [B, 1 or classes], [B, classes]
  };
  constexpr Scores score(Input<"x", f32, "batch", C.dim> x) const {
    Tensor logits = linear(x);
    if constexpr (!binary) return {logits, softmax(logits)};
    Tensor p = sigmoid(logits);
    return {logits, concat({1.0 - p, p}, -1)};
  }
  struct Fit {
    Tensor logits, loss;
  };
  constexpr Fit forward(Input<"x", f32, "batch", C.dim> x,
                        Input<"label", i64, "batch"> label) const {
    Tensor logits = linear(x), size = sum(square(linear.weight), {0, 1});
    Tensor loss = [&] {
      if constexpr (!binary) return nn::cross_entropy(logits, label);
      else return nn::binary_cross_entropy(rearrange(logits, "b1->b"), cast(label, f32));
    }();
    if constexpr (!binary) size = size + sum(square(linear.bias), 0);  // Newton's fit wants it
    return {logits, loss + C.l2 / 2 * size};
  }
  static constexpr Task task{"numbers", "labels", {{"entry", "score"}, {"output", "probs"}}};
};

// ---- the words of a text, as one of BERT's layers has them -------------------------------------

struct LayerConfig {
  int layer = 1;  // whose output is asked; 0: the embeddings
};

/// An encoder that ends where the probe looks; what a checkpoint has above is not loaded.
constexpr BertConfig up_to(BertConfig config, int layer) {
  config.num_hidden_layers = layer > 0 ? layer : 1;
  return config;
}

/// A label for each word.
template <BertConfig C, LayerConfig L, TextConfig T> struct BertProbe {
  static_assert(L.layer >= 0 && L.layer <= C.num_hidden_layers,
                "layer is 0 for the embeddings, or one of the encoder's num_hidden_layers");
  Freeze<Bert<up_to(C, L.layer), false>> bert;
  nn::Linear<C.hidden_size, C.num_labels> probe;

  struct Scores {
    Tensor logits;  // [B, S, labels]
  };
  constexpr Scores score(Ids ids, Types types) const {
    Tensor state = L.layer == 0 ? bert.embed(ids, types) : bert(ids, types).last_hidden_state;
    return {probe(state)};
  }
  constexpr Classified forward(Ids ids, Types types,
                               Input<"labels", i64, "batch", ragged("seq")> labels) const {
    Tensor logits = score(ids, types).logits;
    return {logits, nn::cross_entropy(logits, labels, ignored)};
  }
  static constexpr Task task{"wordpiece", "spans",
                             {{"entry", "score"}, lower(T.do_lower_case), google(T.google),
                              {"output", "logits"}}};
};

inline constexpr auto& probe = model<Probe<config<ProbeConfig>>>;
inline constexpr auto& bert_probe =
    model<BertProbe<config<BertConfig>, config<LayerConfig>, config<TextConfig>>>;

}  // namespace
