// What binding a module declares: keys, kinds, rounds. Non-goals: graphs (graphs/), names in two
// files (names/).
#include <catch2/catch.hpp>

#include <map>
#include <string>

#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct Parts {
  nn::Linear<4, 4> first;
  nn::BatchNorm<4> norm;
  List<nn::Linear<4, 4>> list;
  Repeat<nn::Linear<4, 4>, 3> layer;
  Array<nn::Linear<4, 4>, 2> array;

  constexpr Tensor operator()(Tensor x) const {
    x = norm(list.get<0>()(first(x)));
    x = repeat(layer, x, [](const auto& one, Tensor h) { return one(h); });
    for (const auto& one : array) x = one(x);
    return x;
  }
};
struct Probed {
  Freeze<Parts> below;
  Freeze<Named<"0", nn::Linear<4, 4, false>>> named;
  Freeze<Repeat<nn::Linear<4, 4, false>, 2>> top;
  nn::Linear<4, 2> head;

  constexpr Tensor forward(Input<"x", f32, "batch", 4> x) const {
    Tensor h = named(below(x));
    for (const auto& one : top) h = one(h);
    return head(h);
  }
};
inline constexpr auto& probed = model<Probed>;

/// Layers as they come, and below a module that says how they start.
struct Layers {
  nn::Linear<16, 4> linear;
  nn::Embedding<3, 16> embedding;
  nn::LayerNorm<4> norm;
  nn::GRU<4, 4> gru;
  Started<"normal:0.5", nn::Linear<4, 4>> own;
  InitParam<"constant:2", 4, 4> fixed;
  Freeze<nn::Linear<4, 4, false>> frozen;
  Buffer<4> buffer;

  constexpr Tensor operator()(Tensor ids) const {
    return own(norm(gru(linear(embedding(ids))).output)) + sum(fixed, 0) +
           sum(frozen.weight, 0) + buffer;
  }
};
struct Within {
  Layers layers;
  static constexpr Inits inits{.matrices = normal(0.02), .vectors = {"zeros"},
                               .tables = uniform(0.25), .recurrent = {"orthogonal", 3}};
  constexpr Tensor operator()(Tensor ids) const { return layers(ids); }
};
struct Starting {
  Layers plain;
  Within within;
  constexpr Tensor forward(Input<"ids", i32, "batch", "seq"> ids) const {
    return plain(ids) + within(ids);
  }
};
inline constexpr auto& starting = model<Starting>;

}  // namespace

TEST_CASE("what is frozen keeps its keys, buffers and count, and no Param in it is learned") {
  Graph g;
  probed.trace(g);
  std::map<std::string, std::string> kinds;
  for (const Graph::Weight& weight : g.weights)
    kinds[std::string(weight.key.view())] = std::string(weight.kind);
  const std::map<std::string, std::string> wanted{
      {"below.first.weight", "frozen"},       {"below.first.bias", "frozen"},
      {"below.norm.weight", "frozen"},        {"below.norm.bias", "frozen"},
      {"below.norm.running_mean", "buffer"},  {"below.norm.running_var", "buffer"},
      {"below.list.0.weight", "frozen"},      {"below.list.0.bias", "frozen"},
      {"below.layer.{}.weight", "frozen"},    {"below.layer.{}.bias", "frozen"},
      {"below.array.0.weight", "frozen"},     {"below.array.0.bias", "frozen"},
      {"below.array.1.weight", "frozen"},     {"below.array.1.bias", "frozen"},
      {"0.weight", "frozen"},                 {"top.{}.weight", "frozen"},
      {"head.weight", "param"},               {"head.bias", "param"}};
  CHECK(kinds == wanted);
  CHECK(parameters(probed) == 7 * 20 + 8 + 3 * 16 + 10);
}

TEST_CASE("a layer starts as torch's unless a module around it, or what it says itself, decides") {
  Graph g;
  starting.trace(g);
  std::map<std::string, Init> inits;
  for (const Graph::Weight& weight : g.weights) inits[std::string(weight.key.view())] = weight.init;
  struct Wanted {
    const char* key;
    Init plain, within;
  };
  const Init half = uniform(0.5), quarter = uniform(0.25), narrow = normal(0.02), zeros{"zeros"};
  for (const auto& [key, plain, within] : {
           Wanted{"linear.weight", quarter, narrow},
           {"linear.bias", quarter, zeros},
           {"embedding.weight", normal(1), quarter},
           {"norm.weight", {"ones"}, {"ones"}},
           {"norm.bias", zeros, zeros},
           {"gru.weight_ih_l0", half, narrow},
           {"gru.weight_hh_l0", half, {"orthogonal", 3}},
           {"gru.bias_ih_l0", half, zeros},
           {"gru.bias_hh_l0", half, zeros},
           {"own.weight", {"normal:0.5"}, {"normal:0.5"}},
           {"own.bias", half, zeros},
           {"fixed", {"constant:2"}, {"constant:2"}},
           {"frozen.weight", half, narrow},
           {"buffer", {}, {}},
       }) {
    INFO(key);
    for (const auto& [path, wanted] : {std::pair{"plain.", plain}, {"within.layers.", within}}) {
      REQUIRE(inits.contains(path + std::string(key)));
      const Init& found = inits[path + std::string(key)];
      CHECK(found.how == wanted.how);
      CHECK(found.number == wanted.number);
    }
  }
}
