// Readers of what is no running text: sums of words, tables, images, queries with documents.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "check.h"
#include "reference.h"
#include "runtime/image.h"
#include "runtime/letter_trigrams.h"
#include "task_model.h"

extern "C" const SinterReader sinter_reader_csv, sinter_reader_fasttext_words, sinter_reader_images,
    sinter_reader_letter_trigrams, sinter_reader_word_sum, sinter_reader_words;

using namespace sinter::runtime;
using Ids = std::vector<int64_t>;
using Floats = std::vector<float>;

namespace {

Floats floats(const Array& array) { return {array.as<float>(), array.as<float>() + array.count()}; }

std::string encode_error(Reader& reader, std::string_view line) {
  return error_of([&] { reader.encode(line); });
}

/// A file of these bytes, as long as it lives.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes) {
    int descriptor = mkstemp(name_.data());
    REQUIRE(descriptor >= 0);
    close(descriptor);
    std::ofstream(name_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { std::remove(name_.c_str()); }
  std::string name() const { return name_; }

 private:
  // mkstemp puts its own letters in place of the six at the end.
  std::string name_ = std::filesystem::temp_directory_path() / "sinter-XXXXXX";
};

}  // namespace

TEST_CASE("sums of words become ids and signs") {
  TaskModel model;
  model.input("signs", SINTER_I32, {'b', 's'}).input("words", SINTER_I32, {'b', 's'});
  model.asset("vocabulary", "-\nking\nman\nnew york\n+\n").option("input", "words");
  auto reader = model.make(sinter_reader_word_sum);
  CHECK(reader->inputs() == std::vector<std::string>{"words", "signs"});
  CHECK(reader->encode("king - man + king") == 3);
  CHECK(reader->encode("new york") == 1);
  CHECK(encode_error(*reader, "king - ") == "1: there is no word behind its last -");
  CHECK(encode_error(*reader, "king man") == "1: a word is followed by + or -, not by 'man'");
  CHECK(encode_error(*reader, "new") == "1: the model does not know 'new'");
  CHECK(encode_error(*reader, " ") == "1: it has no word");
  CHECK(reader->encode(" -  - +\t+ -") == 3);  // three words and two operators
  Call call(model.entry());
  reader->fill(call, 3);
  CHECK(integers(call.input(1)) == Ids{1, 2, 1, 3, 0, 0, 0, 4, 0});
  CHECK(integers(call.input(0)) == Ids{1, -1, 1, 1, 0, 0, 1, -1, 1});
  CHECK(call.lengths(0) == Ids{3, 1, 3});
  model.option("signs", "sign");
  CHECK(error_of([&] { model.make(sinter_reader_word_sum); }) ==
        "2: the task's signs 'sign' is not one of 'forward'");
}

TEST_CASE("words as sets, with separators") {
  TaskModel model;
  model.input("ids", SINTER_I32, {'b', 's'}).asset("vocabulary", "<start>\n<unk>\nto\nbe\n");
  model.option("separators", ".,").option("distinct", "true").option("begin", "<start>");
  auto reader = model.make(sinter_reader_words);
  CHECK(reader->encode("be,or.be to,,to") == 4);
  CHECK(reader->encode(".") == 1);
  Call call(model.entry());
  reader->fill(call, 2);
  CHECK(integers(call.input(0)) == Ids{0, 1, 2, 3, 0, 0, 0, 0});
  CHECK(call.lengths(0) == Ids{4, 1});
  TaskModel wrong;
  wrong.input("ids", SINTER_I32, {'b', 's'}).asset("vocabulary", "a\n").option("separators", "é");
  CHECK(error_of([&] { wrong.make(sinter_reader_words); }) ==
        "2: the task's separators must be characters of ASCII");
}

TEST_CASE("a table becomes overlapping windows") {
  TaskModel model;
  model.input("x", SINTER_F32, {'b', 'd', 2}).option("window", "2").option("columns", "b,a");
  auto reader = model.make(sinter_reader_csv);
  CHECK(reader->keeps_lines());
  CHECK(reader->encode("\xef\xbb\xbf"
                       "a,\"c,\"\"\",b") == Reader::no_answer);
  CHECK(reader->encode("1,x,2") == Reader::no_answer);
  CHECK(reader->encode("") == Reader::no_answer);
  CHECK(reader->encode(" 3 ,,+4e0\r") == 2);
  CHECK(encode_error(*reader, "5,x,") == "1: column 'b': '' is not a number");
  CHECK(encode_error(*reader, "5,x,nan") == "1: column 'b': 'nan' is not a number");
  CHECK(encode_error(*reader, "5,6") == "1: it has 2 cells, the first line names 3 columns");
  CHECK(encode_error(*reader, "5,\"x,6") == "1: a quote of it is not closed");
  CHECK(encode_error(*reader, "5,\"x\"y,6") == "1: text follows the quotes of 'x'");
  CHECK(reader->encode("\"5\",x,6") == 2);
  CHECK(reader->encode("7,x,8") == 2);
  Call call(model.entry());
  reader->fill(call, 2);
  CHECK(call.input(0).shape() == Shape{2, 2, 2});
  CHECK(floats(call.input(0)) == Floats{2, 1, 4, 3, 4, 3, 6, 5});
  reader->fill(call, 1);
  CHECK(floats(call.input(0)) == Floats{6, 5, 8, 7});
  CHECK(reader->encode("9,x,9") == 2);
}

TEST_CASE("a table's columns are scaled") {
  TaskModel model;
  model.input("x", SINTER_F32, {'b', 1, 2}).option("separator", ";");
  model.asset("normalisation", "p,T\n10,-1\n2,0.5\n");
  auto reader = model.make(sinter_reader_csv);
  CHECK(encode_error(*reader, "1;2") ==
        "1: the first line must name the columns, but it holds numbers");
  CHECK(encode_error(*reader, "p;t") == "1: it names no column 'T'");
  CHECK(reader->encode("T;time;p") == Reader::no_answer);
  CHECK(reader->encode("0;today;12") == 1);
  Call call(model.entry());
  reader->fill(call, 1);
  CHECK(floats(call.input(0)) == Floats{1, 2});
}

TEST_CASE("a table that does not fit is refused") {
  auto made = [](auto change) {
    TaskModel model;
    model.input("x", SINTER_F32, {'b', 'd', 2});
    change(model);
    return error_of([&] { model.make(sinter_reader_csv)->encode("a,b,c"); });
  };
  CHECK(made([](TaskModel&) {}) == "2: the task's window must be at least 1");
  CHECK(made([](TaskModel& m) { m.option("window", "3"); }) ==
        "1: it names 3 columns, the model takes 2");
  CHECK(made([](TaskModel& m) { m.option("window", "3").option("columns", "a"); }) ==
        "2: the task reads 1 columns, the model takes 2");
  CHECK(made([](TaskModel& m) { m.option("window", "3").option("separator", "ab"); }) ==
        "2: the task's separator must be one character");
  for (auto [asset, sentence] : {std::pair{"a,b\n1,2\n3,x\n", "'x' is not a number"},
                                 {"a,b\n1,2\n3\n", "its lines differ in length"},
                                 {"a,b\n1,2\n3,0\n", "a deviation is 0"},
                                 {"a,b\n1,2\n3,4\n5,6\n", "more lines follow"}})
    CHECK(made([&](TaskModel& m) { m.option("window", "3").asset("normalisation", asset); }) ==
          std::string("2: the asset 'normalisation' must be three lines of names, means and "
                      "deviations: ") +
              sentence);
}

TEST_CASE("images") {
  TaskModel model;
  model.input("x", SINTER_F32, {'b', 3, 'd', 'd'}).option("mean", "0,0,0.5");
  model.option("deviation", "1,2,0.5");
  auto reader = model.make(sinter_reader_images);
  CHECK(reader->equal_lengths());
  TemporaryFile wide(std::string("P6\n# drawn by hand\n2 1\n255\n") +
                     std::string("\xff\x33\xff\x00\xff\x00", 6));
  TemporaryFile deep(std::string("P6 1 1 65535 \xff\xff\x00\x00\x33\x33", 19));
  int64_t length = reader->encode(wide.name());
  CHECK(reader->encode(wide.name()) == length);
  CHECK(reader->encode(deep.name()) != length);
  Call call(model.entry());
  reader->fill(call, 1);
  CHECK(call.input(0).shape() == Shape{1, 3, 1, 2});
  CHECK(floats(call.input(0)) == Floats{1, 0, 0.1f, 0.5f, 1, -1});
  reader->fill(call, 1);
  reader->fill(call, 1);
  CHECK(call.input(0).shape() == Shape{1, 3, 1, 1});
  CHECK(floats(call.input(0))[2] == Approx(-0.6));
  std::string none = "/tmp/there is no such file";
  CHECK(encode_error(*reader, none) ==
        "1: '" + none + "' cannot be opened: No such file or directory");
  CHECK(encode_error(*reader, "/tmp") == "1: '/tmp' is no file that can be read");
  TemporaryFile grey(std::string("P5 1 1 1 \x01"));
  CHECK(encode_error(*reader, grey.name()) ==
        "1: '" + grey.name() + "' has 1 channels, the model takes 3");
  model.option("size", "2");
  CHECK(encode_error(*model.make(sinter_reader_images), wide.name()) ==
        "1: '" + wide.name() + "' has 2 x 1 pixels, the model takes 2 x 2");
}

TEST_CASE("bytes that are no image are refused") {
  auto read = [](std::string_view bytes) { return error_of([&] { read_image(bytes); }); };
  CHECK(read("P5 1 1 255 a") == "no error");
  CHECK(read("\x89PNG") == "1: it is no binary PGM or PPM image (P5, P6)");
  CHECK(read("P6 1 x") == "1: its height is no number from 1 to 65536");
  CHECK(read("P6 99999999999999999999") == "1: its width is no number from 1 to 65536");
  CHECK(read("P6 1 1 0 abc") == "1: its largest value is no number from 1 to 65535");
  CHECK(read("P6 1 1 255") == "1: its header is not ended");
  CHECK(read("P6 1 2 255 abc") == "1: it holds 3 bytes of pixels, its size needs 6");
  CHECK(read("P6 65536 65536 65535 ") ==
        "1: it holds 0 bytes of pixels, its size needs 25769803776");
  CHECK(read("P5 1 1 9 \x0a") == "1: it has a pixel above its largest value");
  CHECK(read("P6 # a comment without an end") == "1: its width is no number from 1 to 65536");
}

TEST_CASE("letter trigrams of the reference set") {
  SKIP_WITHOUT_REFERENCES();
  auto set = nlohmann::json::parse(reference("goldens/dssm/strings.json"));
  REQUIRE(set.size() == 14);
  for (const auto& text : set) {
    INFO(text["text"]);
    CHECK(letter_trigrams(text["text"].get<std::string>(), true) ==
          text["trigrams"].get<std::vector<std::string>>());
  }
}

TEST_CASE("queries with documents, each text once") {
  TaskModel model(TaskModel::Symbols::all);
  model.input("query", SINTER_I32, {'b', 's'}).input("texts", SINTER_I32, {'t', 'w'});
  model.input("documents", SINTER_I32, {'b', 'l'}).asset("trigrams", "#go\ngo#\n#a#\n#A#\n");
  auto reader = model.make(sinter_reader_letter_trigrams);
  CHECK(encode_error(*reader, "query") ==
        "1: it needs a query and documents, with tabs between them");
  reader->encode("Go go\ta\tgo\ta");
  reader->encode("nothing\tgo\t");
  reader->encode("a\tgo");
  Call call(model.entry());
  reader->fill(call, 2);
  CHECK(integers(call.input(0)) == Ids{0, 1, 0, 1, 0, 0, 0, 0});
  CHECK(call.lengths(0) == Ids{4, 0});
  CHECK(integers(call.input(1)) == Ids{2, 0, 0, 1, 0, 0});  // a, go, and an empty text
  CHECK(call.lengths(1) == Ids{1, 2, 0});
  CHECK(integers(call.input(2)) == Ids{0, 1, 0, 1, 2, 0});
  CHECK(call.lengths(2) == Ids{3, 2});
  reader->fill(call, 1);  // the third line had waited
  CHECK(integers(call.input(0)) == Ids{2});
  CHECK(integers(call.input(1)) == Ids{0, 1});
  model.option("lower", "false");
  auto as_it_is = model.make(sinter_reader_letter_trigrams);
  as_it_is->encode("A\tGo");
  as_it_is->fill(call, 1);
  CHECK(integers(call.input(0)) == Ids{3});
  CHECK(call.lengths(1) == Ids{0});
  model.option("texts", "text");
  CHECK(error_of([&] { model.make(sinter_reader_letter_trigrams); }) ==
        "2: the task's texts 'text' is not one of 'forward'");
}
