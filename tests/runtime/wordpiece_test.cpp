// BERT's tokenizer on small texts, and with the reference sets where they are.
#include "runtime/wordpiece.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "check.h"
#include "reference.h"

using namespace sinter::runtime;
using Ids = std::vector<int32_t>;

namespace {

Ids encode(WordPiece& pieces, std::string_view text) {
  Ids ids;
  pieces.encode(text, ids, nullptr);
  return ids;
}

constexpr const char* kSmall =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\na\n##a\n.\n\xe4\xb8\xad\n"
    "\xcf\x83\xce\xb1\xcf\x83\n\xcf\x83\xce\xb1\xcf\x82\ni\nx\n";

}  // namespace

TEST_CASE("pieces, the longest first") {
  WordPiece pieces(kSmall, {});
  CHECK(encode(pieces, "unaffable") == Ids{5, 6, 7});
  CHECK(encode(pieces, " UNAFFABLE\ta.A ") == Ids{5, 6, 7, 8, 10, 8});
  CHECK(encode(pieces, "unaffabl") == Ids{1});
  CHECK(encode(pieces, "").empty());
  CHECK(encode(pieces,
               "a\xe4\xb8\xad"
               "a") == Ids{8, 11, 8});
  CHECK(encode(pieces, "\xc3\xa0") == Ids{8});   // an accent goes
  CHECK(encode(pieces, "\xc4\xb0") == Ids{14});  // İ
  CHECK(encode(pieces,
               "a\xff\xfe\xe4\xb8"
               "a") == Ids{8, 9});  // invalid parts go
  CHECK(encode(pieces, std::string("a\0a", 3)) == Ids{8, 9});
  CHECK(encode(pieces, "a[SEP]a [sep]") == Ids{8, 3, 8, 1, 1, 1});
  CHECK(encode(pieces, std::string(100, 'a')).size() == 100);
  CHECK(encode(pieces, std::string(101, 'a')) == Ids{1});
  CHECK(encode(pieces, "\xce\xa3\xce\x91\xce\xa3") == Ids{12});
  CHECK(error_of([] { WordPiece("a\nb\n", {}); }) == "2: the vocabulary has no [UNK]");
}

TEST_CASE("where pieces stand") {
  WordPiece pieces(kSmall, {});
  auto places = [&](std::string_view text) {
    std::vector<Place> found;
    Ids ids;
    pieces.encode(text, ids, &found);
    std::string out;
    for (const Place& place : found)
      out += (place.starts_word ? " |" : " ") + std::to_string(place.begin) + "-" +
             std::to_string(place.end);
    return out;
  };
  CHECK(places(" unaffable a.") == " |1-3 3-6 6-10 |11-12 |12-13");
  CHECK(places("\xc3\xa0"
               "a unaffabl x") == " |0-2 2-3 |4-12 |13-14");
  CHECK(places("a[MASK]a") == " |0-1 |1-7 |7-8");
  CHECK(places("\xe4\xb8\xad\xe4\xb8\xad") == " |0-3 |3-6");
}

TEST_CASE("Google's tokenizer where it differs") {
  WordPiece pieces(kSmall, {true, true, true});
  CHECK(encode(pieces, "a[SEP]a") == Ids{8, 1, 1, 1, 8});
  CHECK(encode(pieces, std::string(200, 'a')).size() == 200);
  CHECK(encode(pieces, "\xce\xa3\xce\x91\xce\xa3") == Ids{13});
  CHECK(encode(pieces, "\xce\xa3\xce\x91\xce\xa3 x") == Ids{13, 15});
  CHECK(encode(pieces, "a\xee\x80\x80") == Ids{1});  // private use stays
}

TEST_CASE("cased text keeps case and accents") {
  WordPiece pieces(kSmall, {false, false, false});
  CHECK(encode(pieces, "A a \xc3\xa0") == Ids{1, 8, 1});
}

TEST_CASE("all questions of the reference set") {
  SKIP_WITHOUT_REFERENCES();
  std::string vocabulary = reference("data/bert-tokenizer/bert-base-uncased-vocab.txt");
  WordPiece pieces(vocabulary, {});
  auto questions = nlohmann::json::parse(reference("data/bert-tokenizer/question_tokens.json"));
  auto wanted = nlohmann::json::parse(reference("data/bert-tokenizer/tokenized_questions.json"));
  REQUIRE(questions.size() == 10570);
  REQUIRE(wanted.size() == questions.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    auto text = questions[i]["original"].get<std::string>();
    if (encode(pieces, text) != wanted[i].get<Ids>()) FAIL_CHECK("question " << i << ": " << text);
  }
}

TEST_CASE("the reference texts in every setting") {
  SKIP_WITHOUT_REFERENCES();
  for (const char* name : {"uncased", "chinese", "chinese_cased"}) {
    auto set =
        nlohmann::json::parse(reference("goldens/tokenizers/" + std::string(name) + ".json"));
    std::string vocabulary =
        reference("data/bert-tokenizer/" + set["vocabulary"].get<std::string>());
    bool lower = set["lower"];
    WordPiece usual(vocabulary, {lower, lower, false}), google(vocabulary, {lower, lower, true});
    REQUIRE(set["cases"].size() == 320);
    for (const auto& c : set["cases"]) {
      auto text = c["text"].get<std::string>();
      if (encode(usual, text) != c["ids"].get<Ids>()) FAIL_CHECK(name << ": " << text);
      auto wanted = c.contains("google_ids") ? c["google_ids"] : c["ids"];
      if (encode(google, text) != wanted.get<Ids>()) FAIL_CHECK(name << ", Google: " << text);
    }
  }
}
