// Case.h: the container is eight bytes of length, a JSON header and the tensors' bytes.
#include "compiler/tools/golden/Case.h"

#include <algorithm>
#include <cstring>

#include "compiler/tools/Process.h"
#include <fmt/format.h>

namespace sinter::golden {
namespace {

namespace fs = std::filesystem;

template <typename T>
std::vector<double> widen(std::string_view bytes) {
  std::vector<double> result(bytes.size() / sizeof(T));
  for (size_t i = 0; i < result.size(); ++i) {
    T value;
    memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    result[i] = static_cast<double>(value);
  }
  return result;
}

size_t elementBytes(const std::string& type) {
  static const std::map<std::string, size_t> sizes = {
      {"F32", 4}, {"F64", 8}, {"I64", 8}, {"I32", 4}, {"BOOL", 1}, {"U8", 1}};
  auto found = sizes.find(type);
  if (found == sizes.end()) throw Failure("a case cannot hold tensors of type " + type);
  return found->second;
}

}  // namespace

int64_t CaseTensor::count() const {
  int64_t n = 1;
  for (int64_t extent : shape) n *= extent;
  return n;
}

std::vector<double> CaseTensor::values() const {
  if (type == "F32") return widen<float>(bytes);
  if (type == "F64") return widen<double>(bytes);
  if (type == "I64") return widen<int64_t>(bytes);
  if (type == "I32") return widen<int32_t>(bytes);
  return widen<uint8_t>(bytes);  // BOOL and U8
}

Case::Case(const fs::path& file, const fs::path& root)
    : bytes_(std::make_shared<const std::string>(readFile(file))) {
  name_ = file.lexically_relative(root).replace_extension().string();
  std::string_view data = *bytes_;
  uint64_t header = 0;
  if (data.size() >= 8) memcpy(&header, data.data(), 8);
  if (data.size() < 8 || header > data.size() - 8)
    throw Failure(file.string() + ": is not a safetensors file");
  auto json = nlohmann::json::parse(data.substr(8, header), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw Failure(file.string() + ": its header is not JSON");
  data.remove_prefix(8 + header);
  try {
    for (const auto& [key, value] : json.items()) {
      if (key == "__metadata__") {
        metadata_ = value;
        continue;
      }
      CaseTensor tensor{value.at("dtype"), value.at("shape"), {}};
      size_t begin = value.at("data_offsets").at(0), end = value.at("data_offsets").at(1);
      size_t size = size_t(tensor.count()) * elementBytes(tensor.type);
      if (end < begin || end > data.size() || end - begin != size)
        throw Failure(fmt::format("{}: tensor '{}' does not fit the file", file.string(), key));
      tensor.bytes = data.substr(begin, size);
      tensors_.emplace(key, std::move(tensor));
    }
    if (metadata_.contains("config"))
      config_ = nlohmann::json::parse(metadata_["config"].get<std::string>());
  } catch (const nlohmann::json::exception& error) {
    throw Failure(fmt::format("{}: {}", file.string(), error.what()));
  }
}

std::string Case::metadata(const std::string& key) const {
  return metadata_.is_object() ? metadata_.value(key, "") : "";
}

void Case::completeConfig(const nlohmann::json& defaults) {
  nlohmann::json complete = defaults;
  complete.update(config_);
  config_ = std::move(complete);
}

const CaseTensor* Case::find(const std::string& name) const {
  auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

std::vector<std::string> Case::names(std::string_view prefix) const {
  std::vector<std::string> result;
  for (const auto& [key, tensor] : tensors_)
    if (key.starts_with(prefix)) result.push_back(key.substr(prefix.size()));
  return result;
}

std::vector<Case> readCases(const std::vector<std::string>& paths, const std::string& only) {
  std::vector<std::pair<fs::path, fs::path>> files;  // file, root
  for (const std::string& text : paths) {
    fs::path path = fs::absolute(text).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    if (fs::is_directory(path)) {
      for (const auto& entry : fs::recursive_directory_iterator(path))
        if (entry.path().extension() == ".safetensors") {
          // Names start with the architecture's folder, however deep the user's path points.
          bool leaf = entry.path().parent_path() == path;
          files.emplace_back(entry.path(), leaf ? path.parent_path() : path);
        }
    } else if (fs::exists(path)) {
      files.emplace_back(path, path.parent_path().parent_path());
    } else {
      throw Failure(text + ": there is no such case or folder", 2);
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  for (const auto& [file, root] : files) {
    Case read(file, root);
    bool wanted = only.empty() || read.name().find(only) != std::string::npos;
    if (wanted && !read.config().is_null()) cases.push_back(std::move(read));
  }
  return cases;
}

}  // namespace sinter::golden
