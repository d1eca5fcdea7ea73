#!/usr/bin/env python3
"""The language identifier as a program, made by one command from fastText's published file: the
answers are fastText's own (langid/make.py), quantised weights stay quantised, and the bits of an
answer depend on its line alone. Non-goals: speed (tests/bench/langid.py).
usage: langid.py SINTER ROOT SHARED"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent / "langid"
SINTER, ROOT, SHARED = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
MODEL = ROOT / "models/data/lid176/lid.176.ftz"
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(ROOT / "tests/runtime")]
import stands_alone
import texts

TOLERANCE = 1e-5


class LanguageIdentifier(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.program = pathlib.Path(cls.folder.name) / "langid"
        subprocess.run([SINTER, "build", ROOT / "models/fasttext.cpp", "--weights", MODEL,
                        "-o", cls.program], check=True)
        cls.text = (HERE / "lines.txt").read_bytes()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_program(self, text, *options, program=None):
        done = subprocess.run([program or self.program, *options], input=text,
                              capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout

    def check(self, got, expected):
        self.assertEqual(len(got), len(expected))
        for number, (row, wanted) in enumerate(zip(got, expected), 1):
            row, wanted = row.split("\t"), wanted.split("\t")
            self.assertEqual(row[0], wanted[0], f"line {number}")
            self.assertEqual(len(row), len(wanted), f"line {number}")
            # Labels that are all but equally likely may change places.
            for place in range(1, len(row), 2):
                self.assertAlmostEqual(float(row[place]), float(wanted[place]), delta=TOLERANCE,
                                       msg=f"line {number}")

    def test_answers_are_fasttexts(self):
        got = self.run_program(self.text, "-k", "3").decode().splitlines()
        self.check(got, (HERE / "expected.tsv").read_text("utf-8").splitlines())

    def test_answers_to_the_shared_lines(self):
        if not (SHARED / "data").is_dir():
            self.skipTest("there is no " + str(SHARED / "data"))
        text = b"".join(line + b"\n" for line in texts.shared_lines(SHARED))
        got = self.run_program(text).decode().splitlines()
        self.check(got, (HERE / "shared_expected.tsv").read_text("utf-8").splitlines())

    def test_other_models_of_fasttexts(self):
        for name in texts.FIXTURES:
            program = pathlib.Path(self.folder.name) / name
            subprocess.run([SINTER, "build", ROOT / "models/fasttext.cpp", "--weights",
                            ROOT / "tests/weights/fixtures" / name, "-o", program], check=True)
            got = self.run_program((HERE / f"{name}.txt").read_bytes(), "-k", "3", program=program)
            self.check(got.decode().splitlines(),
                       (HERE / f"{name}.tsv").read_text("utf-8").splitlines())

    def test_columns(self):
        line = "Hello, how are you today?\n".encode()
        self.assertEqual(self.run_program(line), b"en\t0.974427\n")
        self.assertEqual(self.run_program(line, "-k", "2"), b"en\t0.974427\tes\t0.00358233\n")
        self.assertEqual(self.run_program(line, "-k", "9", "--threshold", "0.5"),
                         b"en\t0.974427\n")
        self.assertEqual(self.run_program(line, "--threshold", "0.99"), b"\n")
        answer = json.loads(self.run_program(line, "--json"))
        self.assertEqual(answer["labels"][0]["label"], "en")

    def test_bits_depend_on_the_line_alone(self):
        options = ["--output", "probs", "-k", "176", "--threshold", "0"]
        wanted = self.run_program(self.text, *options)
        lines = self.text.splitlines(keepends=True)
        answers = wanted.splitlines(keepends=True)
        for more in (["--batch", "1"], ["--batch", "7"], ["--threads", "1"], ["--threads", "4"],
                     ["--isa", "v3"]):
            self.assertEqual(self.run_program(self.text, *options, *more), wanted, more)
        backwards = self.run_program(b"".join(reversed(lines)), *options)
        self.assertEqual(backwards.splitlines(keepends=True), answers[::-1])
        for i in range(0, len(lines), 29):
            self.assertEqual(self.run_program(lines[i], *options), answers[i])

    def test_it_needs_nothing_but_itself(self):
        if stands_alone.is_sanitized(self.program):
            self.skipTest("a sanitizer needs more")
        self.assertEqual(stands_alone.problems(self.program), [])
        result = stands_alone.run_in_empty_root(self.program, text=b"Guten Tag, wie geht es?\n")
        if result is not None:
            self.assertTrue(result.stdout.startswith(b"de\t"))
        self.assertIn(b"self-test passed", self.run_program(b"", "--selftest"))

    def test_lines_of_any_length(self):
        # 10 MB: one word, and a million words.
        for line in (b"a" * 10_000_000, b"eins zwei " * 1_000_000):
            answers = self.run_program(line + b"\nall human beings are born free\n").splitlines()
            self.assertEqual(len(answers), 2)
            self.assertTrue(answers[1].startswith(b"en\t"))

    def test_weights_stay_quantised(self):
        if not stands_alone.is_sanitized(self.program):
            self.assertLess(self.program.stat().st_size, 4_000_000)
        info = self.run_program(b"", "--info").decode()
        weights = next(line for line in info.splitlines() if line.startswith("weights"))
        self.assertLess(int(weights.split()[1].replace(",", "")), 800_000)

    def test_the_file_says_what_the_model_is(self):
        done = subprocess.run([SINTER, "check", ROOT / "models/fasttext.cpp", "--weights", MODEL],
                              capture_output=True, text=True, check=True)
        self.assertIn("model fasttext: 457,168 parameters", done.stdout)
        self.assertNotIn("not used", done.stdout)


del sys.argv[1:]
unittest.main()
