// Texts by their first bytes: every one of them that starts at a place, in one walk. Non-goals: no
// changes after it is built.
#ifndef SINTER_RUNTIME_PIECE_TRIE_H
#define SINTER_RUNTIME_PIECE_TRIE_H

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace sinter::runtime {

class PieceTrie {
 public:
  using Entry = std::pair<std::string_view, int32_t>;  // a text and its number, 0 or more

  /// Of equal texts the smallest number counts; empty ones are left out.
  explicit PieceTrie(std::vector<Entry> entries);
  bool empty() const { return nodes_.size() == 1; }

  /// visit(length, number) for each text that `rest` starts with, the shortest first.
  template <class Visit>
  void each_prefix(std::string_view rest, Visit visit) const {
    uint32_t node = 0;
    for (size_t i = 0; i < rest.size(); ++i) {
      node = child(node, static_cast<unsigned char>(rest[i]));
      if (node == 0) return;
      if (nodes_[node].number >= 0) visit(i + 1, nodes_[node].number);
    }
  }
  /// The number of exactly this text, or -1.
  int32_t find(std::string_view text) const;

 private:
  // A node's children lie beside each other, by their byte; the root is node 0 and nobody's child.
  struct Node {
    int32_t number = -1;
    uint32_t children = 0;
    uint16_t count = 0;
    unsigned char byte = 0;
  };
  uint32_t child(uint32_t node, unsigned char byte) const;

  std::vector<Node> nodes_;
  uint32_t first_[256] = {};  // the root's children
};

}  // namespace sinter::runtime
#endif
