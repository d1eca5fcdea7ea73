#!/usr/bin/env python3
"""all-MiniLM-L6-v2 as a program, from text to answer: the reference embeddings, what its options
print, and what must not change a bit of an answer. Ends with 77 (skipped) where the weights or the
reference texts are not there; `./bootstrap minilm` fetches the weights.
usage: minilm.py SINTER ROOT PACKAGE REFERENCES. Non-goals: speed (tests/bench/minilm.py)."""
import array
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT, PACKAGE, REFERENCES = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
sys.path.insert(0, str(ROOT / "tests/runtime"))
import stands_alone
from tensor_files import read_tensors, write_tensors

LIMIT = 256  # the model's: sentence_bert_config.json
TOLERANCE = 2e-5


def run(*arguments, text="", code=0):
    result = subprocess.run([PROGRAM, *map(str, arguments)], input=text.encode(),
                            capture_output=True, timeout=600)
    if result.returncode != code:
        raise AssertionError(f"{arguments} ended with {result.returncode}: {result.stderr}")
    return result.stdout.decode(), result.stderr.decode()


def build(file, model, name, *options):
    """A program on MiniLM's weights."""
    program = f"{place}/{name}"
    subprocess.run([SINTER, "build", ROOT / "models" / file, "--model", model, "--config",
                    PACKAGE / "config.json", "--weights", PACKAGE / "model.safetensors", "--asset",
                    f"vocab={PACKAGE}/vocab.txt", *options, "-o", program], check=True)
    return program


def embed(texts, *arguments):
    """One printed answer for each text; the shortest text of a number gives its bits back."""
    return run(*arguments, text="".join(t + "\n" for t in texts))[0].splitlines()


def numbers(row):
    return [float(x) for x in row.split("\t")]


def has_isa(name):
    return subprocess.run([PROGRAM, "--isa", name], input=b"").returncode == 0


class MiniLm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        texts = json.loads((REFERENCES / "goldens/minilm/texts.json").read_text())
        # A line has no line breaks, and to the model they are blanks like others.
        cls.texts = [t["text"].replace("\n", " ").replace("\r", " ") for t in texts]
        cls.ids = [t["input_ids"] for t in texts]
        cls.answers = embed(cls.texts)

    def test_every_reference_text_has_its_embedding(self):
        dtype, shape, content = read_tensors(
            REFERENCES / "goldens/minilm/texts.safetensors")["out64:embeddings"]
        self.assertEqual((dtype, len(self.texts)), ("F64", shape[0]))
        wanted = array.array("d", content)
        off = [abs(x - y) for i, row in enumerate(self.answers)
               for x, y in zip(numbers(row), wanted[i * shape[1]:(i + 1) * shape[1]], strict=True)]
        print(f"largest difference to the reference: {max(off):.1e}")
        self.assertEqual(len(off), len(wanted))
        self.assertLess(max(off), TOLERANCE)

    def test_text_becomes_the_reference_ids(self):
        """The ids given as tensors lead to the very same bits as the text."""
        longest = max(map(len, self.ids))
        padded = array.array("q", [x for row in self.ids for x in row + [0] * (longest - len(row))])
        lengths = array.array("q", map(len, self.ids))
        shape = [len(self.ids), longest]
        with tempfile.TemporaryDirectory() as folder:
            write_tensors(f"{folder}/in", {
                "input_ids": ("I64", shape, padded.tobytes()),
                "token_type_ids": ("I64", shape, bytes(8 * len(padded))),
                "seq.lengths": ("I64", shape[:1], lengths.tobytes())})
            run("--tensors", f"{folder}/in", f"{folder}/out")
            content = read_tensors(f"{folder}/out")["embedding"][2]
        got = array.array("f", [x for row in self.answers for x in numbers(row)])
        self.assertEqual(got.tobytes(), content)

    def test_json_has_the_same_numbers(self):
        rows = [json.loads(row) for row in embed(self.texts, "--json")]
        self.assertEqual([list(row) for row in rows], [["embedding"]] * len(rows))
        self.assertEqual([row["embedding"] for row in rows], [numbers(a) for a in self.answers])

    def test_pairs_print_the_cosine(self):
        pairs = [(a, b) for a in range(0, 20) for b in range(a, 20)]
        lines = [f"{self.texts[a]}\t{self.texts[b]}" for a, b in pairs]
        got = [float(x) for x in embed(lines, "--pairs")]
        for (a, b), similarity in zip(pairs, got, strict=True):
            wanted = sum(x * y for x, y in zip(numbers(self.answers[a]), numbers(self.answers[b])))
            self.assertAlmostEqual(similarity, wanted, 5)
        rows = [json.loads(x) for x in embed(lines, "--pairs", "--json")]
        for row, similarity in zip(rows, got, strict=True):
            self.assertAlmostEqual(row["similarity"], similarity, 5)
        _, error = run("--pairs", text="one text\n", code=1)
        self.assertIn("line 1: it needs 2 texts with a tab between them", error)

    def test_a_longer_text_is_cut_and_that_is_said_once(self):
        fits = "word " * (LIMIT - 2)
        for text, said in ((fits, 0), (fits + "more", 1), ((fits + "more\n") * 3, 1)):
            out, error = run(text=text)
            self.assertEqual(error.count("longer than the model takes and was cut"), said, error)
            self.assertEqual(error.count("\n"), said)
            self.assertEqual(set(out.splitlines()), {out.splitlines()[0]})

    def test_answers_depend_on_nothing_but_the_text(self):
        """Alone, in any company, on any number of threads, again, with either register width."""
        alone = [row for text in self.texts for row in embed([text], "--threads", 1)]
        self.assertEqual(alone, self.answers)
        widths = [isa for isa in ("v3", "v4") if has_isa(isa)]
        ways = [["--threads", t] for t in (1, 2, 3, 4)] + [["--batch", 7]]
        ways += [["--isa", isa, "--threads", 2] for isa in widths]
        for way in ways:
            order = random.Random(str(way)).sample(range(len(self.texts)), len(self.texts))
            got = embed([self.texts[i] for i in order], *way)
            self.assertEqual(got, [self.answers[i] for i in order], way)
        self.assertEqual(embed(self.texts), self.answers)

    def test_the_program_needs_nothing_but_itself(self):
        if stands_alone.is_sanitized(PROGRAM):
            self.skipTest("a sanitizer needs more")
        self.assertEqual(stands_alone.problems(PROGRAM), [])
        result = stands_alone.run_in_empty_root(PROGRAM, text=(self.texts[3] + "\n").encode())
        if result is not None:
            self.assertEqual((result.stdout.decode(), result.stderr), (self.answers[3] + "\n", b""))

    def test_named_values_can_be_asked_for(self):
        """The vectors of the tokens behind each layer and what it attends to."""
        names = ["last_hidden_state", "hidden_states.0", "hidden_states.6", "attentions.0",
                 "attentions.5"]
        asked = [word for name in names for word in ("--output", name)]
        info = run("--info")[0]
        for name in names:
            self.assertRegex(info, rf"output  {name}  f32 batch x .*, with --output")
        texts = self.texts[2:6]
        for text, row in zip(texts, embed(texts, "--json", *asked), strict=True):
            row = json.loads(row)
            count = len(self.ids[self.texts.index(text)])
            vectors = row["last_hidden_state"]
            self.assertEqual((len(vectors), len(vectors[0])), (count, len(row["embedding"])))
            mean = [sum(column) / count for column in zip(*vectors)]
            size = sum(x * x for x in mean) ** 0.5
            for x, wanted in zip(mean, row["embedding"], strict=True):
                self.assertAlmostEqual(x / size, wanted, 5)
            self.assertEqual(row["hidden_states.6"], vectors)
            self.assertNotEqual(row["hidden_states.0"], vectors)
            for name in names[3:]:
                heads = row[name]
                self.assertEqual((len(heads), len(heads[0])), (12, count))
                for weights in (weights for head in heads for weights in head[:count]):
                    self.assertAlmostEqual(sum(weights), 1, 5)
        _, error = run("--output", "soup", code=2)
        self.assertIn("has no output 'soup'; it has: embedding, hidden_states.0", error)

    def test_a_probe_reads_names_off_a_layer(self):
        """Words of a novel that the probes were not fitted on, in lower case: with their context
        more names are known than by themselves."""
        lines = (ROOT / "tests/models/probe/persuasion.txt").read_text().splitlines()
        scores = []
        for layer in (0, 5):
            program = build("probe.cpp", "bert_probe", f"names{layer}", "-D", f"layer={layer}",
                            "--weights", ROOT / f"models/data/probe/names-{layer}.safetensors",
                            "--asset", f"tags={ROOT}/models/data/probe/tags.txt")
            text = "".join(line.lower() + "\n" for line in lines).encode()
            answers = subprocess.run([program, "--json"], input=text, capture_output=True, check=True)
            hits = found = names = 0
            for line, answer in zip(lines, answers.stdout.splitlines(), strict=True):
                spans = [(s["text"], s["tag"] == "NAME") for s in json.loads(answer)["spans"]]
                words = line.split()
                self.assertEqual([word for word, _ in spans], [word.lower() for word in words])
                for before, word, (_, tagged) in zip(words, words[1:], spans[1:]):
                    if (before.isalpha() or before == ",") and word.isalpha() and word != "I":
                        hits += tagged and word[0].isupper()
                        found += tagged
                        names += word[0].isupper()
            scores.append(2 * hits / (found + names))
        print(f"F1 of names: {scores[0]:.3f} from the embeddings, {scores[1]:.3f} behind layer 5")
        self.assertGreater(scores[0], 0.7)
        self.assertGreater(scores[1], max(0.9, scores[0] + 0.05))

    def test_it_takes_any_bytes(self):
        long = "word " * 2_000_000
        out, error = run(text=f"{long}\n{self.texts[3]}\n")
        self.assertEqual(out.splitlines()[1], self.answers[3])
        self.assertIn("line 1 is longer than the model takes and was cut", error)
        garbage = bytes(range(256)).translate(None, b"\n") * 40 + b"\n"
        result = subprocess.run([PROGRAM], input=garbage + self.texts[3].encode(),
                                capture_output=True, timeout=60)
        self.assertEqual((result.returncode, result.stdout.decode().splitlines()[1]),
                         (0, self.answers[3]))

    def test_the_interpreter_and_the_kernels_agree_with_the_reference(self):
        """Layers and every two texts' cosine, too."""
        subprocess.run([SINTER, "golden", ROOT / "models/bert.cpp", REFERENCES / "goldens/minilm",
                        "--config", PACKAGE / "config.json", "--weights",
                        PACKAGE / "model.safetensors", "--time-limit", "3600"], check=True)

    def test_it_finds_no_fault_in_itself(self):
        self.assertIn("self-test passed", run("--selftest")[0])


if not (PACKAGE / "model.safetensors").exists():
    print(f"skipped: no weights in {PACKAGE}; ./bootstrap minilm fetches them")
    sys.exit(77)
if not (REFERENCES / "goldens/minilm").exists():
    print(f"skipped: no reference texts in {REFERENCES}")
    sys.exit(77)
with tempfile.TemporaryDirectory() as place:
    PROGRAM = build("bert.cpp", "sentence_embedding", "minilm")
    unittest.main(argv=sys.argv[:1])
