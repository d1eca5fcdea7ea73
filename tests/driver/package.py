#!/usr/bin/env python3
"""Sinter as an installed package: installed into an empty folder, moved, found by a project outside,
whose programs are built and answer. usage: package.py CMAKE BUILD_FOLDER SOURCE_FOLDER. Non-goals:
what else the tools do (the other tests)."""
import json
import math
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

CMAKE, BUILD, ROOT = sys.argv[1], *map(pathlib.Path, sys.argv[2:4])
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import read_tensors, write_tensors


def run(*words, **more):
    return subprocess.run([str(w) for w in words], capture_output=True, text=True, **more)


def reals(*shape, values):
    return "F32", list(shape), struct.pack(f"<{len(values)}f", *values)


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.path = pathlib.Path(folder.name)
        installed = run(CMAKE, "--install", BUILD, "--prefix", cls.path / "first")
        assert installed.returncode == 0, installed.stderr
        cls.prefix = (cls.path / "first").rename(cls.path / "moved")

    def setUp(self):
        """The outside project with its files beside its CMakeLists.txt."""
        self.source, self.build = self.path / "outside", self.path / "build"
        shutil.rmtree(self.source, ignore_errors=True)
        shutil.rmtree(self.build, ignore_errors=True)
        shutil.copytree(ROOT / "tests/driver/outside", self.source)
        text = (ROOT / "tests/driver/mlp.cpp").read_text()
        (self.source / "mlp.cpp").write_text('#include "own sizes.h"\n' + text)
        (self.source / "own sizes.h").write_text("// nothing yet\n")
        shutil.copy(ROOT / "models/encoder_decoder.cpp", self.source)
        shutil.copytree(ROOT / "models/data/g2p", self.source / "g2p")
        (self.source / "config.json").write_text(json.dumps({"words": 3, "hidden": 64}))
        write_tensors(self.source / "mlp.safetensors", {
            "first.weight": reals(2, 3, values=[1, 0, 0, 0, 1, 0]),
            "first.bias": reals(2, values=[0, -5]),
            "second.weight": reals(2, 2, values=[1, 0, 0, 1]),
            "second.bias": reals(2, values=[0, 1])})

    def configure(self):
        return run(CMAKE, "-G", "Ninja", "-S", self.source, "-B", self.build,
                   f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def make(self):
        made = run(CMAKE, "--build", self.build)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        return made.stdout

    def test_the_package_holds_what_it_needs_and_nothing_of_the_sources(self):
        files = {str(p.relative_to(self.prefix)) for p in self.prefix.rglob("*") if p.is_file()}
        needed = {"bin/sinter", "bin/sinter-opt", "bin/sinter-lsp", "lib/sinter/libsinter_runtime.a",
                  "lib/cmake/Sinter/SinterConfig.cmake", "lib/cmake/Sinter/SinterConfigVersion.cmake",
                  "share/sinter/dsl/dsl.h", "share/sinter/runtime/abi.h"}
        self.assertLessEqual(needed, files)
        others = {f for f in files - needed if not f.startswith("share/sinter/dsl/")}
        self.assertEqual(others, set())

    def test_its_programs_answer_and_are_made_again_only_when_an_input_changes(self):
        configured = self.configure()
        self.assertEqual(configured.returncode, 0, configured.stderr)
        self.make()
        spoken = run(self.build / "speak", input="hello\ncompiler\n")
        self.assertEqual(spoken.stdout, "hello\tHH EH1 L OW0\ncompiler\tK AH0 M P IH1 L ER0\n")

        write_tensors(self.path / "in.safetensors", {"x": reals(1, 3, values=[2, 4, 9])})
        answer = run(self.build / "perceptron", "--tensors", self.path / "in.safetensors",
                     self.path / "out.safetensors")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        dtype, shape, content = read_tensors(self.path / "out.safetensors")["output"]
        self.assertEqual((dtype, shape), ("F32", [1, 2]))
        # relu([2, 4 - 5]) = [2, 0]; softmax([2, 0 + 1])
        for got, wanted in zip(struct.unpack("<2f", content), (1, math.exp(-1))):
            self.assertAlmostEqual(got, wanted / (1 + math.exp(-1)), delta=1e-6)

        self.assertIn("no work to do", self.make())
        (self.source / "own sizes.h").write_text("// a header is an input too\n")
        again = self.make()
        self.assertIn("Compiling the model perceptron", again)
        self.assertNotIn("Compiling the model speak", again)
        self.assertIn("no work to do", self.make())
        (self.source / "config.json").write_text(json.dumps({"words": 3}))
        again = self.make()
        self.assertIn("Compiling the model perceptron", again)
        self.assertNotIn("Compiling the model speak", again)

    def test_wrong_calls_are_told(self):
        for call, sentence in (
                ("sinter_add_model(nothing MODEL mlp)",
                 "sinter_add_model(nothing): wants FILE, the C++ that declares the model"),
                ("sinter_add_model(odd FILE mlp.cpp WEIGHT mlp.safetensors)",
                 "sinter_add_model(odd): does not know what to do with")):
            text = (ROOT / "tests/driver/outside/CMakeLists.txt").read_text()
            (self.source / "CMakeLists.txt").write_text(f"{text}\n{call}\n")
            configured = self.configure()
            self.assertNotEqual(configured.returncode, 0)
            self.assertIn(sentence, " ".join(configured.stderr.split()))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
