// Texts by their first bytes; see piece_trie.h.
#include "piece_trie.h"

#include <algorithm>

namespace sinter::runtime {

PieceTrie::PieceTrie(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end());
  // Of each node the entries [begin, end) that share its `depth` first bytes.
  struct Range {
    size_t begin, end, depth;
  };
  std::vector<Range> ranges = {{0, entries.size(), 0}};
  nodes_.emplace_back();
  for (size_t node = 0; node < nodes_.size(); ++node) {
    auto [at, end, depth] = ranges[node];
    for (; at < end && entries[at].first.size() == depth; ++at)
      if (depth != 0 && nodes_[node].number < 0) nodes_[node].number = entries[at].second;
    nodes_[node].children = static_cast<uint32_t>(nodes_.size());
    while (at < end) {
      char byte = entries[at].first[depth];
      size_t begin = at;
      while (at < end && entries[at].first[depth] == byte) ++at;
      ranges.push_back({begin, at, depth + 1});
      nodes_.push_back({-1, 0, 0, static_cast<unsigned char>(byte)});
      ++nodes_[node].count;
    }
  }
  for (uint32_t i = 0; i < nodes_[0].count; ++i)
    first_[nodes_[nodes_[0].children + i].byte] = nodes_[0].children + i;
}

uint32_t PieceTrie::child(uint32_t node, unsigned char byte) const {
  if (node == 0) return first_[byte];
  const Node* begin = nodes_.data() + nodes_[node].children;
  const Node* end = begin + nodes_[node].count;
  const Node* found =
      std::lower_bound(begin, end, byte,
                       [](const Node& child, unsigned char wanted) { return child.byte < wanted; });
  return found != end && found->byte == byte ? static_cast<uint32_t>(found - nodes_.data()) : 0;
}

int32_t PieceTrie::find(std::string_view text) const {
  uint32_t node = 0;
  for (char c : text) {
    node = child(node, static_cast<unsigned char>(c));
    if (node == 0) return -1;
  }
  return nodes_[node].number;
}

}  // namespace sinter::runtime
