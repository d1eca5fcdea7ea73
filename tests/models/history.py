#!/usr/bin/env python3
"""The history in models/README.md against the model files: one part for each, in reading order, whose
lines stand in the file, whose number of parameters is the model's and whose commands print what is
shown.
usage: history.py SINTER ROOT. Non-goals: the programs shown below it (text/, vectors.py, …)."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
README = (ROOT / "models/README.md").read_text()
PARTS = {m[1]: m[2] for m in re.finditer(r"^### `(\w+)\.cpp`.*?\n(.*?)(?=^##)", README, re.M | re.S)}


def without_indentation(text):
    return "\n".join(line.strip() for line in text.strip().splitlines())


class History(unittest.TestCase):
    def test_every_model_file_has_its_part_in_reading_order(self):
        listed = re.search(r"set\(models\s+(.*?)\)", (ROOT / "models/CMakeLists.txt").read_text(), re.S)
        self.assertEqual(list(PARTS), listed[1].split())

    def test_shown_lines_stand_in_the_file(self):
        for name, part in PARTS.items():
            source = without_indentation((ROOT / f"models/{name}.cpp").read_text())
            shown = re.findall(r"```cpp\n(.*?)```", part, re.S)
            self.assertTrue(shown, name)
            for code in shown:
                self.assertTrue(without_indentation(code) in source, f"{name}.cpp lacks: {code}")

    def test_numbers_of_parameters_are_the_models(self):
        for name, part in PARTS.items():
            counts = re.findall(r"`(\w+)`: ([\d,]+) parameters", part)
            self.assertTrue(counts, name)
            for model, count in counts:
                found = subprocess.run([SINTER, "check", ROOT / f"models/{name}.cpp", "--model", model],
                                       capture_output=True, text=True).stdout
                self.assertEqual(found.splitlines()[0], f"model {model}: {count} parameters")

    def test_commands_print_what_is_shown(self):
        shown = [m[0] for part in PARTS.values() for m in re.finditer(r"(?m)(?:^    .*\n)+", part)]
        self.assertGreaterEqual(len(shown), 4)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "models").symlink_to(ROOT / "models")
            (path / "sinter").symlink_to(SINTER)
            environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
            for block in shown:
                for step in re.split(r"(?m)^    \$ ", block)[1:]:
                    lines = step.replace("\\\n", "").splitlines()
                    result = subprocess.run(["bash", "-c", lines[0]], cwd=folder, text=True,
                                            env=environment, capture_output=True)
                    self.assertEqual(result.stdout, "".join(f"{line[4:]}\n" for line in lines[1:]),
                                     f"{lines[0]}: {result.stderr}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
