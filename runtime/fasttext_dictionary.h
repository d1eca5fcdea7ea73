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

class FastTextDictionary {
 public:
  /// Whether the bytes begin as a fastText model does.
  static bool is_model(std::string_view bytes);
  /// An Error where the bytes are no right model.
  explicit FastTextDictionary(std::string_view model);

  /// Appends the rows of a line: its words, their parts, its end and its groups of words.
  void encode(std::string_view line, std::vector<int32_t>& rows);
  /// The rows of one word that stands alone: itself where it is known, then its parts.
  void word_rows(std::string_view word, std::vector<int32_t>& rows);

  int64_t words() const { return words_; }
  int64_t labels() const { return static_cast<int64_t>(labels_.size()); }
  /// With its prefix "__label__".
  std::string_view label(int64_t i) const { return labels_[static_cast<size_t>(i)]; }
  /// Rows of the input matrix that encode() may name.
  int64_t rows() const;

 private:
  /// The buckets that a pruned model kept: one bit each, the number of those before each word of
  /// bits, and their rows in the buckets' order.
  struct KeptBuckets {
    std::vector<uint64_t> bits;
    std::vector<int32_t> before;
    std::vector<int32_t> rows;
  };
  void read_kept(std::string_view pairs);
  void push_bucket(int64_t bucket, std::vector<int32_t>& rows) const;
  void push_parts(std::string_view word, std::vector<int32_t>& rows);
  void push_token(std::string_view token, std::vector<int32_t>& rows);

  int64_t words_ = 0;
  TextTable table_;  // words only: their numbers are their rows
  std::vector<std::string_view> labels_;
  int32_t word_ngrams_ = 1, bucket_ = 0, shortest_ = 0, longest_ = 0;
  int64_t pruned_ = -1;  // how many buckets kept_ has; -1: every bucket is there
  KeptBuckets kept_;
  std::string framed_;           // "<word>"
  std::vector<int32_t> hashes_;  // of the line's words
};

}  // namespace sinter::runtime
#endif
