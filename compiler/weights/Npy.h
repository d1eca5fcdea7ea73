// numpy's array format, as a file of its own or as an entry of an .npz archive.
#ifndef SINTER_COMPILER_WEIGHTS_NPY_H
#define SINTER_COMPILER_WEIGHTS_NPY_H

#include "Zip.h"

namespace sinter::weights {

Checkpoint readNpz(const Source& zip, std::span<const ZipEntry> entries);

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_NPY_H
