// DSSM: a query and documents as points on a sphere, ranked by their angle.
// Source: Huang et al. 2013. Words become counts of letter trigrams ("#go#": #go, go#), so that
// 30,000 numbers hold any vocabulary; three tanh layers make 128 of them.
// The one idea: two towers that meet only in a cosine, so documents can be encoded beforehand.
// As a program `dssm` ranks: a line is a query and documents with tabs between.
// B = batch, N = documents for each query (the clicked one first), V = trigrams, D = width.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct DssmConfig {
  Seq<int, 8> sizes = {30000, 300, 300, 128};
  bool shared = false;  // one tower for both
};

template <DssmConfig C> struct Dssm {
  static constexpr int V = C.sizes[0], depth = C.sizes.size() - 1;
  template <int I> using Layer = nn::Linear<C.sizes[I], C.sizes[I + 1]>;
  using Tower = ListOf<depth, Layer>;
  Tower query;
  std::conditional_t<C.shared, None, Tower> document;
  static constexpr Inits inits{.matrices = {"xavier_uniform"}};

  /// x: counts of trigrams [..., V], or the ids of a bag's trigrams [B, n]
  static constexpr Tensor encode_by(const Tower& tower, Tensor x) {
    const bool bag = x.dtype() == i32;
    tower.each([&](const auto& layer, int i) {
      x = tanh(bag && i == 0 ? layer.of_bag(x) : layer(x));
    });
    return x;
  }
  static constexpr Tensor unit(Tensor x) { return x / maximum(norm(x, -1, true), 1e-8); }
  constexpr const Tower& document_tower() const {
    if constexpr (C.shared) return query;
    else return document;
  }

  struct Ranking {
    Tensor query_vector, document_vectors;  // [B, D], [B, N, D]
    Tensor cosine, probs, loss;             // [B, N], [B, N], []
  };
  constexpr Ranking forward(Input<"query", f32, "batch", V> text,
                            Input<"documents", f32, "batch", "documents", V> documents,
                            Input<"gamma", f32> gamma) const {  // how sharp the choice is
    Tensor q = encode_by(query, text), d = encode_by(document_tower(), documents);
    Tensor cosine = einsum("bd,bnd->bn", unit(q), unit(d));
    Tensor log_prob = log_softmax(gamma * cosine);
    return {q, d, cosine, exp(log_prob), -mean(select(log_prob, 1, 0), 0)};
  }
  struct Scores {
    Tensor cosine;  // [B, N]
  };
  /// Texts by their trigrams; a text that is a document of several queries is encoded once.
  constexpr Scores score(Input<"query_trigrams", i32, "batch", ragged("query")> asked,
                         Input<"text_trigrams", i32, "texts", ragged("text")> texts,
                         Input<"document_texts", i32, "batch", ragged("documents")> rows) const {
    Tensor q = unit(encode_by(query, asked));
    Tensor d = gather(unit(encode_by(document_tower(), texts)), rows);  // [B, N, D]
    return {einsum("bd,bnd->bn", q, d)};
  }
  static constexpr Task task{"letter_trigrams", "ranking",
                             {{"entry", "score"}, {"query", "query_trigrams"},
                              {"texts", "text_trigrams"}, {"documents", "document_texts"},
                              {"output", "cosine"}, {"vocabulary", "trigrams"}}};
  static constexpr bool serves(const Case& c) {
    return c.architecture == "dssm" && c.kind == "model";
  }
};

inline constexpr auto& dssm = model<Dssm<config<DssmConfig>>>;
static_assert(parameters(model<Dssm<DssmConfig{}>>) == 2 * 9'129'128);

}  // namespace
