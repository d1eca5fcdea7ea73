// Which of a model's entries a run uses. An entry whose values can be asked for by name has a
// companion, called NAME.asked, which computes those too and runs only when one is asked for.
#include <algorithm>
#include <string_view>

#include "program.h"

namespace sinter::runtime {
namespace {

constexpr std::string_view kSuffix = ".asked";

bool has_output(const SinterEntry& entry, std::string_view name) {
  auto named = [&](const SinterTensor& tensor) { return name == tensor.name; };
  return std::any_of(entry.outputs, entry.outputs + entry.output_count, named);
}

}  // namespace

bool is_companion(const SinterEntry& entry) {
  return std::string_view(entry.name).ends_with(kSuffix);
}

const SinterEntry* companion(const SinterModel& model, const SinterEntry& entry) {
  return find_entry(model, entry.name + std::string(kSuffix));
}

std::vector<std::string> spelled_out(const SinterModel& model,
                                     const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& name : names) {
    std::vector<std::string> numbered;
    bool known = false;
    for (int i = 0; i < model.entry_count; ++i) {
      const SinterEntry& entry = model.entries[i];
      known = known || has_output(entry, name);
      while (has_output(entry, name + "." + std::to_string(numbered.size())))
        numbered.push_back(name + "." + std::to_string(numbered.size()));
    }
    if (known || numbered.empty()) numbered = {name};
    all.insert(all.end(), numbered.begin(), numbered.end());
  }
  return all;
}

const SinterEntry& chosen_entry(const SinterModel& model, const std::string& name,
                                const std::vector<std::string>& outputs) {
  const SinterEntry* entry = find_entry(model, name);
  if (entry == nullptr) {
    std::string names;
    for (int i = 0; i < model.entry_count; ++i)
      if (!is_companion(model.entries[i]))
        names += (names.empty() ? "" : ", ") + std::string(model.entries[i].name);
    fail(exit_usage, "the model has no entry '" + name + "'; it has: " + names);
  }
  const SinterEntry* asked = companion(model, *entry);
  const SinterEntry& all = asked != nullptr ? *asked : *entry;
  const SinterEntry* chosen = entry;
  for (const std::string& output : outputs) {
    if (!has_output(*entry, output)) chosen = &all;
    if (has_output(all, output)) continue;
    std::string known;
    for (int i = 0; i < all.output_count; ++i)
      known += (i != 0 ? ", " : "") + std::string(all.outputs[i].name);
    fail(exit_usage, "the model has no output '" + output + "'; it has: " + known);
  }
  return *chosen;
}

void want_outputs(Call& call, const std::vector<std::string>& names) {
  for (int i = 0; i < call.entry().output_count; ++i) call.want(i, false);
  for (const std::string& name : names) call.want(call.find_output(name), true);
}

}  // namespace sinter::runtime
