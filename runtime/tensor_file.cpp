// The safetensors format: 8 bytes of header size, a JSON object name -> {dtype, shape,
// data_offsets}, then the data. A file from anywhere: nothing in it is believed unchecked.
#include "tensor_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "error.h"
#include "json.h"
#include "output.h"

namespace sinter::runtime {
namespace {

struct DtypeRow {
  const char* text;
  int32_t type;
  int64_t size;
};
constexpr DtypeRow kDtypes[] = {
    {"F32", SINTER_F32, 4}, {"F16", SINTER_F16, 2},   {"BF16", SINTER_BF16, 2},
    {"U8", SINTER_U8, 1},   {"I8", SINTER_I8, 1},     {"I32", SINTER_I32, 4},
    {"I64", SINTER_I64, 8}, {"BOOL", SINTER_BOOL, 1}, {"F64", file_f64, 8},
    {"I16", -1, 2},         {"U16", -1, 2},           {"U32", -1, 4},
    {"U64", -1, 8}};

struct Range {
  int64_t begin, end;
};

[[noreturn]] void corrupt(const std::string& path, const std::string& what) {
  bad_input(path + " is not a right safetensors file: " + what);
}

std::vector<int64_t> read_numbers(JsonReader& json) {
  std::vector<int64_t> numbers;
  for (json.enter('['); json.more(']');) numbers.push_back(json.whole_number());
  return numbers;
}

// One tensor's description; `data` is where the data begins and `size` how much there is.
FileTensor read_tensor(JsonReader& json, std::string name, std::string_view data,
                       const std::string& path) {
  FileTensor tensor{std::move(name), -1, "", {}, nullptr};
  std::vector<int64_t> offsets;
  for (json.enter('{'); json.more('}');) {
    std::string field = json.key();
    if (field == "dtype") {
      tensor.type_text = json.string();
    } else if (field == "shape") {
      tensor.shape = read_numbers(json);
    } else if (field == "data_offsets") {
      offsets = read_numbers(json);
    } else {
      json.skip();
    }
  }
  std::string of = " of '" + tensor.name + "'";
  auto row = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                          [&](const DtypeRow& r) { return tensor.type_text == r.text; });
  if (row == std::end(kDtypes)) corrupt(path, "unknown dtype '" + tensor.type_text + "'" + of);
  tensor.type = row->type;
  int64_t bytes = row->size;
  for (int64_t extent : tensor.shape)
    if (__builtin_mul_overflow(bytes, extent, &bytes)) corrupt(path, "the shape" + of + " is huge");
  int64_t end = static_cast<int64_t>(data.size());
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > end)
    corrupt(path, "the data" + of + " lies outside the file");
  if (offsets[1] - offsets[0] != bytes)
    corrupt(path, "the data" + of + " has " + std::to_string(offsets[1] - offsets[0]) +
                      " bytes, its shape needs " + std::to_string(bytes));
  tensor.data = reinterpret_cast<const unsigned char*>(data.data()) + offsets[0];
  return tensor;
}

const char* dtype_text(int32_t type) {
  return std::find_if(std::begin(kDtypes), std::end(kDtypes),
                      [&](const DtypeRow& r) { return r.type == type; })
      ->text;
}

}  // namespace

std::vector<FileTensor> TensorFile::parse(std::string_view bytes, const std::string& path) {
  uint64_t header = 0;
  if (bytes.size() < 8) corrupt(path, "it has only " + std::to_string(bytes.size()) + " bytes");
  std::memcpy(&header, bytes.data(), 8);
  if (header > bytes.size() - 8) corrupt(path, "its header is cut off");
  std::string_view data = bytes.substr(8 + header);
  JsonReader json(bytes.substr(8, header));
  std::vector<FileTensor> tensors;
  try {
    for (json.enter('{'); json.more('}');) {
      std::string name = json.key();
      if (name == "__metadata__") {
        json.skip();
      } else {
        tensors.push_back(read_tensor(json, std::move(name), data, path));
      }
    }
    json.end();
  } catch (JsonReader::Malformed) {
    corrupt(path, "its header is not the JSON that the format asks for");
  }
  std::vector<const FileTensor*> sorted;
  for (const FileTensor& tensor : tensors) sorted.push_back(&tensor);
  std::sort(sorted.begin(), sorted.end(),
            [](const FileTensor* a, const FileTensor* b) { return a->name < b->name; });
  for (size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i]->name == sorted[i - 1]->name)
      corrupt(path, "'" + sorted[i]->name + "' is there twice");
  return tensors;
}

TensorFile::TensorFile(const std::string& path) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(exit_resource, path + " cannot be opened: " + std::strerror(errno));
  struct stat status;
  bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  if (!regular) {
    close(file);
    fail(exit_resource, path + " is not a file");
  }
  size_ = static_cast<size_t>(status.st_size);
  if (size_ != 0) mapped_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
  int error = errno;
  close(file);
  if (mapped_ == MAP_FAILED) {
    mapped_ = nullptr;
    fail(exit_resource, path + " cannot be mapped: " + std::strerror(error));
  }
  try {
    tensors_ = parse({static_cast<const char*>(mapped_), size_}, path);
  } catch (...) {
    munmap(mapped_, size_);
    throw;
  }
}

TensorFile::~TensorFile() {
  if (mapped_ != nullptr) munmap(mapped_, size_);
}

const FileTensor* TensorFile::find(std::string_view name) const {
  for (const FileTensor& tensor : tensors_)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

namespace {

/// A file that is written beside its place and moved there when it is whole. What is no plain file,
/// a pipe or a link say, is written itself, and so is a file in a folder that takes no new one.
class PlacedFile {
 public:
  explicit PlacedFile(const std::string& path) : path_(path) {
    struct stat old;
    const bool exists = lstat(path.c_str(), &old) == 0;
    // Who may not write the old file may not replace it either.
    if (!exists || (S_ISREG(old.st_mode) && old.st_nlink == 1 && access(path.c_str(), W_OK) == 0))
      open_beside();
    if (file_ < 0) open_itself();
    if (exists && !beside_.empty()) fchmod(file_, old.st_mode & 07777);
  }
  ~PlacedFile() {
    if (file_ >= 0) close(file_);
    if (!beside_.empty()) unlink(beside_.c_str());
  }
  PlacedFile(const PlacedFile&) = delete;
  PlacedFile& operator=(const PlacedFile&) = delete;

  void write(std::string_view bytes) const {
    if (int error = write_all(file_, bytes); error != 0) refuse(error);
  }
  void finish() {
    if (close(std::exchange(file_, -1)) != 0) refuse(errno);
    if (beside_.empty()) return;
    if (rename(beside_.c_str(), path_.c_str()) != 0) refuse(errno);
    beside_.clear();
  }

 private:
  [[noreturn]] void refuse(int error) const {
    if (error == EPIPE) throw OutputClosed{};
    fail(exit_resource, path_ + " cannot be written: " + std::strerror(error));
  }
  void open_beside() {
    beside_ = path_ + "." + std::to_string(getpid()) + ".part";
    file_ = open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ < 0) beside_.clear();
  }
  void open_itself() {
    file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file_ < 0) refuse(errno);
  }

  std::string path_, beside_;
  int file_ = -1;
};

}  // namespace

void write_tensors(const std::string& path, std::vector<NamedArray> tensors) {
  // Wide elements first, so that every tensor is aligned for its type.
  std::sort(tensors.begin(), tensors.end(), [](const NamedArray& a, const NamedArray& b) {
    size_t size_a = type_size(a.array->type()), size_b = type_size(b.array->type());
    return size_a != size_b ? size_a > size_b : a.name < b.name;
  });
  std::string header = "{";
  uint64_t offset = 0;
  for (const NamedArray& tensor : tensors) {
    if (header.size() > 1) header += ',';
    append_json_string(header, tensor.name);
    header += ":{\"dtype\":\"" + std::string(dtype_text(tensor.array->type())) + "\",\"shape\":[";
    for (size_t i = 0; i < tensor.array->shape().size(); ++i)
      header += (i != 0 ? "," : "") + std::to_string(tensor.array->shape()[i]);
    header += "],\"data_offsets\":[" + std::to_string(offset) + ",";
    offset += tensor.array->size();
    header += std::to_string(offset) + "]}";
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');
  uint64_t size = header.size();

  PlacedFile file(path);
  file.write({reinterpret_cast<const char*>(&size), 8});
  file.write(header);
  for (const NamedArray& tensor : tensors)
    file.write({static_cast<const char*>(tensor.array->data()),
                static_cast<size_t>(tensor.array->size())});
  file.finish();
}

}  // namespace sinter::runtime
