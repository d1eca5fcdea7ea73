// Keys.h
#include "compiler/tools/Keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "compiler/tools/Process.h"

namespace sinter {
namespace {

using Values = std::vector<ConfigValue>;

// Letters to change, add, leave out or swap to make one word of the other.
size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

bool has(const Values& values, const std::string& key) {
  return std::any_of(values.begin(), values.end(),
                     [&](const ConfigValue& value) { return value.key == key; });
}

bool hasBelow(const Values& values, const std::string& key) {
  return std::any_of(values.begin(), values.end(),
                     [&](const ConfigValue& value) { return value.key.starts_with(key + "."); });
}

// The keys that a person writes: not the items of lists.
std::vector<std::string> writtenKeys(const Values& model) {
  std::vector<std::string> keys;
  std::string list;
  for (const ConfigValue& value : model) {
    if (!list.empty() && value.key.starts_with(list)) continue;
    list = value.kind == "length" ? value.key + "." : "";
    keys.push_back(value.key);
  }
  return keys;
}

// The outermost part of `key` that the model knows nothing of: "rope" of "rope.theta".
std::string unknownPart(const std::string& key, const Values& model) {
  size_t dot = key.find('.');
  while (dot != std::string::npos && hasBelow(model, key.substr(0, dot)))
    dot = key.find('.', dot + 1);
  return key.substr(0, dot);
}

// The value at `at`, a list with its items behind it, which may be lists: [[1, 32], [2, 64]].
std::string shownWhole(Values::const_iterator& at) {
  const ConfigValue& value = *at++;
  if (value.kind == "text") return '"' + value.text + '"';
  if (value.kind != "length") return value.text;
  std::vector<std::string> items(std::stoul(value.text));
  for (std::string& item : items) item = shownWhole(at);
  return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  size_t least = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string& one : known)
    if (size_t d = distance(word, one); d < least) {
      least = d;
      best = one;
    }
  return best;
}

void refuseUnknownDefines(const std::vector<std::string>& defines, const Values& model) {
  std::string lines;
  const std::vector<std::string> keys = writtenKeys(model);
  for (const std::string& define : defines)
    for (const ConfigValue& value : flatten(readConfig("", "", {define}))) {
      if (has(model, value.key)) continue;
      const std::string key = unknownPart(value.key, model), near = nearest(key, keys);
      lines += fmt::format("{}-D {}: the model has no key '{}'; {}", lines.empty() ? "" : "\n",
                           define, key,
                           keys.empty()    ? "it reads no configuration"
                           : !near.empty() ? fmt::format("did you mean '{}'?", near)
                                           : fmt::format("it has {}", fmt::join(keys, ", ")));
    }
  if (!lines.empty()) throw Failure(lines, 2);
}

std::string unreadNote(const std::string& file, const Values& given, const Values& model) {
  std::vector<std::string> missing, unread;
  for (const std::string& key : writtenKeys(model))
    if (!has(given, key)) missing.push_back(key);
  std::string note;
  std::set<std::string> seen;
  for (const ConfigValue& value : given) {
    if (has(model, value.key)) continue;
    std::string key = unknownPart(value.key, model);
    if (!seen.insert(key).second) continue;
    // What the file has under its own name is not what a misspelt key was meant to be.
    if (std::string near = nearest(key, missing); !near.empty())
      note +=
          fmt::format("note: {}: the model has no key '{}'; did you mean '{}'?\n", file, key, near);
    else
      unread.push_back(key);
  }
  if (!unread.empty())
    note += fmt::format("note: {}: the model does not read {}\n", file, fmt::join(unread, ", "));
  return note;
}

std::string defaultsText(const Values& given, const Values& model) {
  std::vector<std::string> parts;
  for (const std::string& key : writtenKeys(model)) {
    if (has(given, key)) continue;
    auto at = std::find_if(model.begin(), model.end(),
                           [&](const ConfigValue& value) { return value.key == key; });
    parts.push_back(fmt::format("{} = {}", key, shownWhole(at)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace sinter
