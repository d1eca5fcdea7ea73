// The arguments of a produced program. Reader and writer bring their own flags.
#include <charconv>
#include <span>
#include <string_view>

#include "entry_inputs.h"
#include "program.h"

namespace sinter::runtime {
namespace {

struct Row {
  const char* flag;
  const char* value;
  const char* help;
};
// In the order of --help.
constexpr Row kRows[] = {
    {"--json", nullptr, "one JSON object per line instead of columns"},
    {"--tensors", "IN OUT",
     "run the tensors of a safetensors file and write the outputs to another"},
    {"--output", "NAME", "add a named output or intermediate (may be repeated)"},
    {"--entry", "NAME", "with --tensors: another of the model's entries"},
    {"--threads", "N", "threads (default: the processors this process may use)"},
    {"--batch", "N", "most lines in one run of the model (default 128)"},
    {"--isa", "NAME", "force v2, v3 or v4, as the variable SINTER_ISA does"},
    {"--profile", nullptr, "times of reading, running and writing on standard error"},
    {"--info", nullptr, "what the program holds, and how it would run here"},
    {"--selftest", nullptr,
     "compare instruction sets, thread counts and, of lines, batch sizes on this machine"},
    {"--version", nullptr, "the version of the compiler that made the program"},
    {"--help", nullptr, "this text"},
};

std::span<const SinterFlag> reader_flags(const SinterModel& model) {
  if (model.reader == nullptr) return {};
  return {model.reader->flags, static_cast<size_t>(model.reader->flag_count)};
}

std::span<const SinterFlag> writer_flags(const SinterModel& model) {
  if (model.writer == nullptr) return {};
  return {model.writer->flags, static_cast<size_t>(model.writer->flag_count)};
}

[[noreturn]] void usage(const std::string& sentence) {
  fail(exit_usage, sentence + "; --help lists the options");
}

class Parser {
 public:
  Parser(const SinterModel& model, int argc, char** argv)
      : model_(model), arguments_(argv + 1, argv + argc) {}

  Command parse() {
    while (at_ < arguments_.size()) option(arguments_[at_++]);
    if (command_.mode == Command::text && model_.reader == nullptr)
      usage("this program has no text task, it needs --tensors");
    if (command_.mode == Command::text && !command_.entry.empty()) usage("--entry needs --tensors");
    if (command_.mode == Command::tensors && !text_option_.empty())
      usage("'" + text_option_ + "' is for lines of text and means nothing with --tensors");
    return command_;
  }

 private:
  void option(std::string_view argument) {
    std::string_view flag = argument;
    if (size_t equals = argument.find('='); argument.starts_with("-") && equals != argument.npos) {
      flag = argument.substr(0, equals);
      inline_value_ = argument.substr(equals + 1);
      has_inline_value_ = true;
    }
    const bool own = own_option(flag);
    if (flag == "--json" || flag == "--batch" || !own) text_option_ = flag;
    if (!own && !task_option(flag)) {
      if (argument.starts_with("-")) usage("unknown option '" + std::string(flag) + "'");
      usage("unexpected argument '" + std::string(argument) + "': text comes from standard input");
    }
    if (has_inline_value_) usage("'" + std::string(flag) + "' takes no value");
  }

  bool own_option(std::string_view flag) {
    if (flag == "--json") {
      command_.json = true;
    } else if (flag == "--tensors") {
      command_.mode = Command::tensors;
      command_.tensors_in = value(flag);
      command_.tensors_out = value(flag);
    } else if (flag == "--output") {
      command_.outputs.emplace_back(value(flag));
    } else if (flag == "--entry") {
      command_.entry = value(flag);
    } else if (flag == "--threads") {
      command_.threads = number(flag, 1024);
    } else if (flag == "--batch") {
      command_.batch = number(flag, 1 << 20);
    } else if (flag == "--isa") {
      command_.isa = value(flag);
    } else if (flag == "--profile") {
      command_.profile = true;
    } else if (flag == "--info") {
      command_.mode = Command::info;
    } else if (flag == "--selftest") {
      command_.mode = Command::self_test;
    } else if (flag == "--version") {
      command_.mode = Command::version;
    } else if (flag == "--help" || flag == "-h") {
      command_.mode = Command::help;
    } else {
      return false;
    }
    return true;
  }

  bool task_option(std::string_view flag) {
    for (std::span<const SinterFlag> flags : {reader_flags(model_), writer_flags(model_)})
      for (const SinterFlag& row : flags)
        if (flag == row.flag) {
          command_.options.emplace_back(
              row.key, std::string(row.value == nullptr ? row.alone : value(flag)));
          return true;
        }
    for (const EntryFlag& row : entry_flags_) {
      if (flag != row.flag) continue;
      if (row.key == "entry") choose(row.flag);
      command_.options.emplace_back(row.key, row.value ? std::string(value(flag)) : row.given);
      return true;
    }
    return false;
  }

  void choose(const std::string& flag) {
    if (!chosen_.empty() && chosen_ != flag)
      usage(chosen_ + " and " + flag + " exclude each other");
    chosen_ = flag;
  }

  std::string_view value(std::string_view flag) {
    if (has_inline_value_) {
      has_inline_value_ = false;
      return inline_value_;
    }
    if (at_ == arguments_.size()) usage("'" + std::string(flag) + "' needs a value");
    return arguments_[at_++];
  }

  int number(std::string_view flag, int most) {
    std::string_view text = value(flag);
    int number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > most)
      usage("'" + std::string(flag) + "' needs a number from 1 to " + std::to_string(most) +
            ", not '" + std::string(text) + "'");
    return number;
  }

  const SinterModel& model_;
  std::vector<std::string_view> arguments_;
  size_t at_ = 0;
  std::string_view inline_value_;  // of "--threads=2" or "-k=2"
  bool has_inline_value_ = false;
  const std::vector<EntryFlag> entry_flags_ = entry_flags(model_);
  std::string chosen_;       // the flag that chose an entry
  std::string text_option_;  // the last flag that means nothing to tensors
  Command command_;
};

void append_row(std::string& out, const char* flag, const char* value, const char* help) {
  std::string left = std::string("  ") + flag + (value != nullptr ? std::string(" ") + value : "");
  left.resize(std::max<size_t>(left.size() + 2, 22), ' ');
  out += left + help + "\n";
}

}  // namespace

Command parse_command_line(const SinterModel& model, int argc, char** argv) {
  return Parser(model, argc, argv).parse();
}

std::string help_text(const SinterModel& model, const char* program) {
  std::string out = std::string("usage: ") + program;
  if (model.reader != nullptr) {
    out += " [options] < text\n\nRuns the model '" + std::string(model.name) +
           "': one line of text in, one answer per line out.\n\n";
  } else {
    out += " --tensors IN OUT [options]\n\nRuns the model '" + std::string(model.name) +
           "' on the tensors of safetensors files.\n\n";
  }
  for (std::span<const SinterFlag> flags : {reader_flags(model), writer_flags(model)})
    for (const SinterFlag& row : flags) append_row(out, row.flag, row.value, row.help);
  for (const EntryFlag& row : entry_flags(model))
    append_row(out, row.flag.c_str(), row.value, row.help.c_str());
  for (const Row& row : kRows) {
    bool text_only =
        std::string_view(row.flag) == "--json" || std::string_view(row.flag) == "--batch";
    if (model.reader != nullptr || !text_only) append_row(out, row.flag, row.value, row.help);
  }
  out += "\nexit codes: 0 done, 1 bad input, 2 usage, 3 resource (memory, file, processor)\n";
  return out;
}

}  // namespace sinter::runtime
