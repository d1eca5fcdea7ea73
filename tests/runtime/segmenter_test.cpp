// Words by a dictionary: small texts, and 1,000 lines each of two reference texts as jieba cuts
// them.
#include "runtime/segmenter.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "check.h"
#include "reference.h"
#include "task_model.h"

extern "C" const SinterReader sinter_reader_words;

using namespace sinter::runtime;

namespace {

std::string cut(Segmenter& segmenter, std::string_view text) {
  std::vector<Segmenter::Word> words;
  segmenter.cut(text, 0, text.size(), words);
  std::string out;
  for (auto [begin, end] : words)
    (out += out.empty() ? "" : "|") += text.substr(begin, end - begin);
  return out;
}

constexpr std::string_view kSmall = "中 5\n中国 20 ns\n国人 9 n\n人 40\n没 0\nT恤 3 n\n人 50\n";

}  // namespace

TEST_CASE("the most probable words") {
  Segmenter segmenter(kSmall);
  CHECK(cut(segmenter, "中国人") == "中国|人");
  CHECK(cut(segmenter, "国人中") == "国人|中");
  CHECK(cut(segmenter, "没有人") == "没|有|人");
  CHECK(cut(segmenter, "abc中T恤x.5%") == "abc|中|T恤|x|.|5|%");
  CHECK(cut(segmenter, " 中　国\t人！é ") == "中|国|人|！|é");
  CHECK(cut(segmenter, "") == "");
  auto error = [](const char* dictionary) {
    return error_of([&] { Segmenter wrong(dictionary); });
  };
  const char* wanted = "2: the task's dictionary, line 2: it needs a word, a blank and a frequency";
  CHECK(error("中 5\n国\n") == wanted);
  CHECK(error("中 5\n国 x\n") == wanted);
  CHECK(error("中 5\n 6\n") == wanted);
  CHECK(error("中 5\n国 -1\n") == wanted);
}

TEST_CASE("words of a text without blanks") {
  TaskModel model;
  model.input("ids", SINTER_I32, {'b', 's'}).asset("vocabulary", "<unk>\n中国\n人\n[MASK]\n");
  model.asset("dictionary", std::string(kSmall)).option("segment", "dictionary");
  auto reader = model.make(sinter_reader_words);
  CHECK(reader->encode("中国人。") == 3);
  CHECK(reader->encode("人[MASK]中国") == 3);
  Call call(model.entry());
  reader->fill(call, 2);
  std::vector<int64_t> ids;
  for (int64_t i = 0; i < 6; ++i) ids.push_back(call.input(0).integer(i));
  CHECK(ids == std::vector<int64_t>{1, 2, 0, 2, 3, 1});
  std::vector<Place> places = reader->places("人 中国");
  REQUIRE(places.size() == 2);
  CHECK((places[1].begin == 4 && places[1].end == 10));
}

// jieba/make.py wrote them: the number of words, and FNV-1a over them, each with a newline.
TEST_CASE("reference texts as jieba cuts them") {
  SKIP_WITHOUT_REFERENCES();
  std::ifstream file(SINTER_TESTS "/runtime/jieba/dictionary.txt");
  std::string dictionary{std::istreambuf_iterator<char>(file), {}};
  Segmenter segmenter(dictionary);
  auto set = nlohmann::json::parse(std::ifstream(SINTER_TESTS "/runtime/jieba/words.json"));
  for (const auto& wanted : set) {
    std::istringstream lines(reference("data/" + wanted["text"].get<std::string>()));
    std::string line;
    int64_t count = 0;
    uint64_t hash = 14695981039346656037u;
    for (int64_t i = 0; i < wanted["lines"].get<int64_t>(); ++i) {
      REQUIRE(std::getline(lines, line));
      std::vector<Segmenter::Word> words;
      segmenter.cut(line, 0, line.size(), words);
      for (auto [begin, end] : words) {
        for (char c : line.substr(begin, end - begin) + "\n")
          hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
        ++count;
      }
    }
    INFO(wanted["text"]);
    CHECK(count == wanted["words"].get<int64_t>());
    CHECK(hash == wanted["hash"].get<uint64_t>());
  }
}
