// One row of an output as text. Padding beyond a row's own length is left out.
#ifndef SINTER_RUNTIME_ROWS_H
#define SINTER_RUNTIME_ROWS_H

#include <string>

#include "runtime/instance.h"

namespace sinter::runtime {

/// What floats are multiplied by and then have added to them, in f32.
struct Scale {
  float factor = 1, offset = 0;
};

/// Numbers with spaces between them, whatever the rank. A null scale leaves them alone.
void append_text_row(std::string& out, const Call& call, int output, int64_t row,
                     const Scale* scale = nullptr);
/// Nested JSON arrays; a single number for outputs of rank 1.
void append_json_row(std::string& out, const Call& call, int output, int64_t row,
                     const Scale* scale = nullptr);

}  // namespace sinter::runtime
#endif
