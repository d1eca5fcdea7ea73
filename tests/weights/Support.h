// What the tests of the weight readers share.
#ifndef SINTER_TESTS_WEIGHTS_SUPPORT_H
#define SINTER_TESTS_WEIGHTS_SUPPORT_H

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "weights/Weights.h"

extern bool sharedDataIsMissing;  // set by a test that found nothing to do

inline const std::filesystem::path fixtures = FIXTURES;

inline nlohmann::json loadJson(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

inline std::vector<std::byte> loadBytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::byte> bytes(text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

template <class T>
std::vector<T> elementsOf(const sinter::weights::Bytes& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// Any tensor's elements as f64; integers and bool too.
inline std::vector<double> valuesOf(const sinter::weights::Tensor& tensor) {
  using namespace sinter::weights;
  if (isFloat(tensor.dtype)) return elementsOf<double>(readAs(tensor, DType::F64).value());
  auto widen = [](const auto& from) { return std::vector<double>(from.begin(), from.end()); };
  if (tensor.dtype == DType::Bool) return widen(elementsOf<uint8_t>(tensor.read().value()));
  return widen(elementsOf<int64_t>(readAs(tensor, DType::I64).value()));
}

// Tensors of the file itself, without those that follow from others.
inline size_t ownTensors(const sinter::weights::Checkpoint& checkpoint) {
  auto isOwn = [](const auto& tensor) { return tensor.derivedFrom.empty(); };
  return static_cast<size_t>(std::ranges::count_if(checkpoint.tensors, isOwn));
}

#endif  // SINTER_TESTS_WEIGHTS_SUPPORT_H
