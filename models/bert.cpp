// BERT: layers of self-attention, trained by filling in words, then given a head for a task.
// Sources: Devlin et al. 2019; github.com/google-research/bert (modeling.py); field names are those
// of Hugging Face's checkpoints. Layer norm stands behind each residual; the pooler reads [CLS].
// The one idea: every word looks at every other, in both directions.
// B = batch, S = sequence, H = hidden size, A = heads, V = vocabulary.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct BertConfig {
  double layer_norm_eps = 1e-12, hidden_dropout_prob = 0.1, attention_probs_dropout_prob = 0.1;
  double initializer_range = 0.02;
  int vocab_size = 30522, hidden_size = 768, num_hidden_layers = 12, num_attention_heads = 12;
  int intermediate_size = 3072, max_position_embeddings = 512, type_vocab_size = 2;
  OneOf<"gelu", "gelu_new", "relu"> hidden_act = "gelu";
  OneOf<"absolute"> position_embedding_type = "absolute";
  int num_labels = 2;
};
constexpr BertConfig bert_large_config{.hidden_size = 1024, .num_hidden_layers = 24,
                                       .num_attention_heads = 16, .intermediate_size = 4096};

/// Training starts words, places and layers alike.
template <BertConfig C>
constexpr Inits bert_inits{.matrices = normal(C.initializer_range), .vectors = {"zeros"},
                           .tables = normal(C.initializer_range)};

template <BertConfig C> struct BertLayer {
  static constexpr int H = C.hidden_size;
  using Norm = nn::LayerNorm<H, C.layer_norm_eps>;
  struct {
    struct {
      nn::Linear<H, H> query, key, value;
    } self;
    struct {
      nn::Linear<H, H> dense;
      Norm LayerNorm;
    } output;
  } attention;
  struct {
    nn::Linear<H, C.intermediate_size> dense;
  } intermediate;
  struct {
    nn::Linear<C.intermediate_size, H> dense;
    Norm LayerNorm;
  } output;

  /// The next vectors, and the attention as the step's output. x [B, S, H]
  constexpr auto operator()(Tensor x, Tensor mask) const {
    const auto& [self, out] = attention;
    const int A = C.num_attention_heads;
    auto [context, weights] = nn::attention(
        nn::split_heads(self.query(x), A), nn::split_heads(self.key(x), A),
        nn::split_heads(self.value(x), A), nn::head_scale(H, A), mask,
        C.attention_probs_dropout_prob);  // [B, A, S, H / A]
    const double p = C.hidden_dropout_prob;
    Tensor h = out.LayerNorm(x + dropout(out.dense(nn::merge_heads(context)), p));
    Tensor y = output.dense(nn::activate(C.hidden_act.view(), intermediate.dense(h)));
    Tensor next = output.LayerNorm(h + dropout(y, p));
    return Step{name(next, "hidden_states"), name(weights, "attentions")};
  }
};

/// What the encoder makes of a text; the last two only when all of it is asked for.
template <BertConfig C, bool Everything> struct Encoded {
  static constexpr std::size_t layers = C.num_hidden_layers;
  Tensor last_hidden_state;  // [B, S, H]
  Tensor pooler_output;      // [B, H]
  std::array<Tensor, Everything ? layers + 1 : 0> hidden_states;  // 0: the embeddings
  std::array<Tensor, Everything ? layers : 0> attentions;         // [B, A, S, S]
};

using Ids = Input<"input_ids", i64, "batch", ragged("seq")>;
using Types = Input<"token_type_ids", i64, "batch", ragged("seq")>;
using Masked = Input<"masked", i64, "batch", ragged("masks")>;  // where [MASK] stands

/// The encoder: ids to one vector for each word, and one for the text.
template <BertConfig C, bool HasPooler = true, bool Everything = false> struct Bert {
  static constexpr int H = C.hidden_size;
  static constexpr Inits inits = bert_inits<C>;
  struct Pooler {
    nn::Linear<H, H> dense;
  };
  struct {
    nn::Embedding<C.vocab_size, H> word_embeddings;
    nn::Embedding<C.max_position_embeddings, H> position_embeddings;
    nn::Embedding<C.type_vocab_size, H> token_type_embeddings;
    nn::LayerNorm<H, C.layer_norm_eps> LayerNorm;
  } embeddings;
  struct {
    Repeat<BertLayer<C>, C.num_hidden_layers> layer;
  } encoder;
  std::conditional_t<HasPooler, Pooler, None> pooler;

  /// What the first layer reads. [B, S, H]
  constexpr Tensor embed(Tensor ids, Tensor types) const {
    Tensor places = slice(embeddings.position_embeddings.weight, 0, 0, ids.dim(1));  // [S, H]
    Tensor x = embeddings.LayerNorm(embeddings.word_embeddings(ids) +
                                    embeddings.token_type_embeddings(types) + places);
    return name(dropout(x, C.hidden_dropout_prob), "hidden_states");
  }
  /// A mask (true where a key counts) is for rows that are padded, not ragged.
  constexpr Encoded<C, Everything> operator()(Tensor ids, Tensor types, Tensor mask = {}) const {
    Tensor x = embed(ids, types);
    Encoded<C, Everything> result;
    if constexpr (Everything) {
      const auto all = repeat(encoder.layer, x, [&](const auto& layer, Tensor h) {
        auto [next, weights] = layer(h, mask);
        return Step{next, std::array{next, weights}};
      });
      result.last_hidden_state = all.last;
      result.hidden_states[0] = x;
      for (int i = 0; i < C.num_hidden_layers; ++i) {
        result.hidden_states[static_cast<std::size_t>(i + 1)] = select(all.all[0], 0, i);
        result.attentions[static_cast<std::size_t>(i)] = select(all.all[1], 0, i);
      }
    } else {
      result.last_hidden_state = repeat(encoder.layer, x, [&](const auto& layer, Tensor h) {
        return layer(h, mask).state;
      });
    }
    if constexpr (HasPooler)  // of [CLS]
      result.pooler_output = tanh(pooler.dense(select(result.last_hidden_state, 1, 0)));
    return result;
  }
  constexpr auto forward(Ids ids, Types types) const { return (*this)(ids, types); }
  static constexpr bool serves(const Case& c) {
    return Everything && c.architecture == "bert" && c.class_ == "BertModel";
  }
};

/// Places with this label count nowhere.
constexpr nn::ClassLoss ignored{.ignore_index = -100};

// ---- heads -------------------------------------------------------------------------------------

/// How text becomes pieces: a key of tokenizer_config.json, and whether as in Google's program,
/// where the two differ.
struct TextConfig {
  bool do_lower_case = true, google = false;
};
constexpr TaskOption lower(bool yes) { return {"lower", yes ? "true" : "false"}; }
constexpr TaskOption google(bool yes) { return {"google", yes ? "true" : "false"}; }

/// A score of every word for vectors [..., H], by the table of word vectors. [..., V]
template <BertConfig C> struct Predictions {
  struct {
    nn::Linear<C.hidden_size, C.hidden_size> dense;
    nn::LayerNorm<C.hidden_size, C.layer_norm_eps> LayerNorm;
  } transform;
  InitParam<"zeros", C.vocab_size> bias;

  constexpr Tensor operator()(Tensor x, Tensor table) const {
    Tensor h = transform.LayerNorm(nn::activate(C.hidden_act.view(), transform.dense(x)));
    return linear(h, table, bias);
  }
};

/// Which word stands at each place, and whether the second sentence follows the first: what BERT
/// is trained on.
template <BertConfig C> struct BertForPreTraining {
  static constexpr Inits inits = bert_inits<C>;
  Bert<C> bert;
  struct {
    Predictions<C> predictions;
    nn::Linear<C.hidden_size, 2> seq_relationship;
  } cls;

  struct Answer {
    Tensor prediction_logits;        // [B, S, V]
    Tensor seq_relationship_logits;  // [B, 2]
    Tensor loss;
  };
  constexpr Answer forward(Ids ids, Types types,
                           Input<"labels", i64, "batch", ragged("seq")> labels,
                           Input<"next_sentence_label", i64, "batch"> next) const {
    const auto read = bert(ids, types);
    Tensor words = cls.predictions(read.last_hidden_state, bert.embeddings.word_embeddings.weight);
    Tensor follows = cls.seq_relationship(read.pooler_output);
    Tensor loss = nn::cross_entropy(words, labels, ignored) + nn::cross_entropy(follows, next);
    return {words, follows, loss};
  }
  static constexpr bool serves(const Case& c) { return c.class_ == "BertForPreTraining"; }
};

/// The words for the masks of a text: only their vectors meet the table of words.
template <BertConfig C, TextConfig T> struct BertFill {
  static constexpr Inits inits = bert_inits<C>;
  Bert<C, false> bert;
  struct {
    Predictions<C> predictions;
  } cls;

  struct Words {
    Tensor logits;  // [B, masks, V]
  };
  constexpr Words score(Ids ids, Types types, Masked masked) const {
    Tensor seen = nn::rows_at(bert(ids, types).last_hidden_state, masked);
    return {cls.predictions(seen, bert.embeddings.word_embeddings.weight)};
  }
  static constexpr Task task{"wordpiece", "fill",
                             {lower(T.do_lower_case), google(T.google), {"output", "logits"}}};
};

/// Whether the second sentence follows the first.
template <BertConfig C, TextConfig T> struct BertNext {
  static constexpr Inits inits = bert_inits<C>;
  Bert<C> bert;
  struct {
    nn::Linear<C.hidden_size, 2> seq_relationship;
  } cls;

  struct Follows {
    Tensor logits;  // [B, 2]
  };
  constexpr Follows score(Ids ids, Types types) const {
    return {cls.seq_relationship(bert(ids, types).pooler_output)};
  }
  static constexpr Task task{"wordpiece", "labels",
                             {lower(T.do_lower_case), google(T.google), {"pair", "true"},
                              {"output", "logits"}, {"softmax", "true"},
                              {"names", "follows,other"}}};
};

struct Classified {
  Tensor logits, loss;
};

/// One label for the text or the pair of texts, or one number when there is one label.
template <BertConfig C, TextConfig T> struct BertForSequenceClassification {
  static constexpr bool number = C.num_labels == 1;
  static constexpr Inits inits = bert_inits<C>;
  Bert<C> bert;
  nn::Linear<C.hidden_size, C.num_labels> classifier;

  struct Scores {
    Tensor logits;  // [B, labels]
  };
  constexpr Scores score(Ids ids, Types types) const {
    return {classifier(dropout(bert(ids, types).pooler_output, C.hidden_dropout_prob))};
  }
  constexpr Classified forward(Ids ids, Types types,
                               Input<"labels", number ? f32 : i64, "batch"> labels) const {
    Tensor logits = score(ids, types).logits;
    if constexpr (number) return {logits, mean(square(rearrange(logits, "b1->b") - labels), 0)};
    else return {logits, nn::cross_entropy(logits, labels)};
  }
  static constexpr bool serves(const Case& c) {
    return c.class_ == "BertForSequenceClassification";
  }
  static constexpr Task task{"wordpiece", number ? "numbers" : "labels",
                             {{"entry", "score"}, lower(T.do_lower_case), google(T.google),
                              {"pair", "any"}, {"output", "logits"}, {"softmax", "true"}}};
};

/// One label for each word.
template <BertConfig C, TextConfig T> struct BertForTokenClassification {
  static constexpr Inits inits = bert_inits<C>;
  Bert<C, false> bert;
  nn::Linear<C.hidden_size, C.num_labels> classifier;

  struct Scores {
    Tensor logits;  // [B, S, labels]
  };
  constexpr Scores score(Ids ids, Types types) const {
    return {classifier(dropout(bert(ids, types).last_hidden_state, C.hidden_dropout_prob))};
  }
  constexpr Classified forward(Ids ids, Types types,
                               Input<"labels", i64, "batch", ragged("seq")> labels) const {
    Tensor logits = score(ids, types).logits;
    return {logits, nn::cross_entropy(logits, labels, ignored)};
  }
  static constexpr bool serves(const Case& c) { return c.class_ == "BertForTokenClassification"; }
  static constexpr Task task{"wordpiece", "spans",
                             {{"entry", "score"}, lower(T.do_lower_case), google(T.google),
                              {"output", "logits"}}};
};

/// Where an answer starts and ends in the text. Hugging Face's loss is a softmax over padded places
/// too, so the rows of `forward` are dense and the mask is an input.
template <BertConfig C, TextConfig T> struct BertForQuestionAnswering {
  static constexpr Inits inits = bert_inits<C>;
  Bert<C, false> bert;
  nn::Linear<C.hidden_size, 2> qa_outputs;

  struct Ends {
    Tensor start_logits, end_logits;  // [B, S]
  };
  constexpr Ends ends(Tensor words) const {
    Tensor scores = qa_outputs(words);  // [B, S, 2]
    return {select(scores, 2, 0), select(scores, 2, 1)};
  }
  constexpr Ends score(Ids ids, Types types) const {
    return ends(bert(ids, types).last_hidden_state);
  }

  struct Span {
    Tensor start_logits, end_logits, loss;  // [B, S], [B, S], []
  };
  constexpr Span forward(Input<"input_ids", i64, "batch", "seq"> ids,
                         Input<"token_type_ids", i64, "batch", "seq"> types,
                         Input<"attention_mask", i64, "batch", "seq"> mask,
                         Input<"start_positions", i64, "batch"> start,
                         Input<"end_positions", i64, "batch"> end) const {
    Tensor keys = rearrange(mask != 0.0, "bs->b11s");
    const auto [first, last] = ends(bert(ids, types, keys).last_hidden_state);
    return {first, last, (nn::cross_entropy(first, start) + nn::cross_entropy(last, end)) / 2.0};
  }
  static constexpr bool serves(const Case& c) { return c.class_ == "BertForQuestionAnswering"; }
  static constexpr Task task{"wordpiece", "answer",
                             {{"entry", "score"}, lower(T.do_lower_case), google(T.google),
                              {"pair", "true"}}};
};

/// A key of sentence-transformers' sentence_bert_config.json.
struct SentenceConfig {
  int max_seq_length = 256;
};

/// The mean over a text's words [B, S, H], as a vector of length 1. [B, H]
constexpr Tensor unit_mean(Tensor words) {
  Tensor pooled = mean(words, 1);
  return pooled / maximum(norm(pooled, -1, true), 1e-12);
}

/// One unit vector for a text: the mean over its words (Reimers & Gurevych 2019; MiniLM). A longer
/// text than the model was trained on is cut.
template <BertConfig C, SentenceConfig S, TextConfig T> struct SentenceEmbedding {
  Bert<C, false> bert;

  struct Embedded {
    Tensor embedding;  // [B, H]
  };
  constexpr Embedded forward(Ids ids, Types types) const {
    return {unit_mean(name(bert(ids, types).last_hidden_state, "last_hidden_state"))};
  }
  static constexpr int most =
      S.max_seq_length < C.max_position_embeddings ? S.max_seq_length : C.max_position_embeddings;
  static constexpr Task task{"wordpiece", "embedding",
                             {{"max_length", most}, lower(T.do_lower_case), google(T.google),
                              {"input", "input_ids"}, {"output", "embedding"}}};
};

/// What the reference texts list of a sentence encoder: every two texts' cosine, the first layers.
template <BertConfig C> struct SentenceReference {
  Bert<C, false> bert;

  struct Listed {
    Tensor embeddings, cosine, layer1, layer2, last_hidden_state;  // [B, H], [B, B], [B, S, H]
  };
  constexpr Listed forward(Input<"input_ids", i32, "batch", ragged("seq")> ids) const {
    std::array<Tensor, C.num_hidden_layers + 1> hidden{bert.embed(ids, ids - ids)};
    for (std::size_t i = 0; const auto& layer : bert.encoder.layer) {
      hidden[i + 1] = layer(hidden[i], {}).state;
      ++i;
    }
    Tensor unit = unit_mean(hidden.back());
    // In a shallower encoder the last layer stands for those that it lacks.
    auto layer = [&](int i) { return hidden[i < C.num_hidden_layers ? i : C.num_hidden_layers]; };
    return {unit, einsum("ah,bh->ab", unit, unit), layer(1), layer(2), hidden.back()};
  }
  static constexpr bool serves(const Case& c) { return c.architecture == "minilm"; }
};

inline constexpr auto& bert = model<Bert<config<BertConfig>>>;
inline constexpr auto& bert_everything = model<Bert<config<BertConfig>, true, true>>;
inline constexpr auto& bert_pretraining = model<BertForPreTraining<config<BertConfig>>>;
inline constexpr auto& bert_fill = model<BertFill<config<BertConfig>, config<TextConfig>>>;
inline constexpr auto& bert_next = model<BertNext<config<BertConfig>, config<TextConfig>>>;
inline constexpr auto& bert_classifier =
    model<BertForSequenceClassification<config<BertConfig>, config<TextConfig>>>;
inline constexpr auto& bert_tagger =
    model<BertForTokenClassification<config<BertConfig>, config<TextConfig>>>;
inline constexpr auto& bert_answers =
    model<BertForQuestionAnswering<config<BertConfig>, config<TextConfig>>>;
inline constexpr auto& sentence_embedding =
    model<SentenceEmbedding<config<BertConfig>, config<SentenceConfig>, config<TextConfig>>>;
inline constexpr auto& sentence_reference = model<SentenceReference<config<BertConfig>>>;

// The published shapes, whatever a configuration says.
inline constexpr auto& bert_base = model<Bert<BertConfig{}>>;
inline constexpr auto& bert_large = model<Bert<bert_large_config>>;
static_assert(parameters(bert_base) == 109'482'240);
static_assert(parameters(bert_large) == 335'141'888);

}  // namespace
