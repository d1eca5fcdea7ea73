// One row of an output as text. Padding beyond a row's own length is left out.
#ifndef SINTER_RUNTIME_ROWS_H
#define SINTER_RUNTIME_ROWS_H

#include <string>

#include "runtime/instance.h"

namespace sinter::runtime {

/// Numbers with spaces between them, whatever the rank.
void append_text_row(std::string& out, const Call& call, int output, int64_t row);
/// Nested JSON arrays; a single number for outputs of rank 1.
void append_json_row(std::string& out, const Call& call, int output, int64_t row);

}  // namespace sinter::runtime
#endif
