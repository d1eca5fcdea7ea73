// Pairing of checkpoints with models: what is accepted, what is said, what is refused.
#include <catch2/catch.hpp>

#include "Support.h"
#include "weights/Match.h"

using namespace sinter::weights;

namespace {

using Shape = std::vector<int64_t>;

Tensor tensorOf(std::string name, Shape shape, DType type = DType::F32, char fill = 0) {
  Tensor tensor{std::move(name), type, std::move(shape), {}, {}};
  std::vector<std::byte> data(tensor.bytes(), static_cast<std::byte>(fill));
  tensor.read = [bytes = Bytes(std::move(data))]() -> Result<Bytes> { return bytes; };
  return tensor;
}

Checkpoint checkpointOf(std::vector<Tensor> tensors) {
  return {"f", "test", std::move(tensors), {}, {}, {}};
}

Wanted weight(std::string name, Shape shape, DType type = DType::F32) {
  return {std::move(name), type, std::move(shape)};
}

const std::vector<Wanted> smallBert = {weight("embeddings.LayerNorm.weight", {4}),
                                       weight("embeddings.LayerNorm.bias", {4}),
                                       {"encoder.layer.{}.dense.weight", DType::F32, {4, 4}, 2}};

}  // namespace

TEST_CASE("equal names match and rounds are numbered") {
  auto report = match(checkpointOf({tensorOf("encoder.layer.1.dense.weight", {4, 4}),
                                    tensorOf("encoder.layer.0.dense.weight", {4, 4}),
                                    tensorOf("embeddings.LayerNorm.weight", {4}),
                                    tensorOf("embeddings.LayerNorm.bias", {4})}),
                      smallBert);
  CHECK(report.ok());
  CHECK(report.text() == "f: 4 of 4 weights found\n");
  REQUIRE(report.pairs.size() == 4);
  CHECK(report.pairs[2].name == "encoder.layer.0.dense.weight");
  CHECK(report.pairs[2].tensor == 1);
  CHECK(report.pairs[3].round == 1);
  CHECK(report.pairs[3].tensor == 0);
}

TEST_CASE("a prefix, old names, buffers and extra tensors at once") {
  auto report =
      match(checkpointOf({tensorOf("bert.encoder.layer.0.dense.weight", {4, 4}, DType::F16),
                          tensorOf("bert.encoder.layer.1.dense.weight", {4, 4}, DType::F16),
                          tensorOf("bert.embeddings.LayerNorm.gamma", {4}),
                          tensorOf("bert.embeddings.LayerNorm.beta", {4}),
                          tensorOf("bert.embeddings.position_ids", {1, 4}, DType::I64),
                          tensorOf("bert.bn.num_batches_tracked", {}, DType::I64),
                          tensorOf("cls.seq_relationship.bias", {2})}),
            smallBert);
  CHECK(report.ok());
  CHECK(report.text() ==
        "note: the checkpoint's names begin with 'bert.', the model's do not\n"
        "note: 2 weights have their old names gamma and beta in the checkpoint\n"
        "note: 2 weights are converted from f16 to f32\n"
        "note: 1 tensor of the checkpoint not used:\n"
        "  cls.seq_relationship.bias f32[2]\n"
        "f: 4 of 4 weights found\n");
}

TEST_CASE("a prefix that only the model has") {
  std::vector<Wanted> model = {weight("bert.a.weight", {2}), weight("bert.b.weight", {3}),
                               weight("classifier.weight", {5})};
  auto report = match(checkpointOf({tensorOf("a.weight", {2}), tensorOf("b.weight", {3}),
                                    tensorOf("classifier.weight", {5})}),
                      model);
  CHECK(report.ok());
  CHECK(report.notes ==
        std::vector<std::string>{"the model's names begin with 'bert.', the checkpoint's do not"});
}

TEST_CASE("all faults are listed, each in a sentence") {
  std::vector<Wanted> model = {weight("a.weight", {2, 3}), weight("a.bias", {2}),
                               weight("b.ids", {4}, DType::I64), weight("c.weight", {7, 7}),
                               weight("d.weight", {1})};
  auto report = match(checkpointOf({tensorOf("a.weight", {3, 2}), tensorOf("a.bias", {2}),
                                    tensorOf("b.ids", {4}), tensorOf("c.wait", {7, 7})}),
                      model);
  CHECK_FALSE(report.ok());
  CHECK(report.text() ==
        "error: 'c.weight': the model wants f32[7, 7], the checkpoint has no such tensor "
        "(but 'c.wait', of this shape, which is not used)\n"
        "error: 'd.weight': the model wants f32[1], the checkpoint has no such tensor\n"
        "error: 'a.weight': the model wants f32[2, 3], the checkpoint has f32[3, 2]\n"
        "error: 'b.ids': the model wants i64[4], the checkpoint has f32[4]\n"
        "note: 1 tensor of the checkpoint not used:\n"
        "  c.wait f32[7, 7]\n"
        "f: 1 of 5 weights found\n");
}

TEST_CASE("a shape that differs is said with the checkpoint's own name") {
  auto report = match(checkpointOf({tensorOf("m.a.weight", {3}), tensorOf("m.b.weight", {4})}),
                      std::vector{weight("a.weight", {3}), weight("b.weight", {5})});
  CHECK(report.differing ==
        std::vector<std::string>{"'b.weight': the model wants f32[5], the checkpoint has f32[4] in "
                                 "'m.b.weight'"});
}

TEST_CASE("an ambiguous prefix is not guessed") {
  auto report = match(checkpointOf({tensorOf("x.weight", {2}), tensorOf("y.weight", {2})}),
                      std::vector{weight("weight", {2})});
  CHECK(report.missing.size() == 1);
  CHECK(report.notes == std::vector<std::string>{"several prefixes fit the names equally well, so "
                                                 "none is used: 'x.', 'y.'"});
  auto clear = match(checkpointOf({tensorOf("x.weight", {3}), tensorOf("y.weight", {2})}),
                     std::vector{weight("weight", {2})});
  CHECK(clear.ok());
}

TEST_CASE("tied weights are taken from either name and must agree") {
  std::vector<Wanted> model = {weight("embedding", {2}), weight("decoder", {2})};
  model[1].alias = "embedding";
  CHECK(match(checkpointOf({tensorOf("embedding", {2})}), model).ok());
  auto other = match(checkpointOf({tensorOf("decoder", {2})}), model);
  CHECK(other.ok());
  CHECK(other.text() == "f: 1 of 1 weights found\n");
  auto both = match(checkpointOf({tensorOf("embedding", {2}), tensorOf("decoder", {2})}), model);
  CHECK(both.ok());
  CHECK(both.extra.empty());
  auto differing = match(checkpointOf({tensorOf("embedding", {2}, DType::F32, 1),
                                       tensorOf("decoder", {2}, DType::F32, 2)}),
                         model);
  CHECK(differing.differing ==
        std::vector<std::string>{"'decoder' is tied to 'embedding' in the model, but the "
                                 "checkpoint has other values in it"});
}

TEST_CASE("Keras's names are read with points, and a lone array needs none") {
  auto keras = match(checkpointOf({tensorOf("dense/kernel:0", {2, 3})}),
                     std::vector{weight("dense.kernel", {2, 3})});
  CHECK(keras.text() == "f: 1 of 1 weights found\n");
  auto lone = match(checkpointOf({tensorOf("vectors", {5, 2})}),
                    std::vector{weight("syn0", {5, 2}), weight("other", {2, 5})});
  CHECK(lone.notes ==
        std::vector<std::string>{"the file's only tensor, 'vectors', is taken as 'syn0'"});
  CHECK(lone.missing.size() == 1);
}

TEST_CASE("a real file against a list of weights") {
  auto checkpoint = open((fixtures / "torch_zip.pt").string());
  REQUIRE(checkpoint.has_value());
  std::vector<Wanted> model = {weight("part", {2, 3}), weight("turned", {6, 4}),
                               weight("norm.weight", {3}), weight("norm.bias", {3})};
  auto report = match(*checkpoint, model);
  CHECK(report.ok());
  CHECK(report.extra.size() == 4);
}
