// `sinter`: from a model in C++ to its graph, its code, its program and its tests. Non-goals: the
// work of the subcommands, which is in the files of their names.
#include <cstdio>
#include <exception>

#include "compiler/tools/Commands.h"
#include "compiler/tools/Process.h"

int main(int argc, char** argv) {
  CLI::App app("Compiles language models that are declared in C++ into standalone programs.", "sinter");
  app.set_version_flag("--version", SINTER_VERSION);
  app.require_subcommand(1);
  sinter::addBuildCommand(app);
  sinter::addCheckCommand(app);
  sinter::addEmitCommand(app);
  sinter::addGoldenCommand(app);
  sinter::addWeightsCommand(app);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const sinter::Failure& failure) {
    fprintf(stderr, "sinter: %s\n", failure.what());
    return failure.exitCode;
  } catch (const std::exception& error) {
    fprintf(stderr, "sinter: %s\n", error.what());
    return 3;
  }
}
