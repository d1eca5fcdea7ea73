#!/usr/bin/env python3
"""Word vectors as programs: the nearest words of words and sums are gensim's (vectors/make.py),
vectors of words, known or not, are fastText's (vectors/make_words.py).
usage: vectors.py SINTER ROOT SHARED. Non-goals: speed."""
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT, SHARED = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
HERE, FIXTURES = ROOT / "tests/models/vectors", ROOT / "tests/weights/fixtures"
GENSIM = SHARED / "data/gensim-models"
PLACE = tempfile.TemporaryDirectory()


def build(weights, *options):
    program = pathlib.Path(PLACE.name) / f"{weights.parent.name}-{weights.name}"
    subprocess.run([SINTER, "build", *options, "--weights", weights, "-o", program], check=True)
    return program


def neighbours(weights):
    return build(weights, ROOT / "models/word2vec.cpp")


def word_vectors(weights):
    return build(weights, ROOT / "models/fasttext.cpp", "--model", "fasttext_words")


def answers(program, lines, *options):
    text = "".join(line + "\n" for line in lines)
    done = subprocess.run([program, *options], input=text.encode(), capture_output=True)
    if (done.returncode, done.stderr) != (0, b""):
        raise AssertionError(f"{program} ended with {done.returncode}: {done.stderr}")
    return done.stdout.decode().splitlines()


def error(program, text, *options):
    done = subprocess.run([program, *options], input=text.encode(), capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode().split(": ", 1)[1].strip()


class Nearest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rows = pathlib.Path(PLACE.name) / "glove.txt"
        rows.write_text("at -0.5 -0.25 0\n. . -1.25 -1 -0.75\ncat 0.25 0.5 0.75\n")
        cls.text = neighbours(rows)
        cls.binary = neighbours(FIXTURES / "word2vec.bin")  # the, cat, naïve, "."

    def test_answers_are_gensims(self):
        if not GENSIM.is_dir():
            self.skipTest(f"there is no {GENSIM}")
        expected = json.loads((HERE / "expected.json").read_text("utf-8"))
        self.assertEqual(len(expected), 40)
        for name in {case["file"]: None for case in expected}:
            cases = [case for case in expected if case["file"] == name]
            got = answers(neighbours(GENSIM / name), [case["line"] for case in cases], "-k", "8")
            for row, case in zip(got, cases, strict=True):
                row = row.split("\t")
                self.assertEqual(row[::2], [word for word, _ in case["nearest"]], case["line"])
                for similarity, (_, wanted) in zip(row[1::2], case["nearest"], strict=True):
                    self.assertAlmostEqual(float(similarity), wanted, delta=2e-6)

    def test_cosines(self):
        cat, at, dots = (0.25, 0.5, 0.75), (-0.5, -0.25, 0), (-1.25, -1, -0.75)
        unit = lambda v: [x / math.hypot(*v) for x in v]
        cosine = lambda v, w: sum(x * y for x, y in zip(unit(v), unit(w)))
        word, first, other, second = answers(self.text, ["cat"])[0].split("\t")
        self.assertEqual((word, other), ("at", ". ."))
        self.assertAlmostEqual(float(first), cosine(cat, at), 6)
        self.assertAlmostEqual(float(second), cosine(cat, dots), 6)
        word, similarity = answers(self.text, ["cat - at"])[0].split("\t")
        point = [x - y for x, y in zip(unit(cat), unit(at))]
        self.assertEqual(word, ". .")
        self.assertAlmostEqual(float(similarity), cosine(point, dots), 6)

    def test_a_word_may_have_blanks_in_it(self):
        self.assertEqual(answers(self.text, [". ."], "-k", "1")[0].split("\t")[0], "at")

    def test_columns(self):
        self.assertEqual(answers(self.binary, ["cat", "the + cat - naïve"], "-k", "1"),
                         [a.split("\t", 2)[0] + "\t" + a.split("\t")[1]
                          for a in answers(self.binary, ["cat", "the + cat - naïve"])])
        rows = [json.loads(a) for a in answers(self.text, ["cat"], "--json")]
        self.assertEqual([n["word"] for n in rows[0]["neighbours"]], ["at", ". ."])

    def test_lookup_prints_the_files_row(self):
        self.assertEqual(answers(self.text, ["cat", ". .", "cat + at - at"], "--lookup"),
                         ["cat 0.25 0.5 0.75", ". . -1.25 -1 -0.75", "cat + at - at 0.25 0.5 0.75"])
        self.assertEqual(json.loads(answers(self.text, ["at"], "--lookup", "--json")[0]),
                         {"text": "at", "vector": [-0.5, -0.25, 0]})

    def test_what_it_does_not_know_is_said(self):
        self.assertEqual(error(self.binary, "cat\ndog\ncat\n", "-k", "1")[::2],
                         (1, "line 2: the model does not know 'dog'"))
        for line, sentence in (("cat the", "a word is followed by + or -, not by 'the'"),
                               ("cat +", "there is no word behind its last +"),
                               ("", "it has no word")):
            self.assertEqual(error(self.binary, line + "\n"), (1, "", "line 1: " + sentence))
        self.assertEqual(error(self.binary, "", "-k", "5")[::2],
                         (2, "the program was built for at most 4 neighbours"))

    def test_bits_depend_on_the_line_alone(self):
        lines = ["cat", "the + cat - naïve", "naïve", ".", "the - ."] * 20
        wanted = answers(self.binary, lines)
        for way in (["--batch", "1"], ["--threads", "1"], ["--threads", "3", "--batch", "7"]):
            self.assertEqual(answers(self.binary, lines, *way), wanted, way)
        self.assertIn("self-test passed", " ".join(answers(self.binary, [], "--selftest")))


class Words(unittest.TestCase):
    def check(self, program, expected, tolerance):
        """expected: word -> vector"""
        for row, (word, vector) in zip(answers(program, list(expected)), expected.items(),
                                       strict=True):
            got, *numbers = row.split(" ")
            self.assertEqual(got, word)
            for x, wanted in zip(numbers, vector, strict=True):
                self.assertAlmostEqual(float(x), wanted, delta=tolerance, msg=word)

    def test_vectors_are_fasttexts(self):
        expected = {}
        for line in (HERE / "words.tsv").read_text("utf-8").splitlines():
            name, word, numbers = line.split("\t")
            expected.setdefault(name, {})[word] = [float(x) for x in numbers.split()]
        self.assertEqual(sorted(expected), ["skipgram.bin", "supervised.bin", "supervised.ftz"])
        for name, words in expected.items():
            self.check(word_vectors(FIXTURES / name), words, 1e-6)

    def test_vectors_of_the_shared_models(self):
        if not GENSIM.is_dir():
            self.skipTest(f"there is no {GENSIM}")
        goldens = json.loads((GENSIM / "fasttext_goldens.json").read_text("utf-8"))
        for name in ("toy-model", "crime-and-punishment"):
            program = word_vectors(GENSIM / f"{name}.bin")
            self.check(program, goldens[f"{name}.bin"]["oov"], 5e-6)
            rows = (GENSIM / f"{name}.vec").read_text("utf-8").splitlines()[1:]
            known = {row.split()[0]: [float(x) for x in row.split()[1:]] for row in rows}
            self.check(program, known, 1e-5)
        new = goldens["lee_fasttext_new.bin"]
        self.check(word_vectors(GENSIM / "lee_fasttext_new.bin"),
                   {"hundred": new["hundred"], "rejection": new["oov:rejection"]}, 1e-4)

    def test_a_line_is_a_word(self):
        program = word_vectors(FIXTURES / "skipgram.bin")
        wanted, = answers(program, ["kitchen"])
        self.assertEqual(answers(program, [" kitchen\t"])[0].split()[1:], wanted.split()[1:])
        for line, sentence in (("", "it has no word"), ("a b", "it has more than one word")):
            self.assertEqual(error(program, line + "\n"), (1, "", "line 1: " + sentence))
        answer = json.loads(answers(program, ["kitchen"], "--json")[0])
        self.assertEqual(answer["text"], "kitchen")
        self.assertEqual(answer["embedding"], [float(x) for x in wanted.split()[1:]])


del sys.argv[1:]
unittest.main()
