// mlir-opt for the sinter dialect: parses, verifies, runs passes, prints.
#include "compiler/Dialect.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::registerTransformsPasses();
  mlir::DialectRegistry registry;
  registry.insert<sinter::SinterDialect>();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Sinter optimizer\n", registry));
}
