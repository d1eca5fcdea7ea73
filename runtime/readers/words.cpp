// Reader `words`: one id for each part of the line between blanks (space, tab and the like).
// Options: symbol_reader.h. Punctuation is not split off; text prepared with such splits keeps
// them.
#include "runtime/symbol_reader.h"

namespace sinter::runtime {
namespace {

class Words final : public SymbolReader {
 public:
  using SymbolReader::SymbolReader;

 private:
  std::string_view next(std::string_view line, size_t& at) override {
    constexpr std::string_view kBlanks = " \t\v\f\r\n";
    size_t begin = line.find_first_not_of(kBlanks, at);
    if (begin == line.npos) return {};
    at = std::min(line.find_first_of(kBlanks, begin), line.size());
    return line.substr(begin, at - begin);
  }
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Words>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_words = {nullptr, 0, sinter::runtime::make};
