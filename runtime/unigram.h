// SentencePiece's unigram tokenizer, read from a .model file: the file's own normalisation, then
// the most probable pieces, exactly those of the sentencepiece library. Non-goals: other kinds of
// SentencePiece models (BPE, words, characters), sampling, text from pieces, nothing around the
// text (framed_reader.h).
#ifndef SINTER_RUNTIME_UNIGRAM_H
#define SINTER_RUNTIME_UNIGRAM_H

#include <string>
#include <vector>

#include "runtime/character_map.h"
#include "runtime/piece_trie.h"
#include "runtime/tokenizer.h"

namespace sinter::runtime {

class Unigram final : public Tokenizer {
 public:
  /// What happens before the file's own normalisation, as ALBERT's tokenizer does it.
  struct Settings {
    bool lower = false;
    bool strip_accents = false;
    bool quotes = false;               // `` and '' become "
    std::vector<std::string> symbols;  // pieces that the text may name: "[MASK]"
  };

  /// `model` must outlive this. An Error where it is not a unigram model.
  Unigram(std::string_view model, Settings settings);

  void encode(std::string_view text, std::vector<int32_t>& ids,
              std::vector<Place>* places) override;
  int32_t find(std::string_view piece) const override { return names_.find(piece); }
  std::string_view piece(int64_t id) const override {
    return id < 0 || id >= size() ? std::string_view() : pieces_[static_cast<size_t>(id)].text;
  }
  int64_t size() const override { return static_cast<int64_t>(pieces_.size()); }

 private:
  enum Type { normal = 1, unknown, control, user_defined, unused, byte };  // as in the file
  struct Piece {
    std::string_view text;
    float score = 0;
    Type type = normal;
  };
  /// Text that remembers, where wanted, where each of its bytes came from.
  struct Traced {
    std::string text;
    std::vector<Place> from;
    void clear() {
      text.clear();
      from.clear();
    }
  };
  /// How the best pieces up to a byte end.
  struct Best {
    float score = 0;
    int64_t begin = -1;  // of the last piece; -1: none ends here
    int32_t id = 0;
  };

  void read(std::string_view model);
  void read_piece(std::string_view message);
  void read_trainer(std::string_view message);
  void read_normalizer(std::string_view message);
  void index_pieces();

  void encode_plain(std::string_view text, int64_t offset, std::vector<int32_t>& ids,
                    std::vector<Place>* places);
  void prepare(std::string_view text, int64_t offset, bool trace);
  void normalize(bool trace);
  static void append(Traced& out, std::string_view part, Place from, bool trace);
  void search();
  const Best& best(int64_t end) const { return best_[static_cast<size_t>(end)]; }
  Place place(int64_t begin, int64_t end) const;  // of a piece in normal_

  Settings settings_;
  std::vector<Piece> pieces_;
  PieceTrie names_{{}}, spoken_{{}}, kept_{{}};  // all; those of texts; the user-defined ones
  CharacterMap map_;
  std::vector<int32_t> bytes_;  // the piece of each byte
  int32_t unknown_ = -1;
  float least_ = 0;  // score of a normal piece
  bool byte_fallback_ = false, blank_behind_ = false;
  bool dummy_prefix_ = true, remove_blanks_ = true, escape_blanks_ = true;

  Traced prepared_, normal_;
  std::vector<Best> best_;     // up to each byte of normal_
  std::vector<int64_t> ends_;  // of the chosen pieces, the last one first
};

}  // namespace sinter::runtime
#endif
