// Whole models: small sizes of those that Sinter comes with, and a tagger of two LSTMs.
#include <catch2/catch.hpp>

#include "dsl/dsl.h"
#include "tests/lowered/Lowered.h"

#ifdef __clang__
#pragma clang diagnostic ignored "-Wunused-const-variable"
#endif
namespace bert_file {
#include "models/bert.cpp"
}
namespace g2p_file {
#include "models/encoder_decoder.cpp"
}
namespace transformer_file {
#include "models/transformer.cpp"
}

namespace {
using namespace sinter;
using namespace sinter::lowered;

struct Tagger {
  nn::Embedding<37, 16> words;
  nn::LSTM<16, 17, 2, true> lstm;
  nn::Linear<34, 9> out;
  struct Out {
    Tensor tags, scores, text;
  };
  constexpr Out forward(Input<"ids", i32, "batch", ragged("seq")> ids) const {
    const nn::Recurrent read = lstm(words(ids));
    Tensor scores = log_softmax(out(read.output));
    return {argmax(scores, 2), scores, mean(read.output, 1)};
  }
};

constexpr bert_file::BertConfig small_bert{.vocab_size = 61,
                                           .hidden_size = 24,
                                           .num_hidden_layers = 2,
                                           .num_attention_heads = 3,
                                           .intermediate_size = 50,
                                           .max_position_embeddings = 80};
constexpr g2p_file::G2pConfig small_g2p{
    .graphemes = 29, .phonemes = 13, .hidden = 17, .longest = 6};
constexpr transformer_file::TransformerConfig small_transformer{.vocab = 23,
                                                                .dim = 16,
                                                                .heads = 2,
                                                                .ff = 24,
                                                                .layers = 2,
                                                                .max_positions = 40,
                                                                .max_len = 6,
                                                                .beam = 2};

const Models& models() {
  static const Models all(
      {{"tagger", model<Tagger>},
       {"bert", model<bert_file::Bert<small_bert, true, true>>},
       {"sentence", model<bert_file::SentenceEmbedding<small_bert, bert_file::SentenceConfig{},
                                                       bert_file::TextConfig{}>>},
       {"g2p", model<g2p_file::G2p<small_g2p>>},
       {"transformer", model<transformer_file::Translator<small_transformer>>}});
  return all;
}

TEST_CASE("a tagger of two LSTMs", "[models]") {
  CHECK(models().check("tagger", {.sizes = rowsOf("seq", {{}, {0}, {5, 0, 17, 1}, {33, 16}})}) ==
        "");
}
TEST_CASE("a small BERT", "[models]") {
  const auto sizes = rowsOf("seq", {{}, {1}, {5, 1, 17}, {33, 16}});
  CHECK(models().check("bert", {.sizes = sizes, .least = 1}) == "");
  CHECK(models().check("sentence", {.sizes = sizes, .least = 1}) == "");
}
TEST_CASE("spelling to phonemes", "[models]") {
  CHECK(models().check("g2p", {.sizes = rowsOf("letters", {{}, {0}, {5, 0, 17, 1}})}) == "");
}
TEST_CASE("a transformer that decodes with a cache", "[models]") {
  CHECK(models().check("transformer", {.sizes = rowsOf("src", {{}, {1}, {5, 1, 17}}, {{"tgt", 5}}),
                                       .limits = {{"tgt_lengths", 4}},
                                       .least = 1}) == "");
}

}  // namespace
