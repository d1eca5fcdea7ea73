// Calls of the hand-written model: what is bound, checked, converted and cleaned.
#include "runtime/instance.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "check.h"

using namespace sinter::runtime;

namespace {

const SinterEntry& entry(int i) { return sinter_model.entries[i]; }

void set_ids(Call& call, Shape shape, std::vector<int32_t> ids, std::vector<int64_t> lengths) {
  call.input(0).assign(SINTER_I32, std::move(shape), ids.data(), SINTER_I32);
  call.lengths(0) = std::move(lengths);
}

void set_scale(Call& call, int64_t n, int64_t gates) {
  call.input(0).resize(SINTER_F32, {n, 3});
  for (int64_t i = 0; i < n * 3; ++i) call.input(0).as<float>()[i] = static_cast<float>(i);
  call.input(1).resize(SINTER_I64, {gates});
  call.input(1).fill_zero();
}

struct Loaded {
  explicit Loaded(int threads = 1) : pool(threads), instance(sinter_model, pool, 0, "") {}
  Pool pool;
  Instance instance;
};

}  // namespace

TEST_CASE("a ragged call runs each row's own length") {
  for (int threads : {1, 2, 4}) {
    Loaded model(threads);
    Call call(entry(0));
    call.want(1, true);
    set_ids(call, {3, 4}, {3, 4, 5, 6, 1, 99, 99, 99, 9, -9, 9, 9}, {4, 1, 0});
    model.instance.run(call);
    const auto* reversed = call.output(0).as<int64_t>();
    std::vector<int64_t> expected = {6, 5, 4, 3, 1, 0, 0, 0, 0, 0, 0, 0};
    CHECK(std::vector<int64_t>(reversed, reversed + 12) == expected);
    CHECK(call.output(1).as<float>()[0] == 4.5f);
    CHECK(call.output(1).as<float>()[3] == -0.5f);
    CHECK(call.output_lengths(0)->at(0) == 4);
    CHECK(call.output_lengths(1) == nullptr);
    CHECK(call.input(0).as<int32_t>()[5] == 0);  // padding is cleaned, so it need not be an id
  }
}

TEST_CASE("lengths are optional, empty batches and rows are defined") {
  Loaded model;
  Call call(entry(0));
  set_ids(call, {1, 2}, {3, 4}, {});
  model.instance.run(call);
  CHECK(call.output(0).as<int64_t>()[0] == 4);
  set_ids(call, {0, 5}, {}, {});
  model.instance.run(call);
  CHECK(call.output(0).shape() == Shape{0, 5});
  set_ids(call, {2, 0}, {}, {0, 0});
  model.instance.run(call);
  CHECK(call.output(0).shape() == Shape{2, 0});
}

TEST_CASE("wrong inputs are named with row and value") {
  Loaded model;
  Call call(entry(0));
  auto run = [&] { model.instance.run(call); };
  CHECK(error_of(run) == "1: the input 'input_ids' is missing");
  set_ids(call, {2, 2}, {3, 4, 5, 8}, {2, 2});
  CHECK(error_of(run) == "1: the input 'input_ids' has the id 8 in row 1; it must be 0 … 7");
  set_ids(call, {2, 2}, {3, 4, -1, 0}, {2, 2});
  CHECK(error_of(run) == "1: the input 'input_ids' has the id -1 in row 1; it must be 0 … 7");
  set_ids(call, {2, 2}, {3, 4, 5, 6}, {2, 3});
  CHECK(error_of(run) == "1: 'seq.lengths' has 3 in row 1; it must be 0 … 2");
  set_ids(call, {2, 2}, {3, 4, 5, 6}, {2, 1, 1});
  CHECK(error_of(run) == "1: 'seq.lengths' has 3 rows instead of 2");
  set_ids(call, {4}, {3, 4, 5, 6}, {});
  CHECK(error_of(run) == "1: the input 'input_ids' has 2 axes, but it was given with shape 4");
  call.input(0).resize(SINTER_F32, {1, 1});
  CHECK(error_of(run) == "1: the input 'input_ids' is i32, but it was given as f32");
}

TEST_CASE("integer inputs may be of the other width") {
  Loaded model;
  Call call(entry(0));
  int64_t ids[] = {3, 5};
  call.input(0).assign(SINTER_I64, {1, 2}, ids, SINTER_I64);
  model.instance.run(call);
  CHECK(call.output(0).as<int64_t>()[0] == 5);
  ids[1] = 1LL << 33;
  call.input(0).assign(SINTER_I64, {1, 2}, ids, SINTER_I64);
  CHECK(error_of([&] { model.instance.run(call); }) ==
        "1: the input 'input_ids' holds 8589934592, which i32 cannot");
}

TEST_CASE("extents and constraints are checked against each other") {
  Loaded model;
  Call call(entry(1));
  auto run = [&] { model.instance.run(call); };
  set_scale(call, 2, 3);
  run();
  CHECK(call.output(0).as<float>()[5] == 5);
  CHECK(call.output(1).data() == nullptr);  // only computed when asked for
  call.want(1, true);
  run();
  CHECK(call.output(1).as<float>()[5] == 10);
  set_scale(call, 2, 2);
  CHECK(error_of(run) == "1: axis 0 of the input 'gate' must be 3, but its shape is 2");
  set_scale(call, 9, 10);
  CHECK(error_of(run) == "1: the model needs n <= 8, but 9 is not at most 8");
  set_scale(call, 1, 2);
  call.input(1).as<int64_t>()[1] = -3;
  CHECK(error_of(run) == "1: model.cpp:7: gather: the id -3 in row 1 is outside 0 … 9");
}

TEST_CASE("a call's memory is kept and the arena only grows") {
  Loaded model;
  Call call(entry(0));
  set_ids(call, {1, 100}, std::vector<int32_t>(100, 3), {});
  model.instance.run(call);
  uint64_t size = model.instance.arena_size();
  CHECK(size == 832);  // 100 * 8 rounded up to 64
  set_ids(call, {1, 2}, {3, 4}, {});
  model.instance.run(call);
  CHECK(model.instance.arena_size() == size);
}

TEST_CASE("expressions are exact and overflow is an error") {
  const int64_t code[] = {SINTER_VALUE, 0, SINTER_PUSH,  3,  SINTER_FLOORDIV,
                          SINTER_VALUE, 0, SINTER_PUSH,  3,  SINTER_CEILDIV,
                          SINTER_VALUE, 0, SINTER_PUSH,  64, SINTER_ALIGN,
                          SINTER_VALUE, 0, SINTER_PUSH,  5,  SINTER_MIN,
                          SINTER_VALUE, 0, SINTER_PUSH,  5,  SINTER_MAX,
                          SINTER_VALUE, 0, SINTER_VALUE, 0,  SINTER_MUL};
  const int32_t starts[] = {0, 0, 5, 10, 15, 20, 25, 30};
  SinterEntry e = {};
  e.name = "f";
  e.symbol_count = 1;
  e.expression_count = 7;
  e.code = code;
  e.code_starts = starts;
  auto values = [&](int64_t x) {
    std::vector<int64_t> all = {x};
    evaluate(e, all);
    return all;
  };
  CHECK(values(7) == std::vector<int64_t>{7, 2, 3, 64, 5, 7, 49});
  CHECK(values(-7) == std::vector<int64_t>{-7, -3, -2, 0, -7, 5, 49});
  CHECK(error_of([&] { values(1LL << 32); }) ==
        "1: the inputs of 'f' have impossible sizes: one overflows 64 bits or divides by 0");
  const int64_t division[] = {SINTER_PUSH, 1, SINTER_VALUE, 0, SINTER_FLOORDIV};
  const int32_t two[] = {0, 0, 5};
  e.code = division;
  e.code_starts = two;
  e.expression_count = 2;
  CHECK(values(1) == std::vector<int64_t>{1, 1});
  CHECK(error_of([&] { values(0); }) ==
        "1: the inputs of 'f' have impossible sizes: one overflows 64 bits or divides by 0");
}

TEST_CASE("the instruction set is the best that machine and program share") {
  CHECK(choose_isa(sinter_model, "", SINTER_X86_64_V3) == SINTER_X86_64_V3);
  CHECK(choose_isa(sinter_model, "v2", SINTER_X86_64_V3) == SINTER_X86_64_V2);
  CHECK(choose_isa(sinter_model, "x86-64-v3", SINTER_X86_64_V4) == SINTER_X86_64_V3);
  auto choose = [](const char* forced, int machine) {
    return error_of([=] { choose_isa(sinter_model, forced, machine); });
  };
  CHECK(choose("v4", SINTER_X86_64_V3) == "3: this processor does not support x86-64-v4");
  CHECK(choose("avx", 2) == "2: 'avx' is no instruction set; known are v2, v3, v4");
  CHECK(choose("", -1) ==
        "3: this processor is too old for this program, which has code for: x86-64-v2, "
        "x86-64-v3, x86-64-v4");
  SinterEntry one = entry(1);
  one.run[0] = one.run[2] = nullptr;
  SinterModel model = sinter_model;
  model.entries = &one;
  model.entry_count = 1;
  CHECK(choose_isa(model, "", SINTER_X86_64_V4) == SINTER_X86_64_V3);
  Pool pool(1);
  Call call(one);
  CHECK(error_of([&] { Instance(model, pool, SINTER_X86_64_V4, "").run(call); }) ==
        "2: 'scale' has no code for x86-64-v4");
  CHECK(error_of([&] { choose_isa(model, "v2", 2); }) ==
        "2: this program has no code for x86-64-v2; it has: x86-64-v3");
}

TEST_CASE("weights beside the program are mapped, wrong ones named") {
  SinterModel model = sinter_model;
  model.weights = nullptr;
  model.weights_file = "sinter_no_such_file";
  Pool pool(1);
  CHECK(error_of([&] { Instance(model, pool, 0, "/tmp"); }) ==
        "3: the weights file /tmp/sinter_no_such_file cannot be opened: No such file or directory");
  model.weights_file = "exe";
  CHECK(error_of([&] {
          Instance(model, pool, 0, "/proc/self");
        }).find("does not belong to this program: it has ") != std::string::npos);
  model = sinter_model;
  model.abi_version = 99;
  CHECK(error_of([&] { Instance(model, pool, 0, ""); }) ==
        "3: the model was made for version 99 of the runtime's contract, this is version 2");
}
