// WeightsOf.h
#include "compiler/tools/WeightsOf.h"

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

weights::Checkpoint openCheckpoint(const std::string& path) {
  weights::Result<weights::Checkpoint> checkpoint = weights::open(path);
  if (!checkpoint) throw Failure(checkpoint.error());
  return std::move(*checkpoint);
}

}  // namespace sinter
