// Word vectors: word2vec's binary and text files ("count width", then a word and its numbers per
// row) and GloVe's text (the same without the first line). One tensor, "vectors" f32[words,
// width], the words, and the sizes for models/word2vec.cpp. Numbers in text are parsed at once:
// the words have to be found anyway.
#include <algorithm>
#include <charconv>

#include "Formats.h"

namespace sinter::weights {
namespace {

constexpr size_t longestRow = 1 << 20;  // characters; of GloVe's first line

struct Sizes {
  uint64_t words = 0, width = 0;
  uint64_t bodyAt = 0;
};

template <class Number>
bool parse(std::string_view text, Number& value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool outOfRange = error == std::errc::result_out_of_range;  // 1e-50 is 0 in f32, 1e99 infinite
  if (end != text.data() + text.size() || text.empty()) return false;
  if constexpr (std::is_floating_point_v<Number>) {
    if (outOfRange) {
      double wide = 0;
      std::from_chars(text.data(), text.data() + text.size(), wide);
      value = static_cast<Number>(wide);
      return true;
    }
  }
  return error == std::errc();
}

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && isBlank(line.back())) line.remove_suffix(1);
  return line;
}

// Cuts the last blank-separated field off a line.
std::string_view takeLast(std::string_view& line) {
  line = trimmed(line);
  size_t start = line.size();
  while (start > 0 && !isBlank(line[start - 1])) --start;
  auto field = line.substr(start);
  line = line.substr(0, start);
  return field;
}

std::string_view firstLine(std::string_view text) {
  return text.substr(0, std::min(text.find('\n'), text.size()));
}

// The first line "count width" of word2vec's files.
bool readSizes(std::string_view text, Sizes& sizes) {
  auto line = firstLine(text);
  sizes.bodyAt = std::min(line.size() + 1, text.size());
  auto rest = line;
  return parse(takeLast(rest), sizes.width) && parse(takeLast(rest), sizes.words) &&
         trimmed(rest).empty() && sizes.width > 0;
}

uint64_t fieldCount(std::string_view line) {
  uint64_t count = 0;
  for (line = trimmed(line); !line.empty(); line = trimmed(line)) {
    takeLast(line);
    ++count;
  }
  return count;
}

// Whether a line is a word and `width` numbers. Words may hold blanks, in GloVe's 840B for one.
bool isRow(std::string_view line, uint64_t width) {
  float value = 0;
  for (uint64_t i = 0; i < width; ++i) {
    if (!parse(takeLast(line), value)) return false;
  }
  return true;
}

Checkpoint makeCheckpoint(const Source& source, std::string format, std::vector<std::string> words,
                          std::vector<std::byte> data, uint64_t width) {
  Checkpoint checkpoint{source.path, std::move(format), {}, std::move(words), {}, {}};
  Tensor tensor{"vectors",
                DType::F32,
                {static_cast<int64_t>(checkpoint.vocabulary.size()), static_cast<int64_t>(width)},
                {},
                {}};
  tensor.read = [bytes = Bytes(std::move(data))]() -> Result<Bytes> { return bytes; };
  checkpoint.config = join("{\"vocab\": ", tensor.shape[0], ", \"dim\": ", width, "}");
  checkpoint.tensors.push_back(std::move(tensor));
  return checkpoint;
}

Checkpoint readText(const Source& source, std::string_view body, uint64_t width,
                    const Sizes* header) {
  std::vector<std::string> words;
  std::vector<std::byte> data;
  std::vector<float> row(width);
  uint64_t number = header ? 1 : 0;
  while (!body.empty()) {
    auto line = firstLine(body);
    body.remove_prefix(std::min(body.size(), line.size() + 1));
    ++number;
    if (trimmed(line).empty()) continue;
    for (uint64_t i = width; i-- > 0;) {
      auto field = takeLast(line);
      if (!parse(field, row[i])) {
        source.fail("line ", number, " should be a word and ", width, " numbers, but '",
                    field.substr(0, 40), "' is no number");
      }
    }
    words.emplace_back(trimmed(line));
    auto bytes = std::as_bytes(std::span(row));
    data.insert(data.end(), bytes.begin(), bytes.end());
  }
  if (header && words.size() != header->words) {
    source.fail("the first line promises ", header->words, " words, but the file has ",
                words.size());
  }
  return makeCheckpoint(source, header ? "word2vec (text)" : "GloVe (text)", std::move(words),
                        std::move(data), width);
}

Checkpoint readBinary(const Source& source, const Sizes& sizes) {
  Cursor cursor(source, sizes.bodyAt);
  if (sizes.width > cursor.left() / sizeof(float) ||
      sizes.words > cursor.left() / (sizes.width * sizeof(float))) {
    source.fail("the first line promises ", sizes.words, " words of ", sizes.width,
                " numbers, more than the file's ", source.size(), " bytes can hold");
  }
  std::vector<std::string> words;
  std::vector<std::byte> data;
  data.reserve(sizes.words * sizes.width * sizeof(float));
  for (uint64_t i = 0; i < sizes.words; ++i) {
    auto word = cursor.takeUntil(' ', "a word");
    while (word.starts_with('\n')) word.remove_prefix(1);  // word2vec.c ends rows with one
    words.emplace_back(word);
    auto row = cursor.take(sizes.width * sizeof(float), "a word's vector");
    data.insert(data.end(), row.begin(), row.end());
  }
  return makeCheckpoint(source, "word2vec (binary)", std::move(words), std::move(data),
                        sizes.width);
}

bool isText(std::string_view line) {
  return std::ranges::none_of(
      line, [](char c) { return static_cast<unsigned char>(c) < ' ' && !isBlank(c); });
}

}  // namespace

bool looksLikeVectors(const Source& source) {
  Sizes sizes;
  auto text = source.text();
  if (readSizes(text, sizes)) return true;
  auto line = firstLine(text);
  if (line.size() > longestRow || !isText(line)) return false;
  uint64_t fields = fieldCount(line);
  return fields > 2 && isRow(line, fields - 1);
}

Checkpoint readVectors(const Source& source) {
  Sizes sizes;
  auto text = source.text();
  if (!readSizes(text, sizes)) {
    return readText(source, text, fieldCount(firstLine(text)) - 1, nullptr);
  }
  text.remove_prefix(sizes.bodyAt);
  auto line = firstLine(text);
  // Rows of text are at least "a 0": two characters per number.
  if (sizes.width <= line.size() / 2 && isText(line) && isRow(line, sizes.width)) {
    return readText(source, text, sizes.width, &sizes);
  }
  return readBinary(source, sizes);
}

}  // namespace sinter::weights
