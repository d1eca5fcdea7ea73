// BERT's tokenizer: cleaning, lower case and accents, splitting at blanks, punctuation and Chinese
// characters, then the longest pieces of the vocabulary from the left. It follows Hugging Face's
// BertTokenizer (its Rust code) or, by an option, google-research/bert where the two differ:
// special tokens in the text, private-use characters, final sigma, longest word. Non-goals: no
// special tokens around the text, no truncation (readers/wordpiece.cpp).
#ifndef SINTER_RUNTIME_WORDPIECE_H
#define SINTER_RUNTIME_WORDPIECE_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/vocabulary.h"

namespace sinter::runtime {

class WordPiece {
 public:
  struct Settings {
    bool lower = true;
    bool strip_accents = true;
    bool google = false;
  };

  /// `vocabulary` has one piece on a line and must outlive this. An Error where [UNK] is missing.
  WordPiece(std::string_view vocabulary, Settings settings);

  /// Appends the ids of `text`.
  void encode(std::string_view text, std::vector<int32_t>& ids);
  /// The id of a piece, -1 where there is none.
  int32_t find(std::string_view piece) const { return vocabulary_.find(piece); }

 private:
  void encode_plain(std::string_view text, std::vector<int32_t>& ids);
  void clean(std::string_view text);
  void add_character(size_t i, std::vector<int32_t>& ids);
  void add_letter(int32_t c, std::vector<int32_t>& ids);
  void end_word(std::vector<int32_t>& ids);
  bool final_sigma(size_t i) const;

  TextTable vocabulary_;
  Settings settings_;
  int32_t unknown_;
  size_t longest_piece_ = 0;          // bytes
  std::vector<uint32_t> characters_;  // of the text, cleaned
  std::string word_;                  // "##" and the word that is being made
  int64_t word_size_ = 0;             // its code points
};

}  // namespace sinter::runtime
#endif
