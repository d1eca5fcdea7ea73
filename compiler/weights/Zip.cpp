#include "Zip.h"

#include <zlib.h>

#include <algorithm>

namespace sinter::weights {
namespace {

constexpr std::string_view localMark = "PK\x03\x04";
constexpr std::string_view centralMark = "PK\x01\x02";
constexpr std::string_view endMark = "PK\x05\x06";
constexpr std::string_view end64Mark = "PK\x06\x06";
constexpr std::string_view locator64Mark = "PK\x06\x07";
constexpr uint64_t endSize = 22, locator64Size = 20;
constexpr uint64_t largestInflation = 1032;  // deflate cannot do better per byte

struct Directory {
  uint64_t count, at;
};

Directory findDirectory(const Source& zip) {
  auto at = zip.text().rfind(endMark);
  if (at == std::string_view::npos || zip.size() - at < endSize) {
    zip.fail("is a zip archive without its directory; the file's end is missing");
  }
  Cursor end(zip, at + 10);
  uint64_t count = end.read<uint16_t>("the zip directory's count");
  end.read<uint32_t>("the zip directory's size");
  uint64_t start = end.read<uint32_t>("the zip directory's place");
  if (at < locator64Size || !zip.startsWith(locator64Mark, at - locator64Size)) {
    return {count, start};
  }
  uint64_t end64 =
      Cursor(zip, at - locator64Size + 8).read<uint64_t>("the zip64 directory's place");
  if (!zip.startsWith(end64Mark, end64)) zip.fail("the zip64 directory is damaged");
  Cursor large(zip, end64 + 32);
  count = large.read<uint64_t>("the zip64 directory's count");
  large.read<uint64_t>("the zip64 directory's size");
  start = large.read<uint64_t>("the zip64 directory's place");
  return {count, start};
}

// Sizes of 2^32 - 1 stand in the extra field with tag 1, in this order, as 64 bits each.
void readZip64(const Source& extra, ZipEntry& entry) {
  Cursor cursor(extra);
  while (cursor.left() >= 4) {
    auto tag = cursor.read<uint16_t>("a zip extra field");
    auto length = cursor.read<uint16_t>("a zip extra field");
    if (tag != 1) {
      cursor.take(std::min<uint64_t>(length, cursor.left()), "a zip extra field");
      continue;
    }
    for (uint64_t* value : {&entry.size, &entry.packedSize, &entry.headerAt}) {
      if (*value == UINT32_MAX) *value = cursor.read<uint64_t>("a zip64 size");
    }
    return;
  }
}

ZipEntry readEntry(const Source& zip, Cursor& cursor) {
  if (cursor.takeText(4, "a zip directory entry") != centralMark) {
    zip.fail("the zip directory is damaged");
  }
  ZipEntry entry;
  cursor.take(4, "a zip directory entry");
  auto flags = cursor.read<uint16_t>("a zip directory entry");
  entry.method = cursor.read<uint16_t>("a zip directory entry");
  cursor.take(4, "a zip directory entry");
  entry.crc = cursor.read<uint32_t>("a zip directory entry");
  entry.packedSize = cursor.read<uint32_t>("a zip directory entry");
  entry.size = cursor.read<uint32_t>("a zip directory entry");
  auto nameSize = cursor.read<uint16_t>("a zip directory entry");
  auto extraSize = cursor.read<uint16_t>("a zip directory entry");
  auto commentSize = cursor.read<uint16_t>("a zip directory entry");
  cursor.take(8, "a zip directory entry");
  entry.headerAt = cursor.read<uint32_t>("a zip directory entry");
  entry.name = cursor.takeText(nameSize, "a zip entry's name");
  auto extra = cursor.take(extraSize, "a zip extra field");
  readZip64({zip.path, zip.owner, extra}, entry);
  cursor.take(commentSize, "a zip comment");
  if (flags & 1) zip.fail("zip entry '", entry.name, "' is encrypted");
  return entry;
}

std::vector<std::byte> inflated(const Source& zip, const ZipEntry& entry,
                                std::span<const std::byte> packed) {
  if (entry.size / largestInflation > packed.size()) {
    zip.fail("zip entry '", entry.name, "' cannot hold the ", entry.size, " bytes that it claims");
  }
  std::vector<std::byte> content(entry.size);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) zip.fail("zlib has no memory");
  // zlib counts in 32 bits, so both sides are handed over in pieces.
  constexpr size_t piece = 1 << 30;
  size_t in = 0, out = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data() + in));
    stream.avail_in = static_cast<uInt>(std::min(piece, packed.size() - in));
    stream.next_out = reinterpret_cast<Bytef*>(content.data() + out);
    stream.avail_out = static_cast<uInt>(std::min(piece, content.size() - out));
    uInt inBefore = stream.avail_in, outBefore = stream.avail_out;
    status = inflate(&stream, Z_NO_FLUSH);
    in += inBefore - stream.avail_in;
    out += outBefore - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || out != content.size()) {
    zip.fail("zip entry '", entry.name, "' is damaged: it unpacks to ", out, " of ", content.size(),
             " bytes");
  }
  return content;
}

void checkSum(const Source& zip, const ZipEntry& entry, std::span<const std::byte> content) {
  // 0 stands for "not computed": torch.serialization.set_crc32_options(False).
  if (*entry.checked || entry.crc == 0) return;
  auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (sum != entry.crc) zip.fail("zip entry '", entry.name, "' is damaged: its checksum differs");
  *entry.checked = true;
}

}  // namespace

std::vector<ZipEntry> listZip(const Source& zip) {
  auto [count, start] = findDirectory(zip);
  if (start > zip.size()) zip.fail("the zip directory is damaged: it lies outside the file");
  std::vector<ZipEntry> entries;
  Cursor cursor(zip, start);
  for (uint64_t i = 0; i < count; ++i) entries.push_back(readEntry(zip, cursor));
  return entries;
}

const ZipEntry* findEntry(std::span<const ZipEntry> entries, std::string_view name) {
  auto found = std::ranges::find(entries, name, &ZipEntry::name);
  return found == entries.end() ? nullptr : &*found;
}

Source extract(const Source& zip, const ZipEntry& entry) {
  if (!zip.startsWith(localMark, entry.headerAt)) {
    zip.fail("zip entry '", entry.name, "' is damaged: it does not begin where the directory says");
  }
  Cursor cursor(zip, entry.headerAt + 26);
  auto nameSize = cursor.read<uint16_t>("a zip entry");
  auto extraSize = cursor.read<uint16_t>("a zip entry");
  cursor.take(nameSize, "a zip entry's name");
  cursor.take(extraSize, "a zip entry's extra field");
  auto packed = cursor.take(entry.packedSize, "zip entry '" + entry.name + "'");
  Source content{join(zip.path, " (", entry.name, ")"), zip.owner, packed};
  if (entry.method == 0 && entry.packedSize == entry.size) {
    checkSum(zip, entry, packed);
    return content;
  }
  if (entry.method != 8) {
    zip.fail("zip entry '", entry.name, "' uses packing method ", entry.method,
             "; Sinter reads stored (0) and deflated (8)");
  }
  auto buffer = std::make_shared<std::vector<std::byte>>(inflated(zip, entry, packed));
  checkSum(zip, entry, *buffer);
  content.bytes = *buffer;
  content.owner = std::move(buffer);
  return content;
}

}  // namespace sinter::weights
