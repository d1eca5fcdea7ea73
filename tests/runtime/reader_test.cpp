// Readers: what they make of lines, and where they refuse.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "check.h"
#include "reference.h"
#include "sentencepiece_model.h"
#include "task_model.h"

extern "C" const SinterReader sinter_reader_characters, sinter_reader_fasttext_words,
    sinter_reader_numbers, sinter_reader_unigram, sinter_reader_word_characters,
    sinter_reader_wordpiece, sinter_reader_words;

using namespace sinter::runtime;
using Ids = std::vector<int64_t>;

namespace {

/// A line's places as "begin-end".
std::string places(Reader& reader, std::string_view line) {
  std::string out;
  for (const Place& place : reader.places(line))
    out += (out.empty() ? "" : " ") + std::to_string(place.begin) + "-" + std::to_string(place.end);
  return out;
}

}  // namespace

TEST_CASE("characters fill ragged rows") {
  TaskModel model;
  model.input("ids", SINTER_I64, {'b', 's'}).asset("vocabulary", "_\n<unk>\na\n\xc3\xa9\n.\n");
  auto reader = model.make(sinter_reader_characters);
  CHECK(reader->inputs() == std::vector<std::string>{"ids"});
  CHECK(reader->encode("a\xc3\xa9z") == 3);
  CHECK(reader->encode("") == 0);
  CHECK(reader->encode(".\xff") == 2);
  Call call(model.entry());
  reader->fill(call, 2);
  CHECK(call.input(0).type() == SINTER_I64);
  CHECK(call.input(0).shape() == Shape{2, 3});
  CHECK(integers(call.input(0)) == Ids{2, 3, 1, 0, 0, 0});
  CHECK(call.lengths(0) == Ids{3, 0});
  reader->fill(call, 1);  // the third line had waited
  CHECK(integers(call.input(0)) == Ids{4, 1});
}

TEST_CASE("characters obey their options") {
  TaskModel model;
  model.input("other", SINTER_I32, {'b', 's'}).input("ids", SINTER_I32, {'b', 6});
  model.asset("letters", "_\n^\n$\na\nb\n").option("vocabulary", "letters").option("begin", "^");
  model.option("end", "$").option("lower", "true").option("max_length", "5").option("input", "ids");
  auto reader = model.make(sinter_reader_characters);
  CHECK(reader->encode("AB") == 4);
  CHECK(reader->cut_lines() == 0);
  CHECK(reader->encode("abab") == 5);
  CHECK(reader->cut_lines() == 1);
  CHECK(error_of([&] { reader->encode("abc"); }) == "1: the model does not know 'c'");
  Call call(model.entry());
  reader->fill(call, 2);
  CHECK(integers(call.input(1)) == Ids{1, 3, 4, 2, 0, 0, 1, 3, 4, 3, 2, 0});
  model.option("pad", "?");
  CHECK(error_of([&] { model.make(sinter_reader_characters); }) ==
        "2: the vocabulary has no symbol '?' for pad");
}

TEST_CASE("dense rows of any length do not mix") {
  TaskModel model;
  model.input("ids", SINTER_I32, {'b', 'd'}).asset("vocabulary", "<unk>\nto\nbe\n");
  auto reader = model.make(sinter_reader_words);
  CHECK(reader->equal_lengths());
  CHECK(reader->encode("  to\tbe or  ") == 3);
  Call call(model.entry());
  reader->fill(call, 1);
  CHECK(integers(call.input(0)) == Ids{1, 2, 0});
}

TEST_CASE("words cut at punctuation, and pads around them") {
  TaskModel model;
  model.input("ids", SINTER_I32, {'b', 's'}).asset("vocabulary", "_\n<unk>\ndon't\nstop\n!\n(\n");
  model.option("punctuation", "true").option("around", "2").option("lower", "true");
  auto reader = model.make(sinter_reader_words);
  CHECK(reader->encode("Don't (stop)!") == 9);
  CHECK(places(*reader, "Don't (stop)!") == "0-0 0-0 0-5 6-7 7-11 11-12 12-13 0-0 0-0");
  CHECK(reader->encode("stop's 'stop'") == 8);
  CHECK(reader->symbol(3) == "stop");
  CHECK(reader->symbol(6).empty());
  Call call(model.entry());
  reader->fill(call, 1);
  CHECK(integers(call.input(0)) == Ids{0, 0, 2, 5, 3, 1, 4, 0, 0});
  model.option("front", "12");
  auto front = model.make(sinter_reader_words);
  CHECK(front->encode("stop") == 12);
  front->fill(call, 1);
  CHECK(integers(call.input(0)) == Ids{0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0});
}

TEST_CASE("words of two texts, and of a vocabulary without its first line") {
  TaskModel model;
  model.input("b", SINTER_I32, {'b', 4}).input("a", SINTER_I32, {'b', 4});
  model.asset("vocabulary", "x\ny\n").option("first", "1").option("unknown", "x");
  model.option("input", "a").option("second", "b");
  auto reader = model.make(sinter_reader_words);
  CHECK(reader->inputs() == std::vector<std::string>{"a", "b"});
  CHECK(reader->encode("y z\ty x y") == 3);
  CHECK(error_of([&] { reader->encode("y z"); }) ==
        "1: it needs two texts with a tab between them");
  CHECK(reader->symbol(2) == "y");
  Call call(model.entry());
  reader->fill(call, 1);
  CHECK(integers(call.input(1)) == Ids{2, 1, 0, 0});
  CHECK(integers(call.input(0)) == Ids{2, 1, 2, 0});
}

TEST_CASE("masks have positions") {
  TaskModel model;
  model.input("ids", SINTER_I32, {'b', 's'}).input("masked", SINTER_I32, {'b', 3});
  model.asset("vocabulary", "a\n<mask>\n.\n").option("mask", "<mask>");
  model.option("punctuation", "true").option("around", "1").option("lower", "true");
  auto reader = model.make(sinter_reader_words);
  reader->encode("A <mask>.");
  reader->encode("<mask>a<mask>");
  reader->encode("a");
  Call call(model.entry());
  reader->fill(call, 3);
  CHECK(integers(call.input(1)) == Ids{2, 0, 0, 1, 3, 0, 0, 0, 0});
  TaskModel other;
  other.input("ids", SINTER_I32, {'b', 's'}).input("masked", SINTER_I32, {'b', 3});
  other.asset("vocabulary", "a\n");
  CHECK(error_of([&] { other.make(sinter_reader_words); }) ==
        "2: the vocabulary has no symbol '[MASK]'");
}

TEST_CASE("unigram makes ALBERT's inputs") {
  std::string blank = "\xE2\x96\x81";
  SentencePieceModel pieces;
  pieces.piece("<pad>", 0, 3).piece("<unk>", 0, 2).piece("[CLS]", 0, 3).piece("[SEP]", 0, 3);
  pieces.piece("[MASK]", 0, 3).piece(blank, -3).piece(blank + "a", -2).piece("b", -2);
  TaskModel model;
  model.input("input_ids", SINTER_I64, {'b', 's'}).input("token_type_ids", SINTER_I64, {'b', 8});
  model.input("masked", SINTER_I64, {'b', 2}).asset("spiece", pieces.bytes()).limit(8);
  model.option("pair", "any").option("lower", "true");
  auto reader = model.make(sinter_reader_unigram);
  CHECK(reader->encode("Ab [MASK]") == 5);
  CHECK(places(*reader, "Ab [MASK]") == "0-0 0-1 1-2 3-9 0-0");
  CHECK(reader->encode("a\tb\xcc\x81") == 6);
  CHECK(places(*reader, "a\tb") == "0-0 0-1 0-0 2-2 2-3 0-0");
  CHECK(reader->encode("a a a\ta a a a") == 8);
  CHECK(reader->cut_lines() == 1);
  CHECK(places(*reader, "a a a\ta a a a") == "0-0 0-1 2-3 0-0 6-7 8-9 10-11 0-0");
  CHECK(reader->symbol(7) == "b");
  Call call(model.entry());
  reader->fill(call, 3);
  CHECK(integers(call.input(0)) ==
        Ids{2, 6, 7, 4, 3, 0, 0, 0, 2, 6, 3, 5, 7, 3, 0, 0, 2, 6, 6, 3, 6, 6, 6, 3});
  CHECK(integers(call.input(1)) ==
        Ids{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1});
  CHECK(integers(call.input(2)) == Ids{3, 0, 0, 0, 0, 0});
}

TEST_CASE("characters of words, as ELMo reads them") {
  TaskModel model;
  model.input("chars", SINTER_I64, {'b', 's', 5});
  auto reader = model.make(sinter_reader_word_characters);
  CHECK(reader->encode(" a \xc3\xa9longated") == 4);
  CHECK(reader->encode("") == 2);
  CHECK(places(*reader, " a bc") == "0-0 1-2 3-5 0-0");
  Call call(model.entry());
  reader->fill(call, 2);
  CHECK(call.input(0).shape() == Shape{2, 4, 5});
  CHECK(call.lengths(0) == Ids{4, 2});
  CHECK(integers(call.input(0)) == Ids{259, 257,  260,  261,     261, 259, 'a' + 1, 260, 261, 261,
                                       259, 0xc4, 0xaa, 'l' + 1, 260, 259, 258,     260, 261, 261,
                                       259, 257,  260,  261,     261, 259, 258,     260, 261, 261,
                                       0,   0,    0,    0,       0,   0,   0,       0,   0,   0});
  TaskModel flat;
  flat.input("chars", SINTER_I64, {'b', 's'});
  CHECK(
      error_of([&] { flat.make(sinter_reader_word_characters); }) ==
      "2: the task's input 'chars' must be ids [batch, words of each row, at least 3 characters]");
}

TEST_CASE("wordpiece makes BERT's inputs") {
  TaskModel model;
  model.input("token_type_ids", SINTER_I32, {'b', 's'}).input("input_ids", SINTER_I32, {'b', 's'});
  model.asset("vocab", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\n").limit(6).option("pair", "true");
  auto reader = model.make(sinter_reader_wordpiece);
  CHECK(reader->inputs() == std::vector<std::string>{"input_ids", "token_type_ids"});
  CHECK(reader->encode("a\tb") == 5);
  CHECK(reader->cut_lines() == 0);
  CHECK(reader->encode("a a a a\tb b") == 6);  // the model's own limit
  CHECK(reader->cut_lines() == 1);
  CHECK(error_of([&] { reader->encode("a"); }) == "1: it needs two texts with a tab between them");
  CHECK(places(*reader, "a\tB a") == "0-0 0-1 0-0 2-3 4-5 0-0");
  CHECK(reader->symbol(5) == "b");
  CHECK(reader->symbol(-1).empty());
  Call call(model.entry());
  reader->fill(call, 2);
  CHECK(integers(call.input(1)) == Ids{2, 4, 3, 5, 3, 0, 2, 4, 4, 3, 5, 3});
  CHECK(integers(call.input(0)) == Ids{0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1});
  CHECK(call.lengths(0) == Ids{5, 6});
}

TEST_CASE("wordpiece pairs of the reference set") {
  SKIP_WITHOUT_REFERENCES();
  for (const char* name : {"uncased", "chinese"}) {
    auto set =
        nlohmann::json::parse(reference("goldens/tokenizers/" + std::string(name) + ".json"));
    REQUIRE(set["pairs"].size() == 80);
    for (const auto& pair : set["pairs"]) {
      int width = pair["max_length"];
      TaskModel model;
      for (const char* input : {"input_ids", "token_type_ids", "attention_mask"})
        model.input(input, SINTER_I32, {'b', width});
      model.asset("vocab",
                  reference("data/bert-tokenizer/" + set["vocabulary"].get<std::string>()));
      model.option("pair", "true");
      auto reader = model.make(sinter_reader_wordpiece);
      reader->encode(pair["a"].get<std::string>() + "\t" + pair["b"].get<std::string>());
      Call call(model.entry());
      reader->fill(call, 1);
      INFO(pair["a"] << " / " << pair["b"]);
      CHECK(integers(call.input(0)) == pair["input_ids"].get<Ids>());
      CHECK(integers(call.input(1)) == pair["token_type_ids"].get<Ids>());
      CHECK(integers(call.input(2)) == pair["attention_mask"].get<Ids>());
    }
  }
}

TEST_CASE("numbers") {
  TaskModel model;
  model.input("x", SINTER_F32, {'b', 2, 2});
  auto reader = model.make(sinter_reader_numbers);
  CHECK(reader->encode("1, -2.5;3e2\t+4") == 4);
  CHECK(error_of([&] { reader->encode("1 2 3"); }) == "1: it has 3 numbers, the model takes 4");
  CHECK(error_of([&] { reader->encode("1 2 3 4x"); }) == "1: '4x' is not a number that f32 holds");
  CHECK(error_of([&] { reader->encode("1 2 3 1e99"); }) ==
        "1: '1e99' is not a number that f32 holds");
  Call call(model.entry());
  reader->fill(call, 1);
  CHECK(call.input(0).shape() == Shape{1, 2, 2});
  CHECK(call.input(0).as<float>()[1] == -2.5f);
  CHECK(call.input(0).as<float>()[3] == 4);
}

TEST_CASE("options and assets that are wrong are named") {
  TaskModel model;
  model.input("ids", SINTER_I32, {'b', 's'});
  CHECK(error_of([&] { model.make(sinter_reader_words); }) ==
        "2: the task needs the asset 'vocabulary', which `sinter build --asset vocabulary=FILE` "
        "gives");
  model.asset("vocabulary", "a\n").option("lower", "maybe");
  CHECK(error_of([&] { model.make(sinter_reader_words); }) ==
        "2: 'maybe' is no right value for lower: it must be true or false");
  TaskModel other;
  other.input("ids", SINTER_F32, {'b', 's'}).asset("vocabulary", "a\n");
  CHECK(error_of([&] { other.make(sinter_reader_words); }) ==
        "2: the task's input 'ids' must be a matrix of i32 or i64 ids");
  other.option("input", "x");
  CHECK(error_of([&] { other.make(sinter_reader_words); }) ==
        "2: the task's input 'x' is not one of 'forward'");
}
