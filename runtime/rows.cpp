// Rows as text; see rows.h.
#include "rows.h"

#include "json.h"

namespace sinter::runtime {
namespace {

// Visits row `row` of an output, [axis 0 = rows, the rest]. visit.open/close bracket each axis.
template <class Visitor>
class Walk {
 public:
  Walk(const Call& call, int output, int64_t row, Visitor& visit)
      : array_(call.output(output)), tensor_(call.entry().outputs[output]), visit_(visit) {
    if (array_.shape().empty() || row >= array_.shape()[0])
      bad_input("the output '" + std::string(tensor_.name) + "' has no row for each line");
    if (const std::vector<int64_t>* lengths = call.output_lengths(output); lengths != nullptr)
      if (tensor_.ragged_axis == 1) length_ = (*lengths)[static_cast<size_t>(row)];
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
    if (axis_index == 1 && length_ >= 0) extent = length_;
    visit_.open();
    for (int64_t i = 0; i < extent; ++i) {
      visit_.item(i);
      axis(axis_index + 1, begin + i * inner, inner);
    }
    visit_.close();
  }

  const Array& array_;
  const SinterTensor& tensor_;
  Visitor& visit_;
  int64_t length_ = -1;
};

void append_element(std::string& out, const Array& array, int64_t i, bool json) {
  if (is_integer(array.type())) {
    out += std::to_string(array.integer(i));
  } else if (json) {
    append_json_number(out, static_cast<float>(array.number(i)));
  } else {
    append_number(out, array.number(i), 0);
  }
}

struct JsonVisitor {
  std::string& out;
  void open() { out += '['; }
  void close() { out += ']'; }
  void item(int64_t i) {
    if (i != 0) out += ", ";
  }
  void number(const Array& array, int64_t i) { append_element(out, array, i, true); }
};

struct TextVisitor {
  std::string& out;
  bool first = true;
  void open() {}
  void close() {}
  void item(int64_t) {}
  void number(const Array& array, int64_t i) {
    if (!first) out += ' ';
    first = false;
    append_element(out, array, i, false);
  }
};

}  // namespace

void append_text_row(std::string& out, const Call& call, int output, int64_t row) {
  TextVisitor visitor{out};
  Walk<TextVisitor>(call, output, row, visitor);
}

void append_json_row(std::string& out, const Call& call, int output, int64_t row) {
  JsonVisitor visitor{out};
  Walk<JsonVisitor>(call, output, row, visitor);
}

}  // namespace sinter::runtime
