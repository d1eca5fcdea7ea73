// mlir-opt for the sinter dialect: parses, verifies, runs passes, prints.
#include "compiler/Dialect.h"
#include "compiler/Pipelines.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  sinter::registerPasses();
  mlir::DialectRegistry registry;
  registry.insert<sinter::SinterDialect>();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Sinter optimizer\n", registry));
}
