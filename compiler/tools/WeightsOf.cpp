// WeightsOf.h
#include "compiler/tools/WeightsOf.h"

#include <map>

#include "compiler/tools/Process.h"

namespace sinter {
namespace {

weights::DType readerType(rules::DType type) {
  switch (type) {
    case rules::DType::f32: return weights::DType::F32;
    case rules::DType::f16: return weights::DType::F16;
    case rules::DType::bf16: return weights::DType::BF16;
    case rules::DType::u8: return weights::DType::U8;
    case rules::DType::i8: return weights::DType::I8;
    case rules::DType::i32: return weights::DType::I32;
    case rules::DType::i64: return weights::DType::I64;
    case rules::DType::boolean: return weights::DType::Bool;
  }
  throw Failure("a weight of unknown type", 3);
}

}  // namespace

std::vector<weights::Wanted> wantedWeights(const GraphFacts& facts) {
  std::vector<weights::Wanted> wanted;
  for (const GraphWeight& weight : facts.weights)
    wanted.push_back({weight.key, readerType(weight.dType), weight.shape, weight.count,
                      weight.first, weight.alias});
  return wanted;
}

WeightSource weightSource(const weights::Checkpoint& checkpoint,
                          const weights::MatchReport& report) {
  std::map<std::string, const weights::Tensor*> tensors;
  for (const weights::Pair& pair : report.pairs)
    tensors[pair.name] = &checkpoint.tensors[pair.tensor];
  return [tensors](const std::string& name, SinterType type, std::span<const int64_t>,
                   std::string& error) -> std::optional<std::vector<std::byte>> {
    auto found = tensors.find(name);
    if (found == tensors.end()) {
      error = "the checkpoint has no '" + name + "'";
      return std::nullopt;
    }
    // Both enumerations list the language's types in one order.
    auto bytes = weights::readAs(*found->second, readerType(static_cast<rules::DType>(type)));
    if (!bytes) {
      error = bytes.error();
      return std::nullopt;
    }
    return std::vector<std::byte>(bytes->span().begin(), bytes->span().end());
  };
}

weights::Checkpoint openCheckpoint(const std::string& path) {
  weights::Result<weights::Checkpoint> checkpoint = weights::open(path);
  if (!checkpoint) throw Failure(checkpoint.error());
  return std::move(*checkpoint);
}

}  // namespace sinter
