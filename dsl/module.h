// Modules: plain aggregates whose field names are the checkpoint's keys. Binding a model walks its
// fields, declares every weight under its path and gives each Param its tensor.
// Non-goals: layers (nn.h), entries (model.h).
#pragma once
#include <array>
#include <tuple>

#include "dsl/fields.h"
#include "dsl/ops.h"

namespace sinter {

/// How training starts a weight, an Init; in the IR "how" or "how:number":
///   zeros, ones, constant:C   these numbers
///   uniform:B, normal:S       drawn from -B to B; with mean 0 and deviation S
///   xavier_uniform            uniform with B = sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010)
///   lecun_normal              normal with S = sqrt(1 / fan_in)
///   kaiming_normal            normal with S = sqrt(2 / fan_in), for relu (He et al. 2015);
///                             kaiming_normal:fan_out has fan_out in its place
///   orthogonal:N              N matrices one below the other, of each of which the rows (the
///                             columns, where there are more rows) are orthonormal; orthogonal: 1
///   forget_ones               zeros, but ones in the second of four quarters: the forget gate's
/// Of a weight [out, in, …] fan_in is in, fan_out out, each times the axes behind them.
constexpr Init uniform(double bound) { return {"uniform", bound}; }
constexpr Init normal(double deviation) { return {"normal", deviation}; }

/// How training starts the weights of a module that do not say it themselves; a module has it as
/// `static constexpr Inits inits`. A module within another one is overruled by it: a layer says what
/// torch's does, the model what its source does. What is empty stays open.
struct Inits {
  Init matrices{}, vectors{};            // weights of at least two axes, of one
  Init tables{};                         // of embeddings
  Init recurrent{}, recurrent_biases{};  // on a state; empty: as matrices and vectors

  constexpr Inits over(const Inits& inner) const {
    const auto either = [](const Init& a, const Init& b) { return a.how.empty() ? b : a; };
    return {either(matrices, inner.matrices), either(vectors, inner.vectors),
            either(tables, inner.tables), either(recurrent, inner.recurrent),
            either(recurrent_biases, inner.recurrent_biases)};
  }
  /// Of a Weight that says `own`: its name among these, or what stays whatever encloses it.
  constexpr Init of(std::string_view own, int axes) const {
    if (own == "table") return tables;
    const bool hidden = own == "recurrent";
    if (!own.empty() && !hidden) return {own};
    if (axes > 1) return hidden && !recurrent.how.empty() ? recurrent : matrices;
    return hidden && !recurrent_biases.how.empty() ? recurrent_biases : vectors;
  }
};

/// A weight of the model: kind "param" is learned, "frozen" is a parameter that training leaves
/// alone, "buffer" is loaded but not counted. `Own` is an Init that stays whatever encloses the
/// weight ("zeros", "normal:0.02"), or says which of the enclosing Inits is meant: "table",
/// "recurrent", or empty for matrices and vectors.
template <Name Kind, Name Own, DType T, DimSpec... Dims> struct Weight {
  using is_weight = void;
  Tensor tensor{};
  constexpr operator Tensor() const { return tensor; }
  static constexpr std::string_view kind = Kind.view(), init = Own.view();
  static_assert(sizeof...(Dims) <= Shape::max_rank, "a weight has at most 8 axes");
  static_assert(((Dims.text[0] == '\0' && Dims.value >= 0) && ...),
                "the sizes of a weight are numbers of at least 0");
  static constexpr Shape shape{T, sizeof...(Dims), {Dims.value...}};
};
template <DimSpec... Dims> using Param = Weight<"param", "", f32, Dims...>;
template <Name Own, DimSpec... Dims> using InitParam = Weight<"param", Own, f32, Dims...>;
template <DimSpec... Dims> using Frozen = Weight<"frozen", "", f32, Dims...>;
template <DimSpec... Dims> using Buffer = Weight<"buffer", "", f32, Dims...>;

/// A field that is not there: std::conditional_t<bidirectional, Direction, None>.
struct None {};

/// A module that training leaves alone: each Param in it is bound as "frozen". What a model is built
/// on and does not change: Freeze<Bert<C>> bert.
template <class Module> struct Freeze : Module {
  using is_frozen = void;
  constexpr Module& thawed() { return *this; }
};

/// A module whose matrices (and vectors) training starts so, whatever encloses it:
/// Started<"normal:0.001", nn::Linear<4, 2>>.
template <Name Matrices, class Module, Name Vectors = ""> struct Started : Module {
  using is_started = void;
  static constexpr Inits fixed{.matrices = {Matrices.view()}, .vectors = {Vectors.view()},
                               .tables = {Matrices.view()}};
  constexpr Module& inner() { return *this; }
};

/// A field with a key that is no identifier: Named<"0", nn::Linear<4, 2>>. Within a Repeat, an Array
/// or a List whose own name is empty, `{}` is the round's number: Named<"weight_ih_l{}", Param<…>>.
template <Name Key, class Module> struct Named : Module {
  using is_named = void;
  using Plain = Module;
  static constexpr std::string_view key = Key.view();
  constexpr Module& plain() { return *this; }
  static_assert(!requires { typename Module::is_frozen; }, "write Freeze<Named<key, M>>");
  static_assert(!requires { typename Module::is_started; }, "write Started<init, Named<key, M>>");
};

namespace detail {
/// Where binding is: the path so far, the round for `{}` in names, whether tensors are made and
/// frozen, and what enclosing modules say of their start.
struct Path {
  Text text;
  Text round;
  int repeat = -1;  // number of the Repeat whose pattern is declared
  int count = 1, first = 0;
  bool declare = true, emit = true, frozen = false;
  Inits inits;

  constexpr Path child(std::string_view name) const {
    Path path = *this;
    Text filled;  // `{}` of a name is the round
    for (std::size_t i = 0; i < name.size(); ++i) {
      if (name[i] == '{' && i + 1 < name.size() && name[i + 1] == '}' && !round.empty()) {
        filled << round;
        ++i;
      } else {
        filled << name[i];
      }
    }
    if (!filled.empty()) path.text = dotted(path.text, filled);
    return path;
  }
  /// Round r of a Repeat or Array at this path: its own component, or for `{}` in names below it.
  constexpr Path at_round(std::string_view r, bool in_names) const {
    Path path = *this;
    if (!in_names) path.text = dotted(path.text, r);
    path.round = Text(r);
    return path;
  }
};
template <class M> constexpr void bind(Graph& g, M& module, const Path& path);
}  // namespace detail

/// Children "0", "1", … of different types, as torch.nn.ModuleList.
template <class... Modules> struct List {
  std::tuple<Modules...> items;
  template <int I> constexpr const auto& get() const { return std::get<I>(items); }
  /// f(item) for each, in order.
  template <class F> constexpr auto map(const F& f) const {
    return std::apply([&](const auto&... item) { return std::array{f(item)...}; }, items);
  }
  /// f(item, its number) for each, in order.
  template <class F> constexpr void each(const F& f) const {
    std::apply([&](const auto&... item) {
      int i = 0;
      (f(item, i++), ...);
    }, items);
  }
};

namespace detail {
template <class M> inline constexpr bool is_list = false;
template <class... Modules> inline constexpr bool is_list<List<Modules...>> = true;
template <template <int> class Module, int... I>
List<Module<I>...> numbered(std::integer_sequence<int, I...>);
}  // namespace detail
/// List<Module<0>, …, Module<N - 1>>: as many children as a configuration says, each of its own size.
template <int N, template <int> class Module>
using ListOf = decltype(detail::numbered<Module>(std::make_integer_sequence<int, N>{}));

/// N modules of one type, "First" to "First+N-1", each with its own trace.
template <class Module, int N, int First = 0> struct Array {
  static_assert(N >= 0, "an Array has a size of at least 0");
  using is_array = void;
  std::array<Module, static_cast<std::size_t>(N)> items{};
  constexpr const Module& operator[](int i) const { return items[static_cast<std::size_t>(i)]; }
  constexpr auto begin() const { return items.begin(); }
  constexpr auto end() const { return items.end(); }
  static constexpr int size() { return N; }
  static constexpr int first = First;
};

/// N layers of one type, "First" to "First+N-1". `repeat` traces one body for all; a plain
/// `for (auto& layer : layers)` traces each.
template <class Module, int N, int First = 0> struct Repeat {
  static_assert(N >= 1, "a Repeat has at least 1 round");
  using is_repeat = void;
  Graph* graph = nullptr;
  int number = -1;  // of this Repeat in the graph
  bool in_names = false;
  detail::Path path;

  constexpr Module at(int i) const {
    graph->unrolled[static_cast<std::size_t>(number)] = true;
    Module module{};
    detail::Path own = path.at_round(join(First + i), in_names);
    own.declare = false;
    detail::bind(*graph, module, own);
    return module;
  }
  /// The module whose weights are those of the round that runs; inside the body of `repeat`.
  constexpr Module body() const {
    Module module{};
    detail::Path own = path.at_round("{}", in_names);
    own.declare = false;
    detail::bind(*graph, module, own);
    return module;
  }
  struct Iterator {
    const Repeat* repeat;
    int i;
    Module module{};
    constexpr Module& operator*() { return module = repeat->at(i); }
    constexpr Iterator& operator++() {
      ++i;
      return *this;
    }
    constexpr bool operator!=(const Iterator& other) const { return i != other.i; }
  };
  constexpr Iterator begin() const { return {this, 0}; }
  constexpr Iterator end() const { return {this, N}; }
  static constexpr int size() { return N; }
};

namespace detail {

template <class M> constexpr void bind_weight(Graph& g, M& weight, const Path& path) {
  if (path.declare) {
    Graph::Weight declared;
    declared.key = path.text;
    declared.shape = M::shape;
    declared.kind = path.frozen && M::kind == "param" ? "frozen" : M::kind;
    declared.init = M::kind == "param" ? path.inits.of(M::init, M::shape.rank) : Init{M::init};
    declared.count = path.count;
    declared.first = path.first;
    declared.repeat = path.repeat;
    g.weights.push_back(declared);
  }
  if (path.emit) weight.tensor = g.make({}, "param", {}, M::shape, {{"key", path.text.view()}});
}

template <class M, int N, int First>
constexpr void bind_repeat(Graph& g, Repeat<M, N, First>& repeat, const Path& path, bool in_names) {
  if (path.repeat >= 0) g.fail({}, join("'", path.text, "' is a Repeat inside a Repeat; make the outer one an Array"));
  repeat.graph = &g;
  repeat.in_names = in_names;
  repeat.path = path;
  // Repeats are met in the same order each time the model is bound, so their numbers agree.
  if (path.declare) {
    g.unrolled.push_back(false);
    repeat.number = static_cast<int>(g.unrolled.size()) - 1;
    Path pattern = path.at_round("{}", in_names);
    pattern.repeat = repeat.number;
    pattern.count = N;
    pattern.first = First;
    pattern.emit = false;
    M module{};
    bind(g, module, pattern);
  } else {
    repeat.number = g.next_repeat++;
  }
}

template <class M>
constexpr void bind_list(Graph& g, M& list, const Path& path, bool in_names) {
  std::apply(
      [&](auto&... item) {
        int i = 0;
        (bind(g, item, path.at_round(join(i++), in_names)), ...);
      },
      list.items);
}

template <class M> constexpr void bind(Graph& g, M& module, const Path& path) {
  if constexpr (requires { typename M::is_frozen; }) {
    Path frozen = path;
    frozen.frozen = true;
    bind(g, module.thawed(), frozen);
  } else if constexpr (requires { typename M::is_started; }) {
    Path started = path;
    started.inits = M::fixed.over(path.inits);
    bind(g, module.inner(), started);
  } else if constexpr (requires { typename M::is_named; }) {
    if constexpr (requires { typename M::Plain::is_repeat; })
      bind_repeat(g, module.plain(), path.child(M::key), M::key.empty());
    else if constexpr (requires { typename M::Plain::is_array; })
      for (int i = 0; i < M::size(); ++i)
        bind(g, module.items[static_cast<std::size_t>(i)],
             path.child(M::key).at_round(join(M::first + i), M::key.empty()));
    else if constexpr (is_list<typename M::Plain>)
      bind_list(g, module.plain(), path.child(M::key), M::key.empty());
    else bind(g, module.plain(), path.child(M::key));
  } else if constexpr (requires { typename M::is_weight; }) {
    bind_weight(g, module, path);
  } else if constexpr (requires { typename M::is_repeat; }) {
    bind_repeat(g, module, path, false);
  } else if constexpr (requires { typename M::is_array; }) {
    for (int i = 0; i < M::size(); ++i)
      bind(g, module.items[static_cast<std::size_t>(i)], path.at_round(join(M::first + i), false));
  } else if constexpr (is_list<M>) {
    bind_list(g, module, path, false);
  } else if constexpr (std::is_aggregate_v<M> && !std::is_empty_v<M>) {
    Path own = path;
    if constexpr (requires { M::inits; }) own.inits = path.inits.over(M::inits);
    fields::each(module, [&](auto& field, std::string_view name) {
      using F = std::remove_reference_t<decltype(field)>;
      if constexpr (requires { typename F::is_named; }) bind(g, field, own);
      else if constexpr (std::is_class_v<F>) bind(g, field, own.child(name));
    });
  }
}

}  // namespace detail
}  // namespace sinter
