// Builds a module of kernels, emits it for every target that this machine runs, links each object
// to a shared library and loads it. Also memory whose end is a page that must not be touched.
#ifndef SINTER_TESTS_KERNELS_HARNESS_H
#define SINTER_TESTS_KERNELS_HARNESS_H

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"

#include "codegen/Target.h"

namespace sinter::test {

/// Whether this machine runs code for the target.
bool runs(const Target& target);

/// The targets that it runs.
std::vector<const Target*> runnable();

class Kernels {
 public:
  Kernels();
  ~Kernels();
  Kernels(const Kernels&) = delete;

  /// Adds a public function; its arguments are `pointers` times !llvm.ptr, `indices` times index.
  void add(const std::string& name, int pointers, int indices,
           const std::function<void(mlir::OpBuilder&, mlir::Location, mlir::ValueRange)>& body);

  /// The function for a target; all targets are compiled at the first call.
  template <class F>
  F* get(const Target& target, const std::string& name) {
    return reinterpret_cast<F*>(find(target, name));
  }

  std::string text(const Target& target, int stage);  // an EmitStage
  mlir::ModuleOp module() { return *root; }
  mlir::MLIRContext& context() { return mlirContext; }

 private:
  void* find(const Target& target, const std::string& name);

  mlir::MLIRContext mlirContext;
  mlir::OwningOpRef<mlir::ModuleOp> root;
  std::map<const Target*, void*> libraries;
};

/// `size` elements that end where an unmapped page begins.
template <class T>
class Guarded {
 public:
  explicit Guarded(size_t size, T value = T());
  ~Guarded();
  Guarded(const Guarded&) = delete;
  T* data() { return first; }
  T& operator[](size_t i) { return first[i]; }
  size_t size() const { return count; }
  std::span<T> span() { return {first, count}; }

 private:
  T* first;
  size_t count, mapped;
  void* base;
};

/// Numbers in [-1, 1) that depend on the seed alone.
void fill(std::span<float> values, uint32_t seed);

/// Equal bits, or both NaN.
bool same(float x, float y);

}  // namespace sinter::test
#endif
