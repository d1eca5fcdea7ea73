// A GRU encoder-decoder with several entries over one set of weights, and a greedy loop that
// writes its tokens in place and stops when every row has ended.
#include "dsl/dsl.h"
#include "dsl/print.h"

namespace {
using namespace sinter;

template <int Vocab, int Width, int H, int Longest> struct Seq2Seq {
  static constexpr int begin = 1, end = 2;
  nn::Embedding<Vocab, Width> source, target;
  nn::GRU<Width, H> encoder, decoder;
  nn::Linear<H, Vocab> out;
  static constexpr Tied tied[] = {{"target.weight", "source.weight"}};
  static constexpr Task task{"characters", "tokens", {{"input", "src"}, {"output", "tokens"}, {"end", end}}};

  constexpr Tensor encoded(Tensor src) const {  // [batch, H]
    return select(encoder(source(src)).h_n, 0, 0);
  }
  constexpr Tensor next(Tensor h, Tensor token) const {  // h [batch, H], token [batch] -> [batch, H]
    auto& level = decoder.bottom[0].forward;
    return nn::GruCell::step({h}, linear(target(token), level.ih, level.bias_ih),
                             linear(h, level.hh, level.bias_hh)).h;
  }

  struct Logits {
    Tensor logits;
  };
  constexpr Logits forward(Input<"src", i32, "batch", ragged("seq")> src,
                           Input<"tgt", i32, "batch", "steps"> tgt) const {
    auto all = decoder(target(tgt), std::array{nn::GruCell::State{encoded(src)}});
    return {out(all.output)};  // [batch, steps, Vocab]
  }

  struct Generated {
    Tensor tokens;
  };
  struct Search {
    Tensor at, h, token, tokens, ended;
  };
  constexpr Generated generate(Input<"src", i32, "batch", ragged("seq")> src) const {
    Tensor start = full(src, {"batch"}, begin, i64);
    Search search{full(src, {}, 0, i64), encoded(src), start,
                  full(src, {"batch", Longest}, end, i64), start == end};
    search = loop(
        search, Longest, [](const Search& s) { return any(logical_not(s.ended), 0); },
        [&](const Search& s) {
          Tensor h = next(s.h, s.token);
          Tensor token = where(s.ended, full(h, {}, end, i64), argmax(out(h), -1));
          Tensor tokens = update_slice_at(s.tokens, unsqueeze(token, 1), 1, s.at);
          return Search{s.at + 1, h, token, tokens, logical_or(s.ended, token == end)};
        });
    return {search.tokens};
  }

  static constexpr bool serves(const Case& c) {
    return c.architecture == "encoder_decoder" && c.is("cell", "gru") && c.number("layers", 1) == 1;
  }
};

inline constexpr auto& seq2seq = model<Seq2Seq<30, 8, 16, 20>>;
}  // namespace

int main(int argc, char** argv) { return sinter::generate(argc, argv, {{"seq2seq", seq2seq}}); }
