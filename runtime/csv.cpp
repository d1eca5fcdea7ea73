// Tables in CSV; see csv.h.
#include "csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "error.h"

namespace sinter::runtime {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::string_view take_line(std::string_view& text) {
  size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::vector<std::string> csv_cells(std::string_view line, char separator) {
  std::vector<std::string> cells;
  for (;;) {
    std::string_view rest = line.substr(std::min(line.find_first_not_of(" \r"), line.size()));
    if (!rest.starts_with('"')) {
      size_t end = std::min(line.find(separator), line.size());
      cells.emplace_back(trimmed(line.substr(0, end)));
      if (end == line.size()) return cells;
      line.remove_prefix(end + 1);
      continue;
    }
    std::string cell;
    for (rest.remove_prefix(1);; rest.remove_prefix(2)) {
      size_t quote = rest.find('"');
      if (quote == rest.npos) bad_input("a quote of it is not closed");
      cell += rest.substr(0, quote);
      rest.remove_prefix(quote);
      if (!rest.starts_with("\"\"")) break;
      cell += '"';
    }
    rest.remove_prefix(1);
    cells.push_back(cell);
    size_t end = std::min(rest.find(separator), rest.size());
    if (!trimmed(rest.substr(0, end)).empty())
      bad_input("text follows the quotes of '" + cell + "'");
    if (end == rest.size()) return cells;
    line = rest.substr(end + 1);
  }
}

bool csv_number(std::string_view cell, float& number) {
  if (cell.starts_with('+')) cell.remove_prefix(1);
  auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  return error == std::errc() && end == cell.data() + cell.size() && !cell.empty() &&
         std::isfinite(number);
}

Normalisation read_normalisation(std::string_view asset) {
  Normalisation result;
  try {
    result.columns = csv_cells(take_line(asset), ',');
    for (std::vector<float>* row : {&result.means, &result.deviations})
      for (const std::string& cell : csv_cells(take_line(asset), ','))
        if (!csv_number(cell, row->emplace_back())) bad_input("'" + cell + "' is not a number");
    if (result.means.size() != result.columns.size() ||
        result.deviations.size() != result.columns.size())
      bad_input("its lines differ in length");
    for (float deviation : result.deviations)
      if (deviation == 0) bad_input("a deviation is 0");
    if (!trimmed(asset).empty() && trimmed(asset) != "\n") bad_input("more lines follow");
  } catch (const Error& error) {
    fail(exit_usage,
         "the asset 'normalisation' must be three lines of names, means and "
         "deviations: " +
             error.sentence);
  }
  return result;
}

}  // namespace sinter::runtime
