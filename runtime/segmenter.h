// Words of a text without blanks, by a dictionary with frequencies: of all ways to cut it the most
// probable one, as jieba does without its hidden Markov model. Non-goals: new words, tags.
#ifndef SINTER_RUNTIME_SEGMENTER_H
#define SINTER_RUNTIME_SEGMENTER_H

#include <string_view>
#include <vector>

#include "runtime/piece_trie.h"

namespace sinter::runtime {

class Segmenter {
 public:
  /// A word and its frequency on a line, what follows does not count; must outlive this. An Error
  /// names a line that is wrong.
  explicit Segmenter(std::string_view dictionary);

  struct Word {
    size_t begin, end;  // bytes
  };
  /// Appends the words of text[begin, end), blanks left out. Runs of Chinese characters, letters,
  /// digits and +#&._%- are cut by the dictionary, other characters stand alone; letters and digits
  /// that it leaves single make words.
  void cut(std::string_view text, size_t begin, size_t end, std::vector<Word>& words);

 private:
  struct Best {
    double score;
    size_t end;
  };
  void cut_run(std::string_view text, size_t begin, size_t end, std::vector<Word>& words);

  std::vector<double> scores_;  // of each word, log(frequency / total)
  double unknown_ = 0;          // of a character that is no word
  PieceTrie trie_{{}};
  std::vector<Best> best_;  // from each byte to the end of the run
};

}  // namespace sinter::runtime
#endif
