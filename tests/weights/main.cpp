// Catch2's main, with ctest's "skipped" when every test case was skipped for missing data.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "Support.h"

bool sharedDataIsMissing = false;

int main(int argc, char** argv) {
  int result = Catch::Session().run(argc, argv);
  return result == 0 && sharedDataIsMissing ? 77 : result;
}
