// Program.h
#include "compiler/tools/golden/Program.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "compiler/tools/Config.h"
#include "compiler/tools/Generator.h"
#include "compiler/tools/Models.h"
#include "compiler/tools/golden/OpSource.h"

namespace sinter::golden {
namespace {

namespace fs = std::filesystem;

// As many as one compile holds without needing more memory than a small machine has.
constexpr size_t kCasesPerCompile = 40;

// The config's values; those under "hf" are a Hugging Face config.json's own.
std::vector<ConfigValue> caseConfig(const Case& from) {
  nlohmann::json config = from.config();
  config.erase("optimiser");
  if (config.contains("hf")) {
    nlohmann::json sizes = config["hf"];
    config.erase("hf");
    config.update(sizes);
  }
  return flatten(config);
}

std::string describe(const Case& from) {
  std::string lines = "text\tarchitecture\t" + from.metadata("architecture") + "\n";
  for (const ConfigValue& value : caseConfig(from))
    if (value.text.find('\n') == std::string::npos)
      lines += value.kind + "\t" + value.key + "\t" + value.text + "\n";
  return lines;
}

std::string include(const std::string& file) {
  return "#include \"" + fs::absolute(file).lexically_normal().string() + "\"\n";
}

std::optional<ServedCase> serveOperation(const Case& from, std::string& why) {
  std::vector<OperandInfo> operands;
  for (const auto& key : from.config().at("operands")) {
    if (key.is_null()) {  // optional and not given
      operands.emplace_back();
      continue;
    }
    const CaseTensor* tensor = from.find(key);
    if (!tensor) throw Failure(from.name() + ": has no operand " + key.get<std::string>());
    std::string name = key;
    operands.push_back({name.substr(name.find(':') + 1), tensor->type, tensor->shape});
  }
  std::optional<std::string> source = opSource(from.config(), operands, "Operation", why);
  if (!source) return std::nullopt;
  return ServedCase{&from,
                    "namespace {\nusing namespace sinter;\n" + *source +
                        "inline constexpr auto& operation = model<Operation>;\n}\n",
                    "operation"};
}

// All models of all files in one program, which answers for all cases at once.
void serveByModels(const Toolchain& toolchain, const std::vector<std::string>& files,
                   const std::vector<const Case*>& cases, Served& served) {
  Generator::Input input;
  std::vector<std::pair<std::string, std::string>> models;  // file, name
  for (size_t i = 0; i < files.size(); ++i) {
    input.source += fmt::format("namespace file_{} {{\n{}}}\n", i, include(files[i]));
    for (const std::string& name : modelNames(readFile(files[i]))) {
      input.models.push_back({std::to_string(models.size()), fmt::format("file_{}::{}", i, name)});
      models.emplace_back(files[i], name);
    }
  }
  std::vector<std::string> questions;
  for (const Case* one : cases) questions.push_back(describe(*one));
  PrivateDirectory directory;
  auto answers = Generator(toolchain, directory, input).serves(questions);
  for (size_t i = 0; i < cases.size(); ++i) {
    if (answers[i].empty()) {
      served.others.emplace_back(cases[i], "no model serves it");
      continue;
    }
    const auto& [file, name] = models[std::stoul(answers[i][0])];
    served.cases.push_back({cases[i], include(file), name});
  }
}

void compileSome(const Toolchain& toolchain, std::span<const ServedCase> cases,
                 const CompiledCase& done) {
  Generator::Input input;
  for (size_t i = 0; i < cases.size(); ++i) {
    std::string space = fmt::format("case_{}", i);
    input.source += fmt::format("namespace {} {{\n{}}}\n", space, cases[i].source);
    input.models.push_back({space, space + "::" + cases[i].expression});
    input.entries += configEntries(caseConfig(*cases[i].from), space + "::");
  }
  PrivateDirectory directory;
  try {
    Generator generator(toolchain, directory, input);
    for (size_t i = 0; i < cases.size(); ++i)
      done(cases[i], input.models[i].name, generator.graph(input.models[i].name), "");
  } catch (const Failure& failure) {
    if (cases.size() == 1) return done(cases[0], "", "", failure.what());
    size_t half = cases.size() / 2;  // one wrong case must not hide the others
    compileSome(toolchain, cases.first(half), done);
    compileSome(toolchain, cases.subspan(half), done);
  }
}

}  // namespace

Served serve(const Toolchain& toolchain, const std::vector<std::string>& modelFiles,
             const std::vector<Case>& cases) {
  Served served;
  std::vector<const Case*> byModels;
  for (const Case& one : cases) {
    std::string why;
    if (one.metadata("stage") != "forward") {
      served.skipped.emplace_back(&one, "it is of stage " + one.metadata("stage"));
    } else if (isOperation(one.config())) {
      if (auto found = serveOperation(one, why)) served.cases.push_back(*found);
      else served.others.emplace_back(&one, why);
    } else {
      byModels.push_back(&one);
    }
  }
  if (!byModels.empty()) serveByModels(toolchain, modelFiles, byModels, served);
  return served;
}

void compileCases(const Toolchain& toolchain, const std::vector<ServedCase>& cases,
                  const CompiledCase& done) {
  std::span<const ServedCase> rest(cases);
  while (!rest.empty()) {
    size_t count = std::min(kCasesPerCompile, rest.size());
    compileSome(toolchain, rest.first(count), done);
    rest = rest.subspan(count);
  }
}

}  // namespace sinter::golden
