// BERT's tokenizer: cleaning, lower case and accents, splitting at blanks, punctuation and Chinese
// characters, then the longest pieces of the vocabulary from the left. It follows Hugging Face's
// BertTokenizer (its Rust code) or, by an option, google-research/bert where the two differ:
// special tokens in the text, private-use characters, final sigma, longest word. Non-goals: no
// special tokens around the text, no truncation (framed_reader.h).
#ifndef SINTER_RUNTIME_WORDPIECE_H
#define SINTER_RUNTIME_WORDPIECE_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/tokenizer.h"
#include "runtime/vocabulary.h"

namespace sinter::runtime {

class WordPiece final : public Tokenizer {
 public:
  struct Settings {
    bool lower = true;
    bool strip_accents = true;
    bool google = false;
  };

  /// `vocabulary` has one piece on a line and must outlive this. An Error where [UNK] is missing.
  WordPiece(std::string_view vocabulary, Settings settings);

  void encode(std::string_view text, std::vector<int32_t>& ids,
              std::vector<Place>* places) override;
  int32_t find(std::string_view piece) const override { return vocabulary_.find(piece); }
  std::string_view piece(int64_t id) const override { return vocabulary_.symbol(id); }
  int64_t size() const override { return vocabulary_.size(); }

 private:
  void encode_plain(std::string_view text, int64_t offset, std::vector<int32_t>& ids);
  void clean(std::string_view text, int64_t offset);
  void add_character(size_t i, std::vector<int32_t>& ids);
  void add_letter(int32_t c, std::vector<int32_t>& ids);
  void end_word(std::vector<int32_t>& ids);
  void add_place(size_t begin, size_t end);  // of a piece of word_
  bool final_sigma(size_t i) const;

  TextTable vocabulary_;
  Settings settings_;
  int32_t unknown_;
  size_t longest_piece_ = 0;          // bytes
  std::vector<uint32_t> characters_;  // of the text, cleaned
  std::string word_;                  // "##" and the word that is being made
  int64_t word_size_ = 0;             // its code points
  // Where places are wanted: theirs, that of each character, of the one at hand, of the word's
  // bytes.
  std::vector<Place>* places_ = nullptr;
  std::vector<Place> sources_, word_sources_;
  Place source_;
};

}  // namespace sinter::runtime
#endif
