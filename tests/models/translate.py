#!/usr/bin/env python3
"""Models that write words, as programs: what PyTorch's greedy and beam search wrote from the same
weights, one word of the vocabulary for each id; that a step with a cache gives what all steps at
once give; and what a language model says behind a prompt. The weights are those of the reference
cases, which were drawn by chance: the words are w3, w4, …, and mean nothing.
usage: translate.py SINTER SOURCE_FOLDER SHARED [ARCHITECTURE]; without SHARED the committed cases."""
import array
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT, SHARED = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
ONLY = sys.argv[4] if len(sys.argv) > 4 else ""
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import read_tensors, write_tensors

MODELS = {"plain": "plain_gru", "sutskever": "sutskever_lstm", "cho": "contextual_rnn",
          "bahdanau": "bahdanau", "luong": "luong", "translator": "transformer",
          "language_model": "language_model"}
END = 2


class Reference:
    """A case's tensors as lists, its config, and a program made of its weights."""

    def __init__(self, path, folder):
        content = path.read_bytes()
        size = int.from_bytes(content[:8], "little")
        self.config = json.loads(json.loads(content[8:8 + size])["__metadata__"]["config"])
        self.tensors = read_tensors(path)
        self.architecture, self.folder = path.parent.name, folder
        self.model = MODELS[self.config.get("model", self.config["kind"])]
        self.words = ["<pad>", "<s>", "</s>"] + [f"w{i}" for i in range(3, self.config["vocab"])]

    def rows(self, name):
        return rows_of(self.tensors[name])

    def line(self, ids):
        """The ids before the end as words."""
        ids = ids[:ids.index(END)] if END in ids else ids
        return " ".join(self.words[i] for i in ids if i != 0)

    def build(self):
        (self.folder / "config.json").write_text(json.dumps(
            {k: v for k, v in self.config.items() if not isinstance(v, dict)}))
        write_tensors(self.folder / "weights.safetensors",
                      {k[6:]: v for k, v in self.tensors.items() if k.startswith("param:")})
        (self.folder / "words.txt").write_text("\n".join(self.words) + "\n")
        assets = ["words"] if self.model == "language_model" else ["source", "target"]
        subprocess.run([SINTER, "build", ROOT / f"models/{self.architecture}.cpp", "--model",
                        self.model, "--config", self.folder / "config.json", "--weights",
                        self.folder / "weights.safetensors", "--target", "native", "-o",
                        self.folder / "program"] +
                       [w for a in assets for w in ("--asset", f"{a}={self.folder / 'words.txt'}")],
                       check=True, capture_output=True)

    def run(self, text, *flags):
        result = subprocess.run([self.folder / "program", *map(str, flags)], input=text,
                                capture_output=True, text=True)
        if result.returncode != 0:
            raise AssertionError(f"{flags}: {result.stderr}")
        return result.stdout.splitlines()

    def forward(self, inputs):
        """The entry `forward` on i64 matrices and vectors."""
        tensors = {}
        for name, values in inputs.items():
            flat = values if not isinstance(values[0], list) else [x for r in values for x in r]
            shape = [len(values)] + ([len(values[0])] if isinstance(values[0], list) else [])
            tensors[name] = ("I64", shape, array.array("q", flat).tobytes())
        write_tensors(self.folder / "in.safetensors", tensors)
        self.run("", "--tensors", self.folder / "in.safetensors",
                 self.folder / "out.safetensors")
        return read_tensors(self.folder / "out.safetensors")


def rows_of(tensor):
    """Nested lists."""
    dtype, shape, content = tensor
    flat = list(array.array({"I64": "q", "F32": "f", "F64": "d"}[dtype], content))
    for extent in reversed(shape[1:]):
        flat = [flat[i:i + extent] for i in range(0, len(flat), extent)]
    return flat


def argmax(row):
    return row.index(max(row))


def kind_of(path):
    """The model that computes a case, or None."""
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    config = json.loads(json.loads(content[8:8 + size])["__metadata__"]["config"])
    return MODELS.get(config.get("model", config["kind"]))


@contextlib.contextmanager
def program(path):
    """The case with a program made of its weights."""
    with tempfile.TemporaryDirectory() as folder:
        reference = Reference(path, pathlib.Path(folder))
        reference.build()
        yield reference


class Programs(unittest.TestCase):
    def cases(self, wanted):
        """Cases whose model is wanted."""
        root = SHARED / "goldens" if (SHARED / "goldens").is_dir() else ROOT / "tests/models/cases"
        folders = [ONLY] if ONLY else ["encoder_decoder", "contextual_rnn", "attention",
                                       "transformer"]
        paths = [path for folder in folders
                 for path in sorted((root / folder).glob("*.safetensors"))
                 if (kind := kind_of(path)) is not None and wanted(kind)]
        if not paths:
            self.skipTest("no such case here")
        return paths

    def test_translators_write_what_the_reference_wrote(self):
        for path in self.cases(lambda name: name != "language_model"):
            with self.subTest(path.stem), program(path) as reference:
                self.check_translator(reference)

    def check_translator(self, reference):
        lengths = reference.rows("in:src_lengths")
        source = [reference.line(row[:n]) for row, n in
                  zip(reference.rows("in:src"), lengths)]
        text = "".join(line + "\n" for line in source)
        greedy = [reference.line(row) for row in reference.rows("out:greedy_tokens")]
        best = [reference.line(beams[0]) for beams in reference.rows("out:beam_tokens")]
        self.assertEqual(reference.run(text), greedy)
        self.assertEqual(reference.run(text, "--batch", 1), greedy)
        self.assertEqual(reference.run(text, "--beam"), best)
        self.assertEqual(reference.run(text, "--sample", "--temperature", 0), greedy)
        drawn = reference.run(text * 5, "--sample", "--seed", 4, "--top-p", 0.9)
        self.assertEqual(reference.run(text * 5, "--sample", "--seed", 4, "--top-p", 0.9,
                                       "--batch", 3, "--threads", 2), drawn)
        self.assertGreater(len(set(drawn)), len(source))  # a stream for each line
        said = [json.loads(line)["tokens"] for line in reference.run(text, "--json")]
        self.assertEqual([" ".join(tokens) for tokens in said], greedy)
        self.check_all_at_once(reference, lengths)

    def check_all_at_once(self, reference, lengths):
        """Teacher forcing along the greedy words gives each of them again, and where attention is
        asked for, the places that each step looked at."""
        tokens, source = reference.rows("out:greedy_tokens"), reference.rows("in:src")
        source = [row[:n] + [0] * (len(row) - n) for row, n in zip(source, lengths)]
        forced = [[reference.config["bos"]] + row for row in tokens]
        given = reference.forward({"src": source, "src.lengths": lengths, "tgt": forced,
                                   "tgt_lengths": [len(row) for row in forced]})
        logits, compared = rows_of(given["logits"]), 0
        for row, wanted in enumerate(tokens):
            steps = wanted.index(END) + 1 if END in wanted else len(wanted)
            self.assertEqual([argmax(logits[row][t]) for t in range(steps)], wanted[:steps])
            compared += steps
        self.assertGreaterEqual(compared, len(tokens))
        if "attention" not in given:
            return
        text = "".join(reference.line(row[:n]) + "\n" for row, n in zip(source, lengths))
        said = reference.run(text, "--json", "--output", "greedy_attention")
        for row, line in enumerate(said):
            looks = json.loads(line)["greedy_attention"]
            wanted = tokens[row]
            for t in range(wanted.index(END) + 1 if END in wanted else len(wanted)):
                self.assertAlmostEqual(sum(looks[t]), 1, 5)
                for a, b in zip(looks[t], rows_of(given["attention"])[row][t][:lengths[row]]):
                    self.assertAlmostEqual(a, b, 5)

    def test_language_models_go_on_behind_a_prompt(self):
        for path in self.cases(lambda name: name == "language_model"):
            with self.subTest(path.stem), program(path) as reference:
                self.check_language_model(reference)

    def check_language_model(self, reference):
        ids, tokens = reference.rows("in:ids"), reference.rows("out:greedy_tokens")
        most = reference.config["max_len"]
        prompts = [row[:1] for row in ids]
        text = "".join(reference.line(row) + "\n" for row in prompts)
        greedy = [f"{reference.line(p)}\t{reference.line(t)}" for p, t in zip(prompts, tokens)]
        self.assertEqual(reference.run(text), greedy)
        # What it wrote given as the prompt: it goes on with the rest, as far as places last.
        for cut in (1, 2, 5):
            longer = [p + t[:cut] for p, t in zip(prompts, tokens) if END not in t[:cut + 1]]
            rest = [t[cut:] for t in tokens if END not in t[:cut + 1]]
            text = "".join(reference.line(row) + "\n" for row in longer)
            for batch in (1, 128):
                said = reference.run(text, "--batch", batch)
                self.assertEqual(said, [f"{reference.line(p)}\t{reference.line(t)}"
                                        for p, t in zip(longer, rest)])
        # Prompts of their own lengths, against one run over all words at once.
        whole_rows = zip(ids, reference.rows("in:lengths"), (7, 1, 3, 11))
        mixed = [row[:min(length, n)] for row, length, n in whole_rows]
        said = reference.run("".join(reference.line(row) + "\n" for row in mixed))
        for prompt, line in zip(mixed, said):
            words = line.split("\t")[1].split()
            whole = prompt + [reference.words.index(word) for word in words]
            self.assertLessEqual(len(words), most - len(prompt) + 1)
            given = reference.forward({"ids": [whole + [0]], "lengths": [len(whole) + 1]})
            scores = rows_of(given["logits"])[0]
            for place in range(len(prompt), len(whole)):
                self.assertEqual(argmax(scores[place - 1]), whole[place])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
