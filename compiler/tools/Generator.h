// Compiles a model's C++ with a small main around it and runs the result, which prints the graph.
// Non-goals: understanding the C++ or the graph.
#pragma once

#include <string>
#include <vector>

#include "compiler/tools/Config.h"
#include "compiler/tools/Process.h"
#include "compiler/tools/Toolchain.h"

namespace sinter {

// One model as the generator's main names it.
struct GeneratedModel {
  std::string name;        // what the program calls it
  std::string expression;  // what C++ calls it: "bert" or "case_3::bert"
};

class Generator {
 public:
  // The models of `file`, which messages name as it is written here, or of the C++ in `source`.
  // `entries` are those of Config.h. Throws Failure with the compiler's sentences.
  struct Input {
    std::string file, source;
    std::vector<GeneratedModel> models;
    std::string entries;
    std::string entriesFrom = "configuration";  // who said them, for the sentence of a wrong one
  };
  Generator(const Toolchain& toolchain, const PrivateDirectory& directory, const Input& input);

  // The C++ files that the models are made of, without the standard library's.
  std::vector<std::string> readFiles() const;
  // The graph of a model as text of the dialect.
  std::string graph(const std::string& model) const;
  // The graphs of all models, one after another.
  std::string graphs() const;
  // The keys that a model reads, with the values it got for them.
  std::vector<ConfigValue> config(const std::string& model) const;
  // For each case of lines "kind<TAB>key<TAB>value", the models that serve it.
  std::vector<std::vector<std::string>> serves(const std::vector<std::string>& cases) const;

 private:
  std::string run(const std::vector<std::string>& arguments) const;

  const PrivateDirectory& directory_;
  std::string program_, rule_;  // rule_: the files that it was made from, for make
  std::string wrong_;           // what is wrong with models that may not be the wanted ones
};

}  // namespace sinter
