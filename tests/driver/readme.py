#!/usr/bin/env python3
"""What the folders' READMEs say, held against the project: their models compile, the files that
they name exist, their commands and flags do too. usage: readme.py SINTER ROOT CLANG GCC.
Non-goals: the outputs that README.md shows (command_line.py), programs in other rooms' terms
(tests/weights and tests/codegen compile those)."""
import pathlib
import re
import subprocess
import sys
import unittest

SINTER, ROOT, CLANG, GCC = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
READMES = sorted(p for p in [ROOT / "README.md", *ROOT.glob("*/README.md"),
                             *ROOT.glob("*/*/README.md")] if "build" not in p.parts)
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unused-variable",
            "-Wno-unused-const-variable"]  # a file that only declares models
FILE = re.compile(r"[\w./-]+\.(?:cpp|h|td|py|def|md|txt|mlir|sh|inc|ftz|safetensors|in)")
PLACEHOLDERS = re.compile(r"NAME|MODEL|FILE|\b(?:model\.cpp|config\.json|in\.safetensors"
                          r"|out\.safetensors|model\.safetensors)$")


def output(*words):
    result = subprocess.run([*map(str, words)], capture_output=True, text=True)
    return result.stdout + result.stderr


def quoted(text):
    """What stands between backticks or in indented and fenced lines."""
    return re.findall(r"`([^`\n]+)`", text) + re.findall(r"^(?:    |\$ |\w+/).*$", text, re.M)


def commands(text):
    """Lines of code with their continuations joined, and code inside sentences."""
    return quoted(re.sub(r"\\\n\s*", " ", text))


def is_there(name, readme):
    """A README names files from its own folder, a folder of the table that it stands in, or the
    root."""
    folders = [readme.parent, ROOT, *(p for p in readme.parent.iterdir() if p.is_dir())]
    return any((folder / name).exists() for folder in folders)


class Readme(unittest.TestCase):
    def test_there_is_one_in_every_room(self):
        for room in ("dsl", "models", "compiler", "codegen", "runtime"):
            self.assertIn(ROOT / room / "README.md", READMES)

    def test_models_compile(self):
        count = 0
        for readme in READMES:
            for program in re.findall(r"```cpp\n(.*?)```", readme.read_text(), re.S):
                if '"dsl/dsl.h"' not in program:
                    continue
                count += 1
                for compiler in (CLANG, GCC):
                    result = subprocess.run(
                        [compiler, "-std=c++23", *WARNINGS, f"-I{ROOT}", "-fsyntax-only",
                         "-x", "c++", "-"], input=program, capture_output=True, text=True)
                    self.assertEqual(result.stderr, "", f"{readme}, {compiler}")
        self.assertGreaterEqual(count, 2)

    def test_named_files_exist(self):
        count = 0
        for readme in READMES:
            for code in re.findall(r"`([^`\n]+)`", readme.read_text()):
                for name in code.split():
                    if not FILE.fullmatch(name) or PLACEHOLDERS.search(name):
                        continue
                    count += 1
                    with self.subTest(readme=str(readme), name=name):
                        self.assertTrue(is_there(name, readme))
        self.assertGreater(count, 100)

    def test_commands_and_flags_exist(self):
        helps, count = {}, 0
        for readme in READMES:
            for line in commands(readme.read_text()):
                for tool, rest in re.findall(r"(?:^|[\s/])(sinter|bootstrap) (\w+(?: .*)?)", line):
                    name = rest.split()[0]
                    if tool == "bootstrap":
                        known = output(ROOT / "bootstrap", "help")
                        self.assertRegex(known, rf"(?m)^  {name} ", f"{readme}: {line}")
                        continue
                    if name not in ("build", "check", "emit", "golden", "weights"):
                        continue  # a word behind the project's name
                    count += 1
                    helps.setdefault(name, output(SINTER, name, "--help"))
                    for flag in re.findall(r"(?<=\s)--?[a-zA-Z][\w-]*", " " + rest.split("|")[0]):
                        self.assertIn(flag, helps[name], f"{readme}: {line}")
        self.assertGreater(count, 8)

    def test_a_wrong_file_and_a_wrong_flag_would_be_seen(self):
        self.assertFalse(is_there("Gemmm.cpp", ROOT / "codegen/README.md"))
        self.assertNotIn("--soup", output(SINTER, "build", "--help"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
