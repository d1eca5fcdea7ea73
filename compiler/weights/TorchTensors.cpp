// The tensors that a PyTorch pickle describes: views (offset, strides) of numbered storages.
// Quantised, sparse and complex tensors and numpy arrays are left out, with a note.
#include <algorithm>

#include "Torch.h"

namespace sinter::weights {
namespace {

constexpr int deepestNesting = 64;
constexpr size_t mostVisits = 10'000'000;  // a graph of shared containers can be exponential

struct NamedType {
  std::string_view storage, dtype;
  DType type;
};
constexpr NamedType types[] = {{"DoubleStorage", "torch.float64", DType::F64},
                               {"FloatStorage", "torch.float32", DType::F32},
                               {"HalfStorage", "torch.float16", DType::F16},
                               {"BFloat16Storage", "torch.bfloat16", DType::BF16},
                               {"", "torch.float8_e4m3fn", DType::F8E4M3},
                               {"", "torch.float8_e5m2", DType::F8E5M2},
                               {"LongStorage", "torch.int64", DType::I64},
                               {"IntStorage", "torch.int32", DType::I32},
                               {"ShortStorage", "torch.int16", DType::I16},
                               {"CharStorage", "torch.int8", DType::I8},
                               {"", "torch.uint64", DType::U64},
                               {"", "torch.uint32", DType::U32},
                               {"", "torch.uint16", DType::U16},
                               {"ByteStorage", "torch.uint8", DType::U8},
                               {"UntypedStorage", "torch.uint8", DType::U8},
                               {"BoolStorage", "torch.bool", DType::Bool}};

const NamedType* typeOfStorage(std::string_view global) {
  auto name = global.substr(global.rfind('.') + 1);  // torch.FloatStorage, torch.cuda.FloatStorage
  auto found = std::ranges::find(types, name, &NamedType::storage);
  return found == std::end(types) ? nullptr : &*found;
}

}  // namespace

std::optional<TorchStorage> storageOf(const Pickle& pickle, ValueId id) {
  if (id < 0 || pickle[id].kind != ValueKind::Persistent) return {};
  const Value& tuple = pickle[pickle[id].args];
  if (tuple.kind != ValueKind::Tuple || tuple.items.size() < 5) return {};
  auto part = [&](size_t i) -> const Value& { return pickle[tuple.items[i]]; };
  auto* type = typeOfStorage(part(1).text);
  if (part(0).text != "storage" || !type || part(4).kind != ValueKind::Int || part(4).integer < 0) {
    return {};
  }
  TorchStorage storage;
  storage.key = part(2).kind == ValueKind::Int ? std::to_string(part(2).integer) : part(2).text;
  storage.type = type->type;
  storage.elements = static_cast<uint64_t>(part(4).integer);
  if (tuple.items.size() > 5 && part(5).kind == ValueKind::Tuple && part(5).items.size() == 3) {
    storage.viewOffset = pickle[part(5).items[1]].integer;
  }
  return storage;
}

namespace {

class Collector {
 public:
  Collector(const Source& source, const Pickle& pickle, const StoragePlaces& places)
      : source(source), pickle(pickle), places(places) {}

  void collect(ValueId id, const std::string& path, int depth = 0) {
    if (depth > deepestNesting || ++visits > mostVisits) {
      source.fail("the pickle nests its containers too deeply to be a checkpoint");
    }
    const Value& value = pickle[id];
    switch (value.kind) {
      case ValueKind::Dict: return collectPairs(value, path, depth);
      case ValueKind::List:
      case ValueKind::Tuple:
        for (size_t i = 0; i < value.items.size(); ++i) {
          collect(value.items[i], extended(path, std::to_string(i)), depth + 1);
        }
        return;
      case ValueKind::Object: return collectObject(value, path, depth);
      default: return;
    }
  }

  std::vector<Tensor> tensors;
  std::vector<std::string> notes;

 private:
  static std::string extended(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : join(path, ".", key);
  }

  // nn.Module keeps its tensors under these; they are no part of a tensor's name.
  static bool isModuleLevel(std::string_view key) {
    return key == "_parameters" || key == "_buffers" || key == "_modules";
  }

  void collectPairs(const Value& dict, const std::string& path, int depth) {
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const Value& key = pickle[dict.items[i]];
      std::string name = key.kind == ValueKind::Int ? std::to_string(key.integer) : key.text;
      collect(dict.items[i + 1], isModuleLevel(name) ? path : extended(path, name), depth + 1);
    }
  }

  ValueId argument(const Value& object, size_t i) const {
    if (object.args < 0) return -1;
    const Value& args = pickle[object.args];
    return args.kind == ValueKind::Tuple && i < args.items.size() ? args.items[i] : -1;
  }

  void collectObject(const Value& object, const std::string& path, int depth) {
    std::string_view function = object.text;
    bool isTensor = function == "torch._utils._rebuild_tensor" ||
                    function == "torch._utils._rebuild_tensor_v2" ||
                    function == "torch._utils._rebuild_tensor_v3";
    if (isTensor) return addTensor(object, path);
    if (function.starts_with("torch._utils._rebuild_parameter")) {
      if (auto data = argument(object, 0); data >= 0) collect(data, path, depth + 1);
      return;
    }
    if (function == "torch._tensor._rebuild_from_type_v2") {  // a subclass of Tensor
      auto inner = argument(object, 0), args = argument(object, 2);
      if (inner < 0 || args < 0) return leaveOut(path, function);
      Value plain{.kind = ValueKind::Object, .text = pickle[inner].text, .args = args};
      return collectObject(plain, path, depth + 1);
    }
    if (function.starts_with("torch._utils._rebuild") || function.starts_with("numpy.")) {
      return leaveOut(path, function);
    }
    collectPairs(object, path, depth);  // OrderedDict, defaultdict and the like
    if (object.state >= 0) collect(object.state, path, depth + 1);
  }

  void leaveOut(const std::string& path, std::string_view function) {
    if (function.ends_with(".scalar") || function == "numpy.dtype") return;  // plain numbers
    notes.push_back(join("left out '", path, "': Sinter does not read what ", function, " makes"));
  }

  std::vector<int64_t> sizes(const std::string& path, ValueId id) const {
    std::vector<int64_t> list;
    if (id < 0) source.fail("tensor '", path, "' has no shape or no strides");
    ValueId tuple = pickle[id].kind == ValueKind::Object ? argument(pickle[id], 0) : id;
    if (tuple < 0 || pickle[tuple].kind != ValueKind::Tuple) {  // torch.Size((…)) or a tuple
      source.fail("tensor '", path, "' has a shape or strides that are not lists of numbers");
    }
    for (ValueId item : pickle[tuple].items) {
      const Value& extent = pickle[item];
      if (extent.kind != ValueKind::Int || extent.integer < 0) {
        source.fail("tensor '", path, "' has a shape or strides with something else than sizes");
      }
      list.push_back(extent.integer);
    }
    return list;
  }

  void addTensor(const Value& object, const std::string& path) {
    auto named = storageOf(pickle, argument(object, 0));
    if (!named) return leaveOut(path, "an unknown kind of storage");
    TorchStorage storage = *named;
    if (object.text.ends_with("_v3")) {
      ValueId dtype = argument(object, 6);
      auto* found =
          std::ranges::find(types, dtype < 0 ? "" : pickle[dtype].text, &NamedType::dtype);
      if (found == std::end(types)) return leaveOut(path, "an unknown dtype");
      storage.elements =
          storage.elements * bytesPerElement(storage.type) / bytesPerElement(found->type);
      storage.type = found->type;
    }
    ValueId offset = argument(object, 1);
    if (offset < 0 || pickle[offset].kind != ValueKind::Int) {
      source.fail("tensor '", path, "' has no offset");
    }
    addView(storage, pickle[offset].integer, sizes(path, argument(object, 2)),
            sizes(path, argument(object, 3)), path);
  }

  void addView(const TorchStorage& storage, int64_t offset, std::vector<int64_t> shape,
               std::vector<int64_t> strides, const std::string& path) {
    uint64_t size = bytesPerElement(storage.type);
    uint64_t bytes = 0;
    auto described = [&] {
      return join(name(storage.type), shapeText(shape), " with strides ", shapeText(strides));
    };
    if (shape.size() != strides.size() || !byteCount(shape, size, bytes)) {
      source.fail("tensor '", path, "': ", described(), " is not a tensor");
    }
    // The last element's place, plus one, must be inside the storage.
    uint64_t last = 0;
    bool inside = !__builtin_add_overflow(offset, storage.viewOffset, &last);
    for (size_t axis = 0; axis < shape.size() && bytes > 0; ++axis) {
      uint64_t reach = 0;
      inside = inside && !__builtin_mul_overflow(shape[axis] - 1, strides[axis], &reach) &&
               !__builtin_add_overflow(last, reach, &last);
    }
    if (bytes > 0 && (!inside || last >= storage.elements)) {
      source.fail("tensor '", path, "': ", described(), " at ", offset,
                  " reaches beyond its storage of ", storage.elements, " elements");
    }
    if (bytes > std::max(source.size(), uint64_t{1} << 26)) {  // expanded views repeat elements
      source.fail("tensor '", path, "' claims ", bytes, " bytes, more than the whole file");
    }
    auto place = places.find(storage.key);
    if (place == places.end()) {
      source.fail("tensor '", path, "' needs storage ", storage.key, ", which the file lacks");
    }
    if (storage.elements > place->second.bytes / size) {
      source.fail("storage ", storage.key, " of tensor '", path, "' should hold ", storage.elements,
                  " elements of ", name(storage.type), ", but the file has ", place->second.bytes,
                  " bytes for it");
    }
    uint64_t first = bytes == 0 ? 0 : static_cast<uint64_t>(offset + storage.viewOffset) * size;
    add(storage, first, bytes, std::move(shape), std::move(strides), path, place->second);
  }

  static bool isContiguous(const std::vector<int64_t>& shape, const std::vector<int64_t>& strides) {
    int64_t expected = 1;
    for (size_t axis = shape.size(); axis-- > 0; expected *= shape[axis]) {
      if (shape[axis] != 1 && strides[axis] != expected) return false;
    }
    return true;
  }

  void add(const TorchStorage& storage, uint64_t first, uint64_t bytes, std::vector<int64_t> shape,
           std::vector<int64_t> strides, const std::string& path, const StoragePlace& place) {
    Tensor tensor{path, storage.type, std::move(shape), {}, {}};
    auto identity = join(storage.key, "@", first, name(storage.type), shapeText(tensor.shape),
                         shapeText(strides));
    auto [same, isNew] = identities.try_emplace(identity, path);
    if (!isNew && bytes > 0) tensor.sameAs = same->second;
    if (bytes == 0 || isContiguous(tensor.shape, strides)) {
      tensor.read =
          lazily([content = place.content, first, bytes] { return content().view(first, bytes); });
    } else {
      tensor.read = lazily([content = place.content, first, shape = tensor.shape,
                            strides = std::move(strides), type = storage.type] {
        return Bytes(
            gathered(content().bytes.subspan(first), shape, strides, bytesPerElement(type)));
      });
    }
    tensors.push_back(std::move(tensor));
  }

  const Source& source;
  const Pickle& pickle;
  const StoragePlaces& places;
  std::map<std::string, std::string> identities;  // what a tensor is -> its first name
  size_t visits = 0;
};

// A training checkpoint keeps the model's weights under one of these, beside other things.
constexpr std::string_view weightKeys[] = {"state_dict", "model_state_dict", "model"};

bool isContainer(const Pickle& pickle, ValueId id) {
  const Value& value = pickle[id];
  return value.kind == ValueKind::Dict || (value.kind == ValueKind::Object && !value.items.empty());
}

}  // namespace

void collectTorchTensors(const Source& source, const Pickle& pickle, const StoragePlaces& places,
                         Checkpoint& checkpoint) {
  Collector collector(source, pickle, places);
  const Value& root = pickle[pickle.root];
  ValueId weights = pickle.root;
  for (size_t i = 0; i + 1 < root.items.size() && root.kind != ValueKind::Tuple; i += 2) {
    auto& key = pickle[root.items[i]].text;
    bool known = std::ranges::find(weightKeys, key) != std::end(weightKeys);
    if (!known || !isContainer(pickle, root.items[i + 1])) continue;
    weights = root.items[i + 1];
    collector.notes.push_back(join("these are the tensors under '", key, "' of the file"));
    break;
  }
  collector.collect(weights, "");
  checkpoint.tensors = std::move(collector.tensors);
  checkpoint.notes = std::move(collector.notes);
}

}  // namespace sinter::weights
