// BERT-base with `repeat`, its maps and hidden states as outputs, a frozen and a tied weight.
// The compile budget is measured on this file.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct BertConfig {
  double hidden_dropout_prob = 0.1, layer_norm_eps = 1e-12;
  int vocab_size = 30522, hidden_size = 768, num_hidden_layers = 12, num_attention_heads = 12;
  int intermediate_size = 3072, max_position_embeddings = 512, type_vocab_size = 2;
  OneOf<"gelu", "gelu_new"> hidden_act = "gelu";
};

template <BertConfig C> struct BertLayer {
  static constexpr int H = C.hidden_size, heads = C.num_attention_heads;
  struct {
    struct {
      nn::Linear<H, H> query, key, value;
    } self;
    struct {
      nn::Linear<H, H> dense;
      nn::LayerNorm<H, C.layer_norm_eps> LayerNorm;
    } output;
  } attention;
  struct {
    nn::Linear<H, C.intermediate_size> dense;
  } intermediate;
  struct {
    nn::Linear<C.intermediate_size, H> dense;
    nn::LayerNorm<H, C.layer_norm_eps> LayerNorm;
  } output;
  struct Out {
    Tensor state, attentions;
  };

  constexpr Out operator()(Tensor x) const {  // x: [batch, seq, H]
    auto& [self, out] = attention;
    Tensor q = nn::split_heads(self.query(x), heads);
    Tensor k = nn::split_heads(self.key(x), heads);
    Tensor v = nn::split_heads(self.value(x), heads);
    auto [context, maps] = nn::attention(q, k, v, 1 / sqrt(H / heads));
    Tensor h = out.LayerNorm(x + dropout(out.dense(nn::merge_heads(context)), C.hidden_dropout_prob));
    Tensor inner = intermediate.dense(h);
    inner = C.hidden_act == "gelu" ? gelu(inner) : gelu_tanh(inner);
    return {output.LayerNorm(h + dropout(output.dense(inner), C.hidden_dropout_prob)), maps};
  }
};

template <BertConfig C> struct Bert {
  static constexpr int H = C.hidden_size;
  struct {
    nn::Embedding<C.vocab_size, H> word_embeddings;
    nn::Embedding<C.max_position_embeddings, H> position_embeddings;
    nn::Embedding<C.type_vocab_size, H> token_type_embeddings;
    nn::LayerNorm<H, C.layer_norm_eps> LayerNorm;
  } embeddings;
  struct {
    Repeat<BertLayer<C>, C.num_hidden_layers> layer;
  } encoder;
  struct {
    nn::Linear<H, H> dense;
  } pooler;
  struct Outputs {
    Tensor last_hidden_state, pooler_output, attentions;
  };

  constexpr Outputs forward(Input<"input_ids", i32, "batch", ragged("seq")> ids,
                            Input<"token_type_ids", i32, "batch", ragged("seq")> types) const {
    auto& [words, positions, kinds, norm] = embeddings;
    Tensor x = words(ids) + slice(positions.weight, 0, 0, ids.dim(1)) + kinds(types);
    auto [last, maps] = repeat(encoder.layer, Tensor(norm(x)), [](const auto& layer, Tensor h) {
      auto [next, attentions] = layer(h);
      return Step{next, attentions};
    });
    return {last, tanh(pooler.dense(select(last, 1, 0))), maps};
  }
};

inline constexpr auto& bert_base = model<Bert<config<BertConfig>>>;
static_assert(parameters(bert_base) == 109'482'240);
}  // namespace

