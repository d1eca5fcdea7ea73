// Damaged files: chosen damages have chosen sentences, and any damage at all, every truncation
// and a flipped bit in every byte, ends in a sentence or in a success, never in anything else.
#include <catch2/catch.hpp>
#include <iostream>

#include "Support.h"

using namespace sinter::weights;

namespace {

using Content = std::vector<std::byte>;

std::string errorOf(const Content& content) {
  auto checkpoint = openBytes("f", content);
  if (!checkpoint) return checkpoint.error();
  for (auto& tensor : checkpoint->tensors) {
    auto bytes = tensor.read();
    if (!bytes) return bytes.error();
  }
  return "";
}

Content cut(Content content, size_t length) {
  content.resize(length);
  return content;
}

Content text(std::string_view from) {
  Content content(from.size());
  if (!from.empty()) std::memcpy(content.data(), from.data(), from.size());
  return content;
}

Content safetensors(const std::string& header, size_t dataSize) {
  Content content(8 + header.size() + dataSize);
  uint64_t length = header.size();
  std::memcpy(content.data(), &length, 8);
  std::memcpy(content.data() + 8, header.data(), header.size());
  return content;
}

std::string errorOfHeader(const std::string& header, size_t dataSize) {
  return errorOf(safetensors(header, dataSize));
}

bool isHdf5(const std::filesystem::path& path) {
  return path.extension() == ".h5" || path.extension() == ".keras";
}

// A sentence names the file first and has no line breaks.
void checkOutcome(const Content& content, const std::string& what) {
  auto checkpoint = openBytes("f", content);
  auto isSentence = [&](const std::string& error) {
    INFO(what << ": " << error);
    CHECK(error.starts_with("f"));
    CHECK(error.find(": ") != std::string::npos);
  };
  if (!checkpoint) return isSentence(checkpoint.error());
  for (auto& tensor : checkpoint->tensors) {
    auto bytes = tensor.read();
    if (!bytes)
      isSentence(bytes.error());
    else if (bytes->size() != tensor.bytes())
      FAIL_CHECK(what << ": sizes differ");
  }
}

}  // namespace

TEST_CASE("safetensors that are not whole or not true say so") {
  auto whole = loadBytes(fixtures / "sharded" / "model-1.safetensors");
  CHECK(errorOf(cut(whole, whole.size() - 1)) ==
        "f: tensor 'a.weight' needs bytes 0 to 16 of the data, but the file has only 15");
  CHECK(errorOf(cut(whole, 20)) ==
        "f: the file ends too early: the header needs 64 bytes at 8, but 12 are left");
  CHECK(errorOfHeader("{nonsense", 0) == "f: the header is not valid JSON");
  CHECK(errorOfHeader(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 9) ==
        "f: the tensors take 8 bytes, but the file holds 9 bytes of data");
  CHECK(errorOfHeader(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8) ==
        "f: tensor 'a': f32[3] does not fit its data_offsets 0 to 8");
  CHECK(errorOfHeader(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}})", 8) ==
        "f: tensor 'a': dtype F4 is not one that Sinter reads");
  CHECK(errorOfHeader(R"({"a":{"dtype":"F32","data_offsets":[0,8]}})", 8) ==
        "f: tensor 'a': the header has no shape for it");
  CHECK(errorOfHeader(
            R"({"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0) ==
        "f: tensor 'a': f64[4294967296, 4294967296] does not fit its data_offsets 0 to 0");
  CHECK(errorOfHeader(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                      R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                      3) ==
        "f: tensor 'b' begins at byte 1 of the data, but the tensors before it end at 2");
}

TEST_CASE("PyTorch files that are not whole or not true say so") {
  auto zip = loadBytes(fixtures / "torch_zip.pt");
  CHECK(errorOf(cut(zip, zip.size() / 2)) ==
        "f: is a zip archive without its directory; the file's end is missing");
  auto legacy = loadBytes(fixtures / "torch_legacy.pt");
  CHECK(
      errorOf(cut(legacy, legacy.size() - 1)).starts_with("f: the file ends too early: storage "));
  CHECK(errorOf(cut(legacy, 300)).starts_with("f: the file ends too early: a pickled "));
  auto flipped = zip;  // one bit of a weight: 7.0 in module.same
  auto seven = std::bit_cast<std::array<std::byte, 4>>(7.0f);
  auto at = std::ranges::search(flipped, seven).begin();
  REQUIRE(at != flipped.end());
  at[1] ^= std::byte{1};
  auto error = errorOf(flipped);
  CHECK(error.starts_with("f: zip entry 'torch_zip/data/"));
  CHECK(error.ends_with("' is damaged: its checksum differs"));
}

TEST_CASE("word vectors that are not whole or not true say so") {
  CHECK(errorOf(text("3 2\na 1 2\nb 1 2\n")) ==
        "f: the first line promises 3 words, but the file has 2");
  CHECK(errorOf(text("2 2\na 1 2\nb 1 x\n")) ==
        "f: line 3 should be a word and 2 numbers, but 'x' is no number");
  CHECK(errorOf(text("a 1 2\nb 1\n")) ==
        "f: line 2 should be a word and 2 numbers, but 'b' is no number");
  CHECK(errorOf(text("9000000000 300\nthe \1\1\1\1")) ==
        "f: the first line promises 9000000000 words of 300 numbers, more than the file's 23 bytes "
        "can hold");
  auto binary = loadBytes(fixtures / "word2vec_gensim.bin");
  CHECK(errorOf(cut(binary, binary.size() - 2)) ==
        "f: the file ends too early: a word's vector needs 12 bytes at 57, but 10 are left");
}

TEST_CASE("files of no known kind say what is known") {
  auto unknown =
      "f: is not a file of weights that Sinter knows: safetensors, PyTorch, numpy, "
      "HDF5, word2vec, GloVe or fastText";
  CHECK(errorOf(text("hello\n")) == unknown);
  CHECK(errorOf(text(std::string(64, '\0'))) == unknown);
  CHECK(errorOf({}) == "f: the file is empty");
  CHECK(errorOf(text("PK\5\6")) == unknown);
  CHECK(open("/nonexistent").error() ==
        "/nonexistent: cannot open the file: No such file or directory");
  CHECK(open((fixtures / "expected.json").string()).error() ==
        (fixtures / "expected.json").string() +
            ": is JSON, but not an index of shards: it has no weight_map");
  CHECK(open((fixtures / "..").string()).error() ==
        (fixtures / "..").string() +
            ": the folder should hold model.safetensors, "
            "pytorch_model.bin or an index of shards, but does not; name "
            "the file");
}

TEST_CASE("HDF5 files that are cut say so") {
  auto whole = loadBytes(fixtures / "types.h5");
  CHECK(errorOf(cut(whole, whole.size() - 100)) ==
        "f: the HDF5 library cannot open it; it is damaged or cut short");
}

TEST_CASE("an index of shards stays in its folder and is complete") {
  auto folder = std::filesystem::temp_directory_path() / "sinter-weights-shards";
  std::filesystem::remove_all(folder);
  std::filesystem::copy(fixtures / "sharded", folder);
  auto index = (folder / "model.safetensors.index.json").string();
  auto errorWith = [&](const char* json) {
    std::ofstream(index) << json;
    return open(folder.string()).error();
  };
  CHECK(errorWith(R"({"weight_map": {"a.weight": "../x"}})") ==
        index + ": tensor 'a.weight' should name a file of the same folder");
  CHECK(errorWith(R"({"weight_map": {"c": "model-1.safetensors"}})") ==
        index + ": tensor 'c' should be in model-1.safetensors, but is not");
  CHECK(errorWith(R"({"weight_map": {"c": "gone.safetensors"}})") ==
        (folder / "gone.safetensors").string() +
            ": cannot open the file: No such file or directory");
  std::filesystem::remove_all(folder);
}

// The HDF5 library runs in a child process per file, so its fixtures are sampled.
TEST_CASE("any truncation ends in a sentence or a success", "[sweep]") {
  for (auto& entry : std::filesystem::recursive_directory_iterator(fixtures)) {
    if (!entry.is_regular_file()) continue;
    auto content = loadBytes(entry.path());
    size_t step = isHdf5(entry.path()) ? 401 : 1;
    for (size_t length = 0; length < content.size(); length += step) {
      // A copy of exactly this length: the sanitizer sees a read beyond it.
      Content piece(content.begin(), content.begin() + static_cast<ptrdiff_t>(length));
      checkOutcome(piece, entry.path().filename().string() + " cut to " + std::to_string(length));
    }
  }
}

TEST_CASE("any flipped bit ends in a sentence or a success", "[sweep]") {
  for (auto& entry : std::filesystem::recursive_directory_iterator(fixtures)) {
    if (!entry.is_regular_file()) continue;
    auto content = loadBytes(entry.path());
    size_t step = isHdf5(entry.path()) ? 199 : 1;
    for (size_t at = 0; at < content.size(); at += step) {
      auto damaged = content;
      damaged[at] ^= std::byte{1} << (at / step % 8);
      checkOutcome(damaged, entry.path().filename().string() + " with a bit of byte " +
                                std::to_string(at) + " flipped");
    }
  }
}
