#!/usr/bin/env python3
"""Two files declare a model of one name, with configurations and layers of one name, and are linked
into one program: each keeps its own graph. usage: names.py SOURCE_FOLDER COMPILER. Non-goals: two
models of one name in one file, which C++ refuses."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT, COMPILER = pathlib.Path(sys.argv[1]), sys.argv[2]
FILES = ROOT / "tests/dsl/names"


def graphs(folder, order, space, *flags):
    """What the program of the files, linked in that order, prints for each of the two models."""
    program = folder / "program"
    subprocess.run([COMPILER, "-std=c++23", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *flags,
                    f"-I{ROOT}", f"-DSPACE={space}", *(FILES / name for name in order), "-o", program],
                   check=True)
    out = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return out.split("----\n")


class Names(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def test_each_file_keeps_its_graph(self):
        for order, level in ((("main.cpp", "one.cpp", "two.cpp"), "-O0"),
                             (("main.cpp", "two.cpp", "one.cpp"), "-O2")):
            with self.subTest(order=order, level=level):
                one, two = graphs(self.path, order, "namespace", level)
                self.assertIn("sinter.relu", one)
                self.assertIn("names/one.cpp", one)
                self.assertNotIn("sinter.tanh", one)
                self.assertIn("sinter.tanh", two)
                self.assertIn("names/two.cpp", two)
                self.assertNotIn("sinter.relu", two)

    def test_the_control_without_an_anonymous_namespace_shares_one(self):
        one, two = graphs(self.path, ("main.cpp", "one.cpp", "two.cpp"), "inline namespace control",
                          "-O0")
        self.assertEqual(one, two)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
