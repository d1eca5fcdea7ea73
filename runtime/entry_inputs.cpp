// Inputs beside the text; see entry_inputs.h.
#include "entry_inputs.h"

#include <algorithm>
#include <cmath>

#include "program.h"

namespace sinter::runtime {
namespace {

constexpr std::string_view kChoices[] = {"beam", "sample"};

/// "top_k" as the flag --top-k.
std::string flag_of(std::string_view name) {
  std::string flag = "--" + std::string(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

bool is_scalar(const SinterTensor& input) {
  return input.rank == 0 && (input.type == SINTER_F32 || is_integer(input.type));
}

const SinterTensor* find_scalar(const SinterEntry& entry, std::string_view name) {
  for (int i = 0; i < entry.input_count; ++i)
    if (name == entry.inputs[i].name && is_scalar(entry.inputs[i])) return &entry.inputs[i];
  return nullptr;
}

/// The flag of the entry that takes the input, or nothing.
std::string chooser_of(const SinterModel& model, std::string_view input) {
  for (std::string_view name : kChoices)
    if (const SinterEntry* entry = find_entry(model, name); entry && find_scalar(*entry, input))
      return flag_of(name);
  return {};
}

}  // namespace

std::vector<EntryFlag> entry_flags(const SinterModel& model) {
  std::vector<EntryFlag> flags;
  if (model.reader == nullptr) return flags;
  const Options options(model);
  for (std::string_view name : kChoices)
    if (find_entry(model, name) != nullptr)
      flags.push_back({flag_of(name), "entry", nullptr, std::string(name),
                       "answer by the model's entry '" + std::string(name) + "'"});
  for (int e = 0; e < model.entry_count; ++e)
    for (int i = 0; i < model.entries[e].input_count; ++i) {
      const SinterTensor& input = model.entries[e].inputs[i];
      auto same = [&](const EntryFlag& known) { return known.key == input.name; };
      if (!is_scalar(input) || std::any_of(flags.begin(), flags.end(), same)) continue;
      std::string help = "the input '" + std::string(input.name) + "'";
      if (std::string with = chooser_of(model, input.name); !with.empty()) help += " of " + with;
      if (std::string value(options.text(input.name, "")); !value.empty())
        help += " (default " + value + ")";
      flags.push_back(
          {flag_of(input.name), input.name, input.type == SINTER_F32 ? "X" : "N", "", help});
    }
  return flags;
}

EntryInputs::EntryInputs(const SinterModel& model, const SinterEntry& entry,
                         const Options& options,
                         const std::vector<std::pair<std::string, std::string>>& flagged)
    : entry_(entry) {
  const std::vector<EntryFlag> flags = entry_flags(model);
  for (const auto& [key, value] : flagged) {
    auto named = [&key = key](const EntryFlag& flag) { return flag.key == key; };
    if (key == "entry" || std::none_of(flags.begin(), flags.end(), named) ||
        find_scalar(entry, key))
      continue;
    std::string with = chooser_of(model, key);
    fail(exit_usage, flag_of(key) + " is for another entry than '" + entry.name + "'" +
                         (with.empty() ? "" : "; it goes with " + with));
  }
  for (int i = 0; i < entry.input_count; ++i) {
    const SinterTensor& input = entry.inputs[i];
    if (!is_scalar(input)) continue;
    if (options.text(input.name, "").empty())
      fail(exit_usage, "the model needs a value for " + flag_of(input.name));
    const bool real = input.type == SINTER_F32;
    scalars_.push_back({i, real ? options.number(input.name, 0) : 0,
                        real ? 0 : options.integer(input.name, 0)});
    if (!std::isfinite(scalars_.back().real))
      fail(exit_usage, flag_of(input.name) + " must be finite");
  }
  const std::string_view name = options.text("line_number", "");
  for (int i = 0; i < entry.input_count; ++i)
    if (!name.empty() && name == entry.inputs[i].name) line_number_ = i;
  if (line_number_ >= 0) {
    const SinterTensor& input = entry.inputs[line_number_];
    if (input.rank != 1 || input.type != SINTER_I64)
      fail(exit_usage, "the task's line_number '" + std::string(name) + "' must be a row of i64");
  }
}

std::vector<std::string> EntryInputs::names() const {
  std::vector<std::string> names;
  for (const Scalar& scalar : scalars_) names.emplace_back(entry_.inputs[scalar.input].name);
  if (line_number_ >= 0) names.emplace_back(entry_.inputs[line_number_].name);
  return names;
}

void EntryInputs::fill(Call& call, int64_t first, int64_t lines, int64_t rows) const {
  for (const Scalar& scalar : scalars_) {
    const int32_t type = entry_.inputs[scalar.input].type;
    if (type == SINTER_F32) {
      const auto value = static_cast<float>(scalar.real);
      call.input(scalar.input).assign(type, {}, &value, SINTER_F32);
    } else {
      call.input(scalar.input).assign(type, {}, &scalar.whole, SINTER_I64);
    }
  }
  if (line_number_ < 0) return;
  Array& numbers = call.input(line_number_);
  numbers.resize(SINTER_I64, {lines * rows});
  for (int64_t i = 0; i < lines * rows; ++i) numbers.as<int64_t>()[i] = first + i / rows;
}

}  // namespace sinter::runtime
