// Structured control: scan over time, repeat over layers, loop for decoding, fused kernels.
// A state is a Tensor, or any aggregate or array of tensors. Bodies are traced once.
// Non-goals: anything that depends on values while the graph is built.
#pragma once
#include "dsl/module.h"

namespace sinter {

/// What a body may return beside its state: an output of the step, a Tensor or an aggregate.
template <class State, class Out> struct Step {
  using is_step = void;
  State state;
  Out out;
};
template <class State, class Out> Step(State, Out) -> Step<State, Out>;

/// The last state, and the outputs of all steps stacked.
template <class State, class Out> struct Stacked {
  State last;
  Out all;
};

namespace detail {

/// visit(tensor, name) for each tensor of a state, in order.
template <class S, class Visit> constexpr void each_tensor(S& state, const Visit& visit) {
  using Plain = std::remove_const_t<S>;
  if constexpr (std::is_convertible_v<Plain, Tensor>) {
    visit(state, std::string_view());
  } else if constexpr (requires { std::tuple_size<Plain>::value; state[0]; }) {
    for (auto& item : state) each_tensor(item, visit);
  } else if constexpr (std::is_empty_v<Plain>) {
  } else {
    fields::each(state, [&](auto& field, std::string_view name) {
      each_tensor(field, [&](auto& tensor, std::string_view inner) {
        visit(tensor, inner.empty() ? name : inner);
      });
    });
  }
}
struct Pack {
  Vec<Tensor> tensors;
  Vec<Text> names;
  constexpr bool bad() const {
    for (const Tensor& t : tensors)
      if (t.bad()) return true;
    return false;
  }
  constexpr Graph* graph() const {
    for (const Tensor& t : tensors)
      if (t.graph) return t.graph;
    return nullptr;
  }
};
template <class S> constexpr Pack pack(const S& state) {
  Pack out;
  each_tensor(state, [&](const Tensor& tensor, std::string_view name) {
    Text text(name);
    if (name.empty()) text << out.tensors.size();
    out.tensors.push_back(tensor);
    out.names.push_back(text);
  });
  return out;
}
template <class S> constexpr S unpack(const Tensor* tensors) {
  S state{};
  std::size_t i = 0;
  each_tensor(state, [&](Tensor& tensor, std::string_view) { tensor = tensors[i++]; });
  return state;
}
template <class S> constexpr S poisoned(Graph* graph) {
  S state{};
  each_tensor(state, [&](Tensor& tensor, std::string_view) { tensor = {graph, -1}; });
  return state;
}
constexpr bool same_states(Graph& g, const Loc& loc, std::string_view op, const Pack& enters,
                           const Pack& returns) {
  bool same = true;
  for (std::size_t i = 0; i < enters.tensors.size(); ++i) {
    if (returns.tensors[i].bad()) return false;
    if (rules::state(g.rules, op, enters.names[i], enters.tensors[i].shape(),
                     returns.tensors[i].shape()))
      continue;
    g.fail_rule(loc);
    same = false;
  }
  return same;
}
/// Splits what a body returned into its state and its outputs; the default output of a step is
/// the first tensor of its state.
template <class S, class R> constexpr auto output_of(const R& returned) {
  if constexpr (requires { typename R::is_step; }) {
    return returned.out;
  } else {
    Tensor first;
    bool found = false;
    each_tensor(returned, [&](const Tensor& tensor, std::string_view) {
      if (!found) first = tensor;
      found = true;
    });
    return first;
  }
}
template <class S, class R> constexpr S state_of(const R& returned) {
  if constexpr (requires { typename R::is_step; }) return returned.state;
  else return returned;
}

}  // namespace detail

/// Runs step(state, slice) along `axis` of xs (a tensor [batch, time, …] or an aggregate of such);
/// the step returns the next state, or Step{state, out}. On a ragged axis a row's state stays as
/// it is after its last element; `reverse` starts there. `.all` has the outputs stacked along the
/// axis (without Step: the first tensor of the state).
template <class Xs, class S, class F>
constexpr auto scan(const Xs& xs, const S& state, const F& step, bool reverse = false, int axis = 1,
                    Here here = Here::current()) {
  using State = std::conditional_t<std::is_convertible_v<S, Tensor>, Tensor, S>;
  using Slice = std::conditional_t<std::is_convertible_v<Xs, Tensor>, Tensor, Xs>;
  using Returned = decltype(step(std::declval<State>(), std::declval<Slice>()));
  using Out = decltype(detail::output_of<State>(std::declval<Returned>()));
  const detail::Pack sequences = detail::pack(static_cast<const Slice&>(xs)),
                     inits = detail::pack(static_cast<const State&>(state));
  Graph* graph = sequences.graph();
  const auto failed = [&] {
    return Stacked<State, Out>{detail::poisoned<State>(graph), detail::poisoned<Out>(graph)};
  };
  if (sequences.bad() || inits.bad()) return failed();
  Graph& g = *graph;
  const Shape& first = sequences.tensors[0].shape();
  const rules::Dim extent = axis >= 0 && axis < first.rank ? first.dims[axis] : 0;
  const int outer = g.open_region();
  Vec<Tensor> arguments, yields;
  bool good = true;
  for (const Tensor& sequence : sequences.tensors) {
    const Shape slice = rules::scan_slice(g.rules, sequence.shape(), axis, extent);
    if (slice.bad()) {
      g.fail_rule(here);
      good = false;
    }
    arguments.push_back(good ? g.add_argument(slice) : Tensor{graph, -1});
  }
  for (const Tensor& init : inits.tensors) arguments.push_back(g.add_argument(init.shape()));
  if (!good) {
    g.region = outer;
    return failed();
  }
  const Returned returned =
      step(detail::unpack<State>(arguments.data() + sequences.tensors.size()),
           detail::unpack<Slice>(arguments.data()));
  const detail::Pack next = detail::pack(detail::state_of<State>(returned)),
                     outs = detail::pack(detail::output_of<State>(returned));
  if (next.bad() || outs.bad() || !detail::same_states(g, here, "scan", inits, next)) {
    g.region = outer;
    return failed();
  }
  yields.append(next.tensors);
  yields.append(outs.tensors);
  const int body = g.close_region(outer, yields);
  Vec<Tensor> operands = sequences.tensors;
  operands.append(inits.tensors);
  const Attribute attrs[] = {{"axis", axis},
                             {"xs", static_cast<long long>(sequences.tensors.size())},
                             {"reverse", reverse}};
  const int node = g.make_node(here, "scan", operands.data(), operands.size(), attrs, 3);
  g.nodes[static_cast<std::size_t>(node)].regions[0] = body;
  Vec<Tensor> results;
  for (const Tensor& init : inits.tensors) results.push_back(g.add_result(node, init.shape()));
  for (const Tensor& out : outs.tensors) {
    const Shape stacked = rules::stack(g.rules, "scan", out.shape(), axis, extent);
    if (stacked.bad()) {
      g.fail_rule(here);
      return failed();
    }
    results.push_back(g.add_result(node, stacked));
  }
  return Stacked<State, Out>{detail::unpack<State>(results.data()),
                             detail::unpack<Out>(results.data() + inits.tensors.size())};
}

/// Runs body(layer, state) for each layer, tracing it once. The body returns the next state, or
/// Step{state, out}; then the result is Stacked, with the rounds' outputs along a new first axis.
template <class M, int N, int First, class S, class F>
constexpr auto repeat(const Repeat<M, N, First>& layers, const S& state, const F& body,
                      Here here = Here::current()) {
  using State = std::conditional_t<std::is_convertible_v<S, Tensor>, Tensor, S>;
  using Returned = decltype(body(std::declval<const M&>(), std::declval<State>()));
  constexpr bool has_out = requires { typename Returned::is_step; };
  using Out = decltype(detail::output_of<State>(std::declval<Returned>()));
  const detail::Pack inits = detail::pack(static_cast<const State&>(state));
  Graph& g = *layers.graph;
  const auto finish = [&](const State& last, const Out& all) {
    if constexpr (has_out) return Stacked<State, Out>{last, all};
    else return last;
  };
  const auto failed = [&] { return finish(detail::poisoned<State>(&g), detail::poisoned<Out>(&g)); };
  if (inits.bad()) return failed();
  const int outer = g.open_region();
  Vec<Tensor> arguments, yields;
  for (const Tensor& init : inits.tensors) arguments.push_back(g.add_argument(init.shape()));
  const M layer = layers.body();
  const Returned returned = body(layer, detail::unpack<State>(arguments.data()));
  const detail::Pack next = detail::pack(detail::state_of<State>(returned));
  detail::Pack outs;
  if constexpr (has_out) outs = detail::pack(returned.out);
  if (next.bad() || outs.bad() || !detail::same_states(g, here, "repeat", inits, next)) {
    g.region = outer;
    return failed();
  }
  yields.append(next.tensors);
  yields.append(outs.tensors);
  const int region = g.close_region(outer, yields);
  const Attribute attrs[] = {{"count", N}, {"ys", static_cast<long long>(outs.tensors.size())}};
  const int node = g.make_node(here, "repeat", inits.tensors.data(), inits.tensors.size(), attrs, 2);
  g.nodes[static_cast<std::size_t>(node)].regions[0] = region;
  Vec<Tensor> results;
  for (const Tensor& init : inits.tensors) results.push_back(g.add_result(node, init.shape()));
  for (const Tensor& out : outs.tensors) {
    const Shape stacked = rules::stack(g.rules, "repeat", out.shape(), 0, N);
    if (stacked.bad()) {
      g.fail_rule(here);
      return failed();
    }
    results.push_back(g.add_result(node, stacked));
  }
  if constexpr (has_out)
    return finish(detail::unpack<State>(results.data()),
                  detail::unpack<Out>(results.data() + inits.tensors.size()));
  else
    return detail::unpack<State>(results.data());
}

/// While condition(state) holds, and at most `bound` times: state = body(state).
template <class S, class C, class F>
constexpr S loop(const S& state, int bound, const C& condition, const F& body,
                 Here here = Here::current()) {
  const detail::Pack inits = detail::pack(state);
  Graph* graph = inits.graph();
  if (inits.bad()) return detail::poisoned<S>(graph);
  Graph& g = *graph;
  const int outer = g.region;
  const auto open = [&] {
    g.open_region();
    Vec<Tensor> arguments;
    for (const Tensor& init : inits.tensors) arguments.push_back(g.add_argument(init.shape()));
    return detail::unpack<S>(arguments.data());
  };
  const Tensor holds = condition(open());
  const bool boolean = !holds.bad() && rules::condition(g.rules, holds.shape());
  if (!boolean) g.fail_rule(here);
  const int condition_region = g.close_region(outer, {holds});
  const S returned = body(open());
  const detail::Pack next = detail::pack(returned);
  const bool same = !next.bad() && detail::same_states(g, here, "loop", inits, next);
  const int body_region = g.close_region(outer, next.tensors);
  if (!rules::bound(g.rules, "loop", bound)) g.fail_rule(here);
  if (!boolean || !same || bound < 1) return detail::poisoned<S>(graph);
  const Attribute attribute("bound", bound);
  const int node = g.make_node(here, "loop", inits.tensors.data(), inits.tensors.size(), &attribute, 1);
  g.nodes[static_cast<std::size_t>(node)].regions[0] = condition_region;
  g.nodes[static_cast<std::size_t>(node)].regions[1] = body_region;
  Vec<Tensor> results;
  for (const Tensor& init : inits.tensors) results.push_back(g.add_result(node, init.shape()));
  return detail::unpack<S>(results.data());
}

/// The ops of f become one kernel, or the model does not compile. `x` is any tensor of the graph.
template <class F> constexpr auto fused(At x, const F& f) {
  using R = decltype(f());
  if (x.bad()) return detail::poisoned<R>(x.graph);
  Graph& g = *x.graph;
  const int outer = g.open_region();
  const R returned = f();
  const detail::Pack outs = detail::pack(returned);
  if (outs.bad()) {
    g.region = outer;
    return detail::poisoned<R>(x.graph);
  }
  const int region = g.close_region(outer, outs.tensors);
  const Attribute attribute("kind", "user");
  const int node = g.make_node(x.loc, "fused", nullptr, 0, &attribute, 1);
  g.nodes[static_cast<std::size_t>(node)].regions[0] = region;
  Vec<Tensor> results;
  for (const Tensor& out : outs.tensors) results.push_back(g.add_result(node, out.shape()));
  return detail::unpack<R>(results.data());
}

}  // namespace sinter
