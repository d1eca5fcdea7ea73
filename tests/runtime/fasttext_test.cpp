// fastText's dictionary: hashes and rows against the reference, pruned models, wrong files.
#include <catch2/catch.hpp>
#include <cstring>
#include <nlohmann/json.hpp>

#include "check.h"
#include "reference.h"
#include "runtime/fasttext_dictionary.h"

using namespace sinter::runtime;
using Rows = std::vector<int32_t>;

namespace {

struct ModelFile {
  int32_t word_ngrams = 1, bucket = 2000000, shortest = 0, longest = 0, version = 12;
  std::vector<std::string> words, labels;
  int64_t pruned = -1;
  std::vector<int32_t> pairs;

  std::string bytes() const {
    std::string out;
    auto add = [&](auto value) {
      char raw[sizeof value];
      std::memcpy(raw, &value, sizeof value);
      out.append(raw, sizeof value);
    };
    add(int32_t(793712314));
    add(version);
    for (int32_t argument : {16, 5, 5, 1, 5, word_ngrams, 1, 3, bucket, shortest, longest, 100})
      add(argument);
    add(1e-4);
    add(int32_t(words.size() + labels.size()));
    add(int32_t(words.size()));
    add(int32_t(labels.size()));
    add(int64_t(1000));
    add(pruned);
    for (const auto* list : {&words, &labels})
      for (const std::string& text : *list) {
        out.append(text).push_back('\0');
        add(int64_t(7));
        out.push_back(list == &labels ? 1 : 0);
      }
    for (int32_t value : pairs) add(value);
    return out;
  }
};

Rows encode(const std::string& bytes, std::string_view line) {
  Rows rows;
  FastTextDictionary(bytes).encode(line, rows);
  return rows;
}

}  // namespace

TEST_CASE("word parts and word groups of the reference set") {
  SKIP_WITHOUT_REFERENCES();
  auto set = nlohmann::json::parse(reference("goldens/fasttext/strings.json"));
  for (const auto& word : set["words"]) {
    auto text = word["word"].get<std::string>();
    CHECK(TextTable::hash(text) == word["hash"].get<uint32_t>());
    if (text == "</s>") continue;  // has no parts in a model
    ModelFile file;
    file.bucket = set["bucket"];
    file.shortest = word["minn"];
    file.longest = word["maxn"];
    std::string bytes = file.bytes();
    Rows rows;
    FastTextDictionary(bytes).word_rows(text, rows);
    CHECK(rows == word["buckets"].get<Rows>());
  }
  for (const auto& line : set["lines"]) {
    ModelFile file;
    file.bucket = set["bucket"];
    file.word_ngrams = line["wordNgrams"];
    std::string text;
    for (const auto& token : line["tokens"])
      if (token != "</s>") text += token.get<std::string>() + " ";
    CHECK(encode(file.bytes(), text) == line["buckets"].get<Rows>());
  }
}

TEST_CASE("known words, labels and the end of the line") {
  ModelFile file;
  file.words = {"</s>", "to", "be"};
  file.labels = {"__label__x", "__label__y"};
  std::string bytes = file.bytes();
  CHECK(encode(bytes, "to be or not") == Rows{1, 2, 0});
  CHECK(encode(bytes, "") == Rows{0});
  CHECK(encode(bytes, "__label__x to __label__unknown") == Rows{1, 0});
  CHECK(encode(bytes, std::string_view("to\0be", 5)) == Rows{1, 2, 0});
  CHECK(encode(bytes, "to </s> be") == Rows{1, 0});
  // What frames a word is not left behind for the next line.
  FastTextDictionary dictionary(bytes);
  Rows rows;
  for (const char* line : {"to be or not to be", "to", " be ", ""}) dictionary.encode(line, rows);
  CHECK(rows == Rows{1, 2, 1, 2, 0, 1, 0, 2, 0, 0});
  CHECK(dictionary.rows() == 2000003);
  CHECK(fasttext_labels(bytes) == std::vector<std::string_view>{"__label__x", "__label__y"});
}

TEST_CASE("pruned models keep some buckets, old ones have no parts") {
  ModelFile file;
  file.words = {"</s>", "ab"};
  file.shortest = file.longest = 2;
  file.bucket = 1000;
  Rows all = encode(file.bytes(), "ab");  // ab, then <a ab b>
  REQUIRE(all.size() == 5);
  file.pruned = 2;
  file.pairs = {all[3] - 2, 0, all[1] - 2, 1};
  CHECK(encode(file.bytes(), "ab") == Rows{1, 3, 2, 0});
  file.pruned = 0;
  file.pairs = {};
  CHECK(encode(file.bytes(), "ab") == Rows{1, 0});
  file.pruned = -1;
  file.version = 11;
  CHECK(encode(file.bytes(), "ab") == Rows{1, 0});
}

TEST_CASE("the published language identifier is read") {
  SKIP_WITHOUT_REFERENCES();
  std::string bytes = reference("data/fasttext-lid176/lid.176.ftz");
  FastTextDictionary dictionary(bytes);
  CHECK(dictionary.words() == 7235);
  CHECK(fasttext_labels(bytes).size() == 176);
  CHECK(dictionary.rows() == 50000);
}

TEST_CASE("wrong model files are refused wherever they are cut") {
  ModelFile file;
  file.words = {"</s>", "to"};
  file.labels = {"__label__x"};
  file.pruned = 1;
  file.pairs = {5, 0};
  std::string bytes = file.bytes();
  auto read = [](std::string_view part) {
    return error_of([=] { FastTextDictionary dictionary(part); });
  };
  CHECK(read(bytes) == "no error");
  for (size_t size = 0; size < bytes.size(); ++size)
    CHECK(read(std::string_view(bytes).substr(0, size)) ==
          "3: the embedded fastText model is not a right one");
  file.pairs = {-5, 0};
  CHECK(read(file.bytes()) != "no error");
  file.pairs = {5, 1};
  CHECK(read(file.bytes()) != "no error");
}
