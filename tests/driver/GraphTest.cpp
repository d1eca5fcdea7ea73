// Graphs as the driver holds them: what is printed at length and what is not. Non-goals: models from
// C++ (emit.py), the dialect itself (tests/compiler).
#include "compiler/tools/Graph.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

// x + c, c of `count` different elements.
std::string addsConstant(int count) {
  const std::string n = std::to_string(count), type = "!sinter.tensor<" + n + " x f32>";
  std::string values;
  for (int i = 0; i < count; ++i) values += (i ? ", " : "") + std::to_string(i) + ".0";
  return "sinter.model @m {\n  sinter.entry @forward inputs [\"x\"] outputs [\"y\"] {\n  ^bb0(%x: " +
         type + "):\n    %c = sinter.constant {value = dense<[" + values + "]> : tensor<" + n +
         "xf64>} : () -> " + type + " loc(\"m.cpp\":3:1)\n    %y = sinter.add %x, %c : (" + type + ", " +
         type + ") -> " + type + " loc(\"m.cpp\":4:1)\n    sinter.return %y : " + type + "\n  }\n}\n";
}

}  // namespace

TEST_CASE("a large constant is elided at the stages that can hold one, and the text parses again") {
  const sinter::Graphs graphs(addsConstant(1000));
  for (const char *stage : {"graph", "fused"}) {
    const std::string text = graphs.print("m", stage);
    INFO(text);
    CHECK(text.find("dense_resource<__elided__>") != std::string::npos);
    CHECK(text.size() < 2000);
    CHECK(text.find("loc(\"m.cpp\":4:1)") != std::string::npos);
    CHECK(sinter::Graphs(text).facts("m").entries.size() == 1);
  }
}

TEST_CASE("a small constant is printed") {
  const std::string text = sinter::Graphs(addsConstant(3)).print("m", "graph");
  CHECK(text.find("dense<[0.000000e+00, 1.000000e+00, 2.000000e+00]>") != std::string::npos);
}
