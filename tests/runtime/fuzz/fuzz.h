// One function for bytes from outside, run two ways: by libFuzzer (-DSINTER_FUZZ=ON), and in every
// build over the seed files and their cut and altered copies (driver.cpp). A right function
// returns; Errors are right answers, too.
#ifndef SINTER_TESTS_RUNTIME_FUZZ_H
#define SINTER_TESTS_RUNTIME_FUZZ_H

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

#endif
