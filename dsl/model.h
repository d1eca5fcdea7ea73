// Models: an aggregate of modules with entries. `model<M>` builds the graph while C++ compiles,
// stops the compile where a rule is broken, and keeps what can be asked of a model.
// Non-goals: printing (print.h), reading configurations (config.h).
#pragma once
#include "dsl/config.h"
#include "dsl/control.h"

namespace sinter {

/// An input of an entry: Input<"input_ids", i32, "batch", ragged("seq")>.
template <Name Key, DType T, DimSpec... Dims> struct Input : Tensor {
  static constexpr Input make(Graph& g) {
    Shape shape{T, 0, {}};
    static_assert(sizeof...(Dims) <= Shape::max_rank, "an input has at most 8 axes");
    ((shape.dims[shape.rank++] = g.dim(Dims)), ...);
    if (!g.rules.error.empty()) return {g.fail_rule({})};
    const Tensor argument = g.add_argument(shape);
    g.entries.back().inputs.push_back({Text(Key.view()), argument.id});
    return {argument};
  }
};

/// An input that only some configurations have; without it a tensor with no graph.
struct NoInput : Tensor {
  static constexpr NoInput make(Graph&) { return {}; }
};
template <bool Present, class In> using InputIf = std::conditional_t<Present, In, NoInput>;

/// What a reference case or a checkpoint says of itself, for `serves`.
struct Case {
  std::string_view architecture, kind, class_;
  const ConfigEntry* entries = nullptr;
  int entry_count = 0;

  constexpr const ConfigEntry* find(std::string_view key) const {
    for (int i = 0; i < entry_count; ++i)
      if (std::string_view(entries[i].key) == key) return &entries[i];
    return nullptr;
  }
  constexpr bool has(std::string_view key) const { return find(key) != nullptr; }
  constexpr bool is(std::string_view key, std::string_view text) const {
    const ConfigEntry* entry = find(key);
    return entry && entry->kind == ConfigEntry::text && std::string_view(entry->chars) == text;
  }
  constexpr bool flag(std::string_view key) const {
    const ConfigEntry* entry = find(key);
    return entry && entry->kind == ConfigEntry::flag && entry->number != 0;
  }
  constexpr double number(std::string_view key, double otherwise = 0) const {
    const ConfigEntry* entry = find(key);
    return entry ? entry->number : otherwise;
  }
};

/// An option of a task, as the runtime's reader or writer documents it.
struct TaskOption {
  std::string_view key;
  std::string_view chars{};
  long long number = 0;
  bool is_text = false;
  constexpr TaskOption() = default;
  constexpr TaskOption(std::string_view k, std::string_view text) : key(k), chars(text), is_text(true) {}
  constexpr TaskOption(std::string_view k, const char* text) : key(k), chars(text), is_text(true) {}
  constexpr TaskOption(std::string_view k, long long n) : key(k), number(n) {}
  constexpr TaskOption(std::string_view k, int n) : key(k), number(n) {}
};

/// What text becomes input and what output becomes text:
///   static constexpr Task task{"characters", "tokens", {{"input", "src"}, {"output", "tokens"}}};
/// Options "input" and "output" name an input and an output of the model.
struct Task {
  static constexpr int max_options = 24;
  std::string_view reader, writer;
  TaskOption options[max_options]{};
  int count = 0;
  constexpr Task(std::string_view r, std::string_view w, std::initializer_list<TaskOption> list)
      : reader(r), writer(w) {
    for (const TaskOption& option : list) {
      if (count == max_options) throw "a task has at most 24 options";  // stops constant evaluation
      options[count++] = option;
    }
  }
};

/// Two keys of one weight: `key` has no storage of its own.
///   static constexpr Tied tied[] = {{"decoder.weight", "embeddings.weight"}};
struct Tied {
  std::string_view key, of;
};

/// What a checked model is: plain values and the functions that build its graph again.
struct ModelInfo {
  long long parameters = 0;  // elements of all weights of kind param and frozen, ties not counted
  int nodes = 0;
  bool wrong = false;  // where wrong models are kept
  void (*trace)(Graph&) = nullptr;
  bool (*serves)(const Case&) = nullptr;  // null: no reference case
  const Task* task = nullptr;             // null: tensors only
  std::string_view type;                  // the compiler's spelling of the model's type
};
constexpr long long parameters(const ModelInfo& info) { return info.parameters; }

namespace detail {

template <class R> constexpr void add_outputs(Graph& g, const R& result, const Text& name) {
  if constexpr (std::is_convertible_v<R, Tensor>) {
    const Tensor tensor = result;
    if (tensor.graph == nullptr || tensor.bad()) return;  // an output that is not there
    Graph::Named output{name, tensor.id};
    if (name.empty()) output.name << "output";
    g.entries.back().outputs.push_back(output);
  } else if constexpr (requires { std::tuple_size<R>::value; result[0]; }) {
    int i = 0;
    for (const auto& item : result) add_outputs(g, item, dotted(name, join(i++)));
  } else if constexpr (std::is_empty_v<R>) {
  } else {
    fields::each(result, [&](const auto& field, std::string_view key) {
      add_outputs(g, field, dotted(name, key));
    });
  }
}

template <class M, class R, class... Inputs>
constexpr void trace_entry(Graph& g, std::string_view name, R (M::*entry)(Inputs...) const) {
  const bool first = g.entries.empty();
  Graph::Entry added;
  added.name = name;
  g.entries.push_back(added);
  const int outer = g.open_region();
  g.entries.back().region = g.region;
  const std::tuple<Inputs...> inputs{Inputs::make(g)...};
  M model{};
  Path path;
  path.declare = first;
  g.next_repeat = 0;
  bind(g, model, path);
  const R result = std::apply([&](const auto&... input) { return (model.*entry)(input...); }, inputs);
  add_outputs(g, result, Text());
  Vec<Tensor> yields;
  for (const Graph::Named& output : g.entries.back().outputs) yields.push_back({&g, output.value});
  if (yields.empty() && g.errors.empty())
    g.fail({}, join("entry '", name, "' has no output"));
  g.close_region(outer, yields);
}

constexpr bool has_name(const Graph& g, std::string_view name, bool input) {
  for (const Graph::Entry& entry : g.entries)
    for (const Graph::Named& named : input ? entry.inputs : entry.outputs)
      if (named.name == name) return true;
  return false;
}
constexpr bool has_entry(const Graph& g, std::string_view name) {
  for (const Graph::Entry& entry : g.entries)
    if (entry.name == name) return true;
  return false;
}

/// The entries a model may have; each is there when the model has a function of that name. visit()
/// is asked before each in turn whether to trace it.
template <class M, class Visit> constexpr void trace_entries(Graph& g, const Visit& visit) {
  const auto trace_one = [&](std::string_view name, auto entry) {
    if (visit()) trace_entry(g, name, entry);
  };
  if constexpr (requires { &M::forward; }) trace_one("forward", &M::forward);
  if constexpr (requires { &M::encode; }) trace_one("encode", &M::encode);
  if constexpr (requires { &M::decode; }) trace_one("decode", &M::decode);
  if constexpr (requires { &M::step; }) trace_one("step", &M::step);
  if constexpr (requires { &M::generate; }) trace_one("generate", &M::generate);
  if constexpr (requires { &M::beam; }) trace_one("beam", &M::beam);
  if constexpr (requires { &M::sample; }) trace_one("sample", &M::sample);
  if constexpr (requires { &M::score; }) trace_one("score", &M::score);
}
template <class M> constexpr int count_entries() {
  Graph g;
  int count = 0;
  trace_entries<M>(g, [&] { return ++count, false; });
  return count;
}

/// All entries, or the one with this number: constant evaluation has a limit of steps (clang's is
/// 2^20), and an entry that is checked alone has it to itself.
template <class M> constexpr void trace(Graph& g, int only = -1) {
  g.model = fields::type_name<M>();
  int next = 0;
  trace_entries<M>(g, [&] { return next++ == only || only < 0; });
  if (g.entries.empty())
    g.fail({}, "a model wants an entry: forward, encode, decode, step, generate, beam, sample or "
               "score");
  if constexpr (requires { M::tied; })
    for (const Tied& tie : M::tied) {
      bool found = false;
      for (Graph::Weight& weight : g.weights) {
        if (!(weight.key == tie.key)) continue;
        weight.alias = Text(tie.of);
        found = true;
      }
      if (!found) g.fail({}, join("tied weight '", tie.key, "' is not a weight of the model"));
    }
}
/// A bit for each of the task's options that names something of these entries, or names nothing.
template <class M> constexpr unsigned known_options(const Graph& g) {
  unsigned known = 0;
  if constexpr (requires { M::task; })
    for (int i = 0; i < M::task.count; ++i) {
      const TaskOption& option = M::task.options[i];
      const bool input = option.key == "input", output = option.key == "output";
      if (option.key == "entry" ? has_entry(g, option.chars)
                                : !(input || output) || has_name(g, option.chars, input))
        known |= 1u << i;
    }
  return known;
}
template <class M> constexpr void check_task(Graph& g, unsigned known) {
  g.model = fields::type_name<M>();
  if constexpr (requires { M::task; })
    for (int i = 0; i < M::task.count; ++i) {
      const TaskOption& option = M::task.options[i];
      if ((known >> i & 1) == 0)
        g.fail({}, join("the task's ", option.key, " '", option.chars, "' is not an ", option.key,
                        " of the model"));
    }
}

constexpr long long count_parameters(const Graph& g) {
  long long total = 0;
  for (const Graph::Weight& weight : g.weights) {
    if (weight.kind == "buffer" || !weight.alias.empty()) continue;
    long long elements = weight.count;
    for (int i = 0; i < weight.shape.rank; ++i) elements *= weight.shape.dims[i];
    total += elements;
  }
  return total;
}

struct Summary {
  long long parameters = 0;
  int nodes = 0;
  std::size_t message = 0;
  unsigned known = 0;
};
template <class M> constexpr Summary summarise(int entry) {
  Graph g;
  trace<M>(g, entry);
  return {count_parameters(g), static_cast<int>(g.nodes.size()), g.errors.size(),
          known_options<M>(g)};
}
template <class M, int Entry> inline constexpr Summary summary = summarise<M>(Entry);
template <class M, std::size_t N> constexpr Message<N> message(int entry) {
  Graph g;
  trace<M>(g, entry);
  return Message<N>(g.errors);
}
/// Of all entries, each checked by itself; `wrong` is the first that has errors.
struct Entries {
  Summary all;
  int wrong = -1;
};
template <class M, int Entry> consteval Entries check_entries(Summary before) {
  constexpr Summary own = summary<M, Entry>;
  const Summary all{own.parameters, before.nodes + own.nodes, own.message,
                    before.known | own.known};
  if constexpr (own.message != 0) return {all, Entry};
  else if constexpr (Entry + 1 < count_entries<M>()) return check_entries<M, Entry + 1>(all);
  else return {all};
}
template <class M> constexpr std::size_t task_errors(unsigned known) {
  Graph g;
  check_task<M>(g, known);
  return g.errors.size();
}
template <class M, std::size_t N> constexpr Message<N> task_message(unsigned known) {
  Graph g;
  check_task<M>(g, known);
  return Message<N>(g.errors);
}

/// Whether the arguments of a model template may be configurations, see has_safe_layout.
template <class M> inline constexpr bool safe_arguments = true;
template <template <auto...> class M, auto... Arguments>
inline constexpr bool safe_arguments<M<Arguments...>> =
    (has_safe_layout<std::remove_const_t<decltype(Arguments)>>() && ...);

template <class M> consteval ModelInfo freeze() {
  static_assert(safe_arguments<M>,
                "a configuration lists its doubles first, then its ints, then texts and bools");
  constexpr Entries entries = check_entries<M, 0>({});
  constexpr Summary all = entries.all;
  constexpr std::size_t task = all.message != 0 ? 0 : task_errors<M>(all.known);
#ifndef SINTER_KEEP_WRONG_MODELS  // the driver's: one of a file's models may be wrong, another wanted
  if constexpr (all.message != 0) report<message<M, all.message>(entries.wrong)>();
  if constexpr (task != 0) report<task_message<M, task>(all.known)>();
#endif
  ModelInfo info;
  info.parameters = all.parameters;
  info.wrong = all.message != 0 || task != 0;
  info.nodes = all.nodes;
  info.trace = [](Graph& g) { trace<M>(g); };
  info.type = spelling<M>();
  if constexpr (requires(const Case& c) { M::serves(c); })
    info.serves = [](const Case& c) { return static_cast<bool>(M::serves(c)); };
  if constexpr (requires { M::task; }) info.task = &M::task;
  return info;
}
template <class M> inline constexpr ModelInfo frozen = freeze<M>();

}  // namespace detail

/// The checked model: inline constexpr auto& bert = model<Bert<config<BertConfig>>>;
/// Put models in an anonymous namespace: equal names in two files would be one.
template <class M> inline constexpr const ModelInfo& model = detail::frozen<M>;

}  // namespace sinter
