// The large reference sets, which are not part of the repository. Non-goals: no parsing.
#ifndef SINTER_TESTS_RUNTIME_REFERENCE_H
#define SINTER_TESTS_RUNTIME_REFERENCE_H

#include <fstream>
#include <iterator>
#include <string>

/// A file below SINTER_SHARED; empty where it is not there.
inline std::string reference(const std::string& path) {
  std::ifstream file(SINTER_SHARED "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Ends a test that needs them.
#define SKIP_WITHOUT_REFERENCES()                     \
  if (reference("data/README.md").empty()) {          \
    WARN("skipped: the reference sets are not here"); \
    return;                                           \
  }

#endif
