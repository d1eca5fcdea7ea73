// --selftest: runs every entry on made-up inputs of several sizes and compares, bit for bit, what
// must not matter: the number of threads, a second run, and among instruction sets those with fused
// multiply-add (v3 and later). It knows no right answers; the compiler's own tests do.
#include <cstring>

#include "program.h"

namespace sinter::runtime {
namespace {

/// Sizes for the symbols that agree with every constraint; false where none of a few does.
bool fill_inputs(Call& call, int64_t size) {
  const SinterEntry& entry = call.entry();
  std::vector<int64_t> values(static_cast<size_t>(entry.symbol_count), size);
  if (entry.threads_symbol >= 0) values[entry.threads_symbol] = 1;
  try {
    evaluate(entry, values);
    uint64_t state = 0x9E3779B97F4A7C15u;
    for (int i = 0; i < entry.input_count; ++i) {
      const SinterTensor& tensor = entry.inputs[i];
      Shape shape;
      for (int axis = 0; axis < tensor.rank; ++axis) shape.push_back(values[tensor.extents[axis]]);
      Array numbers;
      numbers.resize(is_integer(tensor.type) ? SINTER_I64 : SINTER_F32, shape);
      int64_t limit = tensor.id_limit > 0 ? tensor.id_limit : 2;
      for (int64_t k = 0; k < numbers.count(); ++k) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        auto random = static_cast<int64_t>(state >> 40);  // 24 bits
        if (is_integer(tensor.type)) {
          numbers.as<int64_t>()[k] = random % limit;
        } else {
          numbers.as<float>()[k] = static_cast<float>(random) * 0x1p-23f - 1;
        }
      }
      call.input(i).assign(tensor.type, shape, numbers.data(), numbers.type());
    }
    for (int r = 0; r < entry.ragged_count; ++r) {  // rows of falling length
      std::vector<int64_t>& lengths = call.lengths(r);
      lengths.assign(static_cast<size_t>(values[entry.ragged[r].row_extent]), 0);
      for (size_t row = 0; row < lengths.size(); ++row)
        lengths[row] =
            std::max<int64_t>(values[entry.ragged[r].symbol] - static_cast<int64_t>(row), 1);
    }
    call.prepare(1);
  } catch (const Error&) {
    return false;
  }
  return true;
}

bool equal(const Call& a, const Call& b) {
  for (int i = 0; i < a.entry().output_count; ++i) {
    const Array &x = a.output(i), &y = b.output(i);
    if (x.shape() != y.shape() || std::memcmp(x.data(), y.data(), x.size()) != 0) return false;
  }
  return true;
}

}  // namespace

int run_self_test(const SinterModel& model, int threads, const std::string& folder, Output& out) {
  int failures = 0, runs = 0;
  Pool one(1), many(std::max(threads, 3));
  for (int e = 0; e < model.entry_count; ++e) {
    const SinterEntry& entry = model.entries[e];
    for (int64_t size : {1, 2, 7, 16}) {
      Call reference(entry);
      bool have_reference = false;
      for (int isa = machine_isa(); isa >= 0; --isa) {
        if (entry.run[isa] == nullptr) continue;
        Instance alone(model, one, isa, folder), shared(model, many, isa, folder);
        Call first(entry), second(entry), split(entry);
        if (!fill_inputs(first, size)) break;
        for (Call* call : {&first, &second, &split}) {
          for (int i = 0; i < entry.output_count; ++i) call->want(i, true);
          fill_inputs(*call, size);
        }
        alone.run(first);
        alone.run(second);
        shared.run(split);
        std::string what;
        if (!equal(first, second)) what = "a second run differs";
        if (!equal(first, split)) what = "the number of threads matters";
        if (isa >= SINTER_X86_64_V3) {
          if (have_reference && !equal(first, reference)) what = "the instruction set matters";
          reference = std::move(first);
          have_reference = true;
        }
        ++runs;
        if (what.empty()) continue;
        ++failures;
        out.text() += std::string("entry ") + entry.name + ", sizes " + std::to_string(size) +
                      ", " + isa_name(isa) + ": " + what + "\n";
      }
    }
  }
  if (runs == 0) {
    out.text() += "nothing could be tested: no small sizes agree with the model's constraints\n";
    return exit_resource;
  }
  out.text() += failures == 0 ? "self-test passed: " : "self-test FAILED: ";
  out.text() +=
      std::to_string(runs) + " comparisons, " + std::to_string(failures) + " differences\n";
  return failures == 0 ? exit_done : exit_resource;
}

}  // namespace sinter::runtime
