// Cases of single operations become models of the language: both compilers take them, and what
// the interpreter computes from them is what the case says. Non-goals: generated machine code.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "compiler/Dialect.h"
#include "compiler/Interpreter.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/golden/Compare.h"
#include "compiler/tools/golden/OpSource.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

using namespace sinter::golden;
using nlohmann::json;
namespace fs = std::filesystem;
using Operands = std::vector<OperandInfo>;

namespace {

const fs::path root = SINTER_ROOT;
constexpr size_t structsPerFile = 60;

/// A source file of models, and what is asked of it.
class ModelFile {
 public:
  void add(const std::string &name, const std::string &structName, const std::string &source) {
    structs += source;
    models += "{\"" + name + "\", model<" + structName + ">}, ";
    ++count;
  }
  size_t size() const { return count; }

  /// The models' graphs; both compilers must take the file.
  std::string print() const {
    const sinter::PrivateDirectory directory;
    const fs::path file = directory / "models.cpp", program = directory / "print";
    sinter::writeFile(file, "#include \"dsl/dsl.h\"\n#include \"dsl/print.h\"\nnamespace {\n"
                            "using namespace sinter;\n" +
                                structs + "}\nint main(int argc, char** argv) {\n" +
                                "  return generate(argc, argv, {" + models + "});\n}\n");
    const std::vector<std::string> flags = {"-std=c++23", "-Wall", "-Wextra", "-Werror",
                                            "-I" + root.string(), file.string()};
    run(SINTER_GCC, flags, {"-fsyntax-only"});
    run(SINTER_CLANG, flags, {"-o", program.string()});
    return run(program.string(), {}, {});
  }

 private:
  std::string structs, models;
  size_t count = 0;

  static std::string run(const std::string &program, std::vector<std::string> words,
                         const std::vector<std::string> &more) {
    words.insert(words.begin(), program);
    words.insert(words.end(), more.begin(), more.end());
    const sinter::ProcessResult result = sinter::runProcess(words);
    INFO(program << ": " << result.err.substr(0, 4000));
    REQUIRE(result.status == 0);
    return result.out;
  }
};

std::string bare(const std::string &key) { return key.substr(key.find(':') + 1); }

Operands operandsOf(const Case &from) {
  Operands operands;
  for (const json &key : from.config().at("operands")) {
    if (key.is_null()) {
      operands.emplace_back();
      continue;
    }
    const CaseTensor *tensor = from.find(key.get<std::string>());
    REQUIRE(tensor);
    operands.push_back({bare(key.get<std::string>()), tensor->type, tensor->shape});
  }
  return operands;
}

sinter::HostTensor hostTensor(const CaseTensor &from) {
  using enum sinter::rules::DType;
  const bool real = from.type == "F32";
  sinter::HostTensor tensor(real                   ? f32
                            : from.type == "BOOL" ? boolean
                            : from.type == "U8"   ? u8
                            : from.type == "I32"  ? i32
                                                  : i64,
                            from.shape);
  const std::vector<double> values = from.values();
  if (real) tensor.reals = values;
  else tensor.integers.assign(values.begin(), values.end());
  return tensor;
}

sinter::HostTensors outputs(sinter::ModelOp model, const sinter::HostTensors &inputs) {
  auto result = sinter::interpret(model.getEntry("forward"), inputs, {});
  if (!result) FAIL(llvm::toString(result.takeError()));
  return result->outputs;
}

/// Runs the model's entry on the case's operands and compares every result.
void check(const Case &wanted, sinter::ModelOp model) {
  INFO(wanted.name());
  sinter::HostTensors inputs;
  for (const json &key : wanted.config().at("operands"))
    if (!key.is_null())
      inputs[bare(key.get<std::string>())] = hostTensor(*wanted.find(key.get<std::string>()));
  const sinter::HostTensors results = outputs(model, inputs);
  for (const json &key : wanted.config().at("results")) {
    if (key.is_null()) continue;
    const std::string name = bare(key.get<std::string>());
    INFO(name);
    const sinter::HostTensor &got = results.at(name);
    std::vector<double> values;
    for (int64_t i = 0; i < got.size(); ++i) values.push_back(got.real(i));
    const Expected expected = expectedOutput(wanted, name);
    CHECK(compare(expected, got.shape, values, {}).problem == "");
    CHECK(got.isReal() == (wanted.find("out:" + name)->type == "F32"));
  }
}

json operation(const std::string &op, const json &attributes, const json &operands,
               const json &results) {
  return {{"kind", "op"}, {"op", op}, {"attributes", attributes}, {"operands", operands},
          {"results", results}};
}

std::string refusal(const json &config, const Operands &operands) {
  std::string why;
  CHECK_FALSE(opSource(config, operands, "M", why));
  return why;
}

}  // namespace

TEST_CASE("every reference case of an operation or a loss is a model that computes it") {
  const fs::path goldens = fs::path(SINTER_SHARED) / "goldens";
  if (!fs::exists(goldens)) {
    WARN("no reference cases at " << goldens);
    return;
  }
  std::vector<Case> cases;
  std::map<std::string, const Case *> byName;
  for (const char *folder : {"ops", "losses", "onnx"})
    std::ranges::move(readCases({(goldens / folder).string()}, ""), std::back_inserter(cases));
  std::erase_if(cases, [](const Case &each) { return each.metadata("stage") != "forward"; });
  REQUIRE_FALSE(cases.empty());
  for (const Case &each : cases) byName[each.name()] = &each;

  mlir::MLIRContext context;
  context.loadDialect<sinter::SinterDialect>();
  for (size_t begin = 0; begin < cases.size(); begin += structsPerFile) {
    ModelFile file;
    for (size_t i = begin; i < std::min(begin + structsPerFile, cases.size()); ++i) {
      std::string why;
      const std::string structName = "Case" + std::to_string(i);
      const auto source = opSource(cases[i].config(), operandsOf(cases[i]), structName, why);
      INFO(cases[i].name() << ": " << why);
      REQUIRE(source);
      file.add(cases[i].name(), structName, *source);
    }
    auto module = mlir::parseSourceString<mlir::ModuleOp>(file.print(), &context);
    REQUIRE(module);
    size_t checked = 0;
    for (sinter::ModelOp model : module->getOps<sinter::ModelOp>()) {
      check(*byName.at(model.getSymName().str()), model);
      ++checked;
    }
    CHECK(checked == file.size());
  }
}

TEST_CASE("class weights, smoothing and ignored labels work together") {
  // Equal logits of two classes: each -log p is log 2. With e = 1/2 and weights 1 and 3 an example
  // of class c costs (w_c / 2 + (1 + 3) / 2 / 2) log 2; the mean divides by 1 + 3.
  const Operands operands = {{"x", "F32", {3, 2}}, {"target", "I64", {3}}, {"weight", "F32", {2}}};
  ModelFile file;
  for (const char *reduction : {"none", "mean"}) {
    json config = operation("cross_entropy",
                            {{"reduction", reduction}, {"ignore_index", -100},
                             {"label_smoothing", 0.5}, {"class_weights", true}},
                            {"param:x", "in:target", "in:weight"}, {"out:loss"});
    config["kind"] = "loss";
    if (reduction == std::string("none")) config["results"] = {"out:each", "out:loss"};
    std::string why;
    const auto source = opSource(config, operands, std::string("Of_") + reduction, why);
    INFO(why);
    REQUIRE(source);
    file.add(reduction, std::string("Of_") + reduction, *source);
  }
  sinter::HostTensors inputs;
  inputs["x"] = {sinter::rules::DType::f32, {3, 2}};
  inputs["target"] = {sinter::rules::DType::i64, {3}};
  inputs["target"].integers = {0, 1, -100};
  inputs["weight"] = {sinter::rules::DType::f32, {2}};
  inputs["weight"].reals = {1, 3};

  mlir::MLIRContext context;
  context.loadDialect<sinter::SinterDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(file.print(), &context);
  REQUIRE(module);
  const double unit = std::log(2.0);
  for (sinter::ModelOp model : module->getOps<sinter::ModelOp>()) {
    const sinter::HostTensors results = outputs(model, inputs);
    const bool mean = model.getSymName() == "mean";
    CHECK(results.at("loss").real(0) == Approx(mean ? unit : 4 * unit));
    if (mean) continue;
    CHECK(results.at("each").real(0) == Approx(1.5 * unit));
    CHECK(results.at("each").real(1) == Approx(2.5 * unit));
    CHECK(results.at("each").real(2) == 0);
  }
}

TEST_CASE("names may be words of C++ and functions of the language") {
  std::string why;
  const Operands operands = {{"class", "F32", {2}}, {"mean", "F32", {2}}, {"i64", "I64", {2}},
                             {"Tensor", "F32", {1}}};
  const json config = operation(
      "multiple",
      {{"calls",
        {{"max", {"maximum", "in:class", "in:mean"}}, {"operator", {"relu", "in:mean"}},
         {"values", {"le", "in:i64", "in:i64"}}, {"Input_", {"add", "in:Tensor", "in:class"}}}}},
      {"in:class", "in:mean", "in:i64", "in:Tensor"},
      {"out:max", "out:operator", "out:values", "out:Input_"});
  const auto source = opSource(config, operands, "M", why);
  REQUIRE(source);
  ModelFile file;
  file.add("m", "M", *source);
  const std::string text = file.print();
  CHECK(text.find(R"(inputs ["class", "mean", "i64", "Tensor"])") != std::string::npos);
  CHECK(text.find(R"(outputs ["max", "operator", "values", "Input_"])") != std::string::npos);
}

TEST_CASE("a recurrence backwards is one forwards over each row reversed, and both are the two") {
  constexpr int64_t T = 4, N = 2, I = 2, H = 3;
  const std::vector<int64_t> lengths = {T, 2};
  const std::map<std::string, int64_t> gates = {{"RNN", 1}, {"GRU", 3}, {"LSTM", 4}};
  ModelFile file;
  for (const auto &[op, count] : gates)
    for (const char *direction : {"forward", "reverse", "bidirectional"}) {
      const int64_t D = direction == std::string("bidirectional") ? 2 : 1;
      json config = operation(op, {{"direction", direction}, {"hidden_size", H}, {"layout", 0}},
                              {"in:X", "in:W", "in:R", "in:B", "in:lengths"},
                              {"out:Y", "out:last"});
      if (op == "GRU") config["attributes"]["linear_before_reset"] = 0;
      config.update({{"kind", "onnx"}, {"opset", 14}});
      const Operands operands = {{"X", "F32", {T, N, I}},
                                 {"W", "F32", {D, count * H, I}},
                                 {"R", "F32", {D, count * H, H}},
                                 {"B", "F32", {D, 2 * count * H}},
                                 {"lengths", "I32", {N}}};
      std::string why;
      const std::string name = op + "_" + direction;
      const auto source = opSource(config, operands, name, why);
      INFO(name << ": " << why);
      REQUIRE(source);
      file.add(name, name, *source);
    }
  mlir::MLIRContext context;
  context.loadDialect<sinter::SinterDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(file.print(), &context);
  REQUIRE(module);
  const auto waves = [](std::vector<int64_t> shape, double pitch) {
    sinter::HostTensor tensor(sinter::rules::DType::f32, std::move(shape));
    for (int64_t i = 0; i < tensor.size(); ++i) tensor.reals[i] = std::sin(pitch * double(i + 1));
    return tensor;
  };
  const auto half = [](const sinter::HostTensor &both, int64_t d) {  // of axis 0
    sinter::HostTensor one(both.dType, both.shape);
    one.shape[0] = 1;
    const auto size = std::ptrdiff_t(both.size() / 2);
    one.reals.assign(both.reals.begin() + d * size, both.reals.begin() + (d + 1) * size);
    return one;
  };
  for (const auto &[op, count] : gates) {
    const sinter::HostTensor W = waves({2, count * H, I}, 1.3), R = waves({2, count * H, H}, 0.7),
                             B = waves({2, 2 * count * H}, 0.4);
    sinter::HostTensor X = waves({T, N, I}, 2.1), rows(sinter::rules::DType::i32, {N});
    rows.integers = lengths;
    const auto run = [&](const std::string &direction, const sinter::HostTensor &x, int64_t d) {
      const auto part = [&](const sinter::HostTensor &all) { return d < 0 ? all : half(all, d); };
      auto model = module->lookupSymbol<sinter::ModelOp>(op + "_" + direction);
      REQUIRE(model);
      return outputs(model, {{"X", x}, {"W", part(W)}, {"R", part(R)}, {"B", part(B)},
                             {"lengths", rows}});
    };
    sinter::HostTensor flipped = X;
    const auto place = [&](int64_t t, int64_t n) {  // of the same element in the reversed row
      return t < lengths[size_t(n)] ? lengths[size_t(n)] - 1 - t : t;
    };
    for (int64_t t = 0; t < T; ++t)
      for (int64_t n = 0; n < N; ++n)
        for (int64_t i = 0; i < I; ++i)
          flipped.reals[(place(t, n) * N + n) * I + i] = X.reals[(t * N + n) * I + i];
    const auto both = run("bidirectional", X, -1), ahead = run("forward", X, 0),
               back = run("reverse", X, 1), mirrored = run("forward", flipped, 1);
    for (int64_t n = 0; n < N; ++n)
      for (int64_t h = 0; h < H; ++h) {
        for (int64_t t = 0; t < T; ++t) {
          INFO(op << " " << t << " " << n << " " << h);
          const auto of = [&](const sinter::HostTensors &y, int64_t D, int64_t d, int64_t at) {
            return y.at("Y").reals[((at * D + d) * N + n) * H + h];
          };
          CHECK(of(both, 2, 0, t) == of(ahead, 1, 0, t));
          CHECK(of(both, 2, 1, t) == of(back, 1, 0, t));
          CHECK(of(back, 1, 0, t) == of(mirrored, 1, 0, place(t, n)));
          if (t >= lengths[size_t(n)]) CHECK(of(ahead, 1, 0, t) == 0);
        }
        CHECK(both.at("last").reals[n * H + h] == ahead.at("last").reals[n * H + h]);
        CHECK(both.at("last").reals[(N + n) * H + h] == mirrored.at("last").reals[n * H + h]);
      }
  }
}

TEST_CASE("what is not served is refused with a sentence") {
  const Operands x = {{"x", "F32", {2, 3}}};
  CHECK(refusal(operation("fft", json::object(), {"in:x"}, {"out:y"}), x) ==
        "no element-wise operation is called 'fft'");
  CHECK(refusal(operation("add", json::object(), {"in:x"}, {"out:y"}), x) ==
        "'add' wants more operands");
  CHECK(refusal(operation("exp", json::object(), {"in:x"}, {"out:y", "out:z"}), x) ==
        "it has 2 results where the operation has 1");
  CHECK(refusal(operation("exp", json::object(), {"in:x"}, {"out:a.b"}), x) ==
        "'a.b' is not a name");
  CHECK(refusal(operation("exp", json::object(), {"in:x"}, {"out:y"}), {{"x", "C64", {2}}}) ==
        "the language has no type C64");
  CHECK(refusal(operation("gelu", {{"approximate", "sigmoid"}}, {"in:x"}, {"out:y"}), x) ==
        "gelu is approximated by 'sigmoid'");
  CHECK(refusal({{"kind", "picture"}}, x) == "the case is of kind 'picture'");
  const auto onnx = [&](const std::string &op, const json &attributes, int opset = 14) {
    json config = operation(op, attributes, {"in:x"}, {"out:y"});
    config.update({{"kind", "onnx"}, {"opset", opset}});
    return config;
  };
  CHECK(refusal(onnx("Erf", json::object()), x) == "no ONNX operation is called 'Erf'");
  CHECK(refusal(onnx("Softmax", {{"axis", 1}}, 11), x) == "before opset 13 Softmax flattens axes");
  CHECK(refusal(onnx("BatchNormalization", {{"training_mode", 1}, {"epsilon", 0.1}}), x) ==
        "it takes the statistics of its own batch");
  json lstm = {{"direction", "forward"}, {"hidden_size", 3}, {"layout", 0}, {"input_forget", 1}};
  CHECK(refusal(onnx("LSTM", lstm), x) == "its input and forget gates are one");
  lstm["clip"] = 3.0;
  CHECK(refusal(onnx("LSTM", lstm), x) == "its states are clipped");
  CHECK(refusal(onnx("MaxPool", {{"auto_pad", "SAME"}, {"kernel_shape", {2}}}), x) ==
        "windows are padded by 'SAME'");
  CHECK(refusal(operation("softmax", json::object(), {"in:x"}, {"out:y"}), x)
            .starts_with("its config is not as expected: "));
}
