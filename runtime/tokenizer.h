// What a text is cut into: pieces of a vocabulary, and where each of them stands in the text.
// Implementations: wordpiece.h, unigram.h. Non-goals: nothing around the text (framed_reader.h).
#ifndef SINTER_RUNTIME_TOKENIZER_H
#define SINTER_RUNTIME_TOKENIZER_H

#include <cstdint>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// The bytes [begin, end) of a line that a position of its row stands for; none for a symbol that
/// is not in the line, such as [CLS].
struct Place {
  int64_t begin = 0, end = 0;
  bool starts_word = true;  // false: it goes on with the word of the position before
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  /// Appends the ids of `text` and, where wanted, a place for each.
  virtual void encode(std::string_view text, std::vector<int32_t>& ids,
                      std::vector<Place>* places) = 0;
  /// The id of a piece, -1 where there is none.
  virtual int32_t find(std::string_view piece) const = 0;
  /// The piece with this id; empty where there is none.
  virtual std::string_view piece(int64_t id) const = 0;
  /// How many pieces there are: ids are below.
  virtual int64_t size() const = 0;
};

}  // namespace sinter::runtime
#endif
