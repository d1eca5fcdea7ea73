// The descriptor of a compiled model: plain structs that mirror runtime/abi.h, and the C source
// that defines `sinter_model` from them.
// Non-goals: no MLIR, no compiling of that source, no knowledge of what a task's options mean.
#ifndef SINTER_CODEGEN_DESCRIPTOR_H
#define SINTER_CODEGEN_DESCRIPTOR_H

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/abi.h"

namespace sinter {

/// The expressions of one entry. Every function returns an index into values[]; equal expressions
/// share one, constants fold (where 64 bits hold the result) and x+0, x*1 and the like vanish.
class Expressions {
 public:
  /// All symbols come first, before any other expression.
  int32_t symbol(std::string name);
  int32_t constant(int64_t value);
  /// `op` is one of SINTER_ADD … SINTER_ALIGN; MIN, MAX and ALIGN as in abi.h.
  int32_t binary(SinterOpcode op, int32_t left, int32_t right);

  int32_t size() const { return static_cast<int32_t>(programs.size()); }
  const std::vector<std::string>& symbols() const { return names; }
  const std::vector<int64_t>& program(int32_t i) const { return programs[i]; }
  /// The values for given symbols, as the runtime computes them; nothing where one overflows.
  std::optional<std::vector<int64_t>> evaluate(std::span<const int64_t> symbolValues) const;

 private:
  int32_t intern(std::vector<int64_t> program);
  std::optional<int64_t> asConstant(int32_t i) const;

  std::vector<std::string> names;
  std::vector<std::vector<int64_t>> programs;
  std::map<std::vector<int64_t>, int32_t> known;
};

/// An input, output or state. `extents`, `raggedSymbol` … are as in SinterTensor.
struct TensorDescription {
  std::string name;
  SinterType type = SINTER_F32;
  std::vector<int32_t> extents;
  int32_t raggedAxis = -1;
  int32_t raggedSymbol = -1;
  int64_t idLimit = 0;
  int32_t askable = 0;
};

struct RaggedDescription {
  std::string name;
  int32_t symbol, rowExtent;
};

struct ConstraintDescription {
  int32_t left, right;
  SinterRelation relation;
  std::string text;
};

struct EntryDescription {
  std::string name = {};
  Expressions expressions = {};
  std::vector<TensorDescription> inputs = {}, outputs = {};
  std::vector<RaggedDescription> ragged = {};
  std::vector<ConstraintDescription> constraints = {};
  int32_t arenaSize = 0;       // index into values[]
  int32_t threadsSymbol = -1;  // index into values[], or -1
  std::string function = {};   // "sinter_bert_forward"; the targets' suffixes are added
};

struct ParamDescription {
  std::string name;  // the checkpoint's key
  SinterType type = SINTER_F32;
  std::vector<int64_t> shape;
  std::string layout;  // "rows", "panel48"
  uint64_t offset = 0, bytes = 0;
};

struct AssetDescription {
  std::string name;
  std::string path;  // absolute: the file that is embedded
  uint64_t bytes = 0;  // its size
};

struct ModelDescription {
  std::string name, version;
  int64_t parameterCount = 0;
  std::vector<EntryDescription> entries;
  std::vector<ParamDescription> params;
  std::vector<AssetDescription> assets;
  std::vector<std::pair<std::string, std::string>> options;  // of the task
  std::string reader, writer;         // "characters": symbol sinter_reader_characters; or empty
  std::vector<std::string> targets;   // suffixes of the objects that are linked: "v2", "v4"
  std::string weightsPath;            // absolute: the block file that is embedded; or empty
  std::string weightsFile;            // the name to look for beside the binary; or empty
  uint64_t weightsSize = 0;
  std::string symbolSuffix;           // of `sinter_model`, where one file holds several models
};

/// Writes model.c. It needs runtime/abi.h on the include path as "abi.h", and its link these flags
/// (lld's, by -Wl): they put the weights behind everything else, so that code and data stay within
/// 2 GB of each other, and leave `_end`, which libc addresses from code, at the end of the data.
inline constexpr const char* kDescriptorLinkFlags[] = {
    "-z", "lrodata-after-bss", "--defsym=_end=ADDR(.bss)+SIZEOF(.bss)"};
void writeDescriptor(const ModelDescription& model, std::ostream& out);

}  // namespace sinter
#endif
