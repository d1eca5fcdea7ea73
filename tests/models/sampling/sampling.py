#!/usr/bin/env python3
"""Sampling against philox.py: the interpreter's and the generated code's tokens, then a program's
words, whatever the batch and the threads. usage: sampling.py SINTER SOURCE_FOLDER"""
import json
import math
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import write_tensors

import philox

MODEL = ROOT / "tests/models/sampling/chain.cpp"


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def make_table(vocab, spread=2.0):
    """Logits in which the end is unlikely; some are equal."""
    chance = random.Random(vocab)
    table = [[f32(round(chance.gauss(0, spread), 1)) for _ in range(vocab)] for _ in range(vocab)]
    for row in table:
        row[2] -= 1
    return table


def make_prompts(vocab, rows, longest):
    chance = random.Random(rows)
    return [[chance.randrange(3, vocab) for _ in range(chance.randrange(longest))]
            for _ in range(rows)]


def write_case(path, config, table, prompts, streams, options, expected):
    """One call of the entry `sample`; `options`: temperature, top_k, top_p, seed."""
    temperature, top_k, top_p, seed = options
    width = max(map(len, prompts))
    ids = lambda rows: struct.pack(f"<{len(rows)}q", *rows)
    flat = [x for p in prompts for x in p + [0] * (width - len(p))]
    vocab = len(table)
    write_tensors(path, {
        "param:table": ("F32", [vocab, vocab],
                        struct.pack(f"<{vocab * vocab}f", *(x for row in table for x in row))),
        "in:prompt": ("I64", [len(prompts), width], ids(flat)),
        "in:prompt_lengths": ("I64", [len(prompts)], ids([len(p) for p in prompts])),
        "in:temperature": ("F32", [], struct.pack("<f", temperature)),
        "in:top_k": ("I64", [], ids([top_k])), "in:top_p": ("F32", [], struct.pack("<f", top_p)),
        "in:seed": ("I64", [], ids([seed])), "in:stream": ("I64", [len(streams)], ids(streams)),
        "out:sampled_tokens": ("I64", [len(prompts), config["longest"]],
                               ids([t for row in expected for t in row])),
    }, {"architecture": "chain", "stage": "forward",
        "config": json.dumps({"kind": "chain", **config})})


def expected_tokens(config, table, prompts, streams, options):
    temperature, top_k, top_p, seed = options
    return [philox.answer(table, prompt, config["longest"],
                          lambda logits, at: philox.draw(logits, f32(temperature), top_k,
                                                         f32(top_p), seed, stream, at))
            for prompt, stream in zip(prompts, streams)]


def up_to_end(tokens, end=2):
    return tokens[:tokens.index(end)] if end in tokens else tokens


class Sampling(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def test_the_reference_gives_the_published_blocks(self):
        for counter, key, words in philox.KNOWN:
            self.assertEqual(philox.block(counter, key), words)

    def test_interpreter_and_generated_code_give_the_reference_s_bits(self):
        """The first row of the first case is the published block of counter 0 and key 0."""
        self.assertEqual(philox.bits(0, 0, 4), philox.KNOWN[0][2])
        cases = self.path / "chain"
        cases.mkdir()
        offsets = [0, 1, 2 ** 32 - 1, 2 ** 40, 2 ** 53 - 2, -1] + list(range(5, 20))
        for i, seed in enumerate((0, 0x0F31D0A4093822, -1)):  # cases hold 53 bits
            words = [word for offset in offsets for word in philox.bits(seed, offset, 6)]
            write_tensors(cases / f"bits_{i}.safetensors", {
                "in:seed": ("I64", [], struct.pack("<q", seed)),
                "in:offset": ("I64", [len(offsets)], struct.pack(f"<{len(offsets)}q", *offsets)),
                "out:output": ("I32", [len(offsets), 6], struct.pack(f"<{len(words)}I", *words)),
            }, {"architecture": "chain", "stage": "forward",
                "config": json.dumps({"kind": "bits"})})
        result = subprocess.run([SINTER, "golden", MODEL, cases, "--all"], capture_output=True,
                                text=True)
        self.assertIn("3 passed, 0 failed, 0 not served", result.stdout, result.stderr)

    def test_the_reference_draws_by_chance(self):
        """2,000 draws of each token within 5 standard deviations of its chance."""
        logits = make_table(8)[3]
        kept = philox.chances(logits, 1.0, 0, 0.9)
        total = sum(kept.values())
        counts = dict.fromkeys(kept, 0)
        for stream in range(2000):
            try:
                counts[philox.draw(logits, 1.0, 0, 0.9, 5, stream, 0)] += 1
            except philox.Close:
                pass
        for token, chance in kept.items():
            p = chance / total
            self.assertLess(abs(counts[token] - 2000 * p), 5 * math.sqrt(2000 * p * (1 - p)) + 2)

    def test_interpreter_and_generated_code_draw_the_same_tokens(self):
        cases = self.path / "chain"
        cases.mkdir()
        written = 0
        settings = [(1, 0, 1), (0, 0, 1), (-1, 3, 0.5), (0.7, 0, 1), (1.5, 5, 1), (1, 0, 0.9),
                    (1, 4, 0.6), (2, 1, 1), (1, 100, 0.3), (1, 0, 0), (1e-3, 0, 1), (30, 0, 0.95)]
        for vocab, rows in ((12, 1), (12, 17), (300, 5), (40, 9)):
            config = {"vocab": vocab, "longest": 8}
            table, prompts = make_table(vocab), make_prompts(vocab, rows, 6)
            # One shape with every setting; each case is a compile.
            chosen = list(enumerate(settings))[::1 if rows == 17 else 4]
            for i, (temperature, top_k, top_p) in chosen:
                for seed in (0, -1, 2 ** 40 + 3, 77):  # the first that rounding leaves alone
                    options = (temperature, top_k, top_p, seed + 10 * i if seed > 0 else seed)
                    streams = [2 ** 31 * (row % 3) + row for row in range(rows)]
                    try:
                        tokens = expected_tokens(config, table, prompts, streams, options)
                    except philox.Close:
                        continue
                    write_case(cases / f"v{vocab}_{rows}_{i}_{seed}.safetensors", config, table,
                               prompts, streams, options, tokens)
                    written += 1
                    break
        self.assertGreater(written, 16)
        result = subprocess.run([SINTER, "golden", MODEL, cases, "--all"], capture_output=True,
                                text=True)
        self.assertEqual(result.returncode, 0, result.stdout[-3000:] + result.stderr)
        self.assertIn(f"{written} passed, 0 failed", result.stdout)

    def program(self, vocab):
        """A program over the words <pad>, <s>, </s>, w3, w4, …"""
        table = make_table(vocab)
        weights, words = self.path / "weights.safetensors", self.path / "words.txt"
        write_tensors(weights, {"table": ("F32", [vocab, vocab], struct.pack(
            f"<{vocab * vocab}f", *(x for row in table for x in row)))})
        words.write_text("\n".join(["<pad>", "<s>", "</s>"] + [f"w{i}" for i in range(3, vocab)]))
        subprocess.run([SINTER, "build", MODEL, "-D", f"vocab={vocab}", "--weights", weights,
                        "--asset", f"words={words}", "--target", "native",
                        "-o", self.path / "chain"], check=True)
        return table

    def run_program(self, text, *flags):
        return subprocess.run([self.path / "chain", *map(str, flags)], input=text,
                              capture_output=True, text=True)

    def test_a_program_writes_what_its_seed_says(self):
        table, config = self.program(20), {"vocab": 20, "longest": 8}
        prompts = make_prompts(20, 150, 6)
        lines = [" ".join(f"w{i}" for i in prompt) for prompt in prompts]
        text = "".join(line + "\n" for line in lines)

        options, compared = (0.8, 6, 0.9, 11), 0
        flags = ["--sample", "--temperature", 0.8, "--top-k", 6, "--top-p", 0.9, "--seed", 11]
        said = self.run_program(text, *flags)
        self.assertEqual(said.returncode, 0, said.stderr)
        for row, (prompt, line) in enumerate(zip(prompts, said.stdout.splitlines())):
            try:
                wanted, = expected_tokens(config, table, [prompt], [row], options)
            except philox.Close:
                continue
            words = [f"w{i}" if i > 2 else "<s>" for i in up_to_end(wanted) if i != 0]
            self.assertEqual(line.split(), words)
            compared += 1
        self.assertGreater(compared, 140)
        for more in (["--batch", 1], ["--batch", 7, "--threads", 2], ["--threads", 1]):
            self.assertEqual(self.run_program(text, *flags, *more).stdout, said.stdout, more)
        self.assertNotEqual(self.run_program(text, *flags, "--seed", 12).stdout, said.stdout)
        greedy = self.run_program(text)
        cold = self.run_program(text, "--sample", "--temperature", 0)
        self.assertEqual(greedy.stdout, cold.stdout)
        self.assertEqual(greedy.stdout, self.run_program(text, "--sample", "--top-k", 1).stdout)

    def test_flags_are_those_of_the_entries(self):
        self.program(12)
        text = self.run_program("", "--help").stdout
        for line in ("--sample", "--temperature X", "--top-k N", "--top-p X", "--seed N",
                     "the input 'top_k' of --sample (default 0)"):
            self.assertIn(line, text)
        self.assertNotIn("--beam", text)
        for flags, sentence in (
                (["--seed", 3], "--seed is for another entry than 'generate'; it goes with "
                                "--sample"),
                (["--beam"], "unknown option '--beam'; --help lists the options"),
                (["--sample", "--top-k", "x"],
                 "'x' is no right value for top_k: it must be a whole number"),
                (["--sample", "--temperature", "nan"], "--temperature must be finite")):
            result = self.run_program("w3\n", *flags)
            self.assertEqual(result.returncode, 2, flags)
            self.assertTrue(result.stderr.rstrip().endswith(sentence), result.stderr)
        result = self.run_program("w3\n" + " ".join(["w3"] * 9) + "\n")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(len(result.stdout.splitlines()), 1)
        self.assertIn("line 2: the model needs prompt <= 8", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
