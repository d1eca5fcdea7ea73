#include "Pickle.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace sinter::weights {
namespace {

// Each value costs some 120 bytes; a file whose pickle holds more is not a checkpoint.
constexpr size_t largestValueCount = 5'000'000;

class Machine {
 public:
  Machine(const Source& source, uint64_t at) : source(source), cursor(source, at) {}

  Pickle run() {
    while (step()) {
    }
    pickle.root = pop();
    pickle.end = cursor.position();
    return std::move(pickle);
  }

 private:
  [[noreturn]] void damaged(std::string_view what) {
    source.fail("the pickle is damaged near byte ", cursor.position(), ": ", what);
  }

  ValueId add(Value value) {
    if (pickle.values.size() >= largestValueCount) damaged("it holds too many values");
    pickle.values.push_back(std::move(value));
    return static_cast<ValueId>(pickle.values.size() - 1);
  }
  void push(Value value) { stack.push_back(add(std::move(value))); }
  void pushInt(int64_t value, ValueKind kind = ValueKind::Int) {
    push({.kind = kind, .integer = value});
  }
  void pushText(std::string_view text, ValueKind kind = ValueKind::Text) {
    push({.kind = kind, .text = std::string(text)});
  }
  Value& at(ValueId id) { return pickle.values[static_cast<size_t>(id)]; }

  ValueId pop() {
    if (stack.empty()) damaged("its stack is empty");
    ValueId id = stack.back();
    stack.pop_back();
    return id;
  }
  ValueId top() {
    if (stack.empty()) damaged("its stack is empty");
    return stack.back();
  }
  std::vector<ValueId> popToMark() {
    auto mark = std::find_if(stack.rbegin(), stack.rend(),
                             [&](ValueId id) { return at(id).kind == ValueKind::Mark; });
    if (mark == stack.rend()) damaged("a mark is missing");
    std::vector<ValueId> items(mark.base(), stack.end());
    stack.erase(mark.base() - 1, stack.end());
    return items;
  }
  void pushItems(ValueKind kind, std::vector<ValueId> items) {
    push({.kind = kind, .items = std::move(items)});
  }
  void pushTuple(size_t count) {
    if (stack.size() < count) damaged("its stack is empty");
    std::vector<ValueId> items(stack.end() - static_cast<ptrdiff_t>(count), stack.end());
    stack.resize(stack.size() - count);
    pushItems(ValueKind::Tuple, std::move(items));
  }
  void addItems(const std::vector<ValueId>& items) {
    Value& target = at(top());
    if (target.kind != ValueKind::List && target.kind != ValueKind::Dict &&
        target.kind != ValueKind::Set && target.kind != ValueKind::Object) {
      damaged("items are added to something that holds none");
    }
    target.items.insert(target.items.end(), items.begin(), items.end());
  }
  void addPairs(const std::vector<ValueId>& items) {
    if (items.size() % 2 != 0) damaged("a key has no value");
    addItems(items);
  }

  void pushObject(ValueId callable, ValueId args) {
    const Value& called = at(callable);
    push({.kind = ValueKind::Object,
          .text = called.kind == ValueKind::Global ? called.text : "an unnamed function",
          .args = args});
  }
  void pushGlobal(std::string_view module, std::string_view name) {
    pushText(join(module, ".", name), ValueKind::Global);
  }

  void remember(uint64_t key) { memo[key] = top(); }
  void recall(uint64_t key) {
    auto found = memo.find(key);
    if (found == memo.end()) damaged("it refers to a value that was never stored");
    stack.push_back(found->second);
  }

  template <class Size>
  std::string_view sizedText() {
    auto size = cursor.read<Size>("a pickled text's size");
    return cursor.takeText(size, "a pickled text");
  }
  std::string_view line() { return cursor.takeUntil('\n', "a pickle line"); }
  template <class Number>
  Number lineNumber(std::string_view text) {
    Number value{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) damaged("a number is malformed");
    return value;
  }
  void pushLong(std::string_view raw) {  // two's complement, little-endian
    if (raw.size() > 8) return pushText(raw);
    int64_t value = 0;
    std::memcpy(&value, raw.data(), raw.size());
    if (!raw.empty() && raw.size() < 8 && (raw.back() & 0x80)) {
      value -= int64_t{1} << (8 * raw.size());
    }
    pushInt(value);
  }
  void pushDouble() {  // big-endian, unlike everything else
    auto bits = std::byteswap(cursor.read<uint64_t>("a pickled number"));
    push({.kind = ValueKind::Float, .real = std::bit_cast<double>(bits)});
  }

  bool step();
  bool stepOld(uint8_t opcode);

  const Source& source;
  Cursor cursor;
  Pickle pickle;
  std::vector<ValueId> stack;
  std::unordered_map<uint64_t, ValueId> memo;
};

// The binary opcodes, protocols 2 to 5.
bool Machine::step() {
  auto opcode = cursor.read<uint8_t>("the pickle");
  switch (opcode) {
    case 0x80: {
      auto protocol = cursor.read<uint8_t>("the pickle's protocol");
      if (protocol > 5) damaged(join("protocol ", protocol, " is not known"));
      break;
    }
    case 0x95: cursor.read<uint64_t>("a pickle frame"); break;
    case '.': return false;
    case '(': push({.kind = ValueKind::Mark}); break;
    case '0': pop(); break;
    case '1': popToMark(); break;
    case '2': stack.push_back(top()); break;
    case 'N': push({}); break;
    case 0x88: pushInt(1, ValueKind::Bool); break;
    case 0x89: pushInt(0, ValueKind::Bool); break;
    case 'J': pushInt(cursor.read<int32_t>("a pickled number")); break;
    case 'K': pushInt(cursor.read<uint8_t>("a pickled number")); break;
    case 'M': pushInt(cursor.read<uint16_t>("a pickled number")); break;
    case 0x8a: pushLong(sizedText<uint8_t>()); break;
    case 0x8b: pushLong(sizedText<uint32_t>()); break;
    case 'G': pushDouble(); break;
    case 'U':
    case 'C':
    case 0x8c: pushText(sizedText<uint8_t>()); break;
    case 'T':
    case 'B':
    case 'X': pushText(sizedText<uint32_t>()); break;
    case 0x8d:
    case 0x8e:
    case 0x96: pushText(sizedText<uint64_t>()); break;
    case ']': pushItems(ValueKind::List, {}); break;
    case 'a': addItems({pop()}); break;
    case 'e':
    case 0x90: addItems(popToMark()); break;
    case ')': pushItems(ValueKind::Tuple, {}); break;
    case 't': pushItems(ValueKind::Tuple, popToMark()); break;
    case 0x85:
    case 0x86:
    case 0x87: pushTuple(opcode - 0x84u); break;
    case '}': pushItems(ValueKind::Dict, {}); break;
    case 's': {
      ValueId value = pop();
      ValueId key = pop();
      addPairs({key, value});
      break;
    }
    case 'u': addPairs(popToMark()); break;
    case 0x8f: pushItems(ValueKind::Set, {}); break;
    case 0x91: pushItems(ValueKind::Set, popToMark()); break;
    case 'q': remember(cursor.read<uint8_t>("a pickle reference")); break;
    case 'r': remember(cursor.read<uint32_t>("a pickle reference")); break;
    case 0x94: remember(memo.size()); break;
    case 'h': recall(cursor.read<uint8_t>("a pickle reference")); break;
    case 'j': recall(cursor.read<uint32_t>("a pickle reference")); break;
    case 'c': {
      auto module = line();
      pushGlobal(module, line());
      break;
    }
    case 0x93: {
      ValueId name = pop();
      pushGlobal(at(pop()).text, at(name).text);
      break;
    }
    case 'R':
    case 0x81: {
      ValueId args = pop();
      pushObject(pop(), args);
      break;
    }
    case 0x92: {
      pop();  // keyword arguments
      ValueId args = pop();
      pushObject(pop(), args);
      break;
    }
    case 'b': {
      ValueId state = pop();
      at(top()).state = state;
      break;
    }
    case 'Q': push({.kind = ValueKind::Persistent, .args = pop()}); break;
    default: return stepOld(opcode);
  }
  return true;
}

// The text opcodes of protocols 0 and 1 that Python 2 wrote.
bool Machine::stepOld(uint8_t opcode) {
  switch (opcode) {
    case 'I': {
      auto text = line();
      if (text == "00" || text == "01")
        pushInt(text == "01", ValueKind::Bool);
      else
        pushInt(lineNumber<int64_t>(text));
      break;
    }
    case 'L': {
      auto text = line();
      if (text.ends_with('L')) text.remove_suffix(1);
      pushInt(lineNumber<int64_t>(text));
      break;
    }
    case 'F': push({.kind = ValueKind::Float, .real = lineNumber<double>(line())}); break;
    case 'S': {
      auto text = line();
      if (text.size() < 2) damaged("a text has no quotes");
      pushText(text.substr(1, text.size() - 2));
      break;
    }
    case 'V': pushText(line()); break;
    case 'l': pushItems(ValueKind::List, popToMark()); break;
    case 'd': {
      auto items = popToMark();
      pushItems(ValueKind::Dict, {});
      addPairs(items);
      break;
    }
    case 'p': remember(lineNumber<uint64_t>(line())); break;
    case 'g': recall(lineNumber<uint64_t>(line())); break;
    default: damaged(join("opcode ", opcode, " is not one that a checkpoint uses"));
  }
  return true;
}

}  // namespace

Pickle readPickle(const Source& source, uint64_t at) { return Machine(source, at).run(); }

}  // namespace sinter::weights
