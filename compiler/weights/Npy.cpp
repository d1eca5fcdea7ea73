#include "Npy.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "Formats.h"

namespace sinter::weights {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

struct NamedType {
  std::string_view code;  // a dtype's kind and size, without the byte order
  DType type;
};
constexpr NamedType types[] = {{"f8", DType::F64}, {"f4", DType::F32}, {"f2", DType::F16},
                               {"i8", DType::I64}, {"i4", DType::I32}, {"i2", DType::I16},
                               {"i1", DType::I8},  {"u8", DType::U64}, {"u4", DType::U32},
                               {"u2", DType::U16}, {"u1", DType::U8},  {"b1", DType::Bool}};

struct Header {
  std::string type;  // "<f4"
  bool fortran = false;
  std::vector<int64_t> shape;
  uint64_t dataAt = 0;
};

// The header is a Python dict literal of three known keys; this reads no more Python than that.
class HeaderReader {
 public:
  HeaderReader(const Source& source, std::string_view text) : source(source), text(text) {}

  Header read() {
    Header header;
    want('{');
    while (!accept('}')) {
      std::string key = quoted();
      want(':');
      if (key == "descr")
        header.type = type();
      else if (key == "fortran_order")
        header.fortran = truth();
      else if (key == "shape")
        header.shape = tuple();
      else
        damaged();
      accept(',');
    }
    return header;
  }

 private:
  [[noreturn]] void damaged() {
    source.fail("the array's header is damaged: ", text.substr(0, 80));
  }
  bool accept(char c) {
    while (at < text.size() && text[at] == ' ') ++at;
    if (at >= text.size() || text[at] != c) return false;
    ++at;
    return true;
  }
  void want(char c) {
    if (!accept(c)) damaged();
  }
  std::string quoted() {
    want('\'');
    auto end = text.find('\'', at);
    if (end == text.npos) damaged();
    std::string value(text.substr(at, end - at));
    at = end + 1;
    return value;
  }
  std::string type() {
    if (!accept('[')) return quoted();
    auto end = text.find("],", at);  // a record type: a list of fields, which Sinter leaves out
    if (end == text.npos) damaged();
    at = end + 1;
    return "[record]";
  }
  bool truth() {
    accept(' ');
    for (std::string_view word : {"True", "False"}) {
      if (!text.substr(at).starts_with(word)) continue;
      at += word.size();
      return word == "True";
    }
    damaged();
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> values;
    want('(');
    while (!accept(')')) {
      int64_t value = 0;
      auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
      if (error != std::errc() || value < 0) damaged();
      at = static_cast<size_t>(end - text.data());
      if (at < text.size() && text[at] == 'L') ++at;  // Python 2 wrote 3L
      values.push_back(value);
      if (!accept(',') && !(at < text.size() && text[at] == ')')) damaged();
    }
    return values;
  }

  const Source& source;
  std::string_view text;
  size_t at = 0;
};

Header readHeader(const Source& source) {
  Cursor cursor(source);
  if (cursor.takeText(magic.size(), "the array's magic") != magic) {
    source.fail("is not a numpy array");
  }
  auto major = cursor.read<uint8_t>("the array's version");
  cursor.read<uint8_t>("the array's version");
  if (major < 1 || major > 3) source.fail("wanted version 1 to 3 of numpy's format, got ", major);
  uint64_t length = major == 1 ? cursor.read<uint16_t>("the array's header length")
                               : cursor.read<uint32_t>("the array's header length");
  Header header = HeaderReader(source, cursor.takeText(length, "the array's header")).read();
  header.dataAt = cursor.position();
  return header;
}

// The array as row-major, little-endian bytes.
Bytes elements(const Source& source, const Header& header, DType type) {
  uint64_t size = bytesPerElement(type), bytes = 0;
  byteCount(header.shape, size, bytes);
  bool columns = header.fortran && header.shape.size() > 1;
  bool swapped = header.type.front() == '>' && size > 1;
  if (bytes == 0 || (!columns && !swapped)) return source.view(header.dataAt, bytes);
  std::vector<int64_t> strides(header.shape.size(), 1);
  int64_t stride = 1;
  for (size_t i = 0; i < strides.size(); ++i) {
    size_t axis = columns ? i : strides.size() - 1 - i;
    strides[axis] = stride;
    stride *= header.shape[axis];
  }
  auto data = gathered(source.bytes.subspan(header.dataAt), header.shape, strides, size);
  if (swapped) swapBytes(data, size);
  return Bytes(std::move(data));
}

// Nothing for a type that is left out, which `checkpoint` notes.
std::optional<DType> typeOf(const Header& header, const std::string& name, Checkpoint& checkpoint) {
  auto code = std::string_view(header.type);
  code.remove_prefix(std::min<size_t>(code.size(), 1));
  auto* found = std::ranges::find(types, code, &NamedType::code);
  if (found != std::end(types)) return found->type;
  if (code.starts_with('U') || code.starts_with('S')) return DType::Text;
  checkpoint.notes.push_back(
      join("left out '", name, "': Sinter does not read arrays of numpy's ", "type ", header.type));
  return {};
}

void checkSize(const Source& source, const Header& header, DType type, uint64_t available) {
  uint64_t bytes = 0;
  if (!byteCount(header.shape, bytesPerElement(type), bytes) || bytes > available) {
    source.fail("an array ", weights::name(type), shapeText(header.shape), " should follow, but ",
                available, " bytes are there");
  }
}

Tensor textTensor(const Source& source, std::string name, const Header& header) {
  Tensor tensor{std::move(name), DType::Text, header.shape, {}, {}};
  tensor.read = lazily([path = source.path]() -> Bytes { throw Failure{path + ": holds text"}; });
  return tensor;
}

}  // namespace

bool looksLikeNpy(const Source& source) { return source.startsWith(magic); }

Checkpoint readNpy(const Source& source) {
  Checkpoint checkpoint{source.path, "numpy array", {}, {}, {}, {}};
  Header header = readHeader(source);
  auto type = typeOf(header, "the array", checkpoint);
  if (!type) source.fail("Sinter does not read arrays of numpy's type ", header.type);
  if (type == DType::Text) {
    checkpoint.tensors.push_back(textTensor(source, "array", header));
    return checkpoint;
  }
  checkSize(source, header, *type, source.size() - header.dataAt);
  Tensor tensor{"array", *type, header.shape, {}, {}};
  tensor.read = lazily([source, header, type = *type] { return elements(source, header, type); });
  checkpoint.tensors.push_back(std::move(tensor));
  return checkpoint;
}

Checkpoint readNpz(const Source& zip, std::span<const ZipEntry> entries) {
  Checkpoint checkpoint{zip.path, "numpy archive", {}, {}, {}, {}};
  for (const ZipEntry& entry : entries) {
    if (!entry.name.ends_with(".npy")) continue;
    auto name = entry.name.substr(0, entry.name.size() - 4);
    // A deflated entry is unpacked for its header here and again when it is read.
    Source array = extract(zip, entry);
    Header header = readHeader(array);
    auto type = typeOf(header, name, checkpoint);
    if (!type) continue;
    if (type == DType::Text) {
      checkpoint.tensors.push_back(textTensor(array, name, header));
      continue;
    }
    checkSize(array, header, *type, array.size() - header.dataAt);
    Tensor tensor{name, *type, header.shape, {}, {}};
    tensor.read = lazily(
        [zip, entry, header, type = *type] { return elements(extract(zip, entry), header, type); });
    checkpoint.tensors.push_back(std::move(tensor));
  }
  return checkpoint;
}

}  // namespace sinter::weights
