// Options and the look-ups that readers and writers share; see task.h.
#include "task.h"

#include <charconv>

namespace sinter::runtime {
namespace {

[[noreturn]] void wrong_option(std::string_view key, std::string_view value, const char* wanted) {
  fail(exit_usage, "'" + std::string(value) + "' is no right value for " + std::string(key) +
                       ": it must be " + wanted);
}

template <class T>
T parse(std::string_view key, std::string_view value, T fallback, const char* wanted) {
  if (value.empty()) return fallback;
  T number{};
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) wrong_option(key, value, wanted);
  return number;
}

int choose(const SinterTensor* tensors, int count, const SinterEntry& entry, const Options& options,
           std::string_view key) {
  std::string_view name = options.text(key, "");
  for (int i = 0; i < count; ++i)
    if (name.empty() || name == tensors[i].name) return i;
  fail(exit_usage, "the task's " + std::string(key) + " '" + std::string(name) +
                       "' is not one of '" + entry.name + "'");
}

}  // namespace

std::string_view Options::text(std::string_view key, std::string_view fallback) const {
  for (size_t i = given_.size(); i-- > 0;)
    if (given_[i].first == key) return given_[i].second;
  for (int i = 0; i < model_.option_count; ++i)
    if (key == model_.options[i].key) return model_.options[i].value;
  return fallback;
}

bool Options::flag(std::string_view key, bool fallback) const {
  std::string_view value = text(key, fallback ? "true" : "false");
  if (value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  wrong_option(key, value, "true or false");
}

int64_t Options::integer(std::string_view key, int64_t fallback) const {
  return parse(key, text(key, ""), fallback, "a whole number");
}

double Options::number(std::string_view key, double fallback) const {
  return parse(key, text(key, ""), fallback, "a number");
}

const SinterAsset* Options::find_asset(std::string_view name) const {
  for (int i = 0; i < model_.asset_count; ++i)
    if (name == model_.assets[i].name) return &model_.assets[i];
  return nullptr;
}

bool Options::has_asset(std::string_view key, std::string_view fallback) const {
  return find_asset(text(key, fallback)) != nullptr;
}

std::string_view Options::asset(std::string_view key, std::string_view fallback) const {
  std::string_view name = text(key, fallback);
  const SinterAsset* asset = find_asset(name);
  if (asset == nullptr)
    fail(exit_usage,
         "the task needs the asset '" + std::string(name) + "', which `sinter build --asset " +
             std::string(name) + "=FILE` gives");
  return {reinterpret_cast<const char*>(asset->data), asset->size};
}

int choose_input(const SinterEntry& entry, const Options& options, std::string_view key) {
  return choose(entry.inputs, entry.input_count, entry, options, key);
}

int choose_output(const SinterEntry& entry, const Options& options, std::string_view key) {
  return choose(entry.outputs, entry.output_count, entry, options, key);
}

int64_t constant_value(const SinterEntry& entry, int32_t i) {
  if (i < entry.symbol_count) return -1;
  int32_t start = entry.code_starts[i];
  bool constant = entry.code_starts[i + 1] - start == 2 && entry.code[start] == SINTER_PUSH;
  return constant ? entry.code[start + 1] : -1;
}

int64_t constant_extent(const SinterEntry& entry, const SinterTensor& tensor, int axis) {
  return constant_value(entry, tensor.extents[axis]);
}

}  // namespace sinter::runtime
