// The zip archives that PyTorch, numpy and Keras write: stored or deflated entries, zip64.
// Non-goals: no encryption, no split archives, no writing.
#ifndef SINTER_COMPILER_WEIGHTS_ZIP_H
#define SINTER_COMPILER_WEIGHTS_ZIP_H

#include <atomic>

#include "Source.h"

namespace sinter::weights {

struct ZipEntry {
  std::string name;
  uint16_t method = 0;  // 0 stored, 8 deflated
  uint32_t crc = 0;
  uint64_t packedSize = 0, size = 0;
  uint64_t headerAt = 0;  // of the local header
  std::shared_ptr<std::atomic<bool>> checked = std::make_shared<std::atomic<bool>>(false);
};

std::vector<ZipEntry> listZip(const Source& zip);
const ZipEntry* findEntry(std::span<const ZipEntry> entries, std::string_view name);

// The entry's content, its checksum checked (once per entry): a view of `zip` when it is stored.
Source extract(const Source& zip, const ZipEntry& entry);

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_ZIP_H
