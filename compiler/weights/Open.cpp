// Chooses the reader by what a file holds, and puts shards together.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "Formats.h"
#include "Npy.h"
#include "Torch.h"
#include "Zip.h"

namespace sinter::weights {
namespace {

namespace fs = std::filesystem;

struct Format {
  bool (*looks)(const Source&);
  Checkpoint (*read)(const Source&);
};
constexpr Format formats[] = {{looksLikeHdf5, readHdf5},
                              {looksLikeZip, readZip},
                              {looksLikeNpy, readNpy},
                              {looksLikeLegacyTorch, readLegacyTorch},
                              {looksLikeSafetensors, readSafetensors},
                              {looksLikeFastText, readFastText},
                              {looksLikeVectors, readVectors}};

Checkpoint readContent(const Source& source) {
  for (auto& format : formats) {
    if (format.looks(source)) return format.read(source);
  }
  source.fail(
      "is not a file of weights that Sinter knows: safetensors, PyTorch, numpy, HDF5, "
      "word2vec, GloVe or fastText");
}

// Other tools' index of shards: {"weight_map": {tensor: file}}.
nlohmann::json parseIndex(const Source& source) {
  auto json = nlohmann::json::parse(source.text(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
    source.fail("is JSON, but not an index of shards: it has no weight_map");
  }
  return json["weight_map"];
}

Checkpoint readShards(const Source& index) {
  auto map = parseIndex(index);
  auto folder = fs::path(index.path).parent_path();
  std::map<std::string, Checkpoint> shards;
  Checkpoint whole{index.path, "", {}, {}, {}, {}};
  for (auto& [name, file] : map.items()) {
    auto path = fs::path(file.is_string() ? file.get<std::string>() : "");
    if (path.empty() || path != path.filename() || path == "..") {
      index.fail("tensor '", name, "' should name a file of the same folder");
    }
    auto [shard, isNew] = shards.try_emplace(path.string());
    if (isNew) shard->second = readContent(mapFile((folder / path).string()));
    auto* tensor = shard->second.find(name);
    if (!tensor) index.fail("tensor '", name, "' should be in ", path.string(), ", but is not");
    whole.tensors.push_back(*tensor);
  }
  for (auto& [file, shard] : shards) {
    whole.format = join(shard.format, ", ", shards.size(), shards.size() == 1 ? " file" : " files");
    for (auto& note : shard.notes) whole.notes.push_back(join(file, ": ", note));
  }
  return whole;
}

// The length that a safetensors file begins with may begin with '{' too, but has zero bytes.
bool looksLikeJson(const Source& source) {
  auto text = source.text();
  if (text.substr(0, 8).find('\0') != text.npos) return false;
  auto start = text.find_first_not_of(" \t\r\n");
  return start != text.npos && text[start] == '{';
}

// What a folder of Hugging Face's holds, best first.
constexpr std::string_view folderFiles[] = {"model.safetensors.index.json", "model.safetensors",
                                            "pytorch_model.bin.index.json", "pytorch_model.bin",
                                            "weights.safetensors"};

std::string fileInFolder(const std::string& folder) {
  for (auto name : folderFiles) {
    if (fs::exists(fs::path(folder) / name)) return (fs::path(folder) / name).string();
  }
  std::vector<std::string> found;
  for (auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".safetensors") found.push_back(entry.path().string());
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw Failure{join(folder,
                       ": the folder should hold model.safetensors, pytorch_model.bin or "
                       "an index of shards, but does not; name the file")};
  }
  throw Failure{join(folder, ": the folder holds ", found.size(),
                     " safetensors files and no index; name the file")};
}

Checkpoint readPath(const std::string& path) {
  if (fs::is_directory(path)) return readPath(fileInFolder(path));
  Source source = mapFile(path);
  return looksLikeJson(source) ? readShards(source) : readContent(source);
}

// Whatever goes wrong in `read` becomes a sentence.
template <class Read>
Result<Checkpoint> guarded(const std::string& path, Read read) {
  try {
    return read();
  } catch (const Failure& failure) {
    return std::unexpected(failure.text);
  } catch (const std::bad_alloc&) {
    return std::unexpected(path + ": reading it needs more memory than there is");
  } catch (const fs::filesystem_error& error) {
    return std::unexpected(join(path, ": ", error.code().message()));
  }
}

}  // namespace

bool looksLikeZip(const Source& source) { return source.startsWith("PK\x03\x04"); }

Checkpoint readZip(const Source& zip) {
  auto entries = listZip(zip);
  for (auto& entry : entries) {
    std::string_view name = entry.name;
    if (name == "data.pkl" || name.ends_with("/data.pkl")) {
      return readTorchZip(zip, name.substr(0, name.size() - std::string_view("data.pkl").size()));
    }
    if (name == "model.weights.h5") return readHdf5(extract(zip, entry));  // .keras
  }
  if (std::ranges::any_of(entries, [](auto& entry) { return entry.name.ends_with(".npy"); })) {
    return readNpz(zip, entries);
  }
  zip.fail("is a zip archive, but neither PyTorch's (data.pkl), numpy's (*.npy) nor Keras's");
}

Result<Checkpoint> open(const std::string& path) {
  return guarded(path, [&] { return readPath(path); });
}

Result<Checkpoint> openBytes(const std::string& name, std::span<const std::byte> content) {
  return guarded(name, [&] {
    if (content.empty()) throw Failure{name + ": the file is empty"};
    return readContent({name, nullptr, content});
  });
}

}  // namespace sinter::weights
