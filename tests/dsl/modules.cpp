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
