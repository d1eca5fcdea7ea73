#include "FastTextDerived.h"

#include <algorithm>

#include "Source.h"

namespace sinter::weights {
namespace {

constexpr int64_t centroidsPerPart = 256;

template <class T>
Bytes bytesOf(const std::vector<T>& values) {
  auto bytes = std::as_bytes(std::span(values));
  return Bytes(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

// The centroids of all parts as rows of one width; the last part may be narrower in the file.
std::vector<float> evenCentroids(const ProductQuantised& matrix, int64_t width) {
  std::vector<float> rows(static_cast<size_t>(matrix.parts * centroidsPerPart * matrix.partWidth));
  const std::byte* from = matrix.centroids.data();
  for (int64_t part = 0; part < matrix.parts; ++part) {
    auto own = static_cast<size_t>(std::min(matrix.partWidth, width - part * matrix.partWidth));
    for (int64_t code = 0; code < centroidsPerPart; ++code, from += own * sizeof(float)) {
      auto row = static_cast<size_t>((part * centroidsPerPart + code) * matrix.partWidth);
      std::memcpy(&rows[row], from, own * sizeof(float));
    }
  }
  return rows;
}

void addParts(Checkpoint& checkpoint, const std::string& name) {
  const Tensor& whole = *checkpoint.find(name);
  auto matrix = whole.quantised;
  if (!matrix) return;
  int64_t rows = whole.shape[0], width = whole.shape[1];
  auto add = [&](const char* part, DType type, std::vector<int64_t> shape, auto read) {
    Tensor tensor{name + part, type, std::move(shape), {}, lazily(read)};
    tensor.derivedFrom = name;
    checkpoint.tensors.push_back(std::move(tensor));
  };
  add(".codes", DType::U8, {rows, matrix->parts}, [matrix] { return matrix->codes; });
  add(".centroids", DType::F32, {matrix->parts * centroidsPerPart, matrix->partWidth},
      [matrix, width] { return bytesOf(evenCentroids(*matrix, width)); });
  if (matrix->normCodes.size() == 0) return;
  add(".norm_codes", DType::U8, {rows}, [matrix] { return matrix->normCodes; });
  add(".norm_centroids", DType::F32, {centroidsPerPart},
      [matrix] { return matrix->normCentroids; });
}

// The names are those of models/fasttext.cpp.
std::string configOf(const Checkpoint& checkpoint) {
  const FastText& model = *checkpoint.fastText;
  const Tensor &input = *checkpoint.find("input"), &output = *checkpoint.find("output");
  constexpr std::string_view losses[] = {"hs", "ns", "softmax", "ova"};  // from 1 on
  constexpr std::string_view kinds[] = {"CBOW word vectors", "skip-gram word vectors",
                                        "classifier"};  // from 1 on
  auto words = static_cast<int64_t>(model.words.size());
  auto part = [](const Tensor& t) { return t.quantised ? t.quantised->partWidth : int64_t{0}; };
  auto norms = [](const Tensor& t) {
    return t.quantised && t.quantised->normCodes.size() > 0 ? "true" : "false";
  };
  return join("{\"file_kind\": \"", kinds[static_cast<size_t>(model.model) - 1],
              "\", \"words\": ", words, ", \"bucket\": ", input.shape[0] - words,
              ", \"dim\": ", model.width, ", \"outputs\": ", output.shape[0],
              ", \"input_part\": ", part(input), ", \"output_part\": ", part(output),
              ", \"input_norms\": ", norms(input), ", \"output_norms\": ", norms(output),
              ", \"loss\": \"", losses[static_cast<size_t>(model.loss) - 1], "\"}");
}

}  // namespace

std::vector<float> huffmanPaths(const std::vector<FastText::Entry>& labels) {
  size_t count = labels.size();
  std::vector<float> paths(count * 2 * count, 0);
  if (count < 2) return paths;
  struct Node {
    double count = 0;  // damaged files have counts that 64 bits cannot add
    size_t left = 0, right = 0;
  };
  std::vector<Node> nodes(2 * count - 1);
  for (size_t i = 0; i < count; ++i) nodes[i].count = static_cast<double>(labels[i].count);
  size_t leaf = count, inner = count;  // the rarest leaf that is left is leaf - 1
  for (size_t node = count; node < nodes.size(); ++node) {
    auto next = [&] {
      bool isLeaf = leaf > 0 && (inner == node || nodes[leaf - 1].count < nodes[inner].count);
      return isLeaf ? --leaf : inner++;
    };
    nodes[node].left = next();
    nodes[node].right = next();
    nodes[node].count = nodes[nodes[node].left].count + nodes[nodes[node].right].count;
  }
  // From the root, which was made last: a path is its parent's and one step more.
  std::vector<std::vector<size_t>> steps(nodes.size());
  for (size_t node = nodes.size(); node-- > count;) {
    for (bool right : {false, true}) {
      size_t child = right ? nodes[node].right : nodes[node].left;
      steps[child] = steps[node];
      steps[child].push_back(node - count + (right ? 0 : count));
    }
  }
  for (size_t label = 0; label < count; ++label)
    for (size_t step : steps[label]) paths[label * 2 * count + step] = 1;
  return paths;
}

void addDerived(Checkpoint& checkpoint) {
  for (const char* name : {"input", "output"}) addParts(checkpoint, name);
  auto model = checkpoint.fastText;
  if (model->model == FastText::Model::Supervised &&
      model->loss == FastText::Loss::HierarchicalSoftmax) {
    auto count = static_cast<int64_t>(model->labels.size());
    Tensor tensor{"paths", DType::F32, {count, 2 * count}, {}, lazily([model] {
                    return bytesOf(huffmanPaths(model->labels));
                  })};
    tensor.derivedFrom = "output";
    checkpoint.tensors.push_back(std::move(tensor));
  }
  checkpoint.config = configOf(checkpoint);
}

}  // namespace sinter::weights
