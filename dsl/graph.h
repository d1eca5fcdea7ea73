// The graph that running a model builds: flat tables of nodes, values, attributes and regions.
// `make` and `fail` are the only ways in. The same code runs while C++ compiles (to check) and in
// the generator (to print). Non-goals: what an op means (ops.h), printing (print.h).
#pragma once
#include <source_location>
#include <type_traits>

#include "dsl/rules.h"

namespace sinter {

using rules::DType;
using rules::Shape;
using enum rules::DType;

/// A place in the user's file.
struct Loc {
  const char* file = "";
  unsigned line = 0;
  constexpr Loc() = default;
  constexpr Loc(const std::source_location& at) : file(at.file_name()), line(at.line()) {}
};
using Here = std::source_location;

class Graph;

/// A value of the graph; without a node it is the trace of an error and causes no further one.
struct Tensor {
  Graph* graph = nullptr;
  int id = -1;
  constexpr bool bad() const { return id < 0; }
  constexpr const Shape& shape() const;
  constexpr int rank() const { return bad() ? 0 : shape().rank; }
  constexpr DType dtype() const { return bad() ? f32 : shape().dtype; }
  constexpr struct Size dim(int axis, Here here = Here::current()) const;
};

/// A dimension as a template argument or literal: a number or the text of an expression.
struct DimSpec {
  static constexpr std::size_t capacity = 40;
  long long value = 0;
  char text[capacity]{};
  constexpr DimSpec() = default;
  constexpr DimSpec(int number) : value(number) {}
  constexpr DimSpec(long number) : value(number) {}
  constexpr DimSpec(long long number) : value(number) {}
  template <std::size_t N> constexpr DimSpec(const char (&name)[N]) {
    static_assert(N <= capacity, "the text of a dimension has at most 39 characters");
    for (std::size_t i = 0; i < N; ++i) text[i] = name[i];
  }
  constexpr std::string_view view() const {
    std::size_t n = 0;
    while (text[n] != '\0') ++n;
    return {text, n};
  }
  constexpr bool operator==(const DimSpec&) const = default;
};

/// A dimension with a length per row of the dimension before it: printed `seq~`.
template <std::size_t N> constexpr DimSpec ragged(const char (&name)[N]) {
  static_assert(N < DimSpec::capacity, "the text of a dimension has at most 39 characters");
  DimSpec spec(name);
  spec.text[N - 1] = '~';
  spec.text[N] = '\0';
  return spec;
}

/// A dimension of a graph, for arithmetic: x.dim(1) - 2.
struct Size {
  Graph* graph = nullptr;
  rules::Dim dim = 0;
  constexpr bool fixed() const { return rules::is_constant(dim); }
};

/// A dimension as an argument: a number, the text of an expression, or a Size.
struct DimArg {
  DimSpec spec;
  Size size;
  constexpr DimArg(int number) : spec(number) {}
  constexpr DimArg(long number) : spec(number) {}
  constexpr DimArg(long long number) : spec(number) {}
  template <std::size_t N> constexpr DimArg(const char (&name)[N]) : spec(name) {}
  constexpr DimArg(const DimSpec& from) : spec(from) {}
  constexpr DimArg(const Size& from) : size(from) {}
};

/// An attribute as it is handed in.
struct Attribute {
  enum Kind { integer, real, flag, text, integers, letters } kind;
  std::string_view key;
  long long number = 0;
  double value = 0;
  std::string_view chars{};
  rules::Ints list{};
  const rules::LetterSize* sizes = nullptr;

  constexpr Attribute(std::string_view k, long long v) : kind(integer), key(k), number(v) {}
  constexpr Attribute(std::string_view k, int v) : kind(integer), key(k), number(v) {}
  constexpr Attribute(std::string_view k, double v) : kind(real), key(k), value(v) {}
  constexpr Attribute(std::string_view k, bool v) : kind(flag), key(k), number(v) {}
  constexpr Attribute(std::string_view k, std::string_view v) : kind(text), key(k), chars(v) {}
  constexpr Attribute(std::string_view k, const char* v) : kind(text), key(k), chars(v) {}
  constexpr Attribute(std::string_view k, rules::Ints v) : kind(integers), key(k), list(v) {}
  constexpr Attribute(std::string_view k, const rules::LetterSize* v, int n)
      : kind(letters), key(k), number(n), sizes(v) {}
};

/// How training starts a weight; module.h says which ways there are.
struct Init {
  std::string_view how;
  double number = 0;
};

class Graph {
 public:
  struct StoredAttribute {
    Attribute::Kind kind = Attribute::integer;
    std::string_view key;
    long long number = 0;
    double value = 0;
    std::size_t begin = 0, count = 0;  // in `chars` or `numbers`
  };
  struct Node {
    std::string_view op;
    Loc loc;
    int parent = 0;  // region
    int operands = 0, operand_count = 0;
    int attributes = 0, attribute_count = 0;
    int results = 0, result_count = 0;
    int regions[2] = {-1, -1};
  };
  struct Value {
    Shape shape;
    int node = -1;  // -1: an argument of a region
  };
  struct Region {
    int arguments = 0, argument_count = 0;  // consecutive values
    int yields = 0, yield_count = 0;        // in `operands`
  };
  struct Weight {
    Text key;  // `{}` where the round's number stands
    Shape shape;
    std::string_view kind;
    Init init;
    int count = 1, first = 0, repeat = -1;
    Text alias;
  };
  struct Named {
    Text name;
    int value = -1;
  };
  struct Entry {
    std::string_view name;
    int region = 0;
    Vec<Named> inputs, outputs;
    Vec<Text> constraints;
  };

  rules::Rules rules;
  Vec<Node> nodes;
  Vec<Value> values;
  Vec<int> operands;
  Vec<StoredAttribute> attributes;
  Vec<long long> numbers;
  Vec<char> chars;
  Vec<Region> regions;
  Vec<Weight> weights;
  Vec<bool> unrolled;  // by number of Repeat: its rounds are weights of their own
  Vec<Entry> entries;
  Text errors;
  int next_repeat = 0;  // number of the next Repeat that a further entry binds
  int region = 0;

  std::string_view model;  // its type's name, for errors that have no line
  Loc layer;               // the user's line while a layer runs, see InLayer

  /// Records an error at the user's line. Equal errors are reported once.
  constexpr Tensor fail(const Loc& op, std::string_view sentence) {
    const Loc& loc = layer.line != 0 ? layer : op;
    std::string_view file(loc.file);
    const std::size_t slash = file.rfind('/');
    if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
    Text line;  // no conditional expression: g++-12 would free the text twice
    if (loc.line != 0) line << '\n' << file << ':' << loc.line << ": " << sentence;
    else line << "\nmodel " << model << ": " << sentence;
    const std::size_t known = errors.view().find(line.view());
    const std::size_t end = known == std::string_view::npos ? 0 : known + line.size();
    if (end == 0 || (end < errors.size() && errors.view()[end] != '\n')) errors << line;
    return {this, -1};
  }
  /// Moves a broken rule's sentence to the user's line and names the weight that took part.
  constexpr Tensor fail_rule(const Loc& loc, std::initializer_list<Tensor> inputs = {}) {
    Text sentence = rules.error;
    if (sentence.empty()) sentence = rules.dims.error;
    for (const Tensor& x : inputs) {
      const std::string_view key = weight_of(x);
      if (sentence.empty() || key.empty()) continue;
      sentence << " (weight '" << key << "')";
      break;
    }
    rules.error = Text();
    rules.dims.error = Text();
    return sentence.empty() ? Tensor{this, -1} : fail(loc, sentence);
  }

  constexpr rules::Dim dim(const DimSpec& spec) {
    if (spec.text[0] == '\0') {
      if (spec.value < 0 && rules.error.empty())
        rules.error << "a dimension is at least 0, got " << spec.value;
      return spec.value < 0 ? 0 : spec.value;
    }
    Text why;
    const rules::Dim found = rules.dims.parse(spec.view(), why);
    if (!why.empty() && rules.error.empty()) rules.error << why;
    return found;
  }
  constexpr rules::Dim dim(const DimArg& arg) {
    return arg.size.graph ? arg.size.dim : dim(arg.spec);
  }
  /// A place on an axis; a negative number counts from the end.
  constexpr rules::Dim place(const DimArg& arg, rules::Dim extent) {
    const bool from_end = !arg.size.graph && arg.spec.text[0] == '\0' && arg.spec.value < 0;
    return from_end ? rules.dims.add(extent, rules.dims.number(arg.spec.value)) : dim(arg);
  }

  /// An op with the given results; poison among `shapes` or operands gives poison.
  constexpr int make_node(const Loc& loc, std::string_view op, const Tensor* inputs,
                          std::size_t input_count, const Attribute* attrs, std::size_t attr_count) {
    Node node;
    node.op = op;
    node.loc = layer.line != 0 ? layer : loc;
    node.parent = region;
    node.operands = static_cast<int>(operands.size());
    node.operand_count = static_cast<int>(input_count);
    for (std::size_t i = 0; i < input_count; ++i) operands.push_back(inputs[i].id);
    node.attributes = static_cast<int>(attributes.size());
    node.attribute_count = static_cast<int>(attr_count);
    for (std::size_t i = 0; i < attr_count; ++i) store(attrs[i]);
    node.results = static_cast<int>(values.size());
    nodes.push_back(node);
    return static_cast<int>(nodes.size()) - 1;
  }
  constexpr Tensor add_result(int node, const Shape& shape) {
    values.push_back({shape, node});
    ++nodes[static_cast<std::size_t>(node)].result_count;
    return {this, static_cast<int>(values.size()) - 1};
  }
  constexpr Tensor make(const Loc& loc, std::string_view op, std::initializer_list<Tensor> inputs,
                        const Shape& shape, std::initializer_list<Attribute> attrs = {}) {
    for (const Tensor& x : inputs)
      if (x.bad()) return {this, -1};
    if (shape.bad() || !rules.dims.error.empty()) return fail_rule(loc, inputs);
    return add_result(make_node(loc, op, inputs.begin(), inputs.size(), attrs.begin(), attrs.size()),
                      shape);
  }

  /// Regions: open, add arguments, emit, close with what it yields. Returns the enclosing region.
  constexpr int open_region() {
    const int outer = region;
    regions.push_back({static_cast<int>(values.size()), 0, 0, 0});
    region = static_cast<int>(regions.size()) - 1;
    return outer;
  }
  constexpr Tensor add_argument(const Shape& shape) {
    values.push_back({shape, -1});
    ++regions[static_cast<std::size_t>(region)].argument_count;
    return {this, static_cast<int>(values.size()) - 1};
  }
  constexpr int close_region(int outer, const Vec<Tensor>& yields) {
    Region& closed = regions[static_cast<std::size_t>(region)];
    closed.yields = static_cast<int>(operands.size());
    closed.yield_count = static_cast<int>(yields.size());
    for (const Tensor& x : yields) operands.push_back(x.id);
    const int id = region;
    region = outer;
    return id;
  }

  /// "tgt-1 <= tgt": the two sides differ by a number.
  constexpr bool always_holds(rules::Dim left, std::string_view relation, rules::Dim right) {
    const rules::Sum apart = rules.dims.sum_of(rules.dims.sub(left, right));
    if (apart.count > 1 || (apart.count == 1 && apart.terms[0].count > 0)) return false;
    const long long number = apart.count == 0 ? 0 : apart.terms[0].coefficient;
    return number == 0 || (number < 0 ? relation == "<=" : relation == ">=");
  }
  /// "seq <= 512", checked once per run; what is known here needs no check.
  constexpr void require(rules::Dim left, std::string_view relation, rules::Dim right) {
    // "seq-2 >= 1" is "seq >= 3": numbers stand on the right.
    const rules::Sum sum = rules.dims.sum_of(left);
    if (rules::is_constant(right) && sum.count > 1 && sum.terms[sum.count - 1].count == 0) {
      const rules::Dim number = rules.dims.number(sum.terms[sum.count - 1].coefficient);
      left = rules.dims.sub(left, number);
      right = rules.dims.sub(right, number);
    }
    if (entries.empty()) return;
    if (always_holds(left, relation, right)) return;
    if (rules::is_constant(left) && rules::is_constant(right)) return;
    // Each row's own length fits by itself; only a limit on the longest row is left to check.
    const bool ragged = rules.dims.is_ragged(left) || rules.dims.is_ragged(right);
    if (ragged && !(relation == "<=" && rules::is_constant(right))) return;
    Text text = join(rules.print(left), ' ', relation, ' ', rules.print(right));
    for (const Text& known : entries.back().constraints)
      if (known == text.view()) return;
    entries.back().constraints.push_back(text);
  }

  constexpr std::string_view text_of(const StoredAttribute& a) const {
    return {chars.data() + a.begin, a.count};
  }
  /// The key of the weight that x is; empty for any other tensor.
  constexpr std::string_view weight_of(const Tensor& x) const {
    const int node = x.bad() ? -1 : values[static_cast<std::size_t>(x.id)].node;
    if (node < 0 || nodes[static_cast<std::size_t>(node)].op != "param") return {};
    return text_of(attributes[static_cast<std::size_t>(nodes[static_cast<std::size_t>(node)].attributes)]);
  }

 private:
  constexpr void store(const Attribute& a) {
    StoredAttribute out;
    out.kind = a.kind;
    out.key = a.key;
    out.number = a.number;
    out.value = a.value;
    if (a.kind == Attribute::text) {
      out.begin = chars.size();
      out.count = a.chars.size();
      for (char c : a.chars) chars.push_back(c);
    } else if (a.kind == Attribute::integers) {
      out.begin = numbers.size();
      out.count = static_cast<std::size_t>(a.list.size);
      for (int i = 0; i < a.list.size; ++i) numbers.push_back(a.list[i]);
    } else if (a.kind == Attribute::letters) {
      out.begin = numbers.size();
      out.count = static_cast<std::size_t>(a.number);
      for (int i = 0; i < a.number; ++i) {
        numbers.push_back(a.sizes[i].letter);
        numbers.push_back(a.sizes[i].size);
      }
    }
    attributes.push_back(out);
  }
};

constexpr const Shape& Tensor::shape() const {
  return bad() ? rules::poison : graph->values[static_cast<std::size_t>(id)].shape;
}
constexpr Size Tensor::dim(int axis, Here here) const {
  if (bad()) return {graph, 1};
  const int found = rules::find_axis(graph->rules, "dim", shape(), axis);
  if (found < 0) {
    graph->fail_rule(here);
    return {graph, 1};
  }
  return {graph, shape().dims[found]};
}

constexpr Size operator+(Size a, long long b) {
  return {a.graph, a.graph->rules.dims.add(a.dim, a.graph->rules.dims.number(b))};
}
constexpr Size operator-(Size a, long long b) { return a + -b; }
constexpr Size operator*(Size a, long long b) {
  return {a.graph, a.graph->rules.dims.scale(a.dim, b)};
}
constexpr Size operator+(Size a, Size b) { return {a.graph, a.graph->rules.dims.add(a.dim, b.dim)}; }
constexpr Size operator-(Size a, Size b) { return {a.graph, a.graph->rules.dims.sub(a.dim, b.dim)}; }
constexpr Size operator*(Size a, Size b) { return {a.graph, a.graph->rules.dims.mul(a.dim, b.dim)}; }
constexpr Size floordiv(Size a, long long n) {
  return {a.graph, a.graph->rules.dims.floordiv(a.dim, n)};
}
constexpr Size ceildiv(Size a, long long n) {
  return {a.graph, a.graph->rules.dims.ceildiv(a.dim, n)};
}

/// An operand that remembers the user's line; everything that is a tensor turns into it.
struct At : Tensor {
  Loc loc;
  template <class T>
    requires std::is_convertible_v<const T&, Tensor>
  constexpr At(const T& tensor, Here here = Here::current())
      : Tensor(static_cast<Tensor>(tensor)), loc(here) {}
  constexpr rules::Rules& rules() const { return graph->rules; }
};

/// While it lives, ops and errors belong to the line that called the layer, not to the layer's own
/// lines; of nested layers the outermost counts.
class InLayer {
 public:
  constexpr explicit InLayer(const At& x) {
    if (x.graph == nullptr || x.graph->layer.line != 0) return;
    graph_ = x.graph;
    graph_->layer = x.loc;
  }
  InLayer(const InLayer&) = delete;
  InLayer& operator=(const InLayer&) = delete;
  constexpr ~InLayer() {
    if (graph_) graph_->layer = Loc();
  }

 private:
  Graph* graph_ = nullptr;
};

}  // namespace sinter
