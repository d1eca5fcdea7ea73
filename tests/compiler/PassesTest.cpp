// Every graph pass leaves what an entry computes unchanged: the .mlir tests of the passes run in the
// reference interpreter before and after each pass of the pipeline, one after the other.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "compiler/Interpreter.h"
#include "compiler/Pipelines.h"
#include "compiler/Rules.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using sinter::HostTensor;
using sinter::HostTensors;

namespace {

/// Symbols have small sizes that differ; numbers are in [0.5, 1.5), so that sqrt and div are safe.
class Inputs {
 public:
  HostTensor make(sinter::TensorType type) {
    std::vector<int64_t> shape;
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      shape.push_back(evaluate(type.getDimText(axis)));
      if (axis > 0 && type.isRagged(axis)) addLengths(type.getDimText(axis), shape[axis - 1]);
    }
    HostTensor tensor(type.getDType(), shape);
    for (double &value : tensor.reals) value = real(random);
    for (int64_t &value : tensor.integers) value = random() % 2;
    return tensor;
  }
  HostTensors tensors;

 private:
  int64_t evaluate(llvm::StringRef text) {
    sinter::rules::Rules rules;
    sinter::Text why;
    auto size = [](std::string_view name) -> long long { return 2 + name.size() % 3 + name[0] % 3; };
    return rules.dims.evaluate(rules.dims.parse({text.data(), text.size()}, why), size);
  }
  void addLengths(llvm::StringRef symbol, int64_t rows) {
    HostTensor lengths(sinter::DType::i64, {rows});
    for (int64_t row = 0; row < rows; ++row) lengths.integers[row] = 1 + row % evaluate(symbol);
    tensors.emplace(symbol.drop_back().str() + ".lengths", lengths);  // the first place counts
  }
  std::mt19937 random{1};
  std::uniform_real_distribution<double> real{0.5, 1.5};
};

HostTensors run(sinter::EntryOp entry, const HostTensors &inputs, const HostTensors &weights) {
  auto result = sinter::interpret(entry, inputs, weights);
  if (!result) FAIL(llvm::toString(result.takeError()));
  return result->outputs;
}

void compare(const HostTensors &before, const HostTensors &after) {
  REQUIRE(before.size() == after.size());
  for (const auto &[name, tensor] : before) {
    const HostTensor &other = after.at(name);
    REQUIRE(tensor.shape == other.shape);
    REQUIRE(tensor.dType == other.dType);
    bool equal = true;
    for (int64_t i = 0; i < tensor.size(); ++i)  // constants that were folded are rounded to f32
      equal &= std::abs(tensor.real(i) - other.real(i)) <= 1e-6 * (1 + std::abs(tensor.real(i)));
    INFO(name);
    CHECK(equal);
  }
}

}  // namespace

TEST_CASE("every pass keeps what an entry computes") {
  sinter::registerPasses();
  auto file = GENERATE(as<std::string>{}, "canonicalize", "decompose-einsum", "expand-batch-norm",
                       "fuse", "fusion", "prepare-inference", "sink-rearranges");
  MLIRContext context;
  context.loadDialect<sinter::SinterDialect>();
  auto module =
      parseSourceFile<ModuleOp>(std::string(SINTER_TEST_DIR) + "/" + file + ".mlir", &context);
  REQUIRE(module);
  auto model = *module->getOps<sinter::ModelOp>().begin();

  Inputs inputs;
  HostTensors weights;
  for (auto weight : model.getOps<sinter::WeightOp>())
    for (int64_t round = 0; round < weight.getCount(); ++round)
      weights[weight.getRoundKey(round)] = inputs.make(weight.getTensorType());
  std::map<std::string, HostTensors> given, expected;
  for (auto entry : model.getOps<sinter::EntryOp>()) {
    inputs.tensors.clear();
    for (auto [name, argument] :
         llvm::zip(entry.getInputs().getAsValueRange<StringAttr>(), entry.getBody().getArguments()))
      inputs.tensors[name.str()] = inputs.make(sinter::getTensorType(argument));
    std::string entryName = entry.getSymName().str();
    given[entryName] = inputs.tensors;
    INFO(file << " " << entryName);
    expected[entryName] = run(entry, given[entryName], weights);
  }
  for (const char *pass : {"prepare-inference", "expand-batch-norm", "decompose-einsum",
                           "canonicalize", "cse", "sink-rearranges", "fuse", "canonicalize"}) {
    PassManager manager(&context);
    REQUIRE(succeeded(parsePassPipeline(
        "sinter.model(sinter.entry(" + std::string(pass) + "))", manager)));
    REQUIRE(succeeded(manager.run(*module)));
    for (auto entry : model.getOps<sinter::EntryOp>()) {
      std::string entryName = entry.getSymName().str();
      INFO(file << " " << entryName << " after " << pass);
      compare(expected[entryName], run(entry, given[entryName], weights));
    }
  }
}
