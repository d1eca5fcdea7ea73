// SentencePiece's unigram tokenizer on small models, and on real ones where the reference sets are.
#include "runtime/unigram.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "check.h"
#include "reference.h"
#include "sentencepiece_model.h"

using namespace sinter::runtime;
using Ids = std::vector<int32_t>;

namespace {

constexpr std::string_view kBlank = "\xE2\x96\x81";

Ids encode(Unigram& pieces, std::string_view text) {
  Ids ids;
  pieces.encode(text, ids, nullptr);
  return ids;
}

/// The places as "begin-end", with a bar before those that start a word.
std::string places(Unigram& pieces, std::string_view text) {
  Ids ids;
  std::vector<Place> found;
  pieces.encode(text, ids, &found);
  CHECK(found.size() == ids.size());
  std::string out;
  for (const Place& place : found)
    out += (place.starts_word ? " |" : " ") + std::to_string(place.begin) + "-" +
           std::to_string(place.end);
  return out.empty() ? out : out.substr(1);
}

/// <unk> <s> </s>, then ids from 3.
SentencePieceModel small() {
  SentencePieceModel model;
  model.piece("<unk>", 0, 2).piece("<s>", 0, 3).piece("</s>", 0, 3);
  model.piece(std::string(kBlank), -2).piece(std::string(kBlank) + "ab", -3);    // 3, 4
  return model.piece("a", -4).piece("b", -4).piece("bc", -5).piece("c", -4.5f);  // 5 … 8
}

/// Replaces "A" by `replacement`.
std::string map_of_a(const std::string& replacement) {
  std::string bytes(4 * 512, '\0');
  auto unit = [&](size_t i, uint32_t value) { std::memcpy(&bytes[4 * i], &value, 4); };
  unit(0, 256u << 10);                        // children at 256 ^ byte
  unit(256 ^ 'A', 1u << 10 | 1u << 8 | 'A');  // a value, 1 beside it
  unit(256 ^ 'A' ^ 1, 1u << 31);
  uint32_t size = static_cast<uint32_t>(bytes.size());
  return std::string(reinterpret_cast<const char*>(&size), 4) + bytes + replacement + '\0';
}

}  // namespace

TEST_CASE("the most probable pieces") {
  std::string model = small().bytes();
  Unigram pieces(model, {});
  CHECK(encode(pieces, "ab") == Ids{4});
  CHECK(encode(pieces, "abc") == Ids{4, 8});                 // -3 -4.5 before -2 -4 -5
  CHECK(encode(pieces, "  ab \t ab  ") == Ids{4, 3, 0, 4});  // without a map a tab is a character
  CHECK(encode(pieces, "bc") == Ids{3, 7});
  CHECK(encode(pieces, "") == Ids{});
  CHECK(encode(pieces, "   ") == Ids{});
  CHECK(encode(pieces, "axyz a") == Ids{3, 5, 0, 3, 5});  // a run of unknown characters is one
  CHECK(encode(pieces, "<s>") == Ids{3, 0});              // control pieces are not in texts
  CHECK(encode(pieces, "a\xff\xe4\xb8\x62") == Ids{3, 5, 0, 6});
  CHECK(places(pieces, " ab a\xf0\x9f\x98\x80") == "|1-3 |4-4 4-5 5-9");
  CHECK(pieces.find("bc") == 7);
  CHECK(pieces.find("bcd") == -1);
}

TEST_CASE("what a SentencePiece model may say of its text") {
  std::string suffix = small().trainer(24, 1).piece("ab" + std::string(kBlank), -3).bytes();
  Unigram behind(suffix, {});
  CHECK(encode(behind, "ab") == Ids{9});
  CHECK(places(behind, "ab ab") == "|0-3 3-5");
  std::string bare = small().normalizer(3, 0).normalizer(4, 0).bytes();
  Unigram kept(bare, {});
  CHECK(encode(kept, " a  b") == Ids{3, 5, 3, 3, 6});
  std::string plain = small().normalizer(5, 0).bytes();
  Unigram unescaped(plain, {});
  CHECK(encode(unescaped, "a") == Ids{0, 5});
  std::string mapped = small().normalizer(2, map_of_a("ab ")).bytes();
  Unigram map(mapped, {});
  CHECK(encode(map, "AA") == Ids{4, 4});
  CHECK(places(map, "AA") == "|0-1 |1-2");
}

TEST_CASE("pieces of users, and bytes for what is unknown") {
  std::string users = small().piece("abca", 0, 4).piece("a", -1, 5).bytes();
  Unigram kept(users, {});
  CHECK(encode(kept, "xabcab") == Ids{3, 0, 9, 6});
  SentencePieceModel model = small().trainer(35, 1);
  for (int i = 0; i < 256; ++i) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(i));
    model.piece(name, 0, 6);
  }
  std::string with_bytes = model.bytes();
  Unigram bytes(with_bytes, {});
  CHECK(encode(bytes, "a\xc3\xa9y") == Ids{3, 5, 9 + 0xc3, 9 + 0xa9, 9 + 'y'});
  CHECK(places(bytes, "a\xc3\xa9") == "|0-0 0-1 1-3 1-3");
  std::string lacking = small().trainer(35, 1).bytes();
  CHECK(error_of([&] { Unigram(lacking, {}); }) ==
        "2: the task's SentencePiece model lacks pieces of its byte fallback");
}

TEST_CASE("ALBERT's preprocessing and special pieces") {
  std::string model = small().piece("[MASK]", 0, 3).piece("\"", -4).piece("i", -9).bytes();
  Unigram pieces(model, {true, true, true, {"[MASK]"}});
  CHECK(encode(pieces,
               "\xc3\x81"
               "B") == Ids{4});  // Á
  CHECK(encode(pieces, "``a''") == Ids{3, 10, 5, 10});
  CHECK(encode(pieces, "\xef\xac\x81") == Ids{3, 0, 11});  // the ligature fi
  CHECK(encode(pieces, "ab [MASK]c") == Ids{4, 9, 3, 8});
  CHECK(places(pieces, "ab [MASK]\xc3\x81 ") == "|0-2 |3-9 |9-9 9-11");
  Unigram cased(model, {});
  CHECK(encode(cased, "AB") == Ids{3, 0});
}

TEST_CASE("SentencePiece models that cannot be used are refused") {
  auto error = [](std::string bytes) { return error_of([&] { Unigram(bytes, {}); }); };
  CHECK(error(small().trainer(3, 2).bytes()) ==
        "2: the task's SentencePiece model is a BPE model; the reader takes unigram models");
  const char* damaged = "2: the task's SentencePiece model is damaged or no such file";
  CHECK(error("") == damaged);
  CHECK(error("<pad>\t0\n<unk>\t0\n") == damaged);
  CHECK(error(small().piece("", 0).bytes()) == damaged);
  std::string whole = small().bytes();
  CHECK(error(whole.substr(0, whole.size() - 1)) == damaged);
  CHECK(error(SentencePieceModel().piece("a", 0).bytes()) ==
        "2: the task's SentencePiece model has no unknown piece");
  CHECK(error(small().normalizer(2, "abc").bytes()) ==
        "2: the SentencePiece model's map of characters is damaged");
}

// sentencepiece/make.py wrote what the sentencepiece library answers: for each model and text the
// number of ids and their hash.
TEST_CASE("every line of the reference texts as the sentencepiece library cuts it") {
  SKIP_WITHOUT_REFERENCES();
  auto set = nlohmann::json::parse(std::ifstream(SINTER_TESTS "/runtime/sentencepiece/ids.json"));
  for (const auto& wanted : set) {
    std::string model = reference("data/" + wanted["model"].get<std::string>());
    Unigram pieces(model, {});
    std::istringstream lines(reference("data/" + wanted["text"].get<std::string>()));
    int64_t count = 0, line_count = 0;
    uint64_t hash = 14695981039346656037u;  // FNV-1a over the ids, and -1 at each line's end
    auto add = [&](int32_t id) { hash = (hash ^ static_cast<uint32_t>(id)) * 1099511628211u; };
    for (std::string line; std::getline(lines, line); ++line_count, add(-1))
      for (int32_t id : encode(pieces, line)) add(id), ++count;
    INFO(wanted["model"] << " " << wanted["text"]);
    CHECK(line_count == wanted["lines"].get<int64_t>());
    CHECK(count == wanted["ids"].get<int64_t>());
    CHECK(hash == wanted["hash"].get<uint64_t>());
  }
}

TEST_CASE("ALBERT's reference texts") {
  SKIP_WITHOUT_REFERENCES();
  // The published vocabulary is text: pieces and scores; its types follow from them.
  SentencePieceModel model;
  std::istringstream lines(reference("data/albert/albert_base_v2_30k-clean.vocab"));
  for (std::string line; std::getline(lines, line);) {
    size_t tab = line.find('\t');
    std::string piece = line.substr(0, tab);
    float score = std::stof(line.substr(tab + 1));
    int type = piece == "<unk>" ? 2 : score != 0 ? 1 : piece.size() > 4 ? 3 : 4;
    model.piece(piece, score, type);
  }
  std::string bytes = model.bytes();
  auto set = nlohmann::json::parse(reference("data/albert/albert_base_v2_tokenizer_goldens.json"));
  Unigram pieces(bytes, {true, false, true, {}});
  REQUIRE(pieces.size() == 30000);
  for (const auto& wanted : set["tokenize_keep_accents"])
    CHECK(encode(pieces, wanted["text"].get<std::string>()) == wanted["ids"].get<Ids>());
  for (const auto& wanted : set["encode_with_special_tokens"]) {
    Ids ids = encode(pieces, wanted["text"].get<std::string>());
    ids.insert(ids.begin(), pieces.find("[CLS]"));
    ids.push_back(pieces.find("[SEP]"));
    CHECK(ids == wanted["input_ids"].get<Ids>());
  }
  CHECK(set["tokenize_keep_accents"].size() + set["encode_with_special_tokens"].size() == 5);
}
