// Reads trained weights from any file format that Sinter knows: safetensors (one file, or shards),
// PyTorch's zip and legacy files, .npy/.npz, HDF5 (Keras, ELMo), word2vec and GloVe vectors,
// fastText's .bin and .ftz.
// `open` looks at a file's content, never at its suffix, and runs nothing that a file holds.
// Non-goals: no writing, no renaming (Match.h pairs names with a model's), no MLIR or LLVM.
#ifndef SINTER_COMPILER_WEIGHTS_WEIGHTS_H
#define SINTER_COMPILER_WEIGHTS_WEIGHTS_H

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sinter::weights {

// One finished sentence: the file, what was wanted, what was got. Fit to print after "error: ".
template <class T>
using Result = std::expected<T, std::string>;

enum class DType : uint8_t {
  F64,
  F32,
  F16,
  BF16,
  F8E4M3,
  F8E5M2,
  I64,
  I32,
  I16,
  I8,
  U64,
  U32,
  U16,
  U8,
  Bool,
  Text
};

std::string_view name(DType type);     // "f32", "bool", "text"
uint64_t bytesPerElement(DType type);  // 0 for Text
bool isFloat(DType type);

// Elements of one tensor: row-major, contiguous, little-endian, not necessarily aligned. Keeps
// alive whatever holds them (a mapped file or a buffer of its own).
class Bytes {
 public:
  Bytes() = default;
  Bytes(std::shared_ptr<const void> owner, std::span<const std::byte> view)
      : owner(std::move(owner)), view(view) {}
  explicit Bytes(std::vector<std::byte> data);

  const std::byte* data() const { return view.data(); }
  uint64_t size() const { return view.size(); }
  std::span<const std::byte> span() const { return view; }

 private:
  std::shared_ptr<const void> owner;
  std::span<const std::byte> view;
};

// fastText's product quantisation of a matrix f32[rows, width]: a row is one centroid per part, put
// side by side, times the row's own norm where there are norms.
struct ProductQuantised {
  int64_t parts = 0;
  int64_t partWidth = 0;  // of all parts but the last, which has the rest of the width
  Bytes codes;            // u8[rows, parts]
  Bytes centroids;        // f32: part p's 256 centroids begin at element p * 256 * partWidth
  Bytes normCodes;        // u8[rows], or empty
  Bytes normCentroids;    // f32[256], or empty

  uint64_t bytes() const;
};

// What a fastText file says beside its two matrices. Row i of "input" is word i's vector; after the
// words come the n-grams' rows: the bucket's number, or the row that `kept` gives it.
struct FastText {
  enum class Loss { HierarchicalSoftmax = 1, NegativeSampling, Softmax, OneVsAll };
  enum class Model { Cbow = 1, SkipGram, Supervised };
  struct Entry {
    std::string text;
    int64_t count;
  };
  Loss loss = Loss::Softmax;
  Model model = Model::Supervised;
  int32_t width = 0, buckets = 0, wordNgrams = 0;
  int32_t shortestNgram = 0, longestNgram = 0;  // of characters; 0: no sub-words
  int64_t tokens = 0;                           // of the text that it was trained on
  std::vector<Entry> words, labels;             // most frequent first
  bool pruned = false;
  std::vector<std::pair<int32_t, int32_t>> kept;  // bucket -> row after the words, when pruned
};

struct Tensor {
  std::string name;
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  // Another, earlier tensor of the checkpoint that is the same bytes (tied weights); else empty.
  std::string sameAs;
  // Fetches the elements when they are asked for: a view of the mapped file where they lie there
  // contiguously, a fresh copy otherwise. Every size was checked against the file beforehand.
  std::function<Result<Bytes>()> read;
  // How the file holds it, when that is not as plain elements; `read` decodes it.
  std::shared_ptr<const ProductQuantised> quantised = nullptr;
  // The tensor that this one is a part of or follows from; else empty. Not counted in sums.
  std::string derivedFrom = {};

  int64_t elements() const;
  uint64_t bytes() const;        // as `read` gives them; 0 for Text
  uint64_t storedBytes() const;  // as the file holds them
  std::string typeText() const;  // "f32[768, 768]"
};

struct Checkpoint {
  std::string path;
  std::string format;                   // "safetensors", "PyTorch zip", … for people
  std::vector<Tensor> tensors;          // in the file's order
  std::vector<std::string> vocabulary;  // word vectors: row i's word
  std::vector<std::pair<std::string, std::string>> metadata;  // safetensors' __metadata__ etc.
  std::vector<std::string> notes;  // what was left out and why, one sentence each
  std::shared_ptr<const FastText> fastText = nullptr;
  // Sizes and choices of the model that it was written from, in JSON: a configuration for a model
  // in C++. Empty where the format says nothing of it.
  std::string config = {};
  Bytes dictionary = {};  // fastText: the file's front part, all that turns text into rows and labels

  const Tensor* find(std::string_view name) const;  // nullptr: no such tensor
};

// A file, an index of shards (*.index.json), or a folder that holds one of them.
Result<Checkpoint> open(const std::string& path);

// The same for content that is in memory already; `name` stands for the file in messages. Shards
// and folders need `open`. The bytes must outlive the checkpoint.
Result<Checkpoint> openBytes(const std::string& name, std::span<const std::byte> content);

// `sinter weights FILE`: one line per tensor (name, type and shape, bytes), then the totals.
std::string listing(const Checkpoint& checkpoint);

// The elements as another type. Float to float rounds to nearest even, integer to integer must
// fit; anything between floats, integers and bool is an error.
Result<Bytes> readAs(const Tensor& tensor, DType wanted);
bool converts(DType from, DType to);  // whether readAs has a rule for the pair

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_WEIGHTS_H
