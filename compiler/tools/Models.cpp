// Models.h: a tokenizer of five kinds of text and a match on five tokens.
#include "compiler/tools/Models.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "compiler/tools/Process.h"

namespace sinter {
namespace {

bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// The end of the quoted text that starts at `begin`.
size_t quotedEnd(std::string_view s, size_t begin) {
  size_t i = begin + 1;
  while (i < s.size() && s[i] != s[begin]) i += s[i] == '\\' ? 2 : 1;
  return std::min(i + 1, s.size());
}

// The end of R"tag( … )tag", `quote` being its first quotation mark.
size_t rawEnd(std::string_view s, size_t quote) {
  size_t open = s.find('(', quote);
  if (open == std::string_view::npos) return s.size();
  std::string close = fmt::format("){}\"", s.substr(quote + 1, open - quote - 1));
  size_t end = s.find(close, open);
  return end == std::string_view::npos ? s.size() : end + close.size();
}

// Words and single punctuation marks; comments, strings and characters are left out.
std::vector<std::string_view> tokens(std::string_view s) {
  std::vector<std::string_view> found;
  for (size_t i = 0; i < s.size();) {
    if (s.substr(i, 2) == "//") {
      i = std::min(s.find('\n', i), s.size());
    } else if (s.substr(i, 2) == "/*") {
      size_t end = s.find("*/", i + 2);
      i = end == std::string_view::npos ? s.size() : end + 2;
    } else if (s[i] == '"') {
      i = !found.empty() && found.back() == "R" ? rawEnd(s, i) : quotedEnd(s, i);
    } else if (s[i] == '\'') {
      i = quotedEnd(s, i);
    } else if (isWord(s[i])) {
      size_t begin = i;
      // A digit separator (109'482'240) belongs to the number.
      bool number = std::isdigit(static_cast<unsigned char>(s[i]));
      while (i < s.size() && (isWord(s[i]) || (number && s[i] == '\''))) ++i;
      found.push_back(s.substr(begin, i - begin));
    } else {
      if (!std::isspace(static_cast<unsigned char>(s[i]))) found.push_back(s.substr(i, 1));
      ++i;
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> modelNames(std::string_view source) {
  std::vector<std::string_view> t = tokens(source);
  std::vector<std::string> names;
  for (size_t i = 0; i + 4 < t.size(); ++i) {
    if (t[i] != "&" || !isWord(t[i + 1][0]) || t[i + 2] != "=") continue;
    size_t after = i + 3;
    if (t[after] == "sinter" && after + 4 < t.size() && t[after + 1] == ":") after += 3;
    if (t[after] == "model" && t[after + 1] == "<") names.emplace_back(t[i + 1]);
  }
  return names;
}

std::string chooseModel(const std::string& file, const std::vector<std::string>& names,
                        const std::string& wanted) {
  if (names.empty())
    throw Failure(file +
                  ": declares no model; a model is declared by "
                  "'inline constexpr auto& NAME = model<TYPE>;'");
  if (wanted.empty() && names.size() == 1) return names[0];
  std::string stem = std::filesystem::path(file).stem().string();
  if (wanted.empty() && std::ranges::find(names, stem) != names.end()) return stem;
  std::string choices = fmt::format("{}", fmt::join(names, ", "));
  if (wanted.empty())
    throw Failure(fmt::format("{}: declares {} models, choose one with --model: {}", file,
                              names.size(), choices),
                  2);
  if (std::find(names.begin(), names.end(), wanted) == names.end())
    throw Failure(fmt::format("{}: has no model '{}'; it declares: {}", file, wanted, choices), 2);
  return wanted;
}

}  // namespace sinter
