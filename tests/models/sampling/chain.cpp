// A Markov chain over words: the smallest model that can be sampled from. Its next word depends on
// the last one alone, so a test can compute every chance. Non-goals: being a model of anything.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct ChainConfig {
  int vocab = 12, longest = 8;
};

template <ChainConfig C> struct Chain {
  Param<C.vocab, C.vocab> table;  // row: the last word; its entries are logits of the next

  using Prompt = Input<"prompt", i64, "batch", ragged("prompt")>;
  struct State {
    Tensor steps;  // i64 [B]
  };
  static constexpr nn::Decoding behind(Tensor prompt) {
    return {.begin = 1, .end = 2, .pad = 0, .longest = C.longest, .prompt = prompt};
  }
  static constexpr State start(At prompt) { return {full(prompt, {prompt.dim(0)}, 0, i64)}; }
  constexpr auto next_word() const {
    return [this](const State& s, Tensor word) {
      return nn::Next{gather(table, word), State{s.steps + 1}};
    };
  }
  constexpr nn::GreedyTokens generate(Prompt prompt) const {
    return {nn::greedy(prompt, start(prompt), behind(prompt), next_word())};
  }
  constexpr nn::SampledTokens sample(Prompt prompt, nn::Chance chance) const {
    return {nn::sample(prompt, start(prompt), behind(prompt), chance, next_word())};
  }
  static constexpr Task task{"words", "tokens",
                             {{"vocabulary", "words"}, {"symbols", "words"}, {"skip", "<pad>"},
                              {"echo", "false"}, {"entry", "generate"}, {"line_number", "stream"},
                              {"temperature", "1"}, {"top_k", "0"}, {"top_p", "1"},
                              {"seed", "0"}}};
  static constexpr bool serves(const Case& c) { return c.kind == "chain"; }
};

/// A stream of words for each row.
struct Bits {
  constexpr Tensor forward(Input<"seed", i64> seed, Input<"offset", i64, "batch"> offset) const {
    return random(seed, offset, "bits", {offset.dim(0), 6});  // i32
  }
  static constexpr bool serves(const Case& c) { return c.kind == "bits"; }
};

inline constexpr auto& bits = model<Bits>;
inline constexpr auto& chain = model<Chain<config<ChainConfig>>>;
}  // namespace
