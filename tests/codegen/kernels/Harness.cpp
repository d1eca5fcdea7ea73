#include "Harness.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/raw_ostream.h"

#include "codegen/Emit.h"

namespace sinter::test {

bool runs(const Target& target) {
  switch (target.isa) {
    case SINTER_X86_64_V2: return __builtin_cpu_supports("x86-64-v2");
    case SINTER_X86_64_V3: return __builtin_cpu_supports("x86-64-v3");
    case SINTER_X86_64_V4: return __builtin_cpu_supports("x86-64-v4");
    default: return false;
  }
}

std::vector<const Target*> runnable() {
  std::vector<const Target*> found;
  for (const Target& target : kTargets)
    if (runs(target)) found.push_back(&target);
  return found;
}

Kernels::Kernels() {
  mlir::DialectRegistry registry;
  registerEmitDialects(registry);
  mlirContext.appendDialectRegistry(registry);
  mlirContext.loadAllAvailableDialects();
  auto loc = mlir::FileLineColLoc::get(&mlirContext, "kernels.cpp", 1, 1);
  root = mlir::ModuleOp::create(loc);
}

Kernels::~Kernels() {
  for (auto [target, library] : libraries) dlclose(library);
}

void Kernels::add(const std::string& name, int pointers, int indices,
                  const std::function<void(mlir::OpBuilder&, mlir::Location, mlir::ValueRange)>&
                      body) {
  auto line = std::distance(root->getOps().begin(), root->getOps().end()) + 2;
  auto loc = mlir::FileLineColLoc::get(&mlirContext, "kernels.cpp", line, 1);
  mlir::OpBuilder b(&mlirContext);
  llvm::SmallVector<mlir::Type> types(pointers, mlir::LLVM::LLVMPointerType::get(&mlirContext));
  types.append(indices, b.getIndexType());
  auto function = mlir::func::FuncOp::create(loc, name, b.getFunctionType(types, {}));
  root->push_back(function);
  mlir::Block* entry = function.addEntryBlock();
  b.setInsertionPointToStart(entry);
  body(b, loc, entry->getArguments());
  mlir::func::ReturnOp::create(b, loc);
}

std::string Kernels::text(const Target& target, int stage) {
  llvm::SmallVector<char, 0> buffer;
  llvm::raw_svector_ostream out(buffer);
  if (failed(emit(*root, target, static_cast<EmitStage>(stage), out))) return {};
  return {buffer.begin(), buffer.end()};
}

void* Kernels::find(const Target& target, const std::string& name) {
  void*& library = libraries[&target];
  if (!library) {
    if (failed(root->verify())) throw std::runtime_error("the module is invalid");
    char folder[] = "/tmp/sinter-kernels-XXXXXX";
    if (!mkdtemp(folder)) throw std::runtime_error("no temporary folder");
    std::string object = std::string(folder) + "/k.o", shared = std::string(folder) + "/k.so";
    std::string bytes = text(target, static_cast<int>(EmitStage::kObject));
    if (bytes.empty()) throw std::runtime_error("emit failed");
    std::ofstream(object, std::ios::binary) << bytes;
    std::string link = SINTER_LLD " -shared -o " + shared + " " + object;
    if (std::system(link.c_str()) != 0) throw std::runtime_error("link failed: " + link);
    library = dlopen(shared.c_str(), RTLD_NOW | RTLD_LOCAL);
    std::filesystem::remove_all(folder);
    if (!library) throw std::runtime_error(dlerror());
  }
  void* function = dlsym(library, (name + "_" + std::string(target.suffix)).c_str());
  if (!function) throw std::runtime_error(dlerror());
  return function;
}

template <class T>
Guarded<T>::Guarded(size_t size, T value) : count(size) {
  size_t page = sysconf(_SC_PAGESIZE), bytes = size * sizeof(T);
  size_t used = (bytes + page - 1) / page * page;
  mapped = used + page;
  base = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) throw std::bad_alloc();
  mprotect(static_cast<char*>(base) + used, page, PROT_NONE);
  first = reinterpret_cast<T*>(static_cast<char*>(base) + used - bytes);
  std::fill_n(first, count, value);
}

template <class T>
Guarded<T>::~Guarded() {
  munmap(base, mapped);
}

template class Guarded<float>;
template class Guarded<uint16_t>;

void fill(std::span<float> values, uint32_t seed) {
  for (float& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<int32_t>(seed)) * 0x1p-31f;
  }
}

bool same(float x, float y) {
  return std::bit_cast<uint32_t>(x) == std::bit_cast<uint32_t>(y) ||
         (std::isnan(x) && std::isnan(y));
}

}  // namespace sinter::test
