// Tables in CSV (RFC 4180): one line to its cells, and what turns a table's columns to the scale
// that a model was trained on. Non-goals: cells with line breaks in them, files.
#ifndef SINTER_RUNTIME_CSV_H
#define SINTER_RUNTIME_CSV_H

#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// The cells of a line, without the blanks around them; "a ""b""" in quotes is a "b". An Error
/// where a quote is not closed.
std::vector<std::string> csv_cells(std::string_view line, char separator);

/// A cell as a finite number; false where it is none.
bool csv_number(std::string_view cell, float& number);

/// Columns' names, means and deviations: a model sees (cell - mean) / deviation.
struct Normalisation {
  std::vector<std::string> columns;
  std::vector<float> means, deviations;
};
/// From an asset of three lines of CSV: names, means, deviations. An Error says what is wrong.
Normalisation read_normalisation(std::string_view asset);

}  // namespace sinter::runtime
#endif
