// safetensors: a 64-bit header length, a JSON header, then the tensors' bytes without gaps.
// As strict as the format's own library: the tensors must cover the data exactly.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "Formats.h"

namespace sinter::weights {
namespace {

constexpr uint64_t maxHeader = 100'000'000;  // the limit of the format's own library

struct NamedType {
  std::string_view name;
  DType type;
};
constexpr NamedType types[] = {
    {"F64", DType::F64},   {"F32", DType::F32},        {"F16", DType::F16},
    {"BF16", DType::BF16}, {"F8_E4M3", DType::F8E4M3}, {"F8_E5M2", DType::F8E5M2},
    {"I64", DType::I64},   {"I32", DType::I32},        {"I16", DType::I16},
    {"I8", DType::I8},     {"U64", DType::U64},        {"U32", DType::U32},
    {"U16", DType::U16},   {"U8", DType::U8},          {"BOOL", DType::Bool}};

struct Entry {
  std::string name;
  DType type;
  std::vector<int64_t> shape;
  uint64_t begin, end;  // in the data
};

Entry readEntry(const Source& source, const std::string& name, const nlohmann::json& json) {
  auto wrong = [&](std::string_view what) { source.fail("tensor '", name, "': ", what); };
  auto part = [&](const char* key) -> const nlohmann::json& {
    if (!json.is_object() || !json.contains(key)) {
      source.fail("tensor '", name, "': the header has no ", key, " for it");
    }
    return json[key];
  };
  auto isSize = [](const nlohmann::json& value) {
    return value.is_number_unsigned() && value.get<uint64_t>() <= INT64_MAX;
  };
  Entry entry;
  entry.name = name;
  if (!part("dtype").is_string()) wrong("its dtype is not a name");
  auto typeName = json["dtype"].get_ref<const std::string&>();
  auto* type = std::ranges::find(types, std::string_view(typeName), &NamedType::name);
  if (type == std::end(types)) {
    source.fail("tensor '", name, "': dtype ", typeName, " is not one that Sinter reads");
  }
  entry.type = type->type;
  if (!part("shape").is_array()) wrong("its shape is not a list");
  for (auto& extent : json["shape"]) {
    if (!isSize(extent)) wrong("its shape holds something that is not a size");
    entry.shape.push_back(extent.get<int64_t>());
  }
  auto& offsets = part("data_offsets");
  if (!offsets.is_array() || offsets.size() != 2 || !isSize(offsets[0]) || !isSize(offsets[1])) {
    wrong("its data_offsets are not two sizes");
  }
  entry.begin = offsets[0].get<uint64_t>();
  entry.end = offsets[1].get<uint64_t>();
  uint64_t wanted = 0;
  bool fits = byteCount(entry.shape, bytesPerElement(entry.type), wanted);
  if (!fits || entry.end < entry.begin || entry.end - entry.begin != wanted) {
    source.fail("tensor '", name, "': ", weights::name(entry.type), shapeText(entry.shape),
                " does not fit its data_offsets ", entry.begin, " to ", entry.end);
  }
  return entry;
}

// The tensors, in the order of their offsets, must be the rest of the file.
void checkCover(const Source& source, const std::vector<Entry>& entries, uint64_t dataSize) {
  uint64_t at = 0;
  for (auto& entry : entries) {
    if (entry.begin != at) {
      source.fail("tensor '", entry.name, "' begins at byte ", entry.begin,
                  " of the data, but the tensors before it end at ", at);
    }
    if (entry.end > dataSize) {
      source.fail("tensor '", entry.name, "' needs bytes ", entry.begin, " to ", entry.end,
                  " of the data, but the file has only ", dataSize);
    }
    at = entry.end;
  }
  if (at != dataSize) {
    source.fail("the tensors take ", at, " bytes, but the file holds ", dataSize, " bytes of data");
  }
}

}  // namespace

bool looksLikeSafetensors(const Source& source) {
  if (!source.startsWith("{", 8)) return false;
  return Cursor(source).read<uint64_t>("the header's length") <= maxHeader;
}

Checkpoint readSafetensors(const Source& source) {
  Cursor cursor(source);
  auto length = cursor.read<uint64_t>("the header's length");
  auto header = cursor.takeText(length, "the header");
  auto json = nlohmann::json::parse(header, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) source.fail("the header is not valid JSON");
  Checkpoint checkpoint{source.path, "safetensors", {}, {}, {}, {}};
  std::vector<Entry> entries;
  for (auto& [name, value] : json.items()) {
    if (name != "__metadata__") {
      entries.push_back(readEntry(source, name, value));
      continue;
    }
    if (!value.is_object()) source.fail("the header's __metadata__ is not an object");
    for (auto& [key, text] : value.items()) {
      checkpoint.metadata.emplace_back(key, text.is_string() ? text.get<std::string>() : "");
    }
  }
  uint64_t start = cursor.position();
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  checkCover(source, entries, source.size() - start);
  for (auto& entry : entries) {
    checkpoint.tensors.push_back(viewedTensor(source, std::move(entry.name), entry.type,
                                              std::move(entry.shape), start + entry.begin));
  }
  return checkpoint;
}

}  // namespace sinter::weights
