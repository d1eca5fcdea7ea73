// One reference case: a safetensors file whose metadata say what was computed and whose tensors are
// named param:KEY, in:NAME, out:NAME and out64:NAME. Non-goals: other checkpoints (compiler/weights
// reads those), and what the values mean.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace sinter::golden {

// A tensor inside the file's bytes.
struct CaseTensor {
  std::string type;  // safetensors' name: F32, F64, I64, I32, BOOL, U8
  std::vector<int64_t> shape;
  std::string_view bytes;

  int64_t count() const;
  std::vector<double> values() const;  // exact: no case holds integers beyond 2^53
};

class Case {
 public:
  // Reads FILE; `root` is the folder that the case's name starts below. Throws Failure.
  Case(const std::filesystem::path& file, const std::filesystem::path& root);

  const std::string& name() const { return name_; }  // "bert/model"
  std::string metadata(const std::string& key) const;
  const nlohmann::json& config() const { return config_; }
  std::string kind() const { return config_.value("kind", ""); }
  bool hasWeights() const { return !names("param:").empty(); }
  // Entries for keys that the config lacks.
  void completeConfig(const nlohmann::json& defaults);

  // The tensor called `name` ("in:x"), or null.
  const CaseTensor* find(const std::string& name) const;
  // Names without the prefix, in the file's order of keys.
  std::vector<std::string> names(std::string_view prefix) const;

 private:
  std::string name_;
  std::shared_ptr<const std::string> bytes_;  // of the file; the tensors point into it
  nlohmann::json metadata_, config_;
  std::map<std::string, CaseTensor> tensors_;
};

// Every case below the paths (files or folders), sorted by name; throws Failure for a path that is
// not there. Files without a config are not cases and are left out.
std::vector<Case> readCases(const std::vector<std::string>& paths, const std::string& only);

}  // namespace sinter::golden
