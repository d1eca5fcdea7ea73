// Language server for .mlir files of the sinter dialect.
#include "compiler/Dialect.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<sinter::SinterDialect>();
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
