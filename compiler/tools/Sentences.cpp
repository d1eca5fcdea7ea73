// Sentences.h: the output is errors with their notes. The first one's kind says which of the others
// are faults of their own; the rest are its consequences.
#include "compiler/tools/Sentences.h"

#include <set>
#include <sstream>
#include <vector>

namespace sinter {
namespace {

// "FILE:LINE:COLUMN: error: TEXT", and the lines below it that are no message of their own.
struct Message {
  std::string file, line, text;
  std::vector<std::string> more;

  bool isModels() const {
    return file.find("/dsl/") == std::string::npos && !file.starts_with("/usr/");
  }
  std::string at(const std::string& sentence) const { return file + ":" + line + ": " + sentence; }
};
struct Error : Message {
  std::vector<Message> notes;
};

// Where `line` has ": error: " or ": note: ", the message in it.
bool readMessage(const std::string& line, const std::string& kind, Message& message) {
  size_t end = line.find(kind);
  if (end == std::string::npos) return false;
  message = {line.substr(0, end), "", line.substr(end + kind.size()), {}};
  size_t column = message.file.rfind(':');
  size_t row = column == std::string::npos ? column : message.file.rfind(':', column - 1);
  if (row == std::string::npos) return true;
  message.line = message.file.substr(row + 1, column - row - 1);
  message.file = message.file.substr(0, row);
  if (message.file.starts_with("./"))
    message.file = message.file.substr(2);  // clang's, not the user's
  return true;
}

std::vector<Error> readErrors(const std::string& output) {
  std::vector<Error> errors;
  Message* last = nullptr;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    Message message;
    if (readMessage(line, ": error: ", message)) {
      last = &errors.emplace_back(Error{message, {}});
    } else if (readMessage(line, ": note: ", message)) {
      if (!errors.empty()) last = &errors.back().notes.emplace_back(message);
    } else if (line.starts_with("In file included from") || line.ends_with(" generated.")) {
      last = nullptr;
    } else if (last && !line.empty()) {
      last->more.push_back(line);
    }
  }
  return errors;
}

enum class Kind {
  model,      // the model's own text, or an error in its file
  assertion,  // the language refuses it
  constant,   // it cannot be computed while C++ compiles; a note says why
  other,
};

constexpr std::string_view kOwnText = "static assertion failed: ";
constexpr std::string_view kAssertion = "static assertion failed due to requirement";

Kind kindOf(const Error& error) {
  if (error.text == kOwnText || error.isModels()) return Kind::model;
  if (error.text.starts_with(kAssertion)) return Kind::assertion;
  if (error.text.ends_with("must be initialized by a constant expression")) return Kind::constant;
  return Kind::other;
}

std::vector<std::string> sentencesOf(const Error& error) {
  if (error.text == kOwnText) return error.more;
  const Message* reason = &error;
  std::string text = error.text;
  auto note = error.notes.begin();
  if (kindOf(error) == Kind::assertion) text = text.substr(text.find("': ") + 3);
  if (kindOf(error) == Kind::constant) {
    while (note != error.notes.end() && note->text.starts_with("in ")) ++note;
    if (note != error.notes.end()) text = note->text, reason = &*note;
  }
  // In the language's headers: the model's line that led there.
  while (!reason->isModels() && note != error.notes.end()) reason = &*note++;
  return {(reason->isModels() ? *reason : error).at("error: " + text)};
}

}  // namespace

std::string compilerSentences(const std::string& output) {
  const std::vector<Error> errors = readErrors(output);
  std::string text;
  std::set<std::string> said;
  for (const Error& error : errors) {
    if (kindOf(error) != kindOf(errors[0])) continue;  // a consequence of the first
    if (&error != &errors[0] && kindOf(error) == Kind::other) break;
    for (const std::string& sentence : sentencesOf(error))
      if (said.insert(sentence).second) text += (text.empty() ? "" : "\n") + sentence;
  }
  return text.empty() ? output : text;
}

}  // namespace sinter
