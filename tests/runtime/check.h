// The sentence of the Error that a call throws. Non-goals: no other matchers.
#ifndef SINTER_TESTS_RUNTIME_CHECK_H
#define SINTER_TESTS_RUNTIME_CHECK_H

#include <string>

#include "runtime/error.h"

template <class Function>
std::string error_of(Function function) {
  try {
    function();
  } catch (const sinter::runtime::Error& error) {
    return std::to_string(error.code) + ": " + error.sentence;
  }
  return "no error";
}

#endif
