// Expressions against hand-computed values; the descriptor by compiling it, statically linked, with
// a program that reads every field back.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codegen/Descriptor.h"

using namespace sinter;

TEST_CASE("expressions fold, share and evaluate", "[descriptor]") {
  Expressions e;
  int32_t batch = e.symbol("batch"), seq = e.symbol("seq");
  int32_t two = e.constant(2), seven = e.constant(7);
  CHECK(e.binary(SINTER_ADD, seq, e.constant(0)) == seq);
  CHECK(e.binary(SINTER_MUL, e.constant(1), seq) == seq);
  CHECK(e.binary(SINTER_FLOORDIV, seq, e.constant(1)) == seq);
  CHECK(e.binary(SINTER_MAX, seq, seq) == seq);
  CHECK(e.binary(SINTER_ADD, two, seven) == e.constant(9));
  CHECK(e.binary(SINTER_ADD, batch, seq) == e.binary(SINTER_ADD, seq, batch));
  CHECK(e.binary(SINTER_SUB, batch, seq) != e.binary(SINTER_SUB, seq, batch));
  int32_t floor = e.binary(SINTER_FLOORDIV, e.binary(SINTER_SUB, seq, seven), two);
  int32_t ceil = e.binary(SINTER_CEILDIV, e.binary(SINTER_SUB, seq, seven), two);
  int32_t bytes = e.binary(SINTER_MUL, e.binary(SINTER_MUL, batch, seq), e.constant(4));
  int32_t aligned = e.binary(SINTER_ALIGN, bytes, e.constant(64));
  int32_t least = e.binary(SINTER_MIN, batch, seq), most = e.binary(SINTER_MAX, batch, seq);
  const int64_t symbols[] = {3, 4};
  auto values = *e.evaluate(symbols);
  CHECK(values[batch] == 3);
  CHECK(values[floor] == -2);
  CHECK(values[ceil] == -1);
  CHECK(values[bytes] == 48);
  CHECK(values[aligned] == 64);
  CHECK(values[least] == 3);
  CHECK(values[most] == 4);
  const int64_t huge[] = {INT64_MAX / 2, 8};
  CHECK_FALSE(e.evaluate(huge));
  // What does not fit is left for the runtime to refuse.
  CHECK(e.program(e.binary(SINTER_MUL, e.constant(INT64_MAX), two)).size() == 5);
}

namespace {

ModelDescription exampleModel(const std::string& folder) {
  ModelDescription model;
  model.name = "tiny \"model\"";
  model.version = "1.2?""?/\xC3\xA9";
  model.parameterCount = 109482240;
  model.targets = {"v3", "v4"};
  model.params = {{"a.{}.weight", SINTER_F32, {12, 7, 5}, "panel48", 64, 11520},
                  {"scale", SINTER_F32, {}, "rows", 11584, 4}};
  model.assets = {{"vocab.txt", folder + "/vocab \"x\".txt", 6}};
  model.options = {{"reader.lower", "true"}};
  model.reader = "characters";
  model.weightsPath = folder + "/weights.bin";
  model.weightsSize = 12;
  EntryDescription entry{.name = "forward", .function = "sinter_tiny_forward"};
  int32_t batch = entry.expressions.symbol("batch"), seq = entry.expressions.symbol("seq");
  int32_t limit = entry.expressions.constant(512);
  entry.arenaSize = entry.expressions.binary(SINTER_MUL, batch, seq);
  entry.inputs = {{"input_ids", SINTER_I32, {batch, seq}, 1, 0, 30522}};
  entry.outputs = {{"loss", SINTER_F32, {}}};
  entry.ragged = {{"seq", seq, batch}};
  entry.constraints = {{seq, limit, SINTER_LE, "seq <= 512"}};
  model.entries.push_back(entry);
  model.entries.push_back({.name = "empty", .function = "sinter_tiny_empty"});
  return model;
}

constexpr const char* kReader = R"(
#include <stdio.h>
#include <string.h>
#include "abi.h"
struct SinterReader { int x; };
const struct SinterReader sinter_reader_characters = {7};
void sinter_tiny_forward_v3(const struct SinterCall* c) { (void)c; }
void sinter_tiny_forward_v4(const struct SinterCall* c) { (void)c; }
void sinter_tiny_empty_v3(const struct SinterCall* c) { (void)c; }
void sinter_tiny_empty_v4(const struct SinterCall* c) { (void)c; }
#define CHECK(x) do { if (!(x)) { printf("line %d: %s\n", __LINE__, #x); return 1; } } while (0)
int main(void) {
  const struct SinterModel* m = &sinter_model;
  CHECK(m->abi_version == SINTER_ABI_VERSION && !strcmp(m->name, "tiny \"model\""));
  CHECK(!strcmp(m->version, "1.2?""?/\303\251") && m->parameter_count == 109482240);
  CHECK(m->entry_count == 2 && m->param_count == 2 && m->asset_count == 1 && m->option_count == 1);
  CHECK(m->reader == &sinter_reader_characters && !m->writer && !m->weights_file);
  CHECK(!memcmp(m->weights, "twelve bytes", 12) && m->weights_size == 12);
  CHECK((unsigned long)m->weights % 64 == 0);
  CHECK(!memcmp(m->assets[0].data, "a\nb\nc\n", 6) && m->assets[0].size == 6);
  CHECK(!strcmp(m->params[0].layout, "panel48") && m->params[0].shape[2] == 5);
  CHECK(m->params[0].rank == 3 && m->params[0].offset == 64 && m->params[0].bytes == 11520);
  CHECK(m->params[1].rank == 0 && m->params[1].shape == 0);
  CHECK(!strcmp(m->options[0].key, "reader.lower") && !strcmp(m->options[0].value, "true"));
  const struct SinterEntry* e = &m->entries[0];
  CHECK(e->input_count == 1 && e->output_count == 1 && e->symbol_count == 2);
  CHECK(e->ragged_count == 1 && e->constraint_count == 1 && e->threads_symbol == -1);
  CHECK(e->inputs[0].extents[1] == 1 && e->inputs[0].ragged_axis == 1);
  CHECK(e->inputs[0].ragged_symbol == 0 && e->inputs[0].id_limit == 30522);
  CHECK(e->outputs[0].rank == 0 && e->outputs[0].ragged_axis == -1 && !e->outputs[0].extents);
  CHECK(!strcmp(e->symbols[1], "seq") && !strcmp(e->ragged[0].name, "seq"));
  CHECK(e->constraints[0].relation == SINTER_LE && e->constraints[0].right == 2);
  CHECK(e->expression_count == 4 && e->arena_size == 3);
  CHECK(e->code_starts[2] == 0 && e->code_starts[3] == 2 && e->code_starts[4] == 7);
  CHECK(e->code[0] == SINTER_PUSH && e->code[1] == 512 && e->code[6] == SINTER_MUL);
  CHECK(e->run[SINTER_X86_64_V2] == 0 && e->run[SINTER_X86_64_V3] == sinter_tiny_forward_v3);
  CHECK(e->run[SINTER_X86_64_V4] == sinter_tiny_forward_v4);
  CHECK(!m->entries[1].inputs && !m->entries[1].symbols && m->entries[1].code_starts[0] == 0);
  return 0;
}
)";

}  // namespace

TEST_CASE("a compiled descriptor holds what was described", "[descriptor]") {
  char pattern[] = "/tmp/sinter-descriptor-XXXXXX";
  std::string folder = mkdtemp(pattern);
  std::ofstream(folder + "/weights.bin") << "twelve bytes";
  std::ofstream(folder + "/vocab \"x\".txt") << "a\nb\nc\n";
  {
    std::ofstream out(folder + "/model.c");
    writeDescriptor(exampleModel(folder), out);
  }
  std::ofstream(folder + "/main.c") << kReader;
  std::string flags;
  for (const char* flag : kDescriptorLinkFlags) flags += " '-Wl," + std::string(flag) + "'";
  for (const char* mode : {"-static-pie", "-pie"}) {
    std::string command = "cd " + folder + " && " SINTER_CLANG " -x c -std=c17 -Wall -Wextra "
                          "-Werror -pedantic -fPIE " + mode + " -fuse-ld=lld" +
                          flags + " -I" SINTER_RUNTIME_DIR " model.c main.c -o main && ./main";
    CHECK(std::system(command.c_str()) == 0);
  }
  std::filesystem::remove_all(folder);
}
