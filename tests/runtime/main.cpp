// Catch2's own main; the tests are in the other files.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
