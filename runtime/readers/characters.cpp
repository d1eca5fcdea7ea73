// Reader `characters`: one id for each code point of the line. Options: symbol_reader.h. Bytes that
// are not UTF-8 are unknown characters.
#include "runtime/symbol_reader.h"
#include "runtime/utf8.h"

namespace sinter::runtime {
namespace {

class Characters final : public SymbolReader {
 public:
  using SymbolReader::SymbolReader;

 private:
  std::string_view next(std::string_view line, size_t& at) override {
    size_t begin = at;
    if (at < line.size()) next_code_point(line, at);
    return line.substr(begin, at - begin);
  }
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Characters>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_characters = {nullptr, 0, sinter::runtime::make};
