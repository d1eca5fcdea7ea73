// Rows as text; see rows.h.
#include "rows.h"

#include <algorithm>

#include "json.h"

namespace sinter::runtime {
namespace {

/// The row's own extent on each axis: those that depend on a ragged symbol, by the row's length.
Shape own_extents(const Call& call, int output, int64_t row) {
  const SinterTensor& tensor = call.entry().outputs[output];
  Shape shape = call.output(output).shape();
  const std::vector<int64_t>* lengths = call.output_lengths(output);
  if (lengths == nullptr || static_cast<int64_t>(lengths->size()) != shape[0]) return shape;
  std::vector<int64_t> values = call.values();
  values[call.entry().ragged[tensor.ragged_symbol].symbol] = (*lengths)[static_cast<size_t>(row)];
  evaluate(call.entry(), values);
  for (size_t axis = 1; axis < shape.size(); ++axis)
    shape[axis] = std::clamp<int64_t>(values[tensor.extents[axis]], 0, shape[axis]);
  return shape;
}

// Visits row `row` of an output, [axis 0 = rows, the rest]. visit.open/close bracket each axis.
template <class Visitor>
class Walk {
 public:
  Walk(const Call& call, int output, int64_t row, Visitor& visit)
      : array_(call.output(output)), visit_(visit) {
    if (array_.shape().empty() || row >= array_.shape()[0])
      bad_input("the output '" + std::string(call.entry().outputs[output].name) +
                "' has no row for each line");
    own_ = own_extents(call, output, row);
    int64_t inner = array_.count() / array_.shape()[0];
    axis(1, row * inner, inner);
  }

 private:
  void axis(size_t axis_index, int64_t begin, int64_t size) {
    if (axis_index == array_.shape().size()) {
      visit_.number(array_, begin);
      return;
    }
    int64_t extent = array_.shape()[axis_index], inner = extent == 0 ? 0 : size / extent;
    visit_.open();
    for (int64_t i = 0; i < own_[axis_index]; ++i) {
      visit_.item(i);
      axis(axis_index + 1, begin + i * inner, inner);
    }
    visit_.close();
  }

  const Array& array_;
  Visitor& visit_;
  Shape own_;
};

void append_element(std::string& out, const Array& array, int64_t i, const Scale* scale,
                    bool json) {
  if (is_integer(array.type())) {
    out += std::to_string(array.integer(i));
    return;
  }
  double number = array.number(i);
  if (scale != nullptr) number = static_cast<float>(number) * scale->factor + scale->offset;
  if (json) {
    append_json_number(out, static_cast<float>(number));
  } else {
    append_number(out, number, 0);
  }
}

struct JsonVisitor {
  std::string& out;
  const Scale* scale;
  void open() { out += '['; }
  void close() { out += ']'; }
  void item(int64_t i) {
    if (i != 0) out += ", ";
  }
  void number(const Array& array, int64_t i) { append_element(out, array, i, scale, true); }
};

struct TextVisitor {
  std::string& out;
  const Scale* scale;
  bool first = true;
  void open() {}
  void close() {}
  void item(int64_t) {}
  void number(const Array& array, int64_t i) {
    if (!first) out += ' ';
    first = false;
    append_element(out, array, i, scale, false);
  }
};

}  // namespace

void append_text_row(std::string& out, const Call& call, int output, int64_t row,
                     const Scale* scale) {
  TextVisitor visitor{out, scale};
  Walk<TextVisitor>(call, output, row, visitor);
}

void append_json_row(std::string& out, const Call& call, int output, int64_t row,
                     const Scale* scale) {
  JsonVisitor visitor{out, scale};
  Walk<JsonVisitor>(call, output, row, visitor);
}

}  // namespace sinter::runtime
