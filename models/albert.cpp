// ALBERT: BERT with one layer, used again and again.
// Sources: Lan et al. 2020; github.com/google-research/albert; Hugging Face's field names.
// The one idea: layers share their weights, and word vectors are narrow (width E) and widened once,
// so the parameters are a tenth. Sentence order replaces next sentence as the second task.
// B = batch, S = sequence, E = embedding size, H = hidden size, A = heads, V = vocabulary.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct AlbertConfig {
  double layer_norm_eps = 1e-12, hidden_dropout_prob = 0, attention_probs_dropout_prob = 0;
  double classifier_dropout_prob = 0.1, initializer_range = 0.02;
  int vocab_size = 30000, embedding_size = 128, hidden_size = 768, num_hidden_layers = 12;
  int num_hidden_groups = 1, inner_group_num = 1, num_attention_heads = 12;
  int intermediate_size = 3072, max_position_embeddings = 512, type_vocab_size = 2;
  OneOf<"gelu_new", "gelu", "relu"> hidden_act = "gelu_new";
  int num_labels = 2;
};
constexpr AlbertConfig albert_large_config{.hidden_size = 1024, .num_hidden_layers = 24,
                                           .num_attention_heads = 16, .intermediate_size = 4096};
constexpr AlbertConfig albert_xlarge_config{.hidden_size = 2048, .num_hidden_layers = 24,
                                            .num_attention_heads = 16, .intermediate_size = 8192};
constexpr AlbertConfig albert_xxlarge_config{.hidden_size = 4096, .num_hidden_layers = 12,
                                             .num_attention_heads = 64, .intermediate_size = 16384};

/// Training starts words, places and layers alike.
template <AlbertConfig C>
constexpr Inits albert_inits{.matrices = normal(C.initializer_range), .vectors = {"zeros"},
                             .tables = normal(C.initializer_range)};

template <AlbertConfig C> struct AlbertLayer {
  static constexpr int H = C.hidden_size;
  using Norm = nn::LayerNorm<H, C.layer_norm_eps>;
  struct {
    nn::Linear<H, H> query, key, value, dense;
    Norm LayerNorm;
  } attention;
  nn::Linear<H, C.intermediate_size> ffn;
  nn::Linear<C.intermediate_size, H> ffn_output;
  Norm full_layer_layer_norm;

  struct Seen {
    Tensor x, weights;  // [B, S, H], [B, A, S, S]
  };
  constexpr Seen operator()(Tensor x) const {
    const int A = C.num_attention_heads;
    auto [context, weights] = nn::attention(
        nn::split_heads(attention.query(x), A), nn::split_heads(attention.key(x), A),
        nn::split_heads(attention.value(x), A), nn::head_scale(H, A), {},
        C.attention_probs_dropout_prob);
    const double p = C.hidden_dropout_prob;
    Tensor h = attention.LayerNorm(x + dropout(attention.dense(nn::merge_heads(context)), p));
    // Google's program drops here too; Hugging Face's has a dropout for it and leaves it out.
    Tensor y = dropout(ffn_output(nn::activate(C.hidden_act.view(), ffn(h))), p);
    return {name(full_layer_layer_norm(h + y), "hidden_states"), name(weights, "attentions")};
  }
};

/// What the encoder makes of a text; the last two only when all of it is asked for.
template <AlbertConfig C, bool Everything> struct Encoded {
  static constexpr std::size_t layers = C.num_hidden_layers * C.inner_group_num;
  Tensor last_hidden_state;  // [B, S, H]
  Tensor pooler_output;      // [B, H]
  std::array<Tensor, Everything ? layers + 1 : 0> hidden_states;  // 0: the widened embeddings
  std::array<Tensor, Everything ? layers : 0> attentions;
};

using Ids = Input<"input_ids", i64, "batch", ragged("seq")>;
using Types = Input<"token_type_ids", i64, "batch", ragged("seq")>;
using Masked = Input<"masked", i64, "batch", ragged("masks")>;  // where [MASK] stands

template <AlbertConfig C, bool HasPooler = true, bool Everything = false> struct Albert {
  static constexpr int E = C.embedding_size, H = C.hidden_size;
  static constexpr Inits inits = albert_inits<C>;
  struct {
    nn::Embedding<C.vocab_size, E> word_embeddings;
    nn::Embedding<C.max_position_embeddings, E> position_embeddings;
    nn::Embedding<C.type_vocab_size, E> token_type_embeddings;
    nn::LayerNorm<E, C.layer_norm_eps> LayerNorm;
  } embeddings;
  struct Group {
    Array<AlbertLayer<C>, C.inner_group_num> albert_layers;
  };
  struct {
    nn::Linear<E, H> embedding_hidden_mapping_in;
    Array<Group, C.num_hidden_groups> albert_layer_groups;
  } encoder;
  std::conditional_t<HasPooler, nn::Linear<H, H>, None> pooler;

  constexpr Encoded<C, Everything> operator()(Tensor ids, Tensor types) const {
    Tensor places = slice(embeddings.position_embeddings.weight, 0, 0, ids.dim(1));  // [S, E]
    Tensor x = embeddings.LayerNorm(embeddings.word_embeddings(ids) +
                                    embeddings.token_type_embeddings(types) + places);
    x = dropout(x, C.hidden_dropout_prob);
    x = name(encoder.embedding_hidden_mapping_in(x), "hidden_states");
    Encoded<C, Everything> result;
    std::size_t at = 0;
    if constexpr (Everything) result.hidden_states[0] = x;
    for (int i = 0; i < C.num_hidden_layers; ++i) {  // the same weights each time
      const int group = i * C.num_hidden_groups / C.num_hidden_layers;
      for (const auto& layer : encoder.albert_layer_groups[group].albert_layers) {
        auto [next, weights] = layer(x);
        x = next;
        if constexpr (Everything) {
          result.attentions[at] = weights;
          result.hidden_states[++at] = x;
        }
      }
    }
    result.last_hidden_state = x;
    if constexpr (HasPooler) result.pooler_output = tanh(pooler(select(x, 1, 0)));  // of [CLS]
    return result;
  }
  constexpr auto forward(Ids ids, Types types) const { return (*this)(ids, types); }
  static constexpr bool serves(const Case& c) { return Everything && c.class_ == "AlbertModel"; }
};

// ---- heads -------------------------------------------------------------------------------------

/// How text becomes pieces; keys of tokenizer_config.json.
struct TextConfig {
  bool do_lower_case = true, keep_accents = false;
};
constexpr TaskOption lower(bool yes) { return {"lower", yes ? "true" : "false"}; }
constexpr TaskOption strip_accents(bool yes) { return {"strip_accents", yes ? "true" : "false"}; }

/// A score of every word for vectors [..., H], by the table of word vectors. [..., V]
template <AlbertConfig C> struct Predictions {
  nn::LayerNorm<C.embedding_size, C.layer_norm_eps> LayerNorm;
  nn::Linear<C.hidden_size, C.embedding_size> dense;
  InitParam<"zeros", C.vocab_size> bias;

  constexpr Tensor operator()(Tensor x, Tensor table) const {
    Tensor h = LayerNorm(nn::activate(C.hidden_act.view(), dense(x)));  // [..., E]
    return linear(h, table, bias);
  }
};

/// Which word stands at each place, and whether the sentences stand in their order.
template <AlbertConfig C> struct AlbertForPreTraining {
  static constexpr Inits inits = albert_inits<C>;
  Albert<C> albert;
  Predictions<C> predictions;
  struct {
    nn::Linear<C.hidden_size, 2> classifier;
  } sop_classifier;

  struct Answer {
    Tensor prediction_logits, sop_logits, loss;  // [B, S, V], [B, 2], []
  };
  constexpr Answer forward(Ids ids, Types types,
                           Input<"labels", i64, "batch", ragged("seq")> labels,
                           Input<"sentence_order_label", i64, "batch"> order) const {
    const auto read = albert(ids, types);
    Tensor words = predictions(read.last_hidden_state, albert.embeddings.word_embeddings.weight);
    Tensor sop = sop_classifier.classifier(dropout(read.pooler_output, C.classifier_dropout_prob));
    // Places with label -100 count nowhere.
    Tensor loss = nn::cross_entropy(words, labels, {.ignore_index = -100});
    return {words, sop, loss + nn::cross_entropy(sop, order)};
  }
  static constexpr bool serves(const Case& c) { return c.class_ == "AlbertForPreTraining"; }
};

/// The words for the masks of a text: only their vectors meet the table of words.
template <AlbertConfig C, TextConfig T> struct AlbertFill {
  static constexpr Inits inits = albert_inits<C>;
  Albert<C, false> albert;
  Predictions<C> predictions;

  struct Words {
    Tensor logits;  // [B, masks, V]
  };
  constexpr Words score(Ids ids, Types types, Masked masked) const {
    Tensor seen = nn::rows_at(albert(ids, types).last_hidden_state, masked);
    return {predictions(seen, albert.embeddings.word_embeddings.weight)};
  }
  static constexpr Task task{"unigram", "fill",
                             {lower(T.do_lower_case), strip_accents(!T.keep_accents),
                              {"output", "logits"}}};
};

/// Whether two sentences stand in their order.
template <AlbertConfig C, TextConfig T> struct AlbertOrder {
  static constexpr Inits inits = albert_inits<C>;
  Albert<C> albert;
  struct {
    nn::Linear<C.hidden_size, 2> classifier;
  } sop_classifier;

  struct Order {
    Tensor logits;  // [B, 2]
  };
  constexpr Order score(Ids ids, Types types) const {
    return {sop_classifier.classifier(albert(ids, types).pooler_output)};
  }
  static constexpr Task task{"unigram", "labels",
                             {lower(T.do_lower_case), strip_accents(!T.keep_accents),
                              {"pair", "true"}, {"output", "logits"}, {"softmax", "true"},
                              {"names", "ordered,swapped"}}};
};

/// One label for the text or the pair of texts.
template <AlbertConfig C, TextConfig T> struct AlbertForSequenceClassification {
  static constexpr Inits inits = albert_inits<C>;
  Albert<C> albert;
  nn::Linear<C.hidden_size, C.num_labels> classifier;

  struct Scores {
    Tensor logits;  // [B, labels]
  };
  constexpr Scores score(Ids ids, Types types) const {
    return {classifier(dropout(albert(ids, types).pooler_output, C.classifier_dropout_prob))};
  }
  struct Answer {
    Tensor logits, loss;  // [B, labels], []
  };
  constexpr Answer forward(Ids ids, Types types, Input<"labels", i64, "batch"> labels) const {
    Tensor logits = score(ids, types).logits;
    return {logits, nn::cross_entropy(logits, labels)};
  }
  static constexpr bool serves(const Case& c) {
    return c.class_ == "AlbertForSequenceClassification";
  }
  static constexpr Task task{"unigram", "labels",
                             {{"entry", "score"}, lower(T.do_lower_case),
                              strip_accents(!T.keep_accents), {"pair", "any"},
                              {"output", "logits"}, {"softmax", "true"}}};
};

inline constexpr auto& albert = model<Albert<config<AlbertConfig>>>;
inline constexpr auto& albert_everything = model<Albert<config<AlbertConfig>, true, true>>;
inline constexpr auto& albert_pretraining = model<AlbertForPreTraining<config<AlbertConfig>>>;
inline constexpr auto& albert_fill = model<AlbertFill<config<AlbertConfig>, config<TextConfig>>>;
inline constexpr auto& albert_order =
    model<AlbertOrder<config<AlbertConfig>, config<TextConfig>>>;
inline constexpr auto& albert_classifier =
    model<AlbertForSequenceClassification<config<AlbertConfig>, config<TextConfig>>>;

// The published shapes, whatever a configuration says.
inline constexpr auto& albert_base = model<Albert<AlbertConfig{}>>;
inline constexpr auto& albert_large = model<Albert<albert_large_config>>;
inline constexpr auto& albert_xlarge = model<Albert<albert_xlarge_config>>;
inline constexpr auto& albert_xxlarge = model<Albert<albert_xxlarge_config>>;
static_assert(parameters(albert_base) == 11'683'584);
static_assert(parameters(albert_large) == 17'683'968);
static_assert(parameters(albert_xlarge) == 58'724'864);
static_assert(parameters(albert_xxlarge) == 222'595'584);

}  // namespace
