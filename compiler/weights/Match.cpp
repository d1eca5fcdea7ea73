#include "Match.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "Source.h"

namespace sinter::weights {
namespace {

// Buffers that frameworks save and no model computes with: neither used nor worth a note.
constexpr std::string_view knownBuffers[] = {"num_batches_tracked", "position_ids"};

struct OldName {
  std::string_view now, then;
};
constexpr OldName oldNames[] = {{"weight", "gamma"}, {"bias", "beta"}};

std::string_view lastPart(std::string_view name) { return name.substr(name.rfind('.') + 1); }

// Names as the model has them: Keras, TensorFlow and HDF5 write "a/b/kernel:0".
std::string normalised(std::string name) {
  std::ranges::replace(name, '/', '.');
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  return name;
}

std::string oldNameOf(std::string_view name) {
  for (auto& [now, then] : oldNames) {
    if (lastPart(name) == now) return join(name.substr(0, name.size() - now.size()), then);
  }
  return {};
}

// How the checkpoint's names follow from the model's: `added` before each, or `removed`.
struct Prefix {
  std::string added, removed;

  std::string apply(std::string_view name) const {
    if (name.starts_with(removed)) name.remove_prefix(removed.size());
    return added + std::string(name);
  }
  auto operator<=>(const Prefix&) const = default;
};

struct Score {
  size_t names = 0, shapes = 0;
  auto operator<=>(const Score&) const = default;
};

class Matcher {
 public:
  Matcher(const Checkpoint& checkpoint, std::span<const Wanted> model)
      : checkpoint(checkpoint), model(model), used(checkpoint.tensors.size(), false) {
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i) {
      names.push_back(normalised(checkpoint.tensors[i].name));
      byName.try_emplace(names.back(), i);
    }
    for (size_t i = 0; i < model.size(); ++i) {
      if (model[i].alias.empty())
        expand(i, wanted);
      else
        expand(i, aliases);
    }
    report.path = checkpoint.path;
    report.wantedCount = wanted.size();
  }

  MatchReport run() {
    prefix = choosePrefix();
    for (Pair& pair : wanted) place(pair);
    placeSingle();
    for (const Pair& alias : aliases) placeAlias(alias);
    for (size_t i = 0; i < names.size(); ++i) {
      bool known = std::ranges::find(knownBuffers, lastPart(names[i])) != std::end(knownBuffers) ||
                   !checkpoint.tensors[i].derivedFrom.empty();
      if (!used[i] && !known) extras.push_back(i);
    }
    for (const Pair& pair : unplaced) reportMissing(pair);
    for (size_t i : extras) {
      auto& tensor = checkpoint.tensors[i];
      report.extra.push_back(join(tensor.name, " ", tensor.typeText()));
    }
    noteWork();
    return std::move(report);
  }

 private:
  void expand(size_t index, std::vector<Pair>& pairs) const {
    const Wanted& weight = model[index];
    auto hole = weight.count ? weight.name.find("{}") : std::string::npos;
    if (hole == std::string::npos) {
      pairs.push_back({index, 0, weight.name, 0});
      return;
    }
    for (int64_t round = 0; round < *weight.count; ++round) {
      std::string name = weight.name;
      name.replace(hole, 2, std::to_string(weight.first + round));
      pairs.push_back({index, round, std::move(name), 0});
    }
  }

  bool hasShape(const Wanted& weight, size_t tensor) const {
    return checkpoint.tensors[tensor].shape == weight.shape;
  }

  // The tensor's index, or -1.
  ptrdiff_t find(std::string_view declared, const Prefix& rule, bool* isOld = nullptr) const {
    auto name = rule.apply(declared);
    auto found = byName.find(name);
    if (found != byName.end()) return static_cast<ptrdiff_t>(found->second);
    found = byName.find(oldNameOf(name));
    if (found == byName.end()) return -1;
    if (isOld) *isOld = true;
    return static_cast<ptrdiff_t>(found->second);
  }

  Score scoreOf(const Prefix& rule) const {
    Score score;
    for (auto& pair : wanted) {
      auto tensor = find(pair.name, rule);
      if (tensor < 0) continue;
      ++score.names;
      score.shapes += hasShape(model[pair.wanted], static_cast<size_t>(tensor));
    }
    return score;
  }

  // Every prefix that would give some declared name a tensor, with how many it would give one.
  std::map<Prefix, size_t> candidates() const {
    std::map<Prefix, size_t> counts;
    auto hasPrefixBefore = [](std::string_view longer, std::string_view shorter) {
      return longer.size() > shorter.size() + 1 && longer.ends_with(shorter) &&
             longer[longer.size() - shorter.size() - 1] == '.';
    };
    auto prefixOf = [](const std::string& longer, const std::string& shorter) {
      return longer.substr(0, longer.size() - shorter.size());
    };
    for (auto& pair : wanted) {
      const auto old = oldNameOf(pair.name);
      for (auto& name : names) {
        for (const std::string* declared : {&pair.name, &old}) {
          if (declared->empty()) continue;
          if (hasPrefixBefore(name, *declared)) ++counts[{prefixOf(name, *declared), ""}];
          if (hasPrefixBefore(*declared, name)) ++counts[{"", prefixOf(*declared, name)}];
        }
      }
    }
    return counts;
  }

  Prefix choosePrefix() {
    Prefix best;
    Score bestScore = scoreOf(best);
    if (bestScore.names == wanted.size()) return best;
    std::vector<Prefix> equal{best};
    for (auto& [candidate, count] : candidates()) {
      if (count < bestScore.names) continue;
      Score score = scoreOf(candidate);
      if (score < bestScore) continue;
      if (score > bestScore) equal.clear();
      bestScore = score;
      equal.push_back(candidate);
    }
    if (equal.size() == 1 || equal.front() == Prefix{}) return equal.front();
    std::string list;
    for (auto& [added, removed] : equal)
      list += join(list.empty() ? "'" : ", '", added, removed, "'");
    report.notes.push_back("several prefixes fit the names equally well, so none is used: " + list);
    return {};
  }

  // A part of a tensor is read for the whole.
  void markUsed(size_t tensor) {
    used[tensor] = true;
    auto whole = byName.find(normalised(checkpoint.tensors[tensor].derivedFrom));
    if (whole != byName.end()) used[whole->second] = true;
  }

  void accept(Pair& pair, size_t tensor) {
    const Wanted& weight = model[pair.wanted];
    auto& found = checkpoint.tensors[tensor];
    markUsed(tensor);
    if (!hasShape(weight, tensor) || !converts(found.dtype, weight.dtype)) {
      report.differing.push_back(
          join("'", pair.name, "': the model wants ", name(weight.dtype), shapeText(weight.shape),
               ", the checkpoint has ", found.typeText(),
               found.name == pair.name ? std::string() : join(" in '", found.name, "'")));
      return;
    }
    if (found.dtype != weight.dtype) ++conversions[{found.dtype, weight.dtype}];
    pair.tensor = tensor;
    report.pairs.push_back(pair);
  }

  void place(Pair& pair) {
    bool isOld = false;
    auto tensor = find(pair.name, prefix, &isOld);
    for (auto& alias : aliases) {  // a tied weight may be stored under its other name only
      if (tensor >= 0) break;
      if (model[alias.wanted].alias == pair.name) tensor = find(alias.name, prefix, &isOld);
    }
    if (tensor < 0) {
      unplaced.push_back(pair);
      return;
    }
    oldCount += isOld;
    accept(pair, static_cast<size_t>(tensor));
  }

  // A file of one array has no names to speak of.
  void placeSingle() {
    if (checkpoint.tensors.size() != 1 || used[0]) return;
    auto fits = [&](const Pair& pair) { return hasShape(model[pair.wanted], 0); };
    if (std::ranges::count_if(unplaced, fits) != 1) return;
    auto pair = std::ranges::find_if(unplaced, fits);
    report.notes.push_back(join("the file's only tensor, '", checkpoint.tensors[0].name,
                                "', is taken as '", pair->name, "'"));
    accept(*pair, 0);
    unplaced.erase(pair);
  }

  void placeAlias(const Pair& alias) {
    auto tensor = find(alias.name, prefix);
    if (tensor < 0) return;
    auto index = static_cast<size_t>(tensor);
    used[index] = true;
    auto& target = model[alias.wanted].alias;
    auto storage = std::ranges::find(report.pairs, target, &Pair::name);
    if (storage == report.pairs.end() || storage->tensor == index) return;
    auto own = checkpoint.tensors[index].read();
    auto other = checkpoint.tensors[storage->tensor].read();
    if (!own || !other) {
      report.differing.push_back(own ? other.error() : own.error());
    } else if (!std::ranges::equal(own->span(), other->span())) {
      report.differing.push_back(join("'", alias.name, "' is tied to '", target,
                                      "' in the model, but the checkpoint has other values in it"));
    }
  }

  static size_t distance(std::string_view a, std::string_view b) {  // Levenshtein's
    std::vector<size_t> row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= b.size(); ++j) {
        size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
        diagonal = row[j];
        row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
      }
    }
    return row[b.size()];
  }

  void reportMissing(const Pair& pair) {
    constexpr size_t mostComparisons = 4096;
    const Wanted& weight = model[pair.wanted];
    auto text = join("'", pair.name, "': the model wants ", name(weight.dtype),
                     shapeText(weight.shape), ", the checkpoint has no such tensor");
    auto wantedName = prefix.apply(pair.name);
    size_t best = wantedName.size() / 2;  // farther than that is another name
    std::string closest;
    for (size_t i : extras) {
      if (unplaced.size() * extras.size() > mostComparisons || !hasShape(weight, i)) continue;
      size_t d = distance(wantedName, names[i]);
      if (d < best) best = d, closest = checkpoint.tensors[i].name;
    }
    if (!closest.empty()) text += join(" (but '", closest, "', of this shape, which is not used)");
    report.missing.push_back(text);
  }

  void noteWork() {
    if (!prefix.added.empty()) {
      report.notes.push_back(
          join("the checkpoint's names begin with '", prefix.added, "', the model's do not"));
    }
    if (!prefix.removed.empty()) {
      report.notes.push_back(
          join("the model's names begin with '", prefix.removed, "', the checkpoint's do not"));
    }
    if (oldCount > 0) {
      report.notes.push_back(join(oldCount,
                                  oldCount == 1 ? " weight has its" : " weights have their",
                                  " old names gamma and beta in the checkpoint"));
    }
    for (auto& [types, count] : conversions) {
      report.notes.push_back(join(count, count == 1 ? " weight is" : " weights are",
                                  " converted from ", name(types.first), " to ",
                                  name(types.second)));
    }
    for (auto& note : checkpoint.notes) report.notes.push_back(note);
  }

  const Checkpoint& checkpoint;
  std::span<const Wanted> model;
  MatchReport report;
  std::vector<std::string> names;                  // of the tensors, normalised
  std::unordered_map<std::string, size_t> byName;  // of these
  std::vector<Pair> wanted, aliases, unplaced;
  std::vector<bool> used;      // of the tensors
  std::vector<size_t> extras;  // tensors that nothing used
  std::map<std::pair<DType, DType>, size_t> conversions;
  Prefix prefix;
  size_t oldCount = 0;
};

}  // namespace

MatchReport match(const Checkpoint& checkpoint, std::span<const Wanted> model) {
  return Matcher(checkpoint, model).run();
}

std::string MatchReport::text() const {
  std::string lines;
  for (auto& sentence : missing) lines += join("error: ", sentence, "\n");
  for (auto& sentence : differing) lines += join("error: ", sentence, "\n");
  for (auto& sentence : notes) lines += join("note: ", sentence, "\n");
  if (!extra.empty()) {
    lines += join("note: ", extra.size(), extra.size() == 1 ? " tensor" : " tensors",
                  " of the checkpoint not used:\n");
    for (auto& tensor : extra) lines += join("  ", tensor, "\n");
  }
  return lines + join(path, ": ", pairs.size(), " of ", wantedCount, " weights found\n");
}

}  // namespace sinter::weights
