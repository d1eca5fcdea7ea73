// HDF5 files, as Keras, ELMo and h5py write them. The HDF5 library finds the datasets, in a child
// process (Isolated.h). A dataset that lies contiguously is then a view of the mapped file; any
// other is fetched by another child when it is read.
// Left out, with a note: compound and other unusual types, data in other files. No plugin runs.
#include <hdf5.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "Formats.h"
#include "Isolated.h"

namespace sinter::weights {
namespace {

using Json = nlohmann::json;
constexpr uint64_t largestInflation = 1032;  // of deflate, HDF5's usual filter

// One handle of the library, closed at the end of its scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id(id), close(close) {}
  ~Handle() {
    if (id >= 0) close(id);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id; }  // NOLINT: it stands for the id everywhere
  bool ok() const { return id >= 0; }

 private:
  hid_t id;
  herr_t (*close)(hid_t);
};

hid_t openFile(const Source& source) {
  setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);  // of the child; a read-only disk has no locks
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  if (!source.isFile) {
    H5Pset_fapl_core(access, 1 << 16, false);
    H5Pset_file_image(access, const_cast<std::byte*>(source.bytes.data()), source.size());
  }
  hid_t file = H5Fopen(source.path.c_str(), H5F_ACC_RDONLY, access);
  if (file < 0) source.fail("the HDF5 library cannot open it; it is damaged or cut short");
  return file;
}

std::optional<DType> typeOfFloat(hid_t type) {
  if (H5Tequal(type, H5T_IEEE_F64LE) > 0 || H5Tequal(type, H5T_IEEE_F64BE) > 0) return DType::F64;
  if (H5Tequal(type, H5T_IEEE_F32LE) > 0 || H5Tequal(type, H5T_IEEE_F32BE) > 0) return DType::F32;
  size_t sign, exponent, exponentSize, mantissa, mantissaSize;
  if (H5Tget_size(type) != 2 ||
      H5Tget_fields(type, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize) < 0 ||
      H5Tget_ebias(type) != (size_t{1} << (exponentSize - 1)) - 1) {
    return {};
  }
  if (exponentSize == 5 && mantissaSize == 10) return DType::F16;
  if (exponentSize == 8 && mantissaSize == 7) return DType::BF16;
  return {};
}

std::optional<DType> typeOf(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT: return typeOfFloat(type);
    case H5T_STRING: return DType::Text;
    case H5T_ENUM:  // h5py's bool
      return H5Tget_size(type) == 1 ? std::optional(DType::Bool) : std::nullopt;
    case H5T_INTEGER: {
      bool hasSign = H5Tget_sign(type) == H5T_SGN_2;
      switch (H5Tget_size(type)) {
        case 1: return hasSign ? DType::I8 : DType::U8;
        case 2: return hasSign ? DType::I16 : DType::U16;
        case 4: return hasSign ? DType::I32 : DType::U32;
        case 8: return hasSign ? DType::I64 : DType::U64;
        default: return {};
      }
    }
    default: return {};
  }
}

// A list of strings that an attribute holds, as Keras writes "weight_names".
std::vector<std::string> textAttribute(hid_t object, const char* name) {
  std::vector<std::string> list;
  if (H5Aexists(object, name) <= 0) return list;
  Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  Handle type(H5Aget_type(attribute), H5Tclose);
  Handle space(H5Aget_space(attribute), H5Sclose);
  auto count = H5Sget_simple_extent_npoints(space);
  if (!type.ok() || H5Tget_class(type) != H5T_STRING || count <= 0) return list;
  auto points = static_cast<size_t>(count);
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> texts(points);
    if (H5Aread(attribute, type, texts.data()) < 0) return list;
    for (char* text : texts) list.emplace_back(text ? text : "");
    return list;  // the child ends soon; the library's strings end with it
  }
  size_t size = H5Tget_size(type);
  if (size == 0 || points > H5Aget_storage_size(attribute) / size) return list;
  std::vector<char> buffer(points * size);
  if (H5Aread(attribute, type, buffer.data()) < 0) return list;
  for (size_t i = 0; i < points; ++i) {
    list.emplace_back(buffer.data() + i * size, strnlen(buffer.data() + i * size, size));
  }
  return list;
}

struct Listing {
  const Source& source;
  std::string root;  // "" or "model_weights/", where whole Keras models keep them
  Json tensors = Json::array();
  Json notes = Json::array();
  std::string failure = {};  // a sentence that ends the visit; C code must not see an exception
  std::vector<std::pair<std::string, std::string>> keras = {};  // dataset's path -> variable's name
};

void leaveOut(Listing& listing, const std::string& path, std::string_view why) {
  listing.notes.push_back(join("left out '", path, "': ", why));
}

void listDataset(Listing& listing, hid_t dataset, const std::string& path) {
  Handle type(H5Dget_type(dataset), H5Tclose);
  Handle space(H5Dget_space(dataset), H5Sclose);
  Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  auto layout = H5Pget_layout(creation);
  auto dtype = type.ok() ? typeOf(type) : std::nullopt;
  if (!dtype) return leaveOut(listing, path, "its type is not one that Sinter reads");
  if (H5Sget_simple_extent_type(space) == H5S_NULL) {
    return leaveOut(listing, path, "it is empty");
  }
  if (layout == H5D_VIRTUAL || H5Pget_external_count(creation) > 0) {
    return leaveOut(listing, path, "its data is in another file");
  }
  hsize_t extents[H5S_MAX_RANK];
  int rank = H5Sget_simple_extent_dims(space, extents, nullptr);
  if (rank < 0) return leaveOut(listing, path, "its shape is damaged");
  std::vector<int64_t> shape(extents, extents + rank);
  uint64_t bytes = 0;
  bool fits = byteCount(shape, bytesPerElement(*dtype), bytes);
  bool contiguous =
      layout == H5D_CONTIGUOUS && dtype != DType::Text && H5Tget_order(type) != H5T_ORDER_BE;
  haddr_t offset = contiguous ? H5Dget_offset(dataset) : HADDR_UNDEF;
  bool inside = offset == HADDR_UNDEF ||
                (offset <= listing.source.size() && bytes <= listing.source.size() - offset);
  if (!fits || !inside || bytes / largestInflation > listing.source.size()) {
    listing.source.fail("dataset '", path, "': ", name(*dtype), shapeText(shape),
                        " is more than a file of ", listing.source.size(), " bytes can hold");
  }
  listing.tensors.push_back(
      {{"path", path},
       {"dtype", static_cast<int>(*dtype)},
       {"shape", shape},
       {"offset", offset == HADDR_UNDEF ? -1 : static_cast<int64_t>(offset)}});
}

herr_t visit(hid_t group, const char* name, const H5O_info_t* info, void* context) try {
  auto& listing = *static_cast<Listing*>(context);
  std::string path = std::strcmp(name, ".") == 0 ? "" : name;
  if (info->type == H5O_TYPE_GROUP) {
    Handle object(H5Oopen(group, name, H5P_DEFAULT), H5Oclose);
    for (auto& weight : textAttribute(object, "weight_names")) {
      listing.keras.emplace_back(path.empty() ? weight : path + "/" + weight, weight);
    }
  } else if (info->type == H5O_TYPE_DATASET) {
    Handle dataset(H5Dopen2(group, name, H5P_DEFAULT), H5Dclose);
    if (dataset.ok())
      listDataset(listing, dataset, path);
    else
      leaveOut(listing, path, "the HDF5 library cannot open it");
  }
  return 0;
} catch (const Failure& failure) {
  static_cast<Listing*>(context)->failure = failure.text;
  return -1;
}

// Keras 1 and 2 keep variable "dense/kernel:0" as dataset "dense/dense/kernel:0"; its own name is
// used where all of them differ.
void nameAsKeras(Listing& listing) {
  std::set<std::string> names;
  for (auto& [path, weight] : listing.keras) names.insert(weight);
  if (names.size() != listing.keras.size()) return;
  for (auto& tensor : listing.tensors) {
    auto found = std::ranges::find(listing.keras, tensor["path"].get<std::string>(),
                                   &std::pair<std::string, std::string>::first);
    if (found != listing.keras.end()) tensor["name"] = found->second;
  }
}

void list(const Source& source, SharedOutput& output) {
  Handle file(openFile(source), H5Fclose);
  bool whole = H5Lexists(file, "model_weights", H5P_DEFAULT) > 0;
  Listing listing{source, whole ? "model_weights/" : ""};
  Handle root(H5Gopen2(file, whole ? "/model_weights" : "/", H5P_DEFAULT), H5Gclose);
  if (H5Ovisit(root, H5_INDEX_NAME, H5_ITER_INC, visit, &listing) < 0) {
    if (!listing.failure.empty()) throw Failure{listing.failure};
    source.fail("the HDF5 library cannot list its datasets; the file is damaged");
  }
  if (whole) listing.notes.push_back("these are the tensors under 'model_weights' of the file");
  nameAsKeras(listing);
  Json json{{"tensors", listing.tensors}, {"notes", listing.notes}, {"root", listing.root}};
  output.write(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void readDataset(const Source& source, const std::string& path, uint64_t bytes,
                 SharedOutput& output) {
  Handle file(openFile(source), H5Fclose);
  Handle dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose);
  Handle stored(H5Dget_type(dataset), H5Tclose);
  Handle type(H5Tcopy(stored), H5Tclose);
  H5Tset_order(type, H5T_ORDER_LE);
  Handle space(H5Dget_space(dataset), H5Sclose);
  auto points = H5Sget_simple_extent_npoints(space);
  if (points < 0 || static_cast<uint64_t>(points) * H5Tget_size(type) != bytes) {
    source.fail("dataset '", path, "' changed while it was read");
  }
  if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, output.resize(bytes)) < 0) {
    source.fail("dataset '", path, "' cannot be read; the file is damaged");
  }
}

Tensor makeTensor(const Source& source, const Json& json, const std::string& root) {
  auto path = json.at("path").get<std::string>();
  auto name = json.value("name", path);
  auto type = static_cast<DType>(json.at("dtype").get<int>());
  auto shape = json.at("shape").get<std::vector<int64_t>>();
  auto offset = json.at("offset").get<int64_t>();
  if (offset >= 0) {
    return viewedTensor(source, std::move(name), type, std::move(shape),
                        static_cast<uint64_t>(offset));
  }
  Tensor tensor{std::move(name), type, std::move(shape), {}, {}};
  tensor.read = lazily([source, type, path = root + path, bytes = tensor.bytes()] {
    if (type == DType::Text) source.fail("dataset '", path, "' holds text");
    if (bytes == 0) return Bytes();
    return isolated(source,
                    [&](SharedOutput& output) { readDataset(source, path, bytes, output); });
  });
  return tensor;
}

}  // namespace

bool looksLikeHdf5(const Source& source) { return source.startsWith("\x89HDF\r\n\x1a\n"); }

Checkpoint readHdf5(const Source& source) {
  Bytes listed = isolated(source, [&](SharedOutput& output) { list(source, output); });
  auto* text = reinterpret_cast<const char*>(listed.data());
  Json json = Json::parse(text, text + listed.size(), nullptr, false);
  if (!json.is_object()) source.fail("the file is damaged: its listing makes no sense");
  Checkpoint checkpoint{source.path, "HDF5", {}, {}, {}, {}};
  auto root = json.at("root").get<std::string>();
  for (auto& tensor : json.at("tensors")) {
    checkpoint.tensors.push_back(makeTensor(source, tensor, root));
  }
  checkpoint.notes = json.at("notes").get<std::vector<std::string>>();
  return checkpoint;
}

}  // namespace sinter::weights
