#!/usr/bin/env python3
"""`sinter golden` where cases are wrong: altered by a hair, endless, killed, while they are compiled
or while they run. One bad case is one line and the others go on. usage: golden.py SINTER
SOURCE_FOLDER. Non-goals: right cases (tests/models)."""
import array
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

SINTER, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import write_tensors

RNN = ROOT / "tests/models/cases/rnn/elman_relu.safetensors"

# Counts to ten, or, where the case says so, to 2^40, which no machine finishes; or takes minutes to
# compile, where the case says so with `layers`, each of which has kernels of its own.
COUNTS = """#include "dsl/dsl.h"
namespace {
using namespace sinter;
struct CountConfig {
  double until = 10;
  int layers = 0;
};
template <CountConfig C> struct Count {
  constexpr Tensor forward(Input<"x", f32, 1> x) const {
    Tensor y = x;
    for (int i = 0; i < C.layers; ++i) y = softmax(concat({y, x}, 0), 0);
    return loop(slice(y, 0, 0, 1), 2'000'000'000, [](Tensor s) { return sum(s, 0) < C.until; },
                [](Tensor s) { return s + 1; });
  }
  static constexpr bool serves(const Case& c) { return c.is("kind", "count"); }
};
inline constexpr auto& count = model<Count<config<CountConfig>>>;
}  // namespace
"""


def write_case(path, until, layers=0):
    """x = 0 counts to `until`."""
    write_tensors(path, {"in:x": ("F32", [1], struct.pack("<f", 0)),
                         "out:output": ("F32", [1], struct.pack("<f", until))},
                  {"architecture": "count", "stage": "forward",
                   "config": json.dumps({"kind": "count", "until": until, "layers": layers})})


def altered(path, copy, factor):
    """Writes a copy with the first logit moved by `factor` tolerances. The tolerance itself comes from the
    difference of out: and out64:, so both move alike."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])

    def span(name):
        begin, end = header[name]["data_offsets"]
        return slice(8 + size + begin, 8 + size + end)

    single, double = span("out:logits"), span("out64:logits")
    f32, f64 = array.array("f", data[single]), array.array("d", data[double])
    f64[0] += factor * max(1e-6, 10 * max(abs(a - b) for a, b in zip(f32, f64)))
    f32[0] = f64[0]
    changed = bytearray(data)
    changed[single], changed[double] = f32.tobytes(), f64.tobytes()
    copy.write_bytes(bytes(changed))


def child_at_work(pid, name):
    """The direct child of a process that is a copy of a program and has worked for 3 s, or None.
    Right cases need less, however busy the machine is."""
    try:
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == name:
                words = pathlib.Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
                if (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK") > 3:
                    return int(child)
    except FileNotFoundError:
        pass
    return None


class Golden(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def golden(self, *words):
        return subprocess.run([SINTER, "golden", *map(str, words)], cwd=ROOT, capture_output=True,
                              text=True)

    def bad_between_two(self, until=20, layers=0):
        (self.path / "count.cpp").write_text(COUNTS)
        (self.path / "count").mkdir()
        write_case(self.path / "count/a.safetensors", 10)
        write_case(self.path / "count/b.safetensors", until, layers)
        write_case(self.path / "count/c.safetensors", 30)
        return [self.path / "count.cpp", self.path / "count"]

    def check_others_went_on(self, code, out, sentence):
        lines = out.splitlines()
        self.assertEqual(code, 1, out)
        self.assertTrue(lines[0].startswith("pass  count/a: "), out)
        self.assertEqual(lines[1], f"FAIL  count/b: error 0, tolerance 0: {sentence}")
        self.assertTrue(lines[2].startswith("pass  count/c: "), out)
        self.assertEqual(lines[3], "2 passed, 1 failed, 0 not served, 0 skipped")

    def test_a_case_altered_by_a_hair_above_its_tolerance_fails(self):
        (self.path / "rnn").mkdir()
        for name, factor in (("above", 1.05), ("below", 0.95)):
            altered(RNN, self.path / f"rnn/{name}.safetensors", factor)
        result = self.golden("models/rnn.cpp", self.path / "rnn")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("FAIL  rnn/above: ", result.stdout)
        self.assertIn("pass  rnn/below: ", result.stdout)

    def ends_in_time(self, sentence, **bad):
        result = self.golden("--time-limit", 12, *self.bad_between_two(**bad))
        self.check_others_went_on(result.returncode, result.stdout, sentence)

    def test_an_endless_case_fails_when_its_time_is_over(self):
        self.ends_in_time("not done after 12 s", until=2.0 ** 40)

    def test_a_case_that_compiles_for_too_long_fails(self):
        self.ends_in_time("compiling: not done after 12 s", layers=1500)

    def is_killed(self, sentence, **bad):
        words = [SINTER, "golden", *map(str, self.bad_between_two(**bad))]
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            while process.poll() is None:
                if (child := child_at_work(process.pid, pathlib.Path(SINTER).name)) is not None:
                    os.kill(child, signal.SIGABRT)  # which no sanitizer takes
                time.sleep(0.2)
            out = process.stdout.read()
        self.check_others_went_on(process.returncode, out, sentence)

    def test_a_killed_case_fails_by_its_signal(self):
        self.is_killed("killed by signal 6 (Aborted)", until=2.0 ** 40)

    def test_a_crash_of_the_compiler_fails_its_case(self):
        self.is_killed("compiling: killed by signal 6 (Aborted)", layers=1500)

    def test_a_case_without_a_weight_hides_no_other(self):
        data = RNN.read_bytes()
        size = int.from_bytes(data[:8], "little")
        header = data[8:8 + size].replace(b"param:rnn.weight_hh_l0", b"param:rnn.weight_xx_l0")
        self.assertNotEqual(header, data[8:8 + size])
        (self.path / "rnn").mkdir()
        (self.path / "rnn/right.safetensors").write_bytes(data)
        (self.path / "rnn/wrong.safetensors").write_bytes(data[:8] + header + data[8 + size:])
        result = self.golden("models/rnn.cpp", self.path / "rnn")
        self.assertEqual(result.returncode, 1)
        self.assertIn("1 passed, 1 failed, 0 not served, 0 skipped", result.stdout)
        self.assertIn("weight 'rnn.weight_hh_l0' is missing", result.stdout)

    def test_nothing_served_is_a_failure(self):
        (self.path / "count.cpp").write_text(COUNTS)
        result = self.golden(self.path / "count.cpp", RNN)
        self.assertEqual(result.returncode, 1)
        self.assertIn("none  rnn/elman_relu: no model serves it", result.stdout)
        self.assertIn("0 passed, 0 failed, 1 not served, 0 skipped", result.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
