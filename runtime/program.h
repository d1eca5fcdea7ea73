// What a produced program does, mode by mode; main() chooses. Non-goals: nothing here is for other
// programs that link the library.
#ifndef SINTER_RUNTIME_PROGRAM_H
#define SINTER_RUNTIME_PROGRAM_H

#include <string>
#include <vector>

#include "instance.h"
#include "output.h"
#include "task.h"

namespace sinter::runtime {

struct Command {
  enum Mode { text, tensors, info, self_test, version, help };
  Mode mode = text;
  std::string tensors_in, tensors_out;
  std::string entry;                 // empty: the task's, or the first
  std::vector<std::string> outputs;  // --output, in order
  std::string isa;                   // empty: SINTER_ISA, or the best
  int threads = 0;                   // 0: allowed_processors()
  int batch = 128;                   // most lines in one run
  bool json = false;
  bool profile = false;
  std::vector<std::pair<std::string, std::string>> options;  // set by the task's own flags
};

/// An Error with exit code 2 where the arguments are not right.
Command parse_command_line(const SinterModel& model, int argc, char** argv);
std::string help_text(const SinterModel& model, const char* program);

std::string info_text(const SinterModel& model, const Command& command, int isa, int threads);
/// Returns the exit code.
int run_self_test(const SinterModel& model, int threads, const std::string& folder, Output& out);
void run_tensors(Instance& instance, const Command& command);
void run_text(Instance& instance, const Command& command, Output& out);

/// Makes the wanted outputs those of these names, which the entry has.
void want_outputs(Call& call, const std::vector<std::string>& names);
/// Names of outputs, where "attentions" stands for "attentions.0", "attentions.1", … if no output
/// has that name alone.
std::vector<std::string> spelled_out(const SinterModel& model,
                                     const std::vector<std::string>& names);
/// The entry of this name (empty: the first) that has the outputs, which may be its companion with
/// askable ones; an Error where there is none.
const SinterEntry& chosen_entry(const SinterModel& model, const std::string& name,
                                const std::vector<std::string>& outputs);
/// The companion "NAME.asked" of an entry, or null; and whether an entry is one.
const SinterEntry* companion(const SinterModel& model, const SinterEntry& entry);
bool is_companion(const SinterEntry& entry);

}  // namespace sinter::runtime
#endif
