// fastText files hold all that fastText's answers need: a small f64 inference over what the reader
// gives (sub-words, kept n-grams, word n-grams, the Huffman tree) repeats them.
// Expected: fastText's own program, in the real files' notes and in gensim's tests.
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>
#include <unordered_map>

#include "Support.h"
#include "weights/FastTextDerived.h"
#include "weights/Match.h"

using namespace sinter::weights;

namespace {

const std::filesystem::path data = SHARED_DATA;

class Inference {
 public:
  explicit Inference(const std::filesystem::path& path)
      : checkpoint(open(path.string()).value()), model(*checkpoint.fastText) {
    input = valuesOf(*checkpoint.find("input"));
    output = valuesOf(*checkpoint.find("output"));
    width = static_cast<size_t>(model.width);
    for (size_t i = 0; i < model.words.size(); ++i) ids[model.words[i].text] = i;
    kept.insert(model.kept.begin(), model.kept.end());
  }

  std::vector<double> wordVector(const std::string& word) const { return meanOf(rowsOf(word)); }

  // Hierarchical softmax: the label's name and probability, the best first.
  std::vector<std::pair<double, std::string>> predict(const std::string& line) const {
    std::vector<size_t> rows;
    std::vector<int32_t> hashes;
    std::istringstream words(line + " </s>");
    for (std::string word; words >> word;) {
      for (size_t row : rowsOf(word)) rows.push_back(row);
      hashes.push_back(static_cast<int32_t>(hash(word)));
    }
    for (size_t i = 0; i < hashes.size(); ++i) {
      auto h = static_cast<uint64_t>(int64_t{hashes[i]});
      for (size_t j = i + 1; j < std::min(hashes.size(), i + size_t(model.wordNgrams)); ++j) {
        h = h * 116049371 + static_cast<uint64_t>(int64_t{hashes[j]});
        addBucket(h % static_cast<uint64_t>(model.buckets), rows);
      }
    }
    return probabilities(meanOf(rows));
  }

 private:
  static uint32_t hash(const std::string& text) {
    uint32_t h = 2166136261;
    for (char c : text) h = (h ^ static_cast<uint32_t>(int32_t{static_cast<int8_t>(c)})) * 16777619;
    return h;
  }

  void addBucket(uint64_t bucket, std::vector<size_t>& rows) const {
    if (!model.pruned) {
      rows.push_back(model.words.size() + bucket);
    } else if (auto found = kept.find(static_cast<int32_t>(bucket)); found != kept.end()) {
      rows.push_back(model.words.size() + static_cast<size_t>(found->second));
    }
  }

  std::vector<size_t> rowsOf(const std::string& word) const {
    std::vector<size_t> rows;
    if (auto known = ids.find(word); known != ids.end()) rows.push_back(known->second);
    if (word == "</s>") return rows;
    std::string marked = "<" + word + ">";
    auto continues = [&](size_t i) { return (marked[i] & 0xC0) == 0x80; };
    for (size_t i = 0; i < marked.size(); ++i) {
      if (continues(i)) continue;
      size_t end = i;
      for (int n = 1; end < marked.size() && n <= model.longestNgram; ++n) {
        do ++end;
        while (end < marked.size() && continues(end));
        bool isMark = n == 1 && (i == 0 || end == marked.size());
        if (n < model.shortestNgram || isMark) continue;
        addBucket(hash(marked.substr(i, end - i)) % static_cast<uint32_t>(model.buckets), rows);
      }
    }
    return rows;
  }

  std::vector<double> meanOf(const std::vector<size_t>& rows) const {
    std::vector<double> mean(width, 0);
    for (size_t row : rows) {
      for (size_t i = 0; i < width; ++i) {
        mean[i] += input.at(row * width + i) / static_cast<double>(rows.size());
      }
    }
    return mean;
  }

  // Leaves are labels, most frequent first; inner node k scores with output row k.
  std::vector<std::pair<double, std::string>> probabilities(const std::vector<double>& h) const {
    size_t labels = model.labels.size();
    std::vector<int64_t> counts(2 * labels - 1, int64_t{1} << 50);
    for (size_t i = 0; i < labels; ++i) counts[i] = model.labels[i].count;
    std::vector<std::pair<size_t, size_t>> children(labels - 1);
    auto leaf = static_cast<ptrdiff_t>(labels) - 1;
    size_t inner = labels;
    for (size_t node = labels; node < counts.size(); ++node) {
      auto next = [&] {
        bool takesLeaf = leaf >= 0 && counts[static_cast<size_t>(leaf)] < counts[inner];
        return takesLeaf ? static_cast<size_t>(leaf--) : inner++;
      };
      auto& [left, right] = children[node - labels];
      left = next();
      right = next();
      counts[node] = counts[left] + counts[right];
    }
    std::vector<double> scores(counts.size(), 0);
    for (size_t node = counts.size(); node-- > labels;) {
      double dot = 0;
      for (size_t i = 0; i < width; ++i) dot += output.at((node - labels) * width + i) * h[i];
      double right = 1 / (1 + std::exp(-dot));
      scores[children[node - labels].first] = scores[node] + std::log(1 - right + 1e-5);
      scores[children[node - labels].second] = scores[node] + std::log(right + 1e-5);
    }
    std::vector<std::pair<double, std::string>> result;
    for (size_t i = 0; i < labels; ++i)
      result.emplace_back(std::exp(scores[i]), model.labels[i].text);
    std::ranges::sort(result, std::greater());
    return result;
  }

  Checkpoint checkpoint;
  const FastText& model;
  std::vector<double> input, output;
  size_t width;
  std::unordered_map<std::string, size_t> ids;
  std::unordered_map<int32_t, int32_t> kept;
};

void checkVector(const char* file, const std::string& word, const nlohmann::json& expected,
                 double tolerance) {
  INFO(file << " " << word);
  auto vector = Inference(data / "gensim-models" / file).wordVector(word);
  REQUIRE(vector.size() == expected.size());
  for (size_t i = 0; i < vector.size(); ++i) {
    CHECK(vector[i] == Approx(expected[i].get<double>()).margin(tolerance));
  }
}

}  // namespace

TEST_CASE("settings and dictionary of fastText files") {
  auto checkpoint = open((fixtures / "supervised.ftz").string()).value();
  auto& model = *checkpoint.fastText;
  CHECK(model.loss == FastText::Loss::Softmax);
  CHECK(model.model == FastText::Model::Supervised);
  CHECK(model.width == 3);
  CHECK(model.wordNgrams == 2);
  CHECK(model.shortestNgram == 2);
  CHECK(model.longestNgram == 3);
  CHECK(model.labels.size() == 3);
  CHECK(model.labels[0].text.starts_with("__label__"));
  CHECK(model.pruned);
  CHECK(model.words.size() + model.kept.size() == 280);
  auto& matrix = *checkpoint.find("input")->quantised;
  CHECK(matrix.parts == 2);
  CHECK(matrix.partWidth == 2);
  CHECK(matrix.normCodes.size() == 280);
  CHECK(listing(checkpoint) ==
        "input                 f32[280, 3]  4,936  quantised\n"
        "output                f32[3, 3]       36\n"
        "input.codes           u8[280, 2]     560  from input\n"
        "input.centroids       f32[512, 2]  4,096  from input\n"
        "input.norm_codes      u8[280]        280  from input\n"
        "input.norm_centroids  f32[256]     1,024  from input\n"
        "fastText: 2 tensors, 849 elements, 4,972 bytes, 249 words, 3 labels\n");
  CHECK(
      checkpoint.config ==
      R"({"file_kind": "classifier", "words": 249, "bucket": 31, "dim": 3, "outputs": 3, )"
      R"("input_part": 2, "output_part": 0, "input_norms": true, "output_norms": false, )"
      R"("loss": "softmax"})");
}

TEST_CASE("the parts of a quantised matrix give its rows") {
  auto checkpoint = open((fixtures / "supervised.ftz").string()).value();
  auto values = [&](const char* name) { return valuesOf(*checkpoint.find(name)); };
  auto rows = values("input"), codes = values("input.codes"), norms = values("input.norm_codes");
  auto centroids = values("input.centroids"), scale = values("input.norm_centroids");
  for (size_t row = 0; row < 280; ++row) {
    for (size_t i = 0; i < 3; ++i) {  // the second part is one wide, its centroids end in zeros
      size_t part = i / 2, code = static_cast<size_t>(codes[row * 2 + part]);
      double value = centroids[(part * 256 + code) * 2 + i % 2];
      value *= scale[static_cast<size_t>(norms[row])];
      CHECK(rows[row * 3 + i] == Approx(value).epsilon(1e-6));
    }
  }
  CHECK(centroids.back() == 0);
}

TEST_CASE("a model that wants the parts uses the matrix") {
  auto checkpoint = open((fixtures / "supervised.ftz").string()).value();
  Wanted model[] = {{"input.codes", DType::U8, {280, 2}}, {"output", DType::F32, {3, 3}}};
  auto report = match(checkpoint, model);
  CHECK(report.ok());
  CHECK(report.extra.empty());
}

// Counts 9, 4, 3, 2: the two rarest make node 0 (5), that and the 4 node 1 (9), all node 2.
TEST_CASE("paths of a Huffman tree") {
  auto paths = huffmanPaths({{"a", 9}, {"b", 4}, {"c", 3}, {"d", 2}});
  auto row = [&](size_t label) {
    std::string text;
    for (size_t i = 0; i < 8; ++i) text += paths[label * 8 + i] != 0 ? '1' : '0';
    return text;
  };
  // right at 0 1 2 3, left at 0 1 2 3. Of equal counts an inner node goes first.
  CHECK(row(0) == "00100000");
  CHECK(row(1) == "00000110");
  CHECK(row(2) == "11000010");
  CHECK(row(3) == "01001010");
}

TEST_CASE("the language identifier's published answers", "[shared]") {
  auto path = data / "fasttext-lid176" / "lid.176.ftz";
  if (!std::filesystem::exists(path)) return;
  Inference model(path);
  auto check = [&](const char* line, const char* label, double probability) {
    INFO(line);
    auto best = model.predict(line).front();
    CHECK(best.second == std::string("__label__") + label);
    CHECK(best.first == Approx(probability).margin(1e-6));
  };
  check("Hello, how are you today?", "en", 0.974427);
  check("Bonjour, comment allez-vous aujourd'hui ?", "fr", 0.974897);
  check("Guten Tag, wie geht es Ihnen heute?", "de", 0.980927);
  check("今天天气很好，我们去公园吧。", "zh", 0.989054);
  check("Сегодня хорошая погода.", "ru", 0.990049);
  check("今日は天気がいいですね。", "ja", 0.990549);
  auto second = model.predict("Hello, how are you today?").at(1);
  CHECK(second.second == "__label__es");
  CHECK(second.first == Approx(0.00358233).margin(1e-7));
}

TEST_CASE("word vectors of real fastText files", "[shared]") {
  auto path = data / "gensim-models" / "fasttext_goldens.json";
  if (!std::filesystem::exists(path)) return;
  auto goldens = loadJson(path);
  auto& lee = goldens["lee_fasttext_new.bin"];
  checkVector("lee_fasttext_new.bin", "hundred", lee["hundred"], 1e-4);
  checkVector("lee_fasttext_new.bin", "rejection", lee["oov:rejection"], 1e-4);
  for (const char* file : {"toy-model.bin", "crime-and-punishment.bin"}) {
    for (auto& [word, vector] : goldens[file]["oov"].items()) checkVector(file, word, vector, 1e-5);
  }
  checkVector("toy-model-pretrained.bin", "monarchist",
              goldens["toy-model-pretrained.bin"]["monarchist"], 1e-3);
}
