// Generator.h: one C++ file, one compiler run without optimisation, one program.
#include "compiler/tools/Generator.h"

#include <fmt/format.h>

#include <sstream>

namespace sinter {

std::string compilerSentences(const std::string& output) {
  constexpr std::string_view kAssertion = "error: static assertion failed: ";
  std::istringstream lines(output);
  std::string own, language;  // errors in the model's C++, and those that follow in our headers
  bool assertion = false;     // the lines of a broken model's text, up to the next message
  for (std::string line; std::getline(lines, line);) {
    bool error = line.find(": error: ") != std::string::npos;
    bool message = error || line.find(": note: ") != std::string::npos ||
                   line.find(" generated.") != std::string::npos ||
                   line.starts_with("In file included from");
    if (size_t at = line.find(kAssertion); at != std::string::npos) {
      assertion = true;
      line = line.substr(at + kAssertion.size());
    } else if (message) {
      assertion = false;
    }
    if (assertion && !line.empty()) own += line + "\n";
    if (assertion || !error) continue;
    (line.find("/dsl/") == std::string::npos ? own : language) += line + "\n";
  }
  return !own.empty() ? own : !language.empty() ? language : output;
}

Generator::Generator(const Toolchain& toolchain, const PrivateDirectory& directory,
                     const Input& input)
    : directory_(directory), program_(directory / "generator") {
  std::string list;
  for (const GeneratedModel& model : input.models)
    list += fmt::format("    {{\"{}\", {}}},\n", model.name, model.expression);
  std::string main = directory / "generator.cpp", config = directory / "config.inc";
  writeFile(config, input.entries);
  writeFile(main, fmt::format("{}\nint main(int argc, char** argv) {{\n"
                              "  return sinter::generate(argc, argv, {{\n{}  }});\n}}\n",
                              input.source, list));
  std::vector<std::string> command = {
      toolchain.compiler(), "-std=c++23", "-O0", "-w", "-fno-caret-diagnostics",
      "-fconstexpr-steps=200000000", "-ferror-limit=0", "-fmacro-prefix-map=./=", "--ld-path=" + toolchain.linker(),
      "-I", toolchain.headers(), fmt::format("-DSINTER_CONFIG_FILE=\"{}\"", config),
      "-include", "dsl/dsl.h", "-include", "dsl/print.h"};
  if (!input.file.empty()) command.insert(command.end(), {"-include", input.file});
  command.insert(command.end(), {main, "-o", program_});
  ProcessResult compiled = runProcess(command);
  if (compiled.status == 0) return;
  std::string sentences = compilerSentences(compiled.err);
  while (!sentences.empty() && sentences.back() == '\n') sentences.pop_back();
  throw Failure("the model's C++ does not compile:\n" + sentences);
}

std::string Generator::run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {program_};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ProcessResult result = runProcess(command);
  if (result.status != 0)
    throw Failure(fmt::format("the model's generator ended with {}: {}", result.status, result.err));
  return result.out;
}

std::string Generator::graph(const std::string& model) const { return run({"--model", model}); }

std::string Generator::graphs() const { return run({}); }

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
