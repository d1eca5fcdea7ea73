// Reader `csv`: a table in CSV, whose last rows are one input [batch, window, columns]. The first
// line names the columns; every row with enough rows before it gets an answer, others none.
//   window         rows that an answer looks at, its own the last (default: the input's own size)
//   columns        names of the columns to read, with commas between (default: those of the asset
//                  `normalisation`, else all of them)
//   separator      between cells, one character (default a comma)
//   normalisation  asset of three lines, names, means and deviations of the columns that are read;
//                  each becomes (cell - mean) / deviation (default: the asset "normalisation";
//                  without one the cells are taken as they are)
//   input          f32 [batch, window, columns] (default: the entry's first input)
#include "runtime/csv.h"

#include <algorithm>

#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class Csv final : public Reader {
 public:
  Csv(const Options& options, const SinterEntry& entry)
      : input_(choose_input(entry, options, "input")), tensor_(entry.inputs[input_]) {
    if (tensor_.rank != 3 || tensor_.type != SINTER_F32)
      fail(exit_usage, "the task's input '" + std::string(tensor_.name) +
                           "' must be f32 [batch, window, columns]");
    window_ = options.integer("window", constant_extent(entry, tensor_, 1));
    width_ = constant_extent(entry, tensor_, 2);
    if (window_ < 1) fail(exit_usage, "the task's window must be at least 1");
    if (width_ < 1)
      fail(exit_usage, "the task's input '" + std::string(tensor_.name) +
                           "' must have a fixed number of columns");
    std::string_view separator = options.text("separator", ",");
    if (separator.size() != 1 || separator == "\"")
      fail(exit_usage, "the task's separator must be one character");
    separator_ = separator[0];
    if (options.has_asset("normalisation", "normalisation")) {
      scale_ = read_normalisation(options.asset("normalisation", "normalisation"));
      names_ = scale_.columns;
    }
    if (std::string_view columns = options.text("columns", ""); !columns.empty())
      names_ = csv_cells(columns, ',');
    if (!scale_.columns.empty() && names_ != scale_.columns)
      fail(exit_usage, "the task's columns are not those of the asset 'normalisation'");
    if (!names_.empty()) check_width(static_cast<int64_t>(names_.size()));
  }

  std::vector<std::string> inputs() const override { return {tensor_.name}; }
  bool keeps_lines() const override { return true; }

  int64_t encode(std::string_view line) override {
    if (line.find_first_not_of(" \t\r") == line.npos) return no_answer;
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // spreadsheets write one
    if (header_.empty() && line.starts_with(kByteOrderMark))
      line.remove_prefix(kByteOrderMark.size());
    std::vector<std::string> cells = csv_cells(line, separator_);
    if (header_.empty()) {
      read_header(std::move(cells));
      return no_answer;
    }
    if (cells.size() != header_.size())
      bad_input("it has " + std::to_string(cells.size()) + " cells, the first line names " +
                std::to_string(header_.size()) + " columns");
    row_.clear();
    for (size_t i = 0; i < places_.size(); ++i) {
      size_t place = places_[i];
      float number = 0;
      if (!csv_number(cells[place], number))
        bad_input("column '" + header_[place] + "': '" + cells[place] + "' is not a number");
      if (!scale_.columns.empty()) number = (number - scale_.means[i]) / scale_.deviations[i];
      row_.push_back(number);
    }
    rows_.insert(rows_.end(), row_.begin(), row_.end());
    if (++have_ < window_) return no_answer;
    return window_;
  }

  /// The first waiting window begins with the first row that is kept.
  void fill(Call& call, int64_t rows) override {
    call.input(input_).resize(SINTER_F32, {rows, window_, width_});
    auto* out = call.input(input_).as<float>();
    for (int64_t row = 0; row < rows; ++row)
      out = std::copy_n(rows_.data() + row * width_, window_ * width_, out);
    rows_.erase(rows_.begin(), rows_.begin() + rows * width_);
    have_ -= rows;
  }

 private:
  void check_width(int64_t have) const {
    if (have != width_)
      fail(exit_usage, "the task reads " + std::to_string(have) + " columns, the model takes " +
                           std::to_string(width_));
  }

  void read_header(std::vector<std::string> cells) {
    float number = 0;
    if (std::all_of(cells.begin(), cells.end(),
                    [&](const std::string& cell) { return csv_number(cell, number); }))
      bad_input("the first line must name the columns, but it holds numbers");
    if (names_.empty() && static_cast<int64_t>(cells.size()) != width_)
      bad_input("it names " + std::to_string(cells.size()) + " columns, the model takes " +
                std::to_string(width_));
    std::vector<size_t> places;
    for (size_t i = 0; names_.empty() && i < cells.size(); ++i) places.push_back(i);
    for (const std::string& name : names_) {
      auto found = std::find(cells.begin(), cells.end(), name);
      if (found == cells.end()) bad_input("it names no column '" + name + "'");
      places.push_back(static_cast<size_t>(found - cells.begin()));
    }
    places_ = std::move(places);
    header_ = std::move(cells);
  }

  int input_;
  const SinterTensor& tensor_;
  int64_t window_ = 0, width_ = 0;
  char separator_ = ',';
  Normalisation scale_;                      // empty: none
  std::vector<std::string> names_, header_;  // names_ empty: all columns
  std::vector<size_t> places_;               // of what is read, in a line's cells
  std::vector<float> row_, rows_;            // rows_ [have_, width_]: waiting windows overlap
  int64_t have_ = 0;
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Csv>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_csv = {nullptr, 0, sinter::runtime::make};
