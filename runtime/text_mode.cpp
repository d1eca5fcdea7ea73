// Lines in, answers out. Complete lines that can be read without waiting share a run of the model;
// before the program would wait, everything it has is answered and flushed. Order is the lines'.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>

#include "clock.h"
#include "entry_inputs.h"
#include "json.h"
#include "line_source.h"
#include "program.h"
#include "rows.h"

namespace sinter::runtime {
namespace {

// Most elements of one padded input in a run: enough rows to fill a matrix product, little enough
// to stay in cache.
constexpr int64_t kBatchElements = 8192;

/// A count that rewrites itself on standard error, where that is a terminal and the work is long.
class Progress {
 public:
  void update(int64_t lines) {
    if (!terminal_) return;
    double now = seconds();
    if (now - last_ < (shown_ ? 0.2 : 2.0)) return;
    last_ = now;
    if (!shown_) clear_at_interrupt();
    shown_ = true;
    write_all(2, "\r" + std::to_string(lines) + " lines");
  }
  /// For what else is to be written there.
  void clear() const {
    if (shown_) write_all(2, kClear);
  }
  ~Progress() { clear(); }

 private:
  static constexpr std::string_view kClear = "\r\x1b[K";

  /// Whoever ignores interrupts goes on doing so.
  static void clear_at_interrupt() {
    struct sigaction old, clearing = {};
    if (sigaction(SIGINT, nullptr, &old) != 0 || old.sa_handler != SIG_DFL) return;
    clearing.sa_handler = [](int number) {
      write_all(2, kClear);
      raise(number);  // pending until the handler returns, and then the usual end
    };
    clearing.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &clearing, nullptr);
  }

  // Where a person types the lines or sees the answers, these are progress enough.
  bool terminal_ = isatty(2) && !isatty(1) && !isatty(0);
  bool shown_ = false;
  double last_ = seconds();
};

Options make_options(const SinterModel& model, const Command& command) {
  Options options(model);
  for (const auto& [key, value] : command.options) options.set(key, value);
  return options;
}

class TextMode {
 public:
  TextMode(Instance& instance, const Command& command, Output& out)
      : instance_(instance),
        command_(command),
        out_(out),
        options_(make_options(instance.model(), command)),
        entry_(chosen_entry(instance.model(), std::string(options_.text("entry", "")),
                            command.outputs)),
        inputs_(instance.model(), entry_, options_, command.options),
        reader_(instance.model().reader->make(options_, entry_)),
        writer_(instance.model().writer->make(options_, entry_)),
        call_(entry_) {
    std::vector<std::string> filled = reader_->inputs();
    for (const std::string& name : inputs_.names()) filled.push_back(name);
    for (int i = 0; i < entry_.input_count; ++i)
      if (std::find(filled.begin(), filled.end(), entry_.inputs[i].name) == filled.end())
        fail(exit_usage, "the task's reader does not fill the input '" +
                             std::string(entry_.inputs[i].name) + "'; use --tensors");
    std::vector<std::string> wanted = writer_->outputs();
    for (const std::string& name : command.outputs) wanted.push_back(name);
    want_outputs(call_, wanted);
    for (const std::string& name : command.outputs)
      if (int output = call_.find_output(name); std::ranges::find(extra_, output) == extra_.end())
        extra_.push_back(output);
    writer_->attach(*reader_);
  }

  void run() {
    LineSource source(0);
    std::string_view line;
    for (;;) {
      if (source.would_wait()) {
        answer();
        out_.flush();
      }
      if (!source.next(line)) break;
      ++line_number_;
      take(line);
      progress_.update(line_number_);
    }
    answer();
    out_.flush();
    progress_.clear();
    if (command_.profile) print_profile();
  }

 private:
  void take(std::string_view line) {
    int64_t length = 0;
    try {
      Timer timer(command_.profile, times_.reading);
      length = encode(*reader_, line);
    } catch (Error& error) {
      answer();
      out_.flush();
      throw at_line(line_number_, error);
    }
    if (length == Reader::no_answer) return;
    if (reader_->cut_lines() != 0 && !cut_reported_) {
      progress_.clear();
      warn("line " + std::to_string(line_number_) +
           " is longer than the model takes and was cut; this is said once");
      cut_reported_ = true;
    }
    bool unlike = reader_->equal_lengths() && length != longest_;
    int64_t elements = (waiting_ + 1) * writer_->parts() * std::max(longest_, length);
    if (waiting_ != 0 && (unlike || elements > kBatchElements)) answer();
    if (lines_.size() == waiting_) lines_.emplace_back();
    lines_[waiting_++].assign(line);
    longest_ = std::max(longest_, length);
    last_waiting_ = line_number_;
    if (waiting_ >= static_cast<size_t>(command_.batch)) answer();
  }

  /// Encodes the line's parts; returns the longest one's length.
  int64_t encode(Reader& reader, std::string_view line) const {
    int parts = writer_->parts();
    int64_t longest = 0;
    if (parts > 1) check_parts(line, parts);
    for (int part = 0; part < parts; ++part) {
      size_t tab = part + 1 < parts ? line.find('\t') : line.size();
      int64_t length = reader.encode(line.substr(0, tab));
      if (length == Reader::no_answer) return length;
      if (part != 0 && reader.equal_lengths() && length != longest)
        bad_input("its texts have different lengths, which this model cannot take");
      longest = std::max(longest, length);
      line.remove_prefix(std::min(tab + 1, line.size()));
    }
    return longest;
  }

  static void check_parts(std::string_view line, int parts) {
    auto texts = std::count(line.begin(), line.end(), '\t') + 1;
    if (texts == parts) return;
    std::string sentence = "it needs " + std::to_string(parts) + " texts with a tab between them";
    if (texts > parts) sentence += ", it has " + std::to_string(texts);
    bad_input(sentence);
  }

  /// Answers all lines that wait. A line that has been encoded since stays with the reader.
  void answer() {
    if (waiting_ == 0) return;
    size_t count = std::exchange(waiting_, 0);
    const int64_t first = last_waiting_ - static_cast<int64_t>(count);  // counted from 0
    longest_ = 0;
    {
      Timer timer(command_.profile, times_.reading);
      reader_->fill(call_, static_cast<int64_t>(count) * writer_->parts());
      inputs_.fill(call_, first, static_cast<int64_t>(count), writer_->parts());
    }
    size_t before = out_.text().size();
    try {
      run_model();
      for (size_t i = 0; i < count; ++i) write(static_cast<int64_t>(i), lines_[i]);
    } catch (Error&) {
      out_.text().resize(before);
      if (reader_->keeps_lines()) throw;
      answer_singly(count);
    }
    out_.flush_large_or_old();
  }

  /// After a failed run: each line alone, so that those before the wrong one are answered and the
  /// message names the right one.
  void answer_singly(size_t count) {
    std::unique_ptr<Reader> reader = instance_.model().reader->make(options_, entry_);
    for (size_t i = 0; i < count; ++i) {
      size_t before = out_.text().size();
      try {
        encode(*reader, lines_[i]);
        reader->fill(call_, writer_->parts());
        inputs_.fill(call_, last_waiting_ - static_cast<int64_t>(count - i), 1, writer_->parts());
        run_model();
        write(0, lines_[i]);
      } catch (Error& error) {
        out_.text().resize(before);
        out_.flush();
        throw at_line(last_waiting_ - static_cast<int64_t>(count - 1 - i), error);
      }
    }
  }

  static Error at_line(int64_t number, const Error& error) {
    return {error.code, "line " + std::to_string(number) + ": " + error.sentence};
  }

  void run_model() {
    Timer timer(command_.profile, times_.running);
    instance_.run(call_);
    ++runs_;
  }

  void write(int64_t index, std::string_view line) {
    Timer timer(command_.profile, times_.writing);
    int64_t row = index * writer_->parts();
    std::string& out = out_.text();
    if (command_.json) {
      const size_t begin = out.size();
      out += '{';
      writer_->write_json(call_, row, line, out);
      if (!extra_.empty()) append_extra_members(out, begin, row);
      out += '}';
    } else {
      writer_->write(call_, row, line, out);
      for (int output : extra_)
        for (int part = 0; part < writer_->parts(); ++part) {
          out += '\t';
          append_text_row(out, call_, output, row + part);
        }
    }
    out += '\n';
  }

  /// The outputs of --output as members of the object that begins at `begin`. One whose name the
  /// answer has as well is left out where it is the same, else called NAME.values.
  void append_extra_members(std::string& out, size_t begin, int64_t row) {
    if (!members_) members_ = member_names(out.substr(begin) + '}');
    for (int output : extra_) {
      std::string name = entry_.outputs[output].name, rows;
      append_json_rows(rows, output, row);
      if (members_->contains(name)) {
        if (out.find('"' + name + "\": " + rows, begin) != out.npos) continue;
        name += ".values";
      }
      out += ", ";
      append_json_string(out, name);
      out += ": " + rows;
    }
  }

  static std::set<std::string> member_names(std::string_view object) {
    std::set<std::string> names;
    JsonReader json(object);
    for (json.enter('{'); json.more('}'); json.skip()) names.insert(json.key());
    return names;
  }

  /// The output's row; of a line of several texts a list of theirs.
  void append_json_rows(std::string& out, int output, int64_t row) const {
    const int parts = writer_->parts();
    if (parts > 1) out += '[';
    for (int part = 0; part < parts; ++part) {
      if (part != 0) out += ", ";
      append_json_row(out, call_, output, row + part);
    }
    if (parts > 1) out += ']';
  }

  void print_profile() const {
    char text[400];
    std::snprintf(text, sizeof text,
                  "%lld lines in %lld runs; encoding %.3f s, model %.3f s, writing %.3f s; arena "
                  "%.1f MB, %d threads, %s",
                  static_cast<long long>(line_number_), static_cast<long long>(runs_),
                  times_.reading, times_.running, times_.writing,
                  static_cast<double>(instance_.arena_size()) / 1e6, instance_.pool().threads(),
                  isa_name(instance_.isa()));
    warn(text);
  }

  Instance& instance_;
  const Command& command_;
  Output& out_;
  Options options_;
  const SinterEntry& entry_;
  const EntryInputs inputs_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Writer> writer_;
  Call call_;
  std::vector<int> extra_;                        // outputs that --output asks for
  std::optional<std::set<std::string>> members_;  // of the writer's JSON objects
  Progress progress_;
  Times times_;
  int64_t runs_ = 0;
  int64_t line_number_ = 0;
  std::vector<std::string> lines_;  // the first waiting_ have not been answered
  size_t waiting_ = 0;
  int64_t longest_ = 0;       // row among them
  int64_t last_waiting_ = 0;  // line number of the last of them
  bool cut_reported_ = false;
};

}  // namespace

void run_text(Instance& instance, const Command& command, Output& out) {
  TextMode(instance, command, out).run();
}

}  // namespace sinter::runtime
