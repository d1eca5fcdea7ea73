// Where PyTorch files keep their parts: the zip archives of torch.save since 1.6, with one entry
// per storage, and the legacy stream before it: five pickles, then the storages.
#include "Formats.h"
#include "Torch.h"
#include "Zip.h"

namespace sinter::weights {
namespace {

// 0x1950a86a20f9469cfc6c, the first pickle of a legacy file, as the pickle holds it.
constexpr std::string_view legacyMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

bool saysBigEndian(const Pickle& systemInfo) {
  auto& items = systemInfo[systemInfo.root].items;
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    const Value& value = systemInfo[items[i + 1]];
    if (systemInfo[items[i]].text == "little_endian" && value.kind == ValueKind::Bool) {
      return value.integer == 0;
    }
  }
  return false;
}

std::map<std::string, TorchStorage> storagesOf(const Pickle& pickle) {
  std::map<std::string, TorchStorage> storages;
  for (size_t i = 0; i < pickle.values.size(); ++i) {
    if (auto storage = storageOf(pickle, static_cast<ValueId>(i))) {
      storages.try_emplace(storage->key, *storage);
    }
  }
  return storages;
}

StoragePlaces placesOfLegacy(const Source& source, const Pickle& object, const Pickle& keys) {
  auto storages = storagesOf(object);
  StoragePlaces places;
  Cursor cursor(source, keys.end);
  for (ValueId id : keys[keys.root].items) {
    const Value& value = keys[id];
    std::string key = value.kind == ValueKind::Int ? std::to_string(value.integer) : value.text;
    auto storage = storages.find(key);
    if (storage == storages.end()) {
      source.fail("the file holds storage ", key, ", which no tensor uses, so its type is unknown");
    }
    auto what = "storage " + key;
    auto elements = cursor.read<int64_t>(what);
    uint64_t bytes = 0;
    if (!byteCount({&elements, 1}, bytesPerElement(storage->second.type), bytes)) {
      source.fail(what, " claims ", elements, " elements");
    }
    uint64_t at = cursor.position();
    cursor.take(bytes, what);
    Source content{source.path, source.owner, source.bytes.subspan(at, bytes)};
    places[key] = {bytes, [content] { return content; }};
  }
  return places;
}

}  // namespace

Checkpoint readTorchZip(const Source& zip, std::string_view folder) {
  auto entries = listZip(zip);
  if (auto* order = findEntry(entries, join(folder, "byteorder"))) {
    if (extract(zip, *order).text() == "big") zip.fail("the file's numbers are big-endian");
  }
  Checkpoint checkpoint{zip.path, "PyTorch (zip)", {}, {}, {}, {}};
  StoragePlaces places;
  auto data = join(folder, "data/");
  for (auto& entry : entries) {
    if (!entry.name.starts_with(data)) continue;
    places[entry.name.substr(data.size())] = {entry.size,
                                              [zip, entry] { return extract(zip, entry); }};
  }
  Source content = extract(zip, *findEntry(entries, join(folder, "data.pkl")));
  Pickle pickle = readPickle(content, 0);
  collectTorchTensors(zip, pickle, places, checkpoint);
  return checkpoint;
}

bool looksLikeLegacyTorch(const Source& source) {
  return source.size() > 2 && source.bytes[0] == std::byte{0x80} && source.bytes[1] <= std::byte{5};
}

Checkpoint readLegacyTorch(const Source& source) {
  Pickle magic = readPickle(source, 0);
  if (magic[magic.root].text != legacyMagic) {
    source.fail("is a Python pickle, but not one that torch.save made; Sinter runs no pickles");
  }
  Pickle version = readPickle(source, magic.end);
  if (version[version.root].integer != 1001) {
    source.fail("wanted version 1001 of PyTorch's legacy format, got ",
                version[version.root].integer);
  }
  Pickle systemInfo = readPickle(source, version.end);
  if (saysBigEndian(systemInfo)) source.fail("the file's numbers are big-endian");
  Pickle object = readPickle(source, systemInfo.end);
  Pickle keys = readPickle(source, object.end);
  Checkpoint checkpoint{source.path, "PyTorch (legacy)", {}, {}, {}, {}};
  collectTorchTensors(source, object, placesOfLegacy(source, object, keys), checkpoint);
  return checkpoint;
}

}  // namespace sinter::weights
