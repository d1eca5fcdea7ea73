// WeightsOf.h
#include "compiler/tools/WeightsOf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
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

weights::MatchReport matched(const weights::Checkpoint& checkpoint, const GraphFacts& facts) {
  weights::MatchReport report = weights::match(checkpoint, wantedWeights(facts));
  if (!report.ok()) throw Failure(checkpoint.path + " does not fit the model:\n" + report.text());
  return report;
}

HostTensors hostWeights(const weights::Checkpoint& checkpoint, const GraphFacts& facts) {
  const weights::MatchReport report = matched(checkpoint, facts);
  HostTensors result;
  for (const weights::Pair& pair : report.pairs) {
    const GraphWeight& weight = facts.weights[pair.wanted];
    if (weight.dType != rules::DType::f32)
      throw Failure(checkpoint.path + ": the weight '" + pair.name + "' is not f32");
    auto bytes = weights::readAs(checkpoint.tensors[pair.tensor], weights::DType::F32);
    if (!bytes) throw Failure(bytes.error());
    HostTensor one(weight.dType, weight.shape);
    std::vector<float> numbers(one.reals.size());
    std::memcpy(numbers.data(), bytes->span().data(), numbers.size() * sizeof(float));
    one.reals.assign(numbers.begin(), numbers.end());
    result.emplace(pair.name, std::move(one));
  }
  return result;
}

weights::Checkpoint openCheckpoint(const std::string& path) {
  weights::Result<weights::Checkpoint> checkpoint = weights::open(path);
  if (!checkpoint) throw Failure(checkpoint.error());
  return std::move(*checkpoint);
}

weights::Checkpoint openCheckpoints(const std::vector<std::string>& paths) {
  weights::Checkpoint whole;
  for (const std::string& path : paths) {
    weights::Checkpoint part = openCheckpoint(path);
    for (const weights::Tensor& tensor : part.tensors)
      if (whole.find(tensor.name))
        throw Failure(fmt::format("{}: the tensor '{}' is in {} too", path, tensor.name, whole.path));
    if (whole.path.empty()) {
      whole = std::move(part);
      continue;
    }
    whole.path += ", " + part.path;
    std::ranges::move(part.tensors, std::back_inserter(whole.tensors));
    std::ranges::move(part.notes, std::back_inserter(whole.notes));
  }
  return whole;
}

}  // namespace sinter
