// Every fixture reads as what the program that wrote it says is inside (expected.json).
#include <catch2/catch.hpp>

#include "Support.h"

using namespace sinter::weights;

TEST_CASE("every fixture holds what its writer put there") {
  auto expected = loadJson(fixtures / "expected.json");
  REQUIRE(expected.size() > 15);
  for (auto& [file, content] : expected.items()) {
    INFO(file);
    auto checkpoint = open((fixtures / file).string());
    INFO((checkpoint ? "" : checkpoint.error()));
    REQUIRE(checkpoint.has_value());
    auto& tensors = content["tensors"];
    CHECK(ownTensors(*checkpoint) == tensors.size());
    for (auto& [key, wanted] : tensors.items()) {
      INFO(key);
      // Keras's own names carry ":0", which expected.json has as well.
      const Tensor* tensor = checkpoint->find(key);
      REQUIRE(tensor);
      CHECK(name(tensor->dtype) == wanted["dtype"].get<std::string>());
      CHECK(tensor->shape == wanted["shape"].get<std::vector<int64_t>>());
      if (tensor->dtype == DType::Text) {
        CHECK_FALSE(tensor->read().has_value());
        continue;
      }
      auto bytes = tensor->read();
      INFO((bytes ? "" : bytes.error()));
      REQUIRE(bytes.has_value());
      CHECK(bytes->size() == tensor->bytes());
      CHECK(valuesOf(*tensor) == wanted["values"].get<std::vector<double>>());
    }
    CHECK(checkpoint->notes == content.value("notes", std::vector<std::string>{}));
    CHECK(checkpoint->vocabulary == content.value("vocabulary", std::vector<std::string>{}));
    for (auto& tensor : checkpoint->tensors) {
      auto same = content.value("same", nlohmann::json::object());
      CHECK(tensor.sameAs == same.value(tensor.name, ""));
    }
  }
}

TEST_CASE("the same content is read from memory") {
  auto content = loadBytes(fixtures / "types.h5");
  auto checkpoint = openBytes("types", content);
  REQUIRE(checkpoint.has_value());
  CHECK(valuesOf(*checkpoint->find("packed")).at(63) == 63);
}

TEST_CASE("a safetensors file whose length begins like JSON is one") {
  // A header of 123 bytes: '{' is 123.
  std::string header = R"({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})";
  header.resize(123, ' ');
  const auto path = std::filesystem::temp_directory_path() / "sinter_length_123.safetensors";
  std::ofstream(path, std::ios::binary)
      << '{' << std::string(7, '\0') << header << std::string(4, '\0');
  const auto read = sinter::weights::open(path.string());
  std::filesystem::remove(path);
  REQUIRE(read);
  CHECK(read->find("w"));
}

TEST_CASE("a file that would run a command when Python loads it is only read") {
  auto folder = std::filesystem::temp_directory_path();
  auto here = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  std::filesystem::remove("executed");
  auto checkpoint = open((fixtures / "evil.pt").string());
  REQUIRE(checkpoint.has_value());
  CHECK(valuesOf(*checkpoint->find("w")) == std::vector{-1.0, -0.75});
  CHECK(checkpoint->tensors.size() == 1);
  auto pickle = open((fixtures / "evil.pkl").string());
  REQUIRE_FALSE(pickle.has_value());
  CHECK(pickle.error() == (fixtures / "evil.pkl").string() +
                              ": is a Python pickle, but not one that torch.save made; "
                              "Sinter runs no pickles");
  CHECK_FALSE(std::filesystem::exists("executed"));
  std::filesystem::current_path(here);
}

TEST_CASE("listings show names, types, bytes and totals") {
  auto checkpoint = open((fixtures / "word2vec.bin").string());
  REQUIRE(checkpoint.has_value());
  CHECK(listing(*checkpoint) ==
        "vectors  f32[4, 3]  48\n"
        "word2vec (binary): 1 tensor, 12 elements, 48 bytes, 4 words\n");
  auto torch = open((fixtures / "torch_legacy.pt").string());
  REQUIRE(torch.has_value());
  CHECK(listing(*torch) ==
        "module.part                      f32[2, 3]  24\n"
        "module.turned                    f32[6, 4]  96\n"
        "module.every_other               f32[5]     20\n"
        "module.same                      f32[3, 2]  24\n"
        "module.tied                      f32[3, 2]  24  = module.same\n"
        "module.spread                    f32[3]     12\n"
        "module.norm.gamma                f16[3]      6\n"
        "module.norm.beta                 bf16[3]     6\n"
        "module.norm.num_batches_tracked  i64[]       8\n"
        "note: these are the tensors under 'state_dict' of the file\n"
        "PyTorch (legacy): 9 tensors, 51 elements, 196 bytes\n");
}
