// Writers: a run of a kernel that copies fixed numbers, then the text of its rows.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "check.h"
#include "task_model.h"

extern "C" const SinterWriter sinter_writer_answer, sinter_writer_embedding, sinter_writer_fill,
    sinter_writer_labels, sinter_writer_neighbours, sinter_writer_numbers, sinter_writer_ranking,
    sinter_writer_spans, sinter_writer_tags, sinter_writer_tokens, sinter_writer_word_vectors;

using namespace sinter::runtime;

namespace {

/// Runs an entry whose kernel copies its input, so that output 0 holds the given values, and output
/// 1, where there is one, the given ids.
class Copied {
 public:
  template <class T>
  Copied(TaskModel& model, int32_t type, Shape shape, const std::vector<T>& values,
         std::vector<int64_t> lengths = {}, std::vector<int64_t> second = {})
      : entry_(model.entry()), pool_(1) {
    copy_size() = values.size() * sizeof(T);
    ids() = std::move(second);
    static constexpr int32_t kSeq[] = {1};
    inputs_ = {entry_.outputs[0], {"seq", SINTER_I32, 1, kSeq, -1, -1, 0, 0}};  // binds seq
    entry_.inputs = inputs_.data();
    entry_.input_count = 2;
    entry_.arena_size = 0;
    for (SinterRun& run : entry_.run)
      run = [](const SinterCall* call) {
        std::memcpy(call->outputs[0], call->inputs[0], copy_size());
        if (!ids().empty())
          std::memcpy(call->outputs[1], ids().data(), ids().size() * sizeof(int64_t));
      };
    model_ = model.model();
    model_.abi_version = SINTER_ABI_VERSION;
    model_.entries = &entry_;
    model_.entry_count = 1;
    call_.emplace_back(entry_);
    call().input(0).assign(type, shape, values.data(), type);
    call().input(1).resize(SINTER_I32, {lengths.empty() ? 0 : shape[1]});
    call().lengths(0) = std::move(lengths);
    Instance(model_, pool_, 0, "").run(call());
  }
  Call& call() { return call_.front(); }

 private:
  static size_t& copy_size() {
    static size_t size;
    return size;
  }
  static std::vector<int64_t>& ids() {
    static std::vector<int64_t> list;
    return list;
  }
  SinterEntry entry_;
  std::vector<SinterTensor> inputs_;
  SinterModel model_;
  Pool pool_;
  std::vector<Call> call_;
};

std::string text(Writer& writer, const Call& call, int64_t row, std::string_view line = "line") {
  std::string out;
  writer.write(call, row, line, out);
  return out;
}

std::string json(Writer& writer, const Call& call, int64_t row, std::string_view line = "line") {
  std::string out;
  writer.write_json(call, row, line, out);
  return out;
}

/// A reader of words at the given places, with symbols for writers that name them.
class Placed final : public Reader {
 public:
  explicit Placed(std::vector<Place> places) : places_(std::move(places)) {}
  std::vector<std::string> inputs() const override { return {}; }
  int64_t encode(std::string_view) override { return 0; }
  void fill(Call&, int64_t) override {}
  std::vector<Place> places(std::string_view) override { return places_; }
  std::string_view symbol(int64_t id) const override {
    constexpr std::string_view kSymbols[] = {"\xE2\x96\x81to", "##be", "\xE2\x96\x81"};
    return kSymbols[id];
  }

 private:
  std::vector<Place> places_;
};

}  // namespace

TEST_CASE("labels, the best first") {
  TaskModel model;
  model.output("p", SINTER_F32, {'b', 3}).asset("labels", "__label__a\n__label__b\nc\n");
  Copied run(model, SINTER_F32, {2, 3}, std::vector<float>{0.25f, 0.5f, 0.25f, 0.1f, 0.2f, 0.7f});
  auto one = model.make(sinter_writer_labels);
  CHECK(text(*one, run.call(), 0) == "b\t0.5");
  CHECK(text(*one, run.call(), 1) == "c\t0.7");
  model.option("k", "5");
  CHECK(text(*model.make(sinter_writer_labels), run.call(), 0) == "b\t0.5\ta\t0.25\tc\t0.25");
  model.option("threshold", "0.2");
  CHECK(json(*model.make(sinter_writer_labels), run.call(), 1) ==
        R"("labels": [{"label": "c", "probability": 0.7}, {"label": "b", "probability": 0.2}])");
  model.option("smoothing", "0.1");  // 0.2 was 0.1 before
  CHECK(text(*model.make(sinter_writer_labels), run.call(), 1) == "c\t0.7");
  for (const char* wrong : {"nan", "inf", "-inf"}) {
    TaskModel other;
    other.output("p", SINTER_F32, {'b', 2}).option("threshold", wrong);
    CHECK(error_of([&] { other.make(sinter_writer_labels); }) == "2: threshold must be finite");
  }
}

TEST_CASE("labels of logits, and without names") {
  TaskModel model;
  model.output("p", SINTER_F32, {'b', 2}).option("softmax", "true");
  Copied run(model, SINTER_F32, {1, 2}, std::vector<float>{1000, 1000});
  CHECK(text(*model.make(sinter_writer_labels), run.call(), 0) == "0\t0.5");
  model.asset("labels", "a\nb\nc\n");
  CHECK(error_of([&] { model.make(sinter_writer_labels); }) ==
        "2: the task has 3 labels, the output 'p' 2");
}

TEST_CASE("embeddings and their cosines") {
  TaskModel model;
  model.output("v", SINTER_F32, {'b', 2});
  Copied run(model, SINTER_F32, {3, 2}, std::vector<float>{3, 4, 4, 3, 0, 0});
  auto vectors = model.make(sinter_writer_embedding);
  CHECK(vectors->parts() == 1);
  CHECK(text(*vectors, run.call(), 0) == "3\t4");
  CHECK(json(*vectors, run.call(), 1) == R"("embedding": [4, 3])");
  model.option("pairs", "true");
  auto pairs = model.make(sinter_writer_embedding);
  CHECK(pairs->parts() == 2);
  CHECK(text(*pairs, run.call(), 0) == "0.96");
  CHECK(text(*pairs, run.call(), 1) == "0");
  CHECK(json(*pairs, run.call(), 0) == R"("similarity": 0.96)");
}

TEST_CASE("tokens stop, skip and refuse") {
  TaskModel model;
  model.output("ids", SINTER_I64, {'b', 4}).asset("symbols", "<pad>\n</s>\nA\nB\n");
  model.option("skip", "<pad>");
  Copied run(model, SINTER_I64, {3, 4}, std::vector<int64_t>{2, 0, 3, 1, 1, 2, 2, 2, 9, 1, 1, 1});
  auto tokens = model.make(sinter_writer_tokens);
  CHECK(text(*tokens, run.call(), 0) == "line\tA B");
  CHECK(json(*tokens, run.call(), 0) == R"("input": "line", "tokens": ["A", "B"])");
  CHECK(text(*tokens, run.call(), 1) == "line\t");
  CHECK(error_of([&] { text(*tokens, run.call(), 2); }) ==
        "1: the model answers 9, which is no symbol");
  TaskModel joined;
  joined.output("ids", SINTER_I64, {'b', 4}).asset("symbols", "<pad>\n</s>\nA\nB\n");
  joined.option("echo", "false").option("separator", "-");
  CHECK(text(*joined.make(sinter_writer_tokens), run.call(), 0) == "A-<pad>-B");
}

TEST_CASE("of several hypotheses the first is the answer") {
  TaskModel model;
  model.output("ids", SINTER_I64, {'b', 2, 3}).asset("symbols", "<pad>\n</s>\nA\nB\n");
  model.option("echo", "false");
  Copied run(model, SINTER_I64, {2, 2, 3},
             std::vector<int64_t>{2, 3, 1, 3, 3, 1, 3, 1, 0, 2, 2, 2});
  auto tokens = model.make(sinter_writer_tokens);
  CHECK(text(*tokens, run.call(), 0) == "A B");
  CHECK(text(*tokens, run.call(), 1) == "B");
  TaskModel deep;
  deep.output("ids", SINTER_I64, {'b', 2, 3, 4}).asset("symbols", "A\n");
  CHECK(error_of([&] { deep.make(sinter_writer_tokens); }) ==
        "2: the task's output 'ids' must be ids, [batch, steps]");
}

TEST_CASE("tags of ids and of scores, row by row") {
  TaskModel model;
  model.output("scores", SINTER_F32, {'b', 's', 2}).asset("tags", "N\nV\n");
  Copied run(model, SINTER_F32, {2, 2, 2}, std::vector<float>{0, 1, 1, 0, 2, 2, 9, 9}, {2, 1});
  auto tags = model.make(sinter_writer_tags);
  CHECK(text(*tags, run.call(), 0) == "V N");
  CHECK(text(*tags, run.call(), 1) == "N");
  CHECK(json(*tags, run.call(), 0) == R"("tags": ["V", "N"])");
}

TEST_CASE("numbers keep their nesting in JSON and leave padding out") {
  TaskModel model;
  model.output("x", SINTER_F32, {'b', 's', 2});
  Copied run(model, SINTER_F32, {2, 2, 2}, std::vector<float>{1, 2, 3, 0.1f, 5, 6, 7, 8}, {2, 1});
  auto numbers = model.make(sinter_writer_numbers);
  CHECK(text(*numbers, run.call(), 0) == "1 2 3 0.1");
  CHECK(json(*numbers, run.call(), 1) == R"("x": [[5, 6]])");
}

TEST_CASE("every axis of a row has the row's own length") {
  TaskModel model;
  model.output("attentions", SINTER_F32, {'b', 's', 's'});
  Copied run(model, SINTER_F32, {2, 2, 2}, std::vector<float>{1, 2, 3, 4, 5, 0, 0, 0}, {2, 1});
  auto numbers = model.make(sinter_writer_numbers);
  CHECK(json(*numbers, run.call(), 0) == R"("attentions": [[1, 2], [3, 4]])");
  CHECK(json(*numbers, run.call(), 1) == R"("attentions": [[5]])");
}

TEST_CASE("labels that the task names, and the probability of the second of two") {
  TaskModel model;
  model.output("p", SINTER_F32, {'b'}).option("names", "bad,good").option("k", "2");
  Copied run(model, SINTER_F32, {2}, std::vector<float>{0.75f, 0.25f});
  CHECK(text(*model.make(sinter_writer_labels), run.call(), 0) == "good\t0.75\tbad\t0.25");
  CHECK(text(*model.make(sinter_writer_labels), run.call(), 1) == "bad\t0.75\tgood\t0.25");
  TaskModel three;
  three.output("p", SINTER_F32, {'b'}).option("names", "a,b,c");
  CHECK(error_of([&] { three.make(sinter_writer_labels); }) ==
        "2: the task has 3 labels, the output 'p' 2");
}

TEST_CASE("words for masks") {
  TaskModel model;
  model.output("logits", SINTER_F32, {'b', 's', 3}).option("k", "2");
  Copied run(model, SINTER_F32, {2, 2, 3},
             std::vector<float>{0, 50, 0, -50, 0, 50, 1, 2, 3, 0, 0, 0}, {2, 0});
  auto writer = model.make(sinter_writer_fill);
  Placed reader({});
  writer->attach(reader);
  CHECK(text(*writer, run.call(), 0) ==
        "##be\t1\tto\t1.92875e-22\t\xE2\x96\x81\t1\t##be\t1.92875e-22");
  CHECK(text(*writer, run.call(), 1).empty());
  CHECK(json(*writer, run.call(), 1) == "\"masks\": []");
  TaskModel single;
  single.output("logits", SINTER_F32, {'b', 's', 3}).option("k", "1");
  auto one = single.make(sinter_writer_fill);
  one->attach(reader);
  CHECK(json(*one, run.call(), 0) ==
        "\"masks\": [[{\"word\": \"##be\", \"probability\": 1}], "
        "[{\"word\": \"\xE2\x96\x81\", \"probability\": 1}]]");
  TaskModel flat;
  flat.output("logits", SINTER_F32, {'b', 3});
  CHECK(
      error_of([&] { flat.make(sinter_writer_fill); }) ==
      "2: the task's output 'logits' must be f32 [batch, masks, words] with the masks of each row");
}

TEST_CASE("tags of words, and what they name") {
  constexpr std::string_view kLine = "\xc3\x84nne de Gaulle, Rome";
  Placed reader({{}, {0, 2}, {2, 5, false}, {6, 8}, {9, 15}, {15, 16}, {17, 21}, {}});
  TaskModel model;
  model.output("logits", SINTER_F32, {'b', 's', 4}).asset("tags", "O\nB-PER\nI-PER\nI-LOC\n");
  std::vector<float> logits(8 * 4);
  for (auto [at, tag] : {std::pair{0, 3}, {1, 1}, {2, 3}, {3, 2}, {4, 2}, {5, 0}, {6, 3}, {7, 3}})
    logits[static_cast<size_t>(4 * at + tag)] = 60;
  Copied run(model, SINTER_F32, {1, 8, 4}, logits, {8});
  auto words = model.make(sinter_writer_spans);
  words->attach(reader);
  CHECK(text(*words, run.call(), 0, kLine) ==
        "\xc3\x84nne\tB-PER\tde\tI-PER\tGaulle\tI-PER\t,\tO\tRome\tI-LOC");
  model.option("merge", "true");
  auto names = model.make(sinter_writer_spans);
  names->attach(reader);
  CHECK(text(*names, run.call(), 0, kLine) == "\xc3\x84nne de Gaulle\tPER\tRome\tLOC");
  CHECK(json(*names, run.call(), 0, kLine) ==
        "\"spans\": [{\"tag\": \"PER\", \"probability\": 1, \"text\": \"\xc3\x84nne de "
        "Gaulle\", \"start\": 0, \"end\": 14}, {\"tag\": \"LOC\", \"probability\": 1, "
        "\"text\": \"Rome\", \"start\": 16, \"end\": 20}]");
  TaskModel few;
  few.output("logits", SINTER_F32, {'b', 's', 4}).asset("tags", "O\n");
  CHECK(error_of([&] { few.make(sinter_writer_spans); }) ==
        "2: the task has 1 tags, the output 'logits' 4");
}

TEST_CASE("answers to a question") {
  constexpr std::string_view kLine = "who?\tan \xc3\xa9l f";
  //      [CLS] who ?      [SEP] an      el       f         [SEP]
  Placed reader({{}, {0, 3}, {3, 4}, {}, {5, 7}, {8, 11}, {12, 13}, {}});
  TaskModel model;
  model.output("start_logits", SINTER_F32, {'b', 's'});
  // One output serves as both ends.
  model.option("end", "start_logits").option("k", "2");
  Copied run(model, SINTER_F32, {1, 8}, std::vector<float>{0, 90, 90, 90, 0, 2, 1, 90}, {8});
  auto writer = model.make(sinter_writer_answer);
  writer->attach(reader);
  // Softmax over [CLS] and the text: 1 / s, 1 / s, e^2 / s, e / s.
  CHECK(text(*writer, run.call(), 0, kLine) == "\xc3\xa9l\t0.372461\t\xc3\xa9l f\t0.137021");
  model.option("longest", "1");
  auto one = model.make(sinter_writer_answer);
  one->attach(reader);
  CHECK(json(*one, run.call(), 0, kLine)
            .starts_with("\"answers\": [{\"text\": \"\xc3\xa9l\", \"start\": 3, \"end\": 5, "
                         "\"score\": 0.37246"));
  TaskModel empty;
  empty.output("start_logits", SINTER_F32, {'b', 's'}).option("end", "start_logits");
  empty.option("empty", "true");
  Copied none(empty, SINTER_F32, {1, 8}, std::vector<float>{9, 0, 0, 0, 0, 2, 1, 0}, {8});
  auto nothing = empty.make(sinter_writer_answer);
  nothing->attach(reader);
  CHECK(text(*nothing, none.call(), 0, kLine).starts_with("\t0.99"));
  TaskModel wrong;
  wrong.output("start_logits", SINTER_F32, {'b', 's'});
  CHECK(error_of([&] { wrong.make(sinter_writer_answer); }) ==
        "2: the task's output 'end_logits' must be f32 [batch, seq]");
}

TEST_CASE("numbers in a column's own units") {
  TaskModel model;
  model.output("x", SINTER_F32, {'b'}).option("column", "1");
  Copied run(model, SINTER_F32, {2}, std::vector<float>{1.5f, -2});
  CHECK(text(*model.make(sinter_writer_numbers), run.call(), 0) == "1.5");
  model.asset("normalisation", "p,T\n0,10\n1,4\n");
  auto numbers = model.make(sinter_writer_numbers);
  CHECK(text(*numbers, run.call(), 0) == "16");
  CHECK(json(*numbers, run.call(), 1) == R"("x": 2)");
  TaskModel other;
  other.output("x", SINTER_F32, {'b'}).option("column", "2");
  other.asset("normalisation", "p,T\n0,10\n1,4\n");
  CHECK(error_of([&] { other.make(sinter_writer_numbers); }) ==
        "2: the asset 'normalisation' has no column 2");
}

TEST_CASE("a vector behind its line") {
  TaskModel model;
  model.output("v", SINTER_F32, {'b', 2}).option("echo", "true");
  Copied run(model, SINTER_F32, {1, 2}, std::vector<float>{0.5f, -1});
  auto echo = model.make(sinter_writer_embedding);
  CHECK(text(*echo, run.call(), 0) == "line 0.5 -1");
  CHECK(json(*echo, run.call(), 0) == R"("text": "line", "embedding": [0.5, -1])");
}

TEST_CASE("neighbours, as many as asked for and never the word itself") {
  struct ThreeWords : TaskModel {
    ThreeWords() {
      output("similarity", SINTER_F32, {'b', 3}).output("neighbours", SINTER_I64, {'b', 3});
      asset("vocabulary", "a\nb\nc\n");
    }
  };
  ThreeWords model;
  Copied run(model, SINTER_F32, {2, 3}, std::vector<float>{0.5f, 0.25f, -INFINITY, 1, 0.5f, 0.25f},
             {}, {2, 0, 1, 1, 3, 0});
  auto all = model.make(sinter_writer_neighbours);
  CHECK(all->outputs() == std::vector<std::string>{"similarity", "neighbours"});
  CHECK(text(*all, run.call(), 0) == "c\t0.5\ta\t0.25");
  CHECK(json(*all, run.call(), 0) ==
        R"("neighbours": [{"word": "c", "similarity": 0.5}, {"word": "a", "similarity": 0.25}])");
  CHECK(error_of([&] { text(*all, run.call(), 1); }) == "1: the model answers 3, which is no word");
  ThreeWords one;
  one.option("k", "1");
  CHECK(text(*one.make(sinter_writer_neighbours), run.call(), 1) == "b\t1");
  ThreeWords many;
  many.option("k", "4");
  CHECK(error_of([&] { many.make(sinter_writer_neighbours); }) ==
        "2: the program was built for at most 3 neighbours");
  TaskModel lookup;
  lookup.output("vector", SINTER_F32, {'b', 2}).asset("vocabulary", "a\n");
  Copied vectors(lookup, SINTER_F32, {1, 2}, std::vector<float>{0.5f, -1});
  auto vector = lookup.make(sinter_writer_neighbours);
  CHECK(text(*vector, vectors.call(), 0) == "line 0.5 -1");
  CHECK(json(*vector, vectors.call(), 0) == R"("text": "line", "vector": [0.5, -1])");
}

TEST_CASE("documents by their scores") {
  TaskModel model;
  model.output("cosine", SINTER_F32, {'b', 's'});
  Copied run(model, SINTER_F32, {2, 3}, std::vector<float>{0.25f, 0.5f, 0.25f, 1, 9, 9}, {3, 1});
  auto ranking = model.make(sinter_writer_ranking);
  CHECK(text(*ranking, run.call(), 0, "q\ta\t\tc") == "\t0.5\ta\t0.25\tc\t0.25");
  CHECK(text(*ranking, run.call(), 1, "q\ta") == "a\t1");
  CHECK(json(*ranking, run.call(), 1, "q\t\"") ==
        R"("documents": [{"place": 0, "text": "\"", "score": 1}])");
  model.option("k", "2");
  CHECK(text(*model.make(sinter_writer_ranking), run.call(), 0, "q\ta\tb\tc") == "b\t0.5\ta\t0.25");
  TaskModel dense;
  dense.output("cosine", SINTER_F32, {'b', 3});
  CHECK(error_of([&] { dense.make(sinter_writer_ranking); }) ==
        "2: the task's output 'cosine' must be an f32 matrix whose rows have their own lengths");
}

TEST_CASE("a vector for each word") {
  TaskModel model;
  model.output("v", SINTER_F32, {'b', 's', 2});
  Copied run(model, SINTER_F32, {2, 2, 2}, std::vector<float>{1, 2, 3, -0.5f, 5, 6, 0, 0}, {2, 1});
  auto writer = model.make(sinter_writer_word_vectors);
  Placed two({{}, {0, 2}, {3, 5}, {}}), three({{0, 1}, {2, 3}, {4, 5}});
  writer->attach(two);
  CHECK(text(*writer, run.call(), 0, "to be") == "to\t1 2\tbe\t3 -0.5");
  CHECK(json(*writer, run.call(), 0, "to be") ==
        "\"words\": [{\"word\": \"to\", \"vector\": [1, 2]}, {\"word\": \"be\", \"vector\": [3, "
        "-0.5]}]");
  writer->attach(three);
  CHECK(error_of([&] { text(*writer, run.call(), 0, "a b c"); }) ==
        "1: the model has fewer vectors than the line has words");
  TaskModel flat;
  flat.output("v", SINTER_F32, {'b', 2});
  CHECK(error_of([&] { flat.make(sinter_writer_word_vectors); }) ==
        "2: the task's output 'v' must be f32 [batch, words, width] with the words of each row");
}

TEST_CASE("what is no number has no order") {
  constexpr const char* kError = "1: the model's answer is not a number";
  constexpr std::string_view kLine = "a\tb\tc";
  auto error = [&](const SinterWriter& writer, TaskModel& model, const Call& call, int64_t row) {
    Placed reader({{0, 1}, {2, 3}, {4, 5}});
    auto made = model.make(writer);
    made->attach(reader);
    return error_of([&] { text(*made, call, row, kLine); });
  };
  for (const char* softmax : {"false", "true"}) {
    TaskModel labels;
    labels.output("p", SINTER_F32, {'b', 3}).option("softmax", softmax);
    labels.option("threshold", "0.1");
    Copied run(labels, SINTER_F32, {2, 3}, std::vector<float>{0.5f, NAN, 0, 0.25f, 0.5f, 0.25f});
    CHECK(error(sinter_writer_labels, labels, run.call(), 0) == kError);
    CHECK(error(sinter_writer_labels, labels, run.call(), 1) == "no error");
  }
  TaskModel second;
  second.output("p", SINTER_F32, {'b'});
  Copied one(second, SINTER_F32, {1}, std::vector<float>{NAN});
  CHECK(error(sinter_writer_labels, second, one.call(), 0) == kError);
  TaskModel pieces;
  pieces.output("logits", SINTER_F32, {'b', 's', 3}).asset("tags", "A\nB\nC\n");
  Copied run(pieces, SINTER_F32, {2, 3, 3},
             std::vector<float>{0, 1, 2, 2, NAN, 0, 0, 0, 0, INFINITY, 1, 2, 0, 0, 0, 0, 0, 0},
             {3, 3});
  for (const SinterWriter* writer : {&sinter_writer_spans, &sinter_writer_fill}) {
    CHECK(error(*writer, pieces, run.call(), 0) == kError);
    CHECK(error(*writer, pieces, run.call(), 1) == kError);  // its probabilities are none
  }
  CHECK(error(sinter_writer_tags, pieces, run.call(), 0) == kError);
  CHECK(error(sinter_writer_tags, pieces, run.call(), 1) == "no error");
  TaskModel places;
  places.output("start_logits", SINTER_F32, {'b', 's'}).option("end", "start_logits");
  Copied row(places, SINTER_F32, {1, 3}, std::vector<float>{0, 1, NAN}, {3});
  CHECK(error(sinter_writer_answer, places, row.call(), 0) == kError);
  TaskModel documents;
  documents.output("cosine", SINTER_F32, {'b', 's'});
  Copied scores(documents, SINTER_F32, {1, 2}, std::vector<float>{0.5f, NAN}, {2});
  CHECK(error(sinter_writer_ranking, documents, scores.call(), 0) == kError);
  TaskModel words;
  words.output("similarity", SINTER_F32, {'b', 2}).output("neighbours", SINTER_I64, {'b', 2});
  words.asset("vocabulary", "a\nb\n");
  Copied nearest(words, SINTER_F32, {1, 2}, std::vector<float>{NAN, 1}, {}, {0, 1});
  CHECK(error(sinter_writer_neighbours, words, nearest.call(), 0) == kError);
}
