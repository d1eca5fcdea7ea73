#!/usr/bin/env python3
"""The command line as a person meets it: help, exit codes, sentences, the README's own commands.
usage: command_line.py SINTER SOURCE_FOLDER. Non-goals: what models compute (tests/models)."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
MLP = "tests/driver/mlp.cpp"


def sinter(*words):
    return subprocess.run([SINTER, *map(str, words)], cwd=ROOT, capture_output=True, text=True)


def with_mlp(old, new, *words):
    """`sinter WORDS FILE` on the perceptron with one text replaced."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mlp.cpp"
        path.write_text((ROOT / MLP).read_text().replace(old, new))
        return sinter(words[0], path, *words[1:])


class CommandLine(unittest.TestCase):
    def test_help_names_every_subcommand(self):
        out = sinter("--help").stdout
        for name in ("build", "check", "emit", "golden", "weights"):
            self.assertIn(name, out)
            self.assertEqual(sinter(name, "--help").returncode, 0)

    def test_usage_errors_end_with_2(self):
        for words in ([], ["nothing"], ["check"], ["emit", MLP, "--stage", "soup"],
                      ["check", MLP, "--model", "soup"], ["check", MLP, "-D", "hidden"]):
            self.assertEqual(sinter(*words).returncode, 2, words)

    def test_bad_input_ends_with_1_and_one_sentence(self):
        for words, sentence in ((["check", "none.cpp"], "none.cpp: No such file"),
                                (["check", "tests/driver/includes.py"], "declares no model"),
                                (["check", MLP, "-D", "hidden=x"], "'hidden' wants an integer")):
            result = sinter(*words)
            self.assertEqual(result.returncode, 1, words)
            self.assertIn(sentence, result.stderr)

    def test_a_broken_model_is_explained_by_its_own_sentence(self):
        result = with_mlp("C.hidden, C.classes", "C.words, C.classes", "check")
        self.assertEqual(result.returncode, 1)
        self.assertIn("mlp.cpp:16: linear: maps 500 -> 3 features, but its input is f32[batch, 16]",
                      result.stderr)
        self.assertNotIn("dsl/", result.stderr)

    def test_config_entries_reach_the_model(self):
        self.assertIn("model mlp: 16,131 parameters", sinter("check", MLP, "-D", "hidden=32").stdout)

    def test_the_readme_shows_the_model_and_its_real_output(self):
        readme = (ROOT / "README.md").read_text()
        code = re.search(r"```cpp\n(.*?)```", readme, re.S).group(1)
        self.assertIn(code, (ROOT / MLP).read_text())
        shown = readme.split(f"sinter check {MLP}\n")[1].split("\n\n")[0]
        self.assertEqual(sinter("check", MLP).stdout,
                         "".join(line[4:] + "\n" for line in shown.splitlines()))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
