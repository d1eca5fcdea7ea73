// Generator.h: one C++ file, one compiler run without optimisation, one program.
#include "compiler/tools/Generator.h"

#include <fmt/format.h>

#include <sstream>

#include "compiler/tools/Sentences.h"

namespace sinter {

Generator::Generator(const Toolchain& toolchain, const PrivateDirectory& directory,
                     const Input& input)
    : directory_(directory), program_(directory / "generator"), rule_(directory / "generator.d") {
  std::string list;
  for (const GeneratedModel& model : input.models)
    list += fmt::format("    {{\"{}\", {}}},\n", model.name, model.expression);
  std::string main = directory / "generator.cpp", config = directory / "config.inc";
  writeFile(config, input.entries);
  writeFile(main, fmt::format("{}\nint main(int argc, char** argv) {{\n"
                              "  return sinter::generate(argc, argv, {{\n{}  }});\n}}\n",
                              input.source, list));
  std::vector<std::string> command = {toolchain.compiler(),
                                      "-std=c++23",
                                      "-O0",
                                      "-w",
                                      "-fno-caret-diagnostics",
                                      "-fconstexpr-steps=200000000",
                                      "-ferror-limit=0",
                                      "-MMD",  // what it reads, the system's headers left out
                                      "-MF",
                                      rule_,
                                      "-MT",
                                      "program",
                                      // Locations are the same wherever Sinter is installed.
                                      "-fmacro-prefix-map=./=",
                                      fmt::format("-fmacro-prefix-map={}/=",
                                                  toolchain.headers().string()),
                                      "--ld-path=" + toolchain.linker(),
                                      "-I",
                                      toolchain.headers(),
                                      fmt::format("-DSINTER_CONFIG_FILE=\"{}\"", config),
                                      "-include",
                                      "dsl/dsl.h",
                                      "-include",
                                      "dsl/print.h"};
  if (!input.file.empty()) command.insert(command.end(), {"-include", input.file});
  command.insert(command.end(), {main, "-o", program_});
  ProcessResult compiled = runProcess(command);
  if (compiled.status == 0) return;
  std::string sentences = compilerSentences(compiled.err);
  // A wrong value in the configuration is the user's, not the model's.
  constexpr std::string_view said = "configuration: ";
  if (sentences.starts_with(said)) {
    for (size_t at = 0; at != std::string::npos; at = sentences.find(said, at + 1))
      if (at == 0 || sentences[at - 1] == '\n')
        sentences.replace(at, said.size(), input.entriesFrom + ": ");
    throw Failure(sentences);
  }
  wrong_ = "the model's C++ does not compile:\n" + sentences;
  // Sizes that suit the wanted model may not suit another of the file.
  command.push_back("-DSINTER_KEEP_WRONG_MODELS");
  if (runProcess(command).status != 0) throw Failure(wrong_);
}

std::vector<std::string> Generator::readFiles() const {
  const std::string ours = directory_ / "";
  std::vector<std::string> files;
  std::istringstream words(readFile(rule_));
  std::string file, word;
  for (words >> word; words >> word;) {  // the first is the target
    if (word == "\\") continue;          // the end of a line
    file += word;
    if (file.back() == '\\') {  // before a blank of the name
      file.back() = ' ';
      continue;
    }
    for (size_t at = 0; (at = file.find_first_of("\\$", at)) != std::string::npos; ++at)
      file.erase(at, 1);  // \# and $$
    if (!file.starts_with(ours)) files.push_back(file);
    file.clear();
  }
  return files;
}

std::string Generator::run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {program_};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ProcessResult result = runProcess(command);
  if (result.status != 0 && !wrong_.empty()) throw Failure(wrong_);
  if (result.status != 0)
    throw Failure(
        fmt::format("the model's generator ended with {}: {}", result.status, result.err));
  return result.out;
}

std::string Generator::graph(const std::string& model) const { return run({"--model", model}); }

std::string Generator::graphs() const { return run({}); }

std::vector<ConfigValue> Generator::config(const std::string& model) const {
  std::vector<ConfigValue> values;
  std::istringstream lines(run({"--config", model}));
  for (ConfigValue value; std::getline(lines, value.kind, '\t') &&
                          std::getline(lines, value.key, '\t') && std::getline(lines, value.text);)
    values.push_back(value);
  return values;
}

std::vector<std::vector<std::string>> Generator::serves(
    const std::vector<std::string>& cases) const {
  std::string input;
  for (const std::string& one : cases) input += one + "\n";
  std::string file = directory_ / "cases.txt";
  writeFile(file, input);
  ProcessResult result = runProcess({program_, "--serves"}, file);
  if (result.status != 0) throw Failure("the generator did not answer: " + result.err);
  std::vector<std::vector<std::string>> answers;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    answers.emplace_back();
    for (std::string word; words >> word;) answers.back().push_back(word);
  }
  if (answers.size() != cases.size())
    throw Failure("the generator answered for another number of cases");
  return answers;
}

}  // namespace sinter
