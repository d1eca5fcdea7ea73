// --selftest: runs every entry on made-up inputs of several sizes and compares, bit for bit, what
// must not matter: the number of threads, a second run, among instruction sets those with fused
// multiply-add (v3 and later), and to what a line's answer is made of the other lines of its run.
// It knows no right answers; the compiler's own tests do.
#include <algorithm>
#include <cstring>

#include "entry_inputs.h"
#include "program.h"

namespace sinter::runtime {
namespace {

/// Inputs whose symbols are all of this size; false where that does not agree with the constraints.
/// Integers of which the model does not say what they may be are below `limit`.
bool fill_inputs(Call& call, int64_t size, int64_t limit) {
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
      const int64_t most = tensor.id_limit > 0 ? tensor.id_limit : limit;
      for (int64_t k = 0; k < numbers.count(); ++k) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        auto random = static_cast<int64_t>(state >> 40);  // 24 bits
        if (is_integer(tensor.type)) {
          numbers.as<int64_t>()[k] = random % most;
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

/// Runs the call on such inputs and returns their limit; 0 where the model takes none of these. An
/// integer may be a place, and then 0 is one at any size.
int64_t run_filled(Instance& instance, Call& call, int64_t size) {
  for (int64_t limit : {2, 1}) {
    if (!fill_inputs(call, size, limit)) return 0;
    try {
      instance.run(call);
      return limit;
    } catch (const Error& error) {
      if (error.code != exit_bad_input) throw;
    }
  }
  return 0;
}

bool equal(const Call& a, const Call& b) {
  for (int i = 0; i < a.entry().output_count; ++i) {
    const Array &x = a.output(i), &y = b.output(i);
    if (x.shape() != y.shape() || std::memcmp(x.data(), y.data(), x.size()) != 0) return false;
  }
  return true;
}

/// Whether lines of text may be run by the entry: by the task, or because a flag says so.
bool takes_lines(const SinterModel& model, const SinterEntry& entry) {
  if (model.reader == nullptr || model.writer == nullptr) return false;
  if (find_entry(model, Options(model).text("entry", "")) == &entry) return true;
  auto names = [&](const auto& flag, std::string_view name) {
    return std::string_view("entry") == flag.key && name == entry.name;
  };
  for (const EntryFlag& flag : entry_flags(model))
    if (names(flag, flag.given)) return true;
  return std::any_of(model.writer->flags, model.writer->flags + model.writer->flag_count,
                     [&](const SinterFlag& flag) { return names(flag, flag.alone); });
}

/// The outputs that answers to lines are made of, where row i of every input and length is line
/// i's; else none.
std::vector<int> outputs_of_lines(const SinterModel& model, const Call& call) {
  const SinterEntry& entry = call.entry();
  std::vector<int> outputs;
  if (!takes_lines(model, entry)) return outputs;
  for (const std::string& name : model.writer->make(Options(model), entry)->outputs())
    outputs.push_back(call.find_output(name));
  const SinterTensor& first = entry.outputs[outputs.front()];
  const int32_t lines = first.rank == 0 ? -1 : first.extents[0];
  auto has_rows = [&](const SinterTensor& t) { return t.rank != 0 && t.extents[0] == lines; };
  bool right = lines >= 0 && lines < entry.symbol_count;
  for (int output : outputs) right &= has_rows(entry.outputs[output]);
  for (int i = 0; i < entry.input_count; ++i)
    right &= entry.inputs[i].rank == 0 || has_rows(entry.inputs[i]);
  for (int i = 0; i < entry.ragged_count; ++i) right &= entry.ragged[i].row_extent == lines;
  return right ? outputs : std::vector<int>();
}

/// Makes `row` the call of one row of `all`, whose inputs are checked; false where the model does
/// not take it.
bool fill_row(Call& all, int64_t at, Call& row) {
  const SinterEntry& entry = all.entry();
  for (int i = 0; i < entry.input_count; ++i) {
    const Array& from = all.input(i);
    Shape shape = from.shape();
    if (!shape.empty()) shape[0] = 1;
    const int64_t before = from.shape().empty() ? 0 : at * element_count(shape);
    row.input(i).assign(from.type(), shape,
                        from.as<char>() + static_cast<uint64_t>(before) * type_size(from.type()),
                        from.type());
  }
  for (int r = 0; r < entry.ragged_count; ++r)
    row.lengths(r) = {all.lengths(r)[static_cast<size_t>(at)]};
  try {
    row.prepare(1);
  } catch (const Error&) {
    return false;
  }
  return true;
}

/// Whether each row of the outputs of `all`, which has run, is what it is alone.
bool rows_stand_alone(Instance& instance, Call& all, const std::vector<int>& outputs) {
  const int64_t rows = all.output(outputs.front()).shape()[0];
  Call row(all.entry());
  want_outputs(row, {});
  for (int output : outputs) row.want(output, true);
  for (int64_t at = 0; at < rows; ++at) {
    if (!fill_row(all, at, row)) continue;
    instance.run(row);
    for (int output : outputs) {
      const Array &one = row.output(output), &many = all.output(output);
      if (one.count() * rows != many.count() ||
          std::memcmp(one.data(), many.as<char>() + static_cast<uint64_t>(at) * one.size(),
                      one.size()) != 0)
        return false;
    }
  }
  return true;
}

}  // namespace

int run_self_test(const SinterModel& model, int threads, const std::string& folder, Output& out) {
  int failures = 0, runs = 0;
  Pool one(1), many(std::max(threads, 3));
  for (int e = 0; e < model.entry_count; ++e) {
    const SinterEntry& entry = model.entries[e];
    const std::vector<int> of_lines = outputs_of_lines(model, Call(entry));
    for (int64_t size : {1, 2, 7, 16}) {
      Call reference(entry);
      bool have_reference = false;
      for (int isa = machine_isa(); isa >= 0; --isa) {
        if (entry.run[isa] == nullptr) continue;
        Instance alone(model, one, isa, folder), shared(model, many, isa, folder);
        Call first(entry), second(entry), split(entry);
        for (Call* call : {&first, &second, &split})
          for (int i = 0; i < entry.output_count; ++i) call->want(i, true);
        const int64_t limit = run_filled(alone, first, size);
        if (limit == 0) break;
        for (Call* call : {&second, &split}) fill_inputs(*call, size, limit);
        alone.run(second);
        shared.run(split);
        std::string what;
        if (!equal(first, second)) what = "a second run differs";
        if (!equal(first, split)) what = "the number of threads matters";
        if (!of_lines.empty() && !rows_stand_alone(alone, first, of_lines))
          what = "a row depends on the others of its run";
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
