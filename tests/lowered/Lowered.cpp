// Lowered.h. Above 500 lines, because inputs, runs and comparisons are one harness that nothing else
// uses; each has its own part below.
#include "tests/lowered/Lowered.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "compiler/tools/Graph.h"
#include "compiler/tools/Link.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/golden/Child.h"
#include "compiler/tools/golden/Native.h"
#include "dsl/print.h"
#include "runtime/fault.h"
#include "runtime/instance.h"
#include "tests/lowered/Memory.h"

namespace sinter::lowered {
namespace {

using Shape = std::vector<int64_t>;

// ---- sizes and inputs ---------------------------------------------------------------------------

uint64_t mixed(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccd;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53;
  return x ^ (x >> 33);
}

uint64_t hashOf(const std::string& name, const Shape& at) {
  uint64_t hash = 0x9e3779b97f4a7c15;
  for (char c : name) hash = mixed(hash + static_cast<unsigned char>(c));
  for (int64_t i : at) hash = mixed(hash + static_cast<uint64_t>(i) + 1);
  return hash;
}

// In [-2, 2), an f32; every eighth a quarter, so that halves and equal values occur.
double ordinary(uint64_t hash) {
  double value = static_cast<double>(hash >> 40) * 0x1p-22 - 2;
  return hash % 8 == 0 ? std::round(value * 4) / 4 : value;
}

double special(uint64_t hash) {
  using Limits = std::numeric_limits<float>;
  static const float values[] = {Limits::quiet_NaN(),
                                 Limits::infinity(),
                                 -Limits::infinity(),
                                 0.0f,
                                 -0.0f,
                                 Limits::denorm_min(),
                                 -Limits::denorm_min(),
                                 1e-40f,
                                 -3e-39f,
                                 Limits::min(),
                                 -Limits::min(),
                                 Limits::max(),
                                 Limits::lowest(),
                                 1e30f,
                                 -1e30f,
                                 1e19f,
                                 88.5f,
                                 89.0f,
                                 -87.0f,
                                 -103.5f,
                                 0.5f,
                                 1.5f,
                                 -2.5f,
                                 16777216.0f,
                                 3e9f,
                                 -3e9f,
                                 1e10f,
                                 2147483520.0f,
                                 300.0f,
                                 -129.0f,
                                 1.0f,
                                 -1.0f};
  if (hash % 4 == 0) return ordinary(mixed(hash));
  return values[mixed(hash) % std::size(values)];
}

void advance(Shape& at, const Shape& shape) {
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (++at[axis] < shape[axis]) return;
    at[axis] = 0;
  }
}

std::string symbolOf(const std::string& dim) {
  return dim.ends_with('~') ? dim.substr(0, dim.size() - 1) : dim;
}

int64_t axisOf(const std::vector<std::string>& dims, const std::string& dim) {
  auto found = std::find(dims.begin(), dims.end(), dim);
  return found == dims.end() ? -1 : found - dims.begin();
}

/// Whether the rows that have the lengths of a ragged symbol are the axis "batch".
bool belongsToBatch(const GraphEntry& entry, const std::string& symbol) {
  for (const GraphTensor& input : entry.inputs)
    for (size_t axis = 1; axis < input.dims.size(); ++axis)
      if (input.dims[axis] == symbol + "~") return input.dims[axis - 1] == "batch";
  return true;
}

int64_t extentOf(const Sizes& sizes, const std::string& dim) {
  const std::string symbol = symbolOf(dim);
  if (std::isdigit(static_cast<unsigned char>(symbol[0]))) return std::stoll(symbol);
  int64_t extent = 0;
  bool known = false;
  if (auto found = sizes.extents.find(symbol); found != sizes.extents.end())
    extent = found->second, known = true;
  if (symbol == "batch" && !known && !sizes.lengths.empty())
    return static_cast<int64_t>(sizes.lengths.begin()->second.size());
  if (auto found = sizes.lengths.find(symbol); found != sizes.lengths.end()) {
    for (int64_t length : found->second) extent = std::max(extent, length);
    known = true;
  }
  if (!known) throw Failure("the test does not say how large " + symbol + " is");
  return extent;
}

// The rows of `sizes` by number: of one row, `first` is its place in the batch.
struct Given {
  Sizes sizes;
  int64_t first = 0;
};

HostTensors inputsOf(const GraphEntry& entry, const SinterEntry& compiled, const Plan& plan,
                     const Given& given, bool specials) {
  HostTensors inputs;
  for (size_t i = 0; i < entry.inputs.size(); ++i) {
    const GraphTensor& input = entry.inputs[i];
    Shape shape;
    for (const std::string& dim : input.dims) shape.push_back(extentOf(given.sizes, dim));
    HostTensor tensor(input.dType, shape);
    const int64_t batch = axisOf(input.dims, "batch");
    int64_t limit = 5;
    if (compiled.inputs[i].id_limit > 0) limit = compiled.inputs[i].id_limit;
    if (auto set = plan.limits.find(input.name); set != plan.limits.end()) limit = set->second;
    Shape at(shape.size(), 0);
    for (int64_t k = 0; k < tensor.size(); ++k, advance(at, shape)) {
      Shape place = at;
      if (batch >= 0) place[static_cast<size_t>(batch)] += given.first;
      const uint64_t hash = hashOf(input.name, place);
      if (tensor.isReal())
        tensor.reals[static_cast<size_t>(k)] = specials ? special(hash) : ordinary(hash);
      else
        tensor.integers[static_cast<size_t>(k)] =
            static_cast<int64_t>(hash % static_cast<uint64_t>(limit)) %
            (input.dType == rules::DType::boolean ? 2 : limit);
    }
    inputs[input.name] = std::move(tensor);
  }
  for (const auto& [symbol, lengths] : given.sizes.lengths) {
    HostTensor tensor(rules::DType::i64, {static_cast<int64_t>(lengths.size())});
    tensor.integers = lengths;
    inputs[symbol + ".lengths"] = std::move(tensor);
  }
  return inputs;
}

// A model without its other entries, which nothing here runs, and its task.
std::string firstEntry(std::string graph) {
  const std::string begin = "\n  sinter.entry @";
  size_t end = graph.find(begin, graph.find(begin) + 1);
  end = std::min(end, graph.find("\n  sinter.task "));
  return end == std::string::npos ? graph : graph.substr(0, end) + "\n}\n";
}

HostTensors weightsOf(const GraphFacts& facts) {
  HostTensors weights;
  for (const GraphWeight& weight : facts.weights) {
    if (!weight.alias.empty()) continue;
    for (int64_t round = 0; round < weight.count.value_or(1); ++round) {
      std::string key = weight.key;
      if (size_t hole = key.find("{}"); weight.count && hole != std::string::npos)
        key.replace(hole, 2, std::to_string(round + weight.first));
      HostTensor tensor(weight.dType, weight.shape);
      Shape at(weight.shape.size(), 0);
      const bool positive = key.find("var") != std::string::npos;
      for (int64_t k = 0; k < tensor.size(); ++k, advance(at, weight.shape)) {
        const uint64_t hash = hashOf(key, at);
        const double value = ordinary(hash) / 4;
        if (tensor.isReal())
          tensor.reals[static_cast<size_t>(k)] = positive ? std::fabs(value) + 0.5 : value;
        else
          tensor.integers[static_cast<size_t>(k)] = static_cast<int64_t>(hash % 5);
      }
      weights[key] = std::move(tensor);
    }
  }
  return weights;
}

// Every real moved by at most one rounding of f32.
HostTensors nudged(HostTensors tensors) {
  for (auto& [name, tensor] : tensors)
    for (size_t i = 0; i < tensor.reals.size(); ++i)
      tensor.reals[i] *= 1 + (mixed(i + hashOf(name, {})) % 2 ? 0x1p-24 : -0x1p-24);
  return tensors;
}

// ---- runs ---------------------------------------------------------------------------------------

struct How {
  int isa = SINTER_X86_64_V4;
  int threads = 1;
  unsigned char dirt = 0xff;  // NaN, -1
  bool dirtyPadding = false;  // beyond the ends of rows, where the runtime writes zeros
};

struct Output {
  std::string name;
  int32_t type;
  Shape shape;
  std::vector<char> bytes;

  double number(int64_t i) const;
};
using Outputs = std::vector<Output>;

double Output::number(int64_t i) const {
  auto read = [&]<class T>(T) {
    T value;
    std::memcpy(&value, bytes.data() + static_cast<size_t>(i) * sizeof(T), sizeof(T));
    return static_cast<double>(value);
  };
  switch (type) {
    case SINTER_F32: return read(float{});
    case SINTER_F16: return read(_Float16{});
    case SINTER_I32: return read(int32_t{});
    case SINTER_I64: return read(int64_t{});
    case SINTER_U8: return read(uint8_t{});
    case SINTER_BF16: {
      uint16_t half;
      std::memcpy(&half, bytes.data() + static_cast<size_t>(i) * 2, 2);
      return std::bit_cast<float>(static_cast<uint32_t>(half) << 16);
    }
    default: return read(int8_t{});
  }
}

std::vector<char> bytesOf(const HostTensor& tensor) {
  auto fill = [&]<class T>(T, const auto& from) {
    std::vector<char> bytes(from.size() * sizeof(T));
    for (size_t i = 0; i < from.size(); ++i) {
      const T value = static_cast<T>(from[i]);
      std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
    }
    return bytes;
  };
  switch (tensor.dType) {
    case rules::DType::f32: return fill(float{}, tensor.reals);
    case rules::DType::f16: return fill(_Float16{}, tensor.reals);
    case rules::DType::i32: return fill(int32_t{}, tensor.integers);
    case rules::DType::i64: return fill(int64_t{}, tensor.integers);
    case rules::DType::bf16: throw Failure("no test has an input of bf16");
    default: return fill(int8_t{}, tensor.integers);
  }
}

void give(runtime::Call& call, const HostTensors& inputs) {
  for (const auto& [name, tensor] : inputs) {
    if (name.ends_with(".lengths")) {
      int ragged = call.find_ragged(name.substr(0, name.size() - 8));
      if (ragged >= 0) call.lengths(ragged) = tensor.integers;
      continue;
    }
    int i = call.find_input(name);
    if (i < 0) continue;
    std::vector<char> bytes = bytesOf(tensor);
    const auto type = static_cast<int32_t>(tensor.dType);
    call.input(i).assign(type, tensor.shape, bytes.data(), type);
  }
}

/// Overwrites what lies beyond rows' ends, floats with NaN, integers with another valid value.
void soilPadding(const SinterTensor& tensor, const runtime::Call& call, char* bytes,
                 const Shape& shape) {
  if (tensor.ragged_symbol < 0 || tensor.ragged_axis < 0) return;
  const std::vector<int64_t>& lengths = call.lengths(tensor.ragged_symbol);
  const int32_t rowExtent = call.entry().ragged[tensor.ragged_symbol].row_extent;
  const auto axis = static_cast<size_t>(tensor.ragged_axis);
  size_t rows = 0;
  while (rows == axis || tensor.extents[rows] != rowExtent) ++rows;
  const size_t width = runtime::type_size(tensor.type);
  const bool isFloat = tensor.type <= SINTER_BF16;
  Shape at(shape.size(), 0);
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  for (int64_t k = 0; k < count; ++k, advance(at, shape), bytes += width) {
    if (at[axis] < lengths[static_cast<size_t>(at[rows])]) continue;
    std::memset(bytes, isFloat ? 0xff : 0, width);
    if (!isFloat) *bytes = tensor.id_limit > 1 || tensor.type == SINTER_BOOL ? 1 : 3;
  }
}

// Of a child process: threads do not survive a fork.
runtime::Pool& poolOf(int threads) {
  static std::map<int, std::unique_ptr<runtime::Pool>> pools;
  std::unique_ptr<runtime::Pool>& pool = pools[threads];
  if (!pool) pool = std::make_unique<runtime::Pool>(threads);
  return *pool;
}

Outputs runOnce(const SinterModel& model, const SinterEntry& entry, const HostTensors& inputs,
                const How& how, runtime::Pool& pool) {
  runtime::Call call(entry);
  give(call, inputs);
  call.prepare(pool.threads());
  std::vector<std::unique_ptr<Guarded>> memory;
  auto guarded = [&](uint64_t size) {
    memory.push_back(std::make_unique<Guarded>(size, how.dirt));
    return memory.back()->data();
  };
  std::vector<const void*> params, from;
  std::vector<void*> to;
  std::vector<const int64_t*> lengths;
  for (int i = 0; i < model.param_count; ++i)
    params.push_back(model.weights + model.params[i].offset);
  for (int i = 0; i < entry.input_count; ++i) {
    char* bytes = guarded(call.input(i).size());
    if (call.input(i).size() > 0) std::memcpy(bytes, call.input(i).data(), call.input(i).size());
    if (how.dirtyPadding) soilPadding(entry.inputs[i], call, bytes, call.input(i).shape());
    from.push_back(bytes);
  }
  for (int i = 0; i < entry.output_count; ++i) {
    char* bytes = guarded(call.output(i).size());
    if (entry.outputs[i].ragged_symbol >= 0) std::memset(bytes, 0, call.output(i).size());
    to.push_back(bytes);
  }
  for (int i = 0; i < entry.ragged_count; ++i) lengths.push_back(call.lengths(i).data());
  const int64_t arena = call.values()[static_cast<size_t>(entry.arena_size)];
  runtime::FirstFault faults;
  SinterCall raw = {params.data(),
                    from.data(),
                    to.data(),
                    call.values().data(),
                    lengths.data(),
                    guarded(static_cast<uint64_t>(arena)),
                    runtime::FirstFault::report,
                    &faults,
                    runtime::Pool::parallel,
                    &pool};
  entry.run[how.isa](&raw);
  if (const std::string sentence = faults.sentence(); !sentence.empty()) throw Failure(sentence);
  Outputs outputs;
  for (int i = 0; i < entry.output_count; ++i) {
    const runtime::Array& array = call.output(i);
    const char* bytes = static_cast<const char*>(to[static_cast<size_t>(i)]);
    outputs.push_back({entry.outputs[i].name, array.type(), array.shape(),
                       std::vector<char>(bytes, bytes + array.size())});
  }
  return outputs;
}

// ---- comparisons --------------------------------------------------------------------------------

// Equal bits, or both NaN: which of two NaN an instruction hands on is its own choice.
bool sameElement(const Output& x, int64_t i, const Output& y, int64_t j) {
  const size_t width = runtime::type_size(x.type);
  if (std::memcmp(x.bytes.data() + static_cast<size_t>(i) * width,
                  y.bytes.data() + static_cast<size_t>(j) * width, width) == 0)
    return true;
  return std::isnan(x.number(i)) && std::isnan(y.number(j));
}

// `part` is the row at `row` of the axis (-1: all rows) of `whole`, or differs in padding alone.
std::string differencesOf(const Outputs& whole, const Outputs& parts, const GraphEntry& entry,
                          int64_t row) {
  for (size_t o = 0; o < whole.size(); ++o) {
    const Output &all = whole[o], &part = parts[o];
    const int64_t batch = row < 0 ? -1 : axisOf(entry.outputs[o].dims, "batch");
    Shape at(all.shape.size(), 0);
    const auto count = static_cast<int64_t>(all.bytes.size() / runtime::type_size(all.type));
    for (int64_t i = 0; i < count; ++i, advance(at, all.shape)) {
      if (batch >= 0 && at[static_cast<size_t>(batch)] != row) continue;
      int64_t j = 0;
      bool inside = true;
      for (size_t axis = 0; axis < at.size(); ++axis) {
        const int64_t place = static_cast<int64_t>(axis) == batch ? 0 : at[axis];
        inside = inside && place < part.shape[axis];
        j = j * part.shape[axis] + place;
      }
      const bool same = inside ? sameElement(all, i, part, j) : all.number(i) == 0;
      if (!same)
        return fmt::format("{}[{}] is {:.9g} and {}", all.name, fmt::join(at, ", "), all.number(i),
                           inside ? fmt::format("{:.9g}", part.number(j)) : "must be zero");
    }
  }
  return "";
}

double ulpOf(double x) {
  const float f = static_cast<float>(std::fabs(x));
  return std::nextafter(f, std::numeric_limits<float>::infinity()) - double(f);
}

// As far as f32 holds it.
double inRange(double x) {
  const auto rounded = static_cast<float>(x);
  return std::isinf(rounded) ? rounded : x;
}

std::string compareReference(const Outputs& outputs, const HostTensors& reference,
                             const HostTensors& moved, const Plan& plan, bool specials) {
  for (const Output& output : outputs) {
    if (std::count(plan.notInterpreted.begin(), plan.notInterpreted.end(), output.name)) continue;
    const HostTensor &wanted = reference.at(output.name), &nudge = moved.at(output.name);
    if (wanted.shape != output.shape)
      return fmt::format("{} is [{}], the interpreter has [{}]", output.name,
                         fmt::join(output.shape, ", "), fmt::join(wanted.shape, ", "));
    double difference = 0, largest = 0;
    for (int64_t i = 0; i < wanted.size(); ++i) {
      if (!std::isfinite(wanted.real(i)) || !std::isfinite(nudge.real(i))) continue;
      difference = std::max(difference, std::fabs(wanted.real(i) - nudge.real(i)));
      largest = std::max(largest, std::fabs(wanted.real(i)));
    }
    const bool exact = !wanted.isReal();
    const double tolerance = std::max({1e-6, 10 * difference, 2 * ulpOf(largest)});
    for (int64_t i = 0; i < wanted.size(); ++i) {
      const double want = inRange(wanted.real(i)), got = output.number(i);
      if (want == got || (std::isnan(want) && std::isnan(got))) continue;
      double allowed = exact ? 0 : tolerance;
      if (specials && !exact) {
        const double width = output.type == SINTER_F32   ? 1
                             : output.type == SINTER_F16 ? 1 << 13
                                                         : 1 << 16;
        allowed = std::max(plan.absolute, plan.ulps * width * ulpOf(want));
      }
      if (std::isfinite(want) && std::isfinite(got) && std::fabs(want - got) <= allowed) continue;
      return fmt::format("{} element {} is {:.9g}, the interpreter has {:.9g} (tolerance {:.2g})",
                         output.name, i, got, want, allowed);
    }
  }
  return "";
}

std::string describe(const Sizes& sizes) {
  std::string text;
  for (const auto& [symbol, extent] : sizes.extents) text += fmt::format(" {}={}", symbol, extent);
  for (const auto& [symbol, lengths] : sizes.lengths)
    text += fmt::format(" {}~=[{}]", symbol, fmt::join(lengths, ","));
  return text;
}

}  // namespace

// ---- what tests say -----------------------------------------------------------------------------

std::vector<Sizes> extentsOf(const std::string& symbol, std::vector<int64_t> extents,
                             int64_t batch) {
  std::vector<Sizes> all;
  for (int64_t extent : extents) all.push_back({{{symbol, extent}, {"batch", batch}}, {}});
  return all;
}

std::vector<Sizes> rowsOf(const std::string& symbol, std::vector<std::vector<int64_t>> lengths,
                          std::map<std::string, int64_t> others) {
  std::vector<Sizes> all;
  for (const std::vector<int64_t>& rows : lengths) all.push_back({others, {{symbol, rows}}});
  return all;
}

std::vector<int64_t> oddExtents() { return {0, 1, 2, 7, 15, 16, 17, 31, 32, 33, 47, 48, 49}; }

std::vector<std::vector<int64_t>> oddRows() {
  return {{}, {0}, {1}, {0, 0}, {5, 0, 17, 1}, {16, 2, 15}, {33, 31, 32, 7}, {3, 49, 47, 0, 48}};
}

HostTensor reals(Shape shape, std::vector<double> values) {
  HostTensor tensor(rules::DType::f32, shape);
  tensor.reals = std::move(values);
  return tensor;
}

HostTensor integers(Shape shape, std::vector<int64_t> values, rules::DType type) {
  HostTensor tensor(type, shape);
  tensor.integers = std::move(values);
  return tensor;
}

struct Models::State {
  PrivateDirectory directory;
  struct Model {
    std::string graph, problem;
    GraphFacts facts;
    HostTensors weights;
    size_t index = 0;  // in the library
  };
  std::map<std::string, Model> models;
  void* library = nullptr;

  const Model& find(const std::string& name) const {
    auto found = models.find(name);
    if (found == models.end()) throw Failure("no model of the test is called " + name);
    if (!found->second.problem.empty()) throw Failure(found->second.problem);
    return found->second;
  }
  const SinterModel& compiled(const Model& model) const {
    std::string symbol = fmt::format("sinter_model_{}", model.index);
    return *static_cast<const SinterModel*>(dlsym(library, symbol.c_str()));
  }
  std::string checkOne(const Model& model, const Plan& plan) const;
};

Models::Models(const std::vector<Named>& models) : state_(std::make_unique<State>()) {
  const Toolchain toolchain;
  std::vector<std::filesystem::path> objects;
  for (size_t i = 0; i < models.size(); ++i) {
    const char* name = models[i].name;
    State::Model& model = state_->models[name];
    model.index = i;
    try {
      model.graph = firstEntry(print({name, models[i].info}));
      model.facts = Graphs(model.graph).facts(name);
      model.weights = weightsOf(model.facts);
      const auto own = libraryObjects(
          toolchain, compileModel(model.graph, name, allTargets(), state_->directory / ""),
          golden::sourceOf(model.weights), i, state_->directory / "");
      objects.insert(objects.end(), own.begin(), own.end());
    } catch (const Failure& failure) {
      model.problem = failure.what();
    }
  }
  if (objects.empty()) return;
  const auto library = state_->directory / "models.so";
  linkLibrary(toolchain, objects, library);
  state_->library = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!state_->library) throw Failure(dlerror());
}

Models::~Models() = default;  // the library stays open: threads of pools may still sleep in it

std::string Models::State::checkOne(const Model& model, const Plan& plan) const {
  const Graphs graphs(model.graph);
  const SinterModel& compiled = this->compiled(model);
  const GraphEntry& entry = model.facts.entries[0];
  const SinterEntry& native = compiled.entries[0];
  const int best = runtime::machine_isa();
  std::vector<std::string> problems;
  auto note = [&](const Sizes& sizes, bool specials, const std::string& property,
                  const std::string& text) {
    if (!text.empty())
      problems.push_back(fmt::format("{}, {}{}: {}", property, specials ? "special values," : "",
                                     describe(sizes), text));
  };
  for (const Sizes& sizes : plan.sizes)
    for (bool specials : {false, true}) {
      if (specials && !plan.special) continue;
      if (problems.size() > 8) break;
      auto say = [&](const std::string& property, const std::string& text) {
        note(sizes, specials, property, text);
      };
      try {
        const Given all{sizes};
        const HostTensors inputs = inputsOf(entry, native, plan, all, specials);
        auto run = [&](const HostTensors& given, const How& how) {
          return runOnce(compiled, native, given, how, poolOf(how.threads));
        };
        auto same = [&](const Outputs& x, const Outputs& y) {
          return differencesOf(x, y, entry, -1);
        };
        const Outputs base = run(inputs, {.isa = best});
        say("again", same(base, run(inputs, {.isa = best, .dirt = 0x00})));
        for (int threads : {2, 3, 4})
          say(fmt::format("{} threads", threads),
              same(base, run(inputs, {.isa = best, .threads = threads, .dirt = 0x3f})));
        if (best > SINTER_X86_64_V3)
          say("v3", same(base, run(inputs, {.isa = SINTER_X86_64_V3, .threads = 2})));
        const Outputs old = run(inputs, {.isa = SINTER_X86_64_V2});
        say("v2, 3 threads",
            same(old, run(inputs, {.isa = SINTER_X86_64_V2, .threads = 3, .dirt = 0x7f})));
        if (native.ragged_count > 0) {
          say("padding", same(base, run(inputs, {.isa = best, .dirtyPadding = true})));
          for (int64_t more : {1, 19}) {
            Given wide = all;
            for (const auto& [symbol, lengths] : sizes.lengths)
              wide.sizes.extents[symbol] = extentOf(sizes, symbol) + more;
            const HostTensors padded = inputsOf(entry, native, plan, wide, specials);
            say(fmt::format("padding of {} more", more),
                same(run(padded, {.isa = best, .dirtyPadding = true}), base));
          }
        }
        const int64_t batch = extentOf(sizes, "batch");
        for (int64_t row = 0; plan.rowByRow && row < batch; ++row) {
          Given one{sizes, row};
          one.sizes.extents["batch"] = 1;
          for (auto& [symbol, lengths] : one.sizes.lengths) {
            if (!belongsToBatch(entry, symbol)) continue;
            lengths = {lengths[static_cast<size_t>(row)]};
            one.sizes.extents[symbol] = std::max(lengths[0], plan.least);
          }
          const HostTensors alone = inputsOf(entry, native, plan, one, specials);
          say(fmt::format("row {}", row),
              differencesOf(base, run(alone, {.isa = best, .dirt = 0x11}), entry, row));
        }
        const HostTensors reference =
            graphs.interpret(model.facts.name, entry.name, inputs, model.weights);
        const HostTensors moved =
            graphs.interpret(model.facts.name, entry.name, nudged(inputs), nudged(model.weights));
        say("reference, best", compareReference(base, reference, moved, plan, specials));
        say("reference, v2", compareReference(old, reference, moved, plan, specials));
      } catch (const runtime::Error& error) {
        say("run", error.sentence);
      } catch (const std::exception& error) {
        say("run", error.what());
      }
    }
  return fmt::format("{}", fmt::join(problems, "\n"));
}

std::string Models::check(const std::string& name, const Plan& plan) const {
  try {
    const State::Model& model = state_->find(name);
    golden::ChildResult result = golden::runInChild(std::chrono::seconds(100),
                                                    [&] { return state_->checkOne(model, plan); });
    return result.output + result.problem;
  } catch (const Failure& failure) {
    return failure.what();
  }
}

std::string Models::sentence(const std::string& name, const HostTensors& inputs,
                             int threads) const {
  const SinterModel& model = state_->compiled(state_->find(name));
  golden::ChildResult result = golden::runInChild(std::chrono::seconds(100), [&]() -> std::string {
    try {
      runtime::Instance instance(model, poolOf(threads), runtime::machine_isa(), "");
      runtime::Call call(model.entries[0]);
      give(call, inputs);
      instance.run(call);
      return "";
    } catch (const runtime::Error& error) {
      return error.sentence;
    }
  });
  return result.output + result.problem;
}

HostTensors Models::run(const std::string& name, const HostTensors& inputs, int threads,
                        const std::string& isa) const {
  const SinterModel& model = state_->compiled(state_->find(name));
  const How how{.isa = isa.empty() ? runtime::machine_isa() : runtime::choose_isa(model, isa)};
  runtime::Pool pool(threads);
  HostTensors outputs;
  for (const Output& output : runOnce(model, model.entries[0], inputs, how, pool)) {
    HostTensor tensor(static_cast<rules::DType>(output.type), output.shape);
    for (int64_t i = 0; i < tensor.size(); ++i)
      if (tensor.isReal())
        tensor.reals[static_cast<size_t>(i)] = output.number(i);
      else
        tensor.integers[static_cast<size_t>(i)] = static_cast<int64_t>(output.number(i));
    outputs[output.name] = std::move(tensor);
  }
  return outputs;
}

HostTensors Models::interpret(const std::string& name, const HostTensors& inputs) const {
  const State::Model& model = state_->find(name);
  return Graphs(model.graph)
      .interpret(model.facts.name, model.facts.entries[0].name, inputs, model.weights);
}

std::string Models::interpreted(const std::string& name, const HostTensors& inputs) const {
  try {
    interpret(name, inputs);
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

}  // namespace sinter::lowered
