// safetensors files. Non-goals: no sharded files, no writing of metadata.
#ifndef SINTER_RUNTIME_TENSOR_FILE_H
#define SINTER_RUNTIME_TENSOR_FILE_H

#include <string>
#include <string_view>
#include <vector>

#include "array.h"

namespace sinter::runtime {

struct FileTensor {
  std::string name;
  int32_t type;  // SinterType, file_f64, or -1 for an element type the runtime does not know
  std::string type_text;  // as the file says it
  Shape shape;
  const unsigned char* data;  // not aligned
};

/// A file that is mapped and has been checked completely. Errors name the path.
class TensorFile {
 public:
  explicit TensorFile(const std::string& path);
  ~TensorFile();
  TensorFile(const TensorFile&) = delete;
  TensorFile& operator=(const TensorFile&) = delete;

  const std::vector<FileTensor>& tensors() const { return tensors_; }
  const FileTensor* find(std::string_view name) const;

  /// The tensors of the file contents `bytes`; `path` is for errors.
  static std::vector<FileTensor> parse(std::string_view bytes, const std::string& path);

 private:
  void* mapped_ = nullptr;
  size_t size_ = 0;
  std::vector<FileTensor> tensors_;
};

struct NamedArray {
  std::string name;
  const Array* array;
};

/// Writes (over) the file at `path`; where that fails, an old file there stays as it was. Throws
/// OutputClosed where `path` is a pipe that nobody reads.
void write_tensors(const std::string& path, std::vector<NamedArray> tensors);

}  // namespace sinter::runtime
#endif
