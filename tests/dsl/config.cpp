// Configurations: entries by field name, by scope, with defaults for what is missing.
#define SINTER_CONFIG_FILE "tests/dsl/entries.inc"
#include <catch2/catch.hpp>

#include "dsl/config.h"

using namespace sinter;
namespace plain {
struct Inner {
  double theta = 1.5;
};
struct Sizes {
  double eps = 1e-12;
  Inner rope;
  int hidden = 768, layers = 12;
  Seq<int, 4> maps = {3, 4, 5};
  OneOf<"gelu", "relu"> act = "gelu";
  bool bias = true;
};
}  // namespace plain
namespace case_1 {
struct Sizes {
  int hidden = 768;
};
}  // namespace case_1

static_assert(config<plain::Sizes>.hidden == 32);
static_assert(config<plain::Sizes>.layers == 12);
static_assert(config<plain::Sizes>.eps == 0.5);
static_assert(config<plain::Sizes>.rope.theta == 2);
static_assert(config<plain::Sizes>.maps == Seq<int, 4>{7, 8});
static_assert(config<plain::Sizes>.act == "relu");
static_assert(!config<plain::Sizes>.bias);
static_assert(config<case_1::Sizes>.hidden == 64);

// clang-22 would read `eps` of this one at a wrong place in a program.
struct Padded {
  int hidden = 1;
  double eps = 2;
  int last = 3;
};
static_assert(!detail::has_safe_layout<Padded>());
static_assert(detail::has_safe_layout<plain::Sizes>());

template <plain::Sizes C> struct Reads {
  double run() const { return C.eps; }  // in the running program, not in a constant
};
TEST_CASE("a field of a template argument is read where it is") {
  CHECK(Reads<config<plain::Sizes>>{}.run() == 0.5);
}
