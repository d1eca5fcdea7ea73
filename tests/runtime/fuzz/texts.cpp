// Lines of any bytes through the readers that look words and trigrams up: ids stay in the
// vocabulary, places in the line, and lines that are refused leave nothing behind.
#include "../task_model.h"
#include "fuzz.h"

extern "C" const SinterReader sinter_reader_letter_trigrams, sinter_reader_word_characters,
    sinter_reader_word_sum, sinter_reader_words;

using namespace sinter::runtime;

namespace {

void run(TaskModel& model, const SinterReader& which, std::string_view line) {
  auto reader = which.make(Options(model.model()), model.entry());
  int64_t rows = 0;
  for (std::string_view text : {line, std::string_view("a\ta"), line}) {
    try {
      reader->encode(text);
      ++rows;
    } catch (const Error&) {
    }
  }
  Call call(model.entry());
  if (rows == 0) return;
  reader->fill(call, rows);
  for (int i = 0; i < model.entry().input_count; ++i) {
    // Words and trigrams are of small vocabularies; documents are places among the texts.
    int64_t most = i == 2 ? call.input(1).shape()[0] - 1 : 3;
    for (int64_t j = 0; j < call.input(i).count(); ++j)
      if (call.input(i).integer(j) < -1 || call.input(i).integer(j) > most) __builtin_trap();
  }
}

void check_places(TaskModel& model, const SinterReader& which, std::string_view line) {
  auto reader = which.make(Options(model.model()), model.entry());
  int64_t length = reader->encode(line), last = 0;
  std::vector<Place> places = reader->places(line);
  if (static_cast<int64_t>(places.size()) != length) __builtin_trap();
  for (const Place& place : places) {
    if (place.begin == place.end) continue;
    if (place.begin < last || place.begin > place.end ||
        place.end > static_cast<int64_t>(line.size()))
      __builtin_trap();
    last = place.end;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view line(reinterpret_cast<const char*>(data), size);
  TaskModel sums;
  sums.input("words", SINTER_I32, {'b', 's'}).input("signs", SINTER_I32, {'b', 's'});
  run(sums.asset("vocabulary", "a\nb\n-\n+\n"), sinter_reader_word_sum, line);
  TaskModel sets;
  sets.input("words", SINTER_I32, {'b', 's'}).option("lower", "true").option("distinct", "true");
  run(sets.asset("vocabulary", "<unk>\na\nb\n").option("separators", "."), sinter_reader_words,
      line);
  TaskModel marks;
  marks.input("ids", SINTER_I32, {'b', 's'}).asset("vocabulary", "<unk>\n[MASK]\na\n");
  marks.option("punctuation", "true").option("around", "2").option("lower", "true");
  check_places(marks, sinter_reader_words, line);
  marks.asset("dictionary", "\xe4\xb8\xad 3\nab 4\n").option("segment", "dictionary");
  check_places(marks, sinter_reader_words, line);
  TaskModel characters;
  characters.input("chars", SINTER_I64, {'b', 's', 6});
  check_places(characters, sinter_reader_word_characters, line);
  TaskModel queries(TaskModel::Symbols::all);
  queries.input("query", SINTER_I32, {'b', 's'}).input("texts", SINTER_I32, {'t', 'w'});
  queries.input("documents", SINTER_I32, {'b', 'l'}).asset("trigrams", "#a#\nab#\n#\xc3\xa4#\n");
  run(queries, sinter_reader_letter_trigrams, line);
  return 0;
}
