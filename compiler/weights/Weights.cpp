// Checkpoints as data: element types, tensors, and the listing for people.
#include <algorithm>

#include "Source.h"

namespace sinter::weights {
namespace {

struct TypeInfo {
  std::string_view name;
  uint64_t bytes;
  bool isFloat;
};
constexpr TypeInfo infos[] = {  // in the order of DType
    {"f64", 8, true},     {"f32", 4, true},     {"f16", 2, true},   {"bf16", 2, true},
    {"f8_e4m3", 1, true}, {"f8_e5m2", 1, true}, {"i64", 8, false},  {"i32", 4, false},
    {"i16", 2, false},    {"i8", 1, false},     {"u64", 8, false},  {"u32", 4, false},
    {"u16", 2, false},    {"u8", 1, false},     {"bool", 1, false}, {"text", 0, false}};

const TypeInfo& info(DType type) { return infos[static_cast<size_t>(type)]; }

std::string grouped(uint64_t value) {  // 1,234,567
  auto digits = std::to_string(value);
  for (auto at = static_cast<ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), 1, ',');
  }
  return digits;
}

std::string counted(uint64_t count, std::string_view one) {
  return join(grouped(count), " ", one, count == 1 ? "" : "s");
}

}  // namespace

std::string_view name(DType type) { return info(type).name; }
uint64_t bytesPerElement(DType type) { return info(type).bytes; }
bool isFloat(DType type) { return info(type).isFloat; }

Bytes::Bytes(std::vector<std::byte> data) {
  auto shared = std::make_shared<std::vector<std::byte>>(std::move(data));
  view = *shared;
  owner = std::move(shared);
}

int64_t Tensor::elements() const {
  uint64_t count = 0;
  byteCount(shape, 1, count);
  return static_cast<int64_t>(count);
}

uint64_t Tensor::bytes() const {
  uint64_t count = 0;
  byteCount(shape, bytesPerElement(dtype), count);
  return count;
}

uint64_t Tensor::storedBytes() const { return quantised ? quantised->bytes() : bytes(); }

uint64_t ProductQuantised::bytes() const {
  return codes.size() + centroids.size() + normCodes.size() + normCentroids.size();
}

std::string Tensor::typeText() const { return join(weights::name(dtype), shapeText(shape)); }

const Tensor* Checkpoint::find(std::string_view wanted) const {
  auto found = std::ranges::find(tensors, wanted, &Tensor::name);
  return found == tensors.end() ? nullptr : &*found;
}

std::string listing(const Checkpoint& checkpoint) {
  size_t nameWidth = 0, typeWidth = 0, bytesWidth = 0;
  uint64_t count = 0, elements = 0, bytes = 0;
  for (auto& tensor : checkpoint.tensors) {
    nameWidth = std::max(nameWidth, tensor.name.size());
    typeWidth = std::max(typeWidth, tensor.typeText().size());
    bytesWidth = std::max(bytesWidth, grouped(tensor.storedBytes()).size());
    if (!tensor.derivedFrom.empty()) continue;
    ++count;
    if (!tensor.sameAs.empty()) continue;
    elements += static_cast<uint64_t>(tensor.elements());
    bytes += tensor.storedBytes();
  }
  std::string text;
  for (auto& tensor : checkpoint.tensors) {
    auto type = tensor.typeText();
    auto size = grouped(tensor.storedBytes());
    text += join(tensor.name, std::string(nameWidth - tensor.name.size() + 2, ' '), type,
                 std::string(typeWidth - type.size() + 2 + bytesWidth - size.size(), ' '), size);
    if (!tensor.sameAs.empty()) text += join("  = ", tensor.sameAs);
    if (tensor.quantised) text += "  quantised";
    if (!tensor.derivedFrom.empty()) text += join("  from ", tensor.derivedFrom);
    text += '\n';
  }
  for (auto& [key, value] : checkpoint.metadata)
    text += join("metadata: ", key, " = ", value, "\n");
  for (auto& note : checkpoint.notes) text += join("note: ", note, "\n");
  text += join(checkpoint.format, ": ", counted(count, "tensor"), ", ",
               counted(elements, "element"), ", ", counted(bytes, "byte"));
  if (!checkpoint.vocabulary.empty()) {
    text += join(", ", counted(checkpoint.vocabulary.size(), "word"));
  }
  if (checkpoint.fastText && !checkpoint.fastText->labels.empty()) {
    text += join(", ", counted(checkpoint.fastText->labels.size(), "label"));
  }
  return text + "\n";
}

}  // namespace sinter::weights
