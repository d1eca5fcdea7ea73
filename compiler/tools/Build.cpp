// `sinter build MODEL.cpp`: one program from a model's C++, its weights and its assets. Non-goals:
// compiling (Compile.h), linking (Link.h).
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "compiler/tools/Commands.h"
#include "compiler/tools/Link.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/Source.h"
#include "compiler/tools/WeightsOf.h"

namespace sinter {
namespace {

namespace fs = std::filesystem;

struct Options : ModelOptions {
  std::string weightsFile, target = "x86-64", out, depfile;
  std::vector<std::string> weights;
  std::vector<std::string> assets;  // NAME=FILE
};

std::vector<std::string> targetsOf(const std::string& name) {
  if (name == "x86-64") return allTargets();
  if (name == "native") return {hostTarget()};
  return {name.substr(name.rfind('-') + 1)};
}

std::vector<AssetDescription> assetsOf(const std::vector<std::string>& texts) {
  std::vector<AssetDescription> assets;
  for (const std::string& text : texts) {
    size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw Failure("--asset " + text + ": wants NAME=FILE", 2);
    fs::path file = fs::absolute(text.substr(equals + 1));
    if (!fs::is_regular_file(file))
      throw Failure(file.string() +
                    (fs::exists(file) ? ": is no regular file" : ": there is no such file"));
    assets.push_back({text.substr(0, equals), file, fs::file_size(file)});
  }
  return assets;
}

// A line that rewrites itself, for people only.
void progress(const std::string& text) {
  if (isatty(STDERR_FILENO)) fmt::print(stderr, "\r\033[K{}", text);
}

// A text as an asset of this name, unless one is given.
void addAsset(const std::string& name, const std::string& content, const fs::path& folder,
              std::vector<AssetDescription>& assets) {
  auto isGiven = [&](const AssetDescription& asset) { return asset.name == name; };
  if (content.empty() || std::ranges::any_of(assets, isGiven)) return;
  fs::path file = folder / (name + ".asset");
  writeFile(file, content);
  assets.push_back({name, file, content.size()});
}

// One on a line; `source` is where they are from.
std::string lines(const std::vector<std::string>& texts, const std::string& source) {
  std::string all;
  for (const std::string& text : texts) {
    if (text.find('\n') != std::string::npos)
      throw Failure(fmt::format("{}: '{}' has a line break in it", source, text));
    (all += text) += '\n';
  }
  return all;
}

// What a file of weights has for the model's task: a fastText file its dictionary, a file of word
// vectors its words.
void addVocabulary(const weights::Checkpoint& checkpoint, const fs::path& folder,
                   std::vector<AssetDescription>& assets) {
  std::span<const std::byte> dictionary = checkpoint.dictionary.span();
  if (!dictionary.empty())
    addAsset("fasttext", {reinterpret_cast<const char*>(dictionary.data()), dictionary.size()},
             folder, assets);
  else
    addAsset("vocabulary", lines(checkpoint.vocabulary, checkpoint.path), folder, assets);
}

// The configuration's names of classes for a task that has none of its own.
void addLabels(const std::vector<std::string>& labels, const ModelDescription& model,
               const std::string& config, const fs::path& folder,
               std::vector<AssetDescription>& assets) {
  const bool named = std::ranges::any_of(model.options, [](const auto& option) {
    return option.first == "names" && !option.second.empty();
  });
  if (!named && model.writer == "labels") addAsset("labels", lines(labels, config), folder, assets);
  if (model.writer == "spans" || model.writer == "tags")
    addAsset("tags", lines(labels, config), folder, assets);
}

// Moves the program to its place if it can start its task, which needs the right assets; without
// input it does nothing else. What only this machine lacks is no fault of the program.
void putInPlace(const fs::path& fresh, const fs::path& out) {
  constexpr int isUsage = 2;
  ProcessResult result;
  try {
    result = runProcess({fs::absolute(fresh).string()});
  } catch (const Failure&) {  // in a folder from which nothing may be started, say
  }
  std::error_code error;
  if (result.status == isUsage) {
    fs::remove(fresh, error);
    std::string sentence = result.err.substr(0, result.err.find_last_not_of('\n') + 1);
    const std::string name = fresh.filename().string() + ": ";  // which no user gave
    throw Failure(sentence.starts_with(name) ? sentence.substr(name.size()) : sentence);
  }
  fs::rename(fresh, out, error);
  if (error)
    throw Failure(fmt::format("{}: cannot be written: {}", out.string(), error.message()), 3);
}

// A path as a word of a makefile.
std::string makeWord(const fs::path& path) {
  std::string word;
  for (char c : fs::absolute(path).lexically_normal().string()) {
    if (c == ' ' || c == '#') word += '\\';
    if (c == '$') word += '$';
    word += c;
  }
  return word;
}

void writeDepfile(const std::string& path, const fs::path& out, const CompiledSource& source) {
  std::string rule = makeWord(out) + ":";
  for (const std::string& file : source.files) rule += " \\\n  " + makeWord(file);
  writeFile(path, rule + "\n");
}

// Where the program goes; refused here, before the longer part of the work.
fs::path programPath(const std::string& out, const std::string& model) {
  fs::path path = out.empty() ? model : out, folder = fs::absolute(path).parent_path();
  if (fs::is_directory(path))
    throw Failure(
        fmt::format("{}: a folder has the program's name; -o FILE gives it another", path.string()),
        2);
  if (fs::exists(path) && !fs::is_regular_file(path))
    throw Failure(fmt::format("-o {}: is no regular file", path.string()), 2);
  if (!fs::is_directory(folder))
    throw Failure(fmt::format("-o {}: there is no folder {}", path.string(), folder.string()), 2);
  return path;
}

void build(Options options) {
  weights::Checkpoint checkpoint = openCheckpoints(options.weights);
  options.checkpoint = checkpoint.path;
  options.checkpointConfig = checkpoint.config;
  progress("compiling the model's C++");
  CompiledSource source(options);
  fs::path out = programPath(options.out, source.model);
  GraphFacts facts = Graphs(source.graph).facts(source.model);
  LinkOptions link;
  link.assets = assetsOf(options.assets);
  link.weightsFile = options.weightsFile;
  if (!facts.weights.empty()) {
    if (options.weights.empty())
      throw Failure(fmt::format("{} has weights: name a checkpoint with --weights", source.model),
                    2);
    weights::MatchReport report = matched(checkpoint, facts);
    link.weights = weightSource(checkpoint, report);
  }
  progress("compiling kernels");
  fs::path folder = source.directory / "objects";
  fs::create_directories(folder);
  CompiledModel compiled =
      compileModel(source.graph, source.model, targetsOf(options.target), folder, true);
  const bool hasTask = !compiled.description.reader.empty();
  if (hasTask) {
    addVocabulary(checkpoint, folder, link.assets);
    addLabels(source.labels, compiled.description, options.config, folder, link.assets);
  }
  progress("linking");
  fs::path fresh = out;
  fresh += ".new";
  linkProgram(source.toolchain, std::move(compiled), link, folder, hasTask ? fresh : out);
  if (hasTask) putInPlace(fresh, out);
  if (!options.depfile.empty()) writeDepfile(options.depfile, out, source);
  progress("");
}

}  // namespace

void addBuildCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("build", "Make one standalone program from a model");
  auto options = std::make_shared<Options>();
  addModelOptions(*command, *options);
  addWeightsOption(*command, options->weights, "the checkpoint to embed");
  command
      ->add_option("--weights-file", options->weightsFile,
                   "do not embed: write the weights beside the program, under this name")
      ->type_name("NAME");
  command->add_option("--asset", options->assets, "a file that the model's task reads")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  command->add_option("--target", options->target, "all levels in one program, or one")
      ->check(CLI::IsMember({"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4", "native"}))
      ->capture_default_str();
  command
      ->add_option("--depfile", options->depfile,
                   "write a makefile of the C++ files that the program depends on")
      ->type_name("FILE");
  command->add_option("-o", options->out, "the program; by default the model's name")
      ->type_name("FILE");
  command->callback([options] { build(*options); });
}

}  // namespace sinter
