// Text in, text out: what readers and writers are and how they are found. A descriptor refers to
// `sinter_reader_<name>` and `sinter_writer_<name>`; each is defined in the file of that name below
// readers/ or writers/, so that only what a model's task names is linked. Options are the task's
// key/value texts, assets the embedded files; a reader's or writer's own comment lists its keys.
// Non-goals: no lines, files or batches (text_mode.cpp).
#ifndef SINTER_RUNTIME_TASK_H
#define SINTER_RUNTIME_TASK_H

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/instance.h"
#include "runtime/tokenizer.h"

/// A command-line flag that sets an option.
struct SinterFlag {
  const char* flag;   // "-k"
  const char* value;  // "N", or null: the flag stands alone and sets `alone`
  const char* key;    // of the option
  const char* help;
  const char* alone = "true";
};

namespace sinter::runtime {

class Options {
 public:
  explicit Options(const SinterModel& model) : model_(model) {}

  /// A later value of a key hides the model's.
  void set(std::string key, std::string value) { given_.emplace_back(key, value); }
  std::string_view text(std::string_view key, std::string_view fallback) const;
  bool flag(std::string_view key, bool fallback) const;
  int64_t integer(std::string_view key, int64_t fallback) const;
  double number(std::string_view key, double fallback) const;
  /// The embedded file that option `key` names; without the option, the file called `fallback`.
  std::string_view asset(std::string_view key, std::string_view fallback) const;
  bool has_asset(std::string_view key, std::string_view fallback) const;

 private:
  const SinterAsset* find_asset(std::string_view name) const;

  const SinterModel& model_;
  std::vector<std::pair<std::string, std::string>> given_;
};

/// Turns lines into rows of a call's inputs.
class Reader {
 public:
  virtual ~Reader() = default;
  /// The inputs that fill() sets.
  virtual std::vector<std::string> inputs() const = 0;
  /// What encode() returns for a line that gets no answer: a table's header, say.
  static constexpr int64_t no_answer = -1;
  /// Appends the line's row to those that wait and returns its length along the longest axis. An
  /// Error says what is wrong with the line; nothing waits then.
  virtual int64_t encode(std::string_view line) = 0;
  /// Moves the first `rows` waiting rows into the call's inputs and lengths.
  virtual void fill(Call& call, int64_t rows) = 0;
  /// True where rows of different lengths cannot share a call, because padding would be data.
  virtual bool equal_lengths() const { return false; }
  /// True where a line's row depends on lines before it.
  virtual bool keeps_lines() const { return false; }
  /// Where in the line each position of its row stands; empty from readers that cannot say.
  virtual std::vector<Place> places(std::string_view) { return {}; }
  /// The symbol with this id; empty where it has none.
  virtual std::string_view symbol(int64_t) const { return {}; }
  /// Lines cut so far because a limit of the task says so.
  int64_t cut_lines() const { return cut_lines_; }

 protected:
  int64_t cut_lines_ = 0;
};

/// Turns rows of a call's outputs into text.
class Writer {
 public:
  virtual ~Writer() = default;
  /// The outputs that it reads.
  virtual std::vector<std::string> outputs() const = 0;
  /// Rows for each line; more than one: the line's parts are separated by tabs.
  virtual int parts() const { return 1; }
  /// Called once, before anything is written, with the reader of the lines: for writers that name
  /// parts of a line.
  virtual void attach(Reader&) {}
  /// Appends the answer for the row (with parts(), the first of them), without a newline.
  virtual void write(const Call& call, int64_t row, std::string_view line, std::string& out) = 0;
  /// Appends the members of a JSON object, without its braces.
  virtual void write_json(const Call& call, int64_t row, std::string_view line,
                          std::string& out) = 0;
};

/// The input (or output) that option `key` names; without the option, the first one. An Error where
/// there is none.
int choose_input(const SinterEntry& entry, const Options& options, std::string_view key);
int choose_output(const SinterEntry& entry, const Options& options, std::string_view key);
/// An expression's value where it is a number, else -1; the same for an axis.
int64_t constant_value(const SinterEntry& entry, int32_t expression);
int64_t constant_extent(const SinterEntry& entry, const SinterTensor& tensor, int axis);

}  // namespace sinter::runtime

struct SinterReader {
  const SinterFlag* flags;
  int flag_count;
  std::unique_ptr<sinter::runtime::Reader> (*make)(const sinter::runtime::Options&,
                                                   const SinterEntry&);
};

struct SinterWriter {
  const SinterFlag* flags;
  int flag_count;
  std::unique_ptr<sinter::runtime::Writer> (*make)(const sinter::runtime::Options&,
                                                   const SinterEntry&);
};

#endif
