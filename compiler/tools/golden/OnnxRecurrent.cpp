// ONNX's RNN, GRU and LSTM by the layers of dsl/nn.h. Operands: X, W, R, B, sequence_lens,
// initial_h, and for LSTM initial_c and P; all but the first three are optional. ONNX orders gates
// z, r, h and i, o, f, c; the layers r, z, n and i, f, g, o.
#include <fmt/ranges.h>

#include "compiler/tools/golden/OpRows.h"

namespace sinter::golden {
namespace {

enum Operand : size_t { X, W, R, B, lengths, initialH, initialC, P };

void refuse(OpWriter& w, const char* key, const char* sentence) {
  if (w.has(key) && w.at(key) != 0) throw NotServed(sentence);
}

// What the three have in common.
class Recurrent {
 public:
  explicit Recurrent(OpWriter& writer) : w(writer) {
    refuse(w, "clip", "its states are clipped");
    const auto direction = w.at("direction").get<std::string>();
    if (direction == "forward") reverse_ = {false};
    else if (direction == "reverse") reverse_ = {true};
    else if (direction == "bidirectional") reverse_ = {false, true};
    else throw NotServed("its direction is '" + direction + "'");
    batchFirst_ = w.at("layout") == 1;
    std::string rows = batchFirst_ ? w.in(X) : fmt::format("rearrange({}, \"tbi->bti\")", w.in(X));
    if (w.given(lengths)) {
      w.symbol(X, batchFirst_ ? 1 : 0, "time");
      rows = fmt::format("make_ragged({}, {}, \"time\")", rows, w.in(lengths));
    }
    w.statements.push_back("const Tensor rows = " + rows);
  }

  // Names the gates as the layers order them: order("z, r, n", "r, z, n").
  void order(const std::string& given, const std::string& wanted, int gates) {
    w.statements.push_back(fmt::format("const auto order = [](Tensor t) {{ auto [{}] = chunk<{}>"
                                       "(t, 0); return concat({{{}}}, 0); }}",
                                       given, gates, wanted));
  }
  // A direction's weights: nn::Gates.
  std::string gates(int direction, bool ordered) const {
    const auto part = [&](const std::string& t) {
      return ordered ? "order(" + t + ")" : t;
    };
    const auto select = [&](Operand operand) {
      return fmt::format("select({}, 0, {})", w.in(operand), direction);
    };
    std::string text = fmt::format("nn::Gates{{{}, {}", part(select(W)), part(select(R)));
    if (w.given(B))
      for (int half : {0, 1})
        text += ", " + part(fmt::format("chunk<2>({}, 0)[{}]", select(B), half));
    return text + "}";
  }
  // A direction's first state: [B, H].
  std::string state(Operand operand, int direction) const {
    if (w.given(operand))
      return fmt::format("select({}, {}, {})", w.in(operand), batchFirst_ ? 1 : 0, direction);
    return fmt::format("zeros(rows, {{rows.dim(0), {}}})", w.num("hidden_size"));
  }
  size_t directions() const { return reverse_.size(); }
  const char* reversed(size_t direction) const { return reverse_[direction] ? "true" : "false"; }
  void run(size_t direction, const std::string& call) {
    w.statements.push_back(fmt::format("const auto run_{} = {}", direction, call));
  }

  // Y, and the last states, of which `names` are the fields.
  Texts results(const Texts& names) const {
    const auto stacked = [&](const std::string& part, int axis) {
      Texts parts;
      for (size_t d = 0; d < directions(); ++d) parts.push_back(fmt::format("run_{}.{}", d, part));
      return fmt::format("stack({{{}}}, {})", fmt::join(parts, ", "), axis);
    };
    std::string all = stacked("all", 2);  // [B, T, directions, H]
    if (w.given(lengths)) all = "make_dense(" + all + ")";
    if (!batchFirst_) all = fmt::format("rearrange({}, \"btdh->tdbh\")", all);
    Texts values = {all};
    for (const std::string& name : names)
      values.push_back(stacked("last." + name, batchFirst_ ? 1 : 0));
    return values;
  }

 private:
  OpWriter& w;
  std::vector<bool> reverse_;  // of each direction
  bool batchFirst_;
};

// The activations of each direction, or the default.
void wantActivations(OpWriter& w, const Texts& usual) {
  if (!w.has("activations")) return;
  const auto given = w.at("activations").get<Texts>();
  for (size_t i = 0; i < given.size(); ++i)
    if (given[i] != usual[i % usual.size()])
      throw NotServed("its activations are " + fmt::format("{}", fmt::join(given, ", ")));
}

}  // namespace

Texts onnxRnn(OpWriter& w) {
  Recurrent layer(w);
  const bool relu = w.has("activations") && w.at("activations").at(0) == "Relu";
  wantActivations(w, {relu ? "Relu" : "Tanh"});
  for (size_t d = 0; d < layer.directions(); ++d)
    layer.run(d, fmt::format("nn::recur(nn::{}Cell{{}}, {}, rows, {{{}}}, {})",
                             relu ? "Relu" : "Tanh", layer.gates(int(d), false),
                             layer.state(initialH, int(d)), layer.reversed(d)));
  return layer.results({"h"});
}

Texts onnxGru(OpWriter& w) {
  Recurrent layer(w);
  wantActivations(w, {"Sigmoid", "Tanh"});
  const bool resetFirst = w.at("linear_before_reset") == 0;
  layer.order("z, r, n", "r, z, n", 3);
  for (size_t d = 0; d < layer.directions(); ++d) {
    const std::string more =
        fmt::format("{}, rows, {{{}}}, {}", layer.gates(int(d), true),
                    layer.state(initialH, int(d)), layer.reversed(d));
    layer.run(d, resetFirst ? "nn::reset_first_gru(" + more + ")"
                            : "nn::recur(nn::GruCell{}, " + more + ")");
  }
  return layer.results({"h"});
}

Texts onnxLstm(OpWriter& w) {
  Recurrent layer(w);
  wantActivations(w, {"Sigmoid", "Tanh", "Tanh"});
  refuse(w, "input_forget", "its input and forget gates are one");
  layer.order("i, o, f, g", "i, f, g, o", 4);
  for (size_t d = 0; d < layer.directions(); ++d) {
    std::string cell = "nn::LstmCell{}";
    if (w.given(P)) {
      cell = fmt::format("peepholes_{}", d);
      w.statements.push_back(fmt::format("const auto [i_{0}, o_{0}, f_{0}] = chunk<3>(select({1}, "
                                         "0, {0}), 0)",
                                         d, w.in(P)));
      w.statements.push_back(
          fmt::format("const nn::PeepholeLstmCell {1}{{i_{0}, f_{0}, o_{0}}}", d, cell));
    }
    layer.run(d, fmt::format("nn::recur({}, {}, rows, {{{}, {}}}, {})", cell,
                             layer.gates(int(d), true), layer.state(initialH, int(d)),
                             layer.state(initialC, int(d)), layer.reversed(d)));
  }
  return layer.results({"h", "c"});
}

}  // namespace sinter::golden
