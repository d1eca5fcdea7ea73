// Reads a Python pickle as data: what the pickle would build is described, nothing is built.
// A call of any Python function becomes an Object that names the function and its arguments, so
// no code of any kind can run. Non-goals: extension registry, protocol-5 out-of-band buffers.
#ifndef SINTER_COMPILER_WEIGHTS_PICKLE_H
#define SINTER_COMPILER_WEIGHTS_PICKLE_H

#include <deque>

#include "Source.h"

namespace sinter::weights {

enum class ValueKind : uint8_t {
  None,
  Bool,
  Int,
  Float,
  Text,  // str, bytes, and integers beyond 64 bits as their raw bytes
  Tuple,
  List,
  Set,
  Dict,        // items: key, value, key, value …
  Global,      // text: "module.name"
  Persistent,  // args: the id
  Object,      // text: the class or function called; args; items as of a list or dict; state
  Mark
};

using ValueId = int32_t;  // index into Pickle::values; -1 is absent

struct Value {
  ValueKind kind = ValueKind::None;
  int64_t integer = 0;  // Bool and Int
  double real = 0;
  std::string text = {};
  std::vector<ValueId> items = {};
  ValueId args = -1, state = -1;
};

struct Pickle {
  std::deque<Value> values;
  ValueId root = -1;
  uint64_t end = 0;  // of this pickle in the source

  const Value& operator[](ValueId id) const { return values[static_cast<size_t>(id)]; }
};

Pickle readPickle(const Source& source, uint64_t at);

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_PICKLE_H
