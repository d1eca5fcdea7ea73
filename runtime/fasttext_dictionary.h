// fastText's dictionary: the words and labels of a model file (.bin or .ftz) and the rows of its
// input matrix that a line becomes. The file's bytes must outlive it; what follows the dictionary
// in the file is not read. Non-goals: no matrices, no training.
#ifndef SINTER_RUNTIME_FASTTEXT_DICTIONARY_H
#define SINTER_RUNTIME_FASTTEXT_DICTIONARY_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/vocabulary.h"

namespace sinter::runtime {

/// Whether the bytes begin as a fastText model does.
bool is_fasttext_model(std::string_view bytes);
/// A classifier's labels with their prefix "__label__". An Error where the bytes are no right
/// model.
std::vector<std::string_view> fasttext_labels(std::string_view model);

class FastTextDictionary {
 public:
  /// An Error where the bytes are no right model.
  explicit FastTextDictionary(std::string_view model);

  /// Appends the rows of a line: its words, their parts, its end and its groups of words.
  void encode(std::string_view line, std::vector<int32_t>& rows);
  /// The rows of one word that stands alone: itself where it is known, then its parts.
  void word_rows(std::string_view word, std::vector<int32_t>& rows);

  int64_t words() const { return table_.size(); }
  /// Rows of the input matrix that encode() may name.
  int64_t rows() const { return words() + (pruned_ >= 0 ? pruned_ : bucket_); }

 private:
  void read_kept(std::string_view pairs);
  void begin(std::string_view text);
  void push_word(size_t begin, size_t end, uint32_t hash);
  void push_parts(size_t begin, size_t end);
  void push_groups();
  void make_room(size_t more);  // in found_
  int32_t* put_bucket(uint32_t bucket, int32_t* to) const;
  uint32_t kept_number(uint32_t bucket) const;
  void finish(std::vector<int32_t>& rows) const;

  TextTable table_;  // words only: their numbers are their rows
  int32_t word_ngrams_ = 1, shortest_ = 0, longest_ = 0;
  uint32_t bucket_ = 0;
  uint64_t inverse_ = 0;  // of bucket_
  int64_t pruned_ = -1;   // how many buckets are kept; -1: every bucket is there
  // Of each 32 buckets: which of them a pruned model kept, and how many it kept before them. The
  // bits lie by themselves because most candidates need nothing else.
  std::vector<uint32_t> kept_, kept_before_;
  std::vector<int32_t> kept_rows_;  // behind the words, in the buckets' order

  // Of the line that is being encoded.
  std::vector<char> text_;       // a byte to spare, the line, another one, "</s>"
  std::vector<int32_t> hashes_;  // of its words
  std::vector<int32_t> found_;   // buckets, and ~row for words; the first found_count_ count
  size_t found_count_ = 0;
};

}  // namespace sinter::runtime
#endif
