// Tables in CSV: any bytes as one line, as a normalisation, and as lines for the reader.
#include "runtime/csv.h"

#include "../task_model.h"
#include "fuzz.h"

extern "C" const SinterReader sinter_reader_csv;

using namespace sinter::runtime;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    for (const std::string& cell : csv_cells(text, ','))
      if (cell.size() > size) __builtin_trap();
  } catch (const Error&) {
  }
  try {
    Normalisation scale = read_normalisation(text);
    if (scale.means.size() != scale.columns.size()) __builtin_trap();
  } catch (const Error&) {
  }
  TaskModel model;
  model.input("x", SINTER_F32, {'b', 2, 2});
  auto reader = model.make(sinter_reader_csv);
  int64_t rows = 0;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    try {
      rows += reader->encode(text.substr(0, end)) == 2;
    } catch (const Error&) {
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  Call call(model.entry());
  if (rows > 0) reader->fill(call, rows);
  return 0;
}
