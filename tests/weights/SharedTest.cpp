// Real files of other people, where they are there: shapes and an order-dependent sum of every
// tensor, as torch and h5py read them (make_fixtures.py --shared).
#include <catch2/catch.hpp>
#include <cmath>

#include "Support.h"

using namespace sinter::weights;

namespace {

const std::filesystem::path data = SHARED_DATA;

double signature(const std::vector<double>& values) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) sum += values[i] * static_cast<double>(i % 13 + 1);
  return sum;
}

void checkVectors(const char* file, std::vector<int64_t> shape, const char* word,
                  std::vector<double> start) {
  INFO(file);
  auto checkpoint = open((data / "gensim-models" / file).string());
  REQUIRE(checkpoint.has_value());
  CHECK(checkpoint->tensors.at(0).shape == shape);
  CHECK(checkpoint->vocabulary.size() == static_cast<size_t>(shape[0]));
  auto row = std::ranges::find(checkpoint->vocabulary, word) - checkpoint->vocabulary.begin();
  auto values = valuesOf(checkpoint->tensors[0]);
  for (size_t i = 0; i < start.size(); ++i) {
    CHECK(values.at(static_cast<size_t>(row * shape[1]) + i) == Approx(start[i]).epsilon(1e-6));
  }
}

}  // namespace

TEST_CASE("real checkpoints", "[shared]") {
  auto expected = loadJson(SHARED_EXPECTED);
  if (!std::filesystem::exists(data)) {
    sharedDataIsMissing = true;
    return;
  }
  for (auto& [file, tensors] : expected.items()) {
    INFO(file);
    auto checkpoint = open((data / file).string());
    INFO((checkpoint ? "" : checkpoint.error()));
    REQUIRE(checkpoint.has_value());
    CHECK(ownTensors(*checkpoint) == tensors.size());
    for (auto& [key, wanted] : tensors.items()) {
      INFO(key);
      const Tensor* tensor = checkpoint->find(key);
      REQUIRE(tensor);
      CHECK(tensor->shape == wanted[0].get<std::vector<int64_t>>());
      auto sum = wanted[1].get<double>();
      CHECK(std::fabs(signature(valuesOf(*tensor)) - sum) <= 1e-9 * (1 + std::fabs(sum)));
    }
  }
}

TEST_CASE("real word vectors", "[shared]") {
  if (!std::filesystem::exists(data)) return;
  checkVectors("EN.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt", {20, 300}, "one",
               {-1.671300083398818970e-02, 7.239600270986557007e-02});
  checkVectors("test_glove.txt", {76, 50}, "the", {0.418, 0.24968, -0.41242});
  checkVectors("toy-model.vec", {22, 5}, "the", {0.068811, 0.26619, 0.026622});
  checkVectors("word2vec_pre_kv_c", {1750, 10}, "the", {-0.561106, -1.975698});
  auto theInHex = std::vector{std::bit_cast<float>(0x3ed7c8b9), std::bit_cast<float>(0x3f6f31f2)};
  checkVectors("euclidean_vectors.bin", {2747, 10}, "the", {theInHex[0], theInHex[1]});
}
