// fastText's .bin and .ftz files, versions 11 and 12: settings, dictionary, then the input and the
// output matrix, plain or product-quantised. A quantised matrix is also given in its parts, for
// models that keep it quantised; what else follows from a file is in FastTextDerived.cpp. Files of
// before fastText's 2017 header are not read.
#include <algorithm>

#include "FastTextDerived.h"
#include "Formats.h"

namespace sinter::weights {
namespace {

constexpr int32_t magic = 793712314;
constexpr int64_t centroidsPerPart = 256;
constexpr uint64_t mostElementsPerByte = 256;  // fastText's own files have 2 per byte of code

class Reader {
 public:
  explicit Reader(const Source& source) : source(source), cursor(source) {}

  Checkpoint read() {
    readSettings();
    readDictionary();
    Checkpoint checkpoint{source.path, "fastText", {}, {}, {}, {}};
    checkpoint.dictionary = source.view(0, cursor.position());
    bool quantisedInput = readFlag("the input matrix's kind");
    checkpoint.tensors.push_back(readMatrix("input", quantisedInput));
    bool quantisedOutput = readFlag("the output matrix's kind");
    checkpoint.tensors.push_back(readMatrix("output", quantisedInput && quantisedOutput));
    if (cursor.left() > 0) damaged(join(cursor.left(), " bytes follow its last matrix"));
    checkRows(checkpoint);
    for (auto& word : model.words) checkpoint.vocabulary.push_back(word.text);
    checkpoint.fastText = std::make_shared<FastText>(std::move(model));
    addDerived(checkpoint);
    return checkpoint;
  }

 private:
  [[noreturn]] void damaged(std::string_view what) {
    source.fail("the fastText file is damaged: ", what);
  }

  bool readFlag(std::string_view what) { return cursor.read<uint8_t>(what) != 0; }

  void readSettings() {
    cursor.read<int32_t>("the magic number");
    auto version = cursor.read<int32_t>("the version");
    if (version != 11 && version != 12) {
      source.fail("wanted version 11 or 12 of fastText's format, got ", version);
    }
    int32_t settings[12];
    for (auto& setting : settings) setting = cursor.read<int32_t>("the settings");
    cursor.read<double>("the settings");  // how training thinned frequent words
    model.width = settings[0];            // then window, epochs, least count, negatives
    model.wordNgrams = settings[5];
    if (settings[6] < 1 || settings[6] > 4) damaged(join("it has no loss number ", settings[6]));
    if (settings[7] < 1 || settings[7] > 3) damaged(join("it has no model number ", settings[7]));
    model.loss = static_cast<FastText::Loss>(settings[6]);
    model.model = static_cast<FastText::Model>(settings[7]);
    model.buckets = settings[8];
    model.shortestNgram = settings[9];
    model.longestNgram = settings[10];
    if (version == 11 && model.model == FastText::Model::Supervised) model.longestNgram = 0;
    if (model.width <= 0 || model.buckets < 0) damaged("its width or buckets are no sizes");
  }

  void readDictionary() {
    auto size = cursor.read<int32_t>("the dictionary");
    auto words = cursor.read<int32_t>("the dictionary");
    auto labels = cursor.read<int32_t>("the dictionary");
    model.tokens = cursor.read<int64_t>("the dictionary");
    auto kept = cursor.read<int64_t>("the dictionary");
    if (words < 0 || labels < 0 || int64_t{words} + labels != size) {
      damaged("its dictionary's sizes do not add up");
    }
    for (int32_t i = 0; i < size; ++i) {
      std::string text(cursor.takeUntil('\0', "a dictionary entry"));
      auto count = cursor.read<int64_t>("a dictionary entry");
      bool isLabel = cursor.read<uint8_t>("a dictionary entry") == 1;
      if (isLabel != (i >= words)) damaged("its dictionary mixes words and labels");
      (isLabel ? model.labels : model.words).push_back({std::move(text), count});
    }
    model.pruned = kept >= 0;  // -1: all n-grams are there
    for (int64_t i = 0; i < kept; ++i) {
      auto bucket = cursor.read<int32_t>("a kept n-gram");
      auto row = cursor.read<int32_t>("a kept n-gram");
      if (row < 0 || row >= kept) damaged(join("a kept n-gram has row ", row, " of ", kept));
      model.kept.emplace_back(bucket, row);
    }
  }

  std::vector<int64_t> readShape(std::string_view what) {
    auto rows = cursor.read<int64_t>(what);
    auto width = cursor.read<int64_t>(what);
    uint64_t bytes = 0;
    std::vector<int64_t> shape{rows, width};
    if (!byteCount(shape, sizeof(float), bytes) || width != model.width) {
      damaged(join(what, " has the shape ", shapeText(shape), ", but vectors are ", model.width,
                   " wide"));
    }
    return shape;
  }

  Bytes take(uint64_t count, uint64_t elementSize, std::string_view what) {
    uint64_t at = cursor.position();
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(count, elementSize, &bytes)) bytes = UINT64_MAX;  // none has so many
    cursor.take(bytes, what);
    return source.view(at, bytes);
  }

  Tensor readMatrix(const char* name, bool isQuantised) {
    auto what = join("the ", name, " matrix");
    if (isQuantised) return readQuantised(name, what);
    auto shape = readShape(what);
    uint64_t at = cursor.position();
    uint64_t bytes = 0;
    byteCount(shape, sizeof(float), bytes);
    cursor.take(bytes, what);
    return viewedTensor(source, name, DType::F32, std::move(shape), at);
  }

  // The parts of one quantiser of vectors `width` wide.
  void readCentroids(int64_t width, std::string_view what, int64_t& parts, int64_t& partWidth,
                     Bytes& centroids) {
    auto fileWidth = cursor.read<int32_t>(what);
    parts = cursor.read<int32_t>(what);
    partWidth = cursor.read<int32_t>(what);
    int64_t lastWidth = cursor.read<int32_t>(what);
    if (fileWidth != width || parts < 1 || partWidth < 1 || lastWidth < 1 ||
        lastWidth > partWidth || (parts - 1) * partWidth + lastWidth != width) {
      damaged(join(what, "'s quantiser has ", parts, " parts of ", partWidth, " and ", lastWidth,
                   ", which do not make ", width));
    }
    centroids = take(static_cast<uint64_t>(width * centroidsPerPart), sizeof(float), what);
  }

  Tensor readQuantised(const char* name, const std::string& what) {
    auto matrix = std::make_shared<ProductQuantised>();
    bool hasNorms = readFlag(what);
    auto shape = readShape(what);
    auto rows = static_cast<uint64_t>(shape[0]);
    auto codeCount = cursor.read<int32_t>(what);
    if (codeCount < 0) damaged(what + " has a negative number of codes");
    matrix->codes = take(static_cast<uint64_t>(codeCount), 1, what);
    readCentroids(shape[1], what, matrix->parts, matrix->partWidth, matrix->centroids);
    if (rows > matrix->codes.size() ||
        rows * static_cast<uint64_t>(matrix->parts) != matrix->codes.size()) {
      damaged(join(what, " has ", codeCount, " codes for ", rows, " rows of ", matrix->parts));
    }
    if (rows * static_cast<uint64_t>(shape[1]) / mostElementsPerByte > source.size()) {
      damaged(join(what, " has the shape ", shapeText(shape), ", too much for the file"));
    }
    if (hasNorms) {
      int64_t parts, partWidth;
      matrix->normCodes = take(rows, 1, what);
      readCentroids(1, what, parts, partWidth, matrix->normCentroids);
    }
    Tensor tensor{name, DType::F32, std::move(shape), {}, {}};
    tensor.quantised = matrix;
    tensor.read = lazily([matrix, shape = tensor.shape] { return decoded(*matrix, shape); });
    return tensor;
  }

  // The matrix as fastText computes its rows, in f32.
  static Bytes decoded(const ProductQuantised& matrix, const std::vector<int64_t>& shape) {
    auto rows = static_cast<size_t>(shape[0]), width = static_cast<size_t>(shape[1]);
    auto parts = static_cast<size_t>(matrix.parts);
    auto partWidth = static_cast<size_t>(matrix.partWidth);
    std::vector<std::byte> data(rows * width * sizeof(float));
    auto number = [](const Bytes& from, size_t i) {
      float value;
      std::memcpy(&value, from.data() + i * sizeof(float), sizeof(float));
      return value;
    };
    auto code = [](const Bytes& from, size_t i) { return static_cast<size_t>(from.data()[i]); };
    for (size_t row = 0; row < rows; ++row) {
      float norm = matrix.normCodes.size() == 0
                       ? 1.0f
                       : number(matrix.normCentroids, code(matrix.normCodes, row));
      for (size_t i = 0; i < width; ++i) {
        size_t part = i / partWidth, from = part * partWidth;
        size_t thisWidth = std::min(partWidth, width - from);
        size_t centroid = from * centroidsPerPart +
                          code(matrix.codes, row * parts + part) * thisWidth + (i - from);
        float value = norm * number(matrix.centroids, centroid);
        std::memcpy(data.data() + (row * width + i) * sizeof(float), &value, sizeof(float));
      }
    }
    return Bytes(std::move(data));
  }

  void checkRows(const Checkpoint& checkpoint) {
    auto words = static_cast<int64_t>(model.words.size());
    int64_t ngrams = model.pruned ? static_cast<int64_t>(model.kept.size()) : model.buckets;
    int64_t inputRows = checkpoint.tensors[0].shape[0];
    if (inputRows != words + ngrams) {
      damaged(join("its input matrix has ", inputRows, " rows for ", words, " words and ", ngrams,
                   " n-grams"));
    }
    bool supervised = model.model == FastText::Model::Supervised;
    auto outputs = supervised ? static_cast<int64_t>(model.labels.size()) : words;
    if (checkpoint.tensors[1].shape[0] != outputs) {
      damaged(join("its output matrix has ", checkpoint.tensors[1].shape[0], " rows for ", outputs,
                   supervised ? " labels" : " words"));
    }
  }

  const Source& source;
  Cursor cursor;
  FastText model;
};

}  // namespace

bool looksLikeFastText(const Source& source) {
  return source.size() >= sizeof(magic) && Cursor(source).read<int32_t>("") == magic;
}

Checkpoint readFastText(const Source& source) { return Reader(source).read(); }

}  // namespace sinter::weights
