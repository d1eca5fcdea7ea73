#!/usr/bin/env python3
"""ELMo as a program, from the published tiny language model (models/data/elmo-tiny): the vectors
that its authors publish for 30 sentences, of which each ten follow each other, and what the text
program makes of a line. usage: elmo.py SINTER ROOT. Non-goals: the mixture that a task learns (the
reference cases)."""
import array
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
DATA = ROOT / "models/data/elmo-tiny"
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import read_tensors, write_tensors

WIDTH, P, H = 50, 16, 64
STREAMS, SENTENCES = 3, 10
PUBLISHED = 2e-6  # the authors' own numbers are f32


def word(*ids):
    return [259, *ids, 260] + [261] * (WIDTH - len(ids) - 2)


def characters(sentence):
    rows = [word(*(byte + 1 for byte in w.encode()[:WIDTH - 2])) for w in sentence.split()]
    return [word(257), *rows, word(258)]


def floats(tensor):
    return array.array("f", tensor[2])


class Elmo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.place = pathlib.Path(cls.folder.name)
        cls.program = cls.place / "elmo"
        subprocess.run([SINTER, "build", ROOT / "models/elmo.cpp", "--model", "bilm", "--config",
                        DATA / "options.json", "--weights", DATA / "lm_weights.hdf5", "-o",
                        cls.program], check=True, stderr=subprocess.DEVNULL)
        lines = (DATA / "sentences.txt").read_text().splitlines()
        cls.streams = [lines[i * SENTENCES:(i + 1) * SENTENCES] for i in range(STREAMS)]
        published = read_tensors(DATA / "top_layer.safetensors")
        cls.published = [[floats(published[f"{k}.{i}"]) for i in range(SENTENCES)]
                         for k in range(STREAMS)]

    def step(self, i, h, c):
        """Sentence i of all streams from their states: the inputs, and what comes out."""
        rows = [characters(stream[i]) for stream in self.streams]
        longest = max(map(len, rows))
        padded = [x for row in rows for w in row + [[0] * WIDTH] * (longest - len(row)) for x in w]
        inputs = {
            "chars": ("I64", [STREAMS, longest, WIDTH], array.array("q", padded).tobytes()),
            "seq.lengths": ("I64", [STREAMS], array.array("q", map(len, rows)).tobytes()),
            "h0": ("F32", [4, STREAMS, P], h), "c0": ("F32", [4, STREAMS, H], c)}
        write_tensors(self.place / "in", inputs)
        subprocess.run([self.program, "--entry", "step", "--tensors", self.place / "in",
                        self.place / "out"], check=True)
        return inputs, read_tensors(self.place / "out")

    def test_the_published_vectors(self):
        """And the interpreter's, from the same states: those of the first sentences, and what every
        sentence leaves behind."""
        h, c = bytes(4 * 4 * STREAMS * P), bytes(4 * 4 * STREAMS * H)
        cases, off = self.place / "cases", 0.0
        (cases / "bilm").mkdir(parents=True)
        for i in range(SENTENCES):
            inputs, outputs = self.step(i, h, c)
            got, (_, shape, _) = floats(outputs["layer.2"]), outputs["layer.2"]
            for k in range(STREAMS):
                wanted = self.published[k][i]
                self.assertEqual(len(wanted), len(self.streams[k][i].split()) * shape[2])
                own = got[k * shape[1] * shape[2]:][:len(wanted)]
                off = max(off, *(abs(x - y) for x, y in zip(own, wanted, strict=True)))
            h, c = outputs["h_n"][2], outputs["c_n"][2]
            case = {f"in:{name}": tensor for name, tensor in inputs.items()}
            case["in:lengths"] = case.pop("in:seq.lengths")
            # Only from no state does `forward` give the same vectors as `step`.
            for name in ("average", "layer.1", "layer.2", "h_n", "c_n")[0 if i == 0 else 3:]:
                kind, extents, content = outputs[name]
                wide = array.array("d", array.array("f", content)).tobytes()
                case |= {f"out:{name}": outputs[name], f"out64:{name}": ("F64", extents, wide)}
            write_tensors(cases / f"bilm/sentence{i}.safetensors", case,
                          {"architecture": "bilm", "stage": "forward", "config": "{}"})
        print(f"largest difference to the published vectors: {off:.1e}")
        self.assertLess(off, PUBLISHED)
        # The cases hold the program's own answers: the interpreter's differ by at most 1e-6.
        done = subprocess.run([SINTER, "golden", ROOT / "models/elmo.cpp", cases, "--all",
                               "--config", DATA / "options.json", "--weights",
                               DATA / "lm_weights.hdf5"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"{SENTENCES} passed", done.stdout)

    def test_text(self):
        lines = [stream[0] for stream in self.streams]
        text = "".join(line + "\n" for line in lines)
        rows = subprocess.run([self.program, "--json", "--output", "layer.2"], input=text.encode(),
                              capture_output=True, check=True).stdout.splitlines()
        for line, row, wanted in zip(lines, map(json.loads, rows), self.published, strict=True):
            self.assertEqual([w["word"] for w in row["words"]], line.split())
            self.assertEqual(len(row["words"][0]["vector"]), 2 * P)
            got = [x for vector in row["layer.2"] for x in vector]
            for x, y in zip(got, wanted[0], strict=True):
                self.assertAlmostEqual(x, y, delta=PUBLISHED)
        plain = subprocess.run([self.program], input=text.encode(), capture_output=True,
                               check=True).stdout.decode().splitlines()
        for row, answer in zip(map(json.loads, rows), plain, strict=True):
            parts = answer.split("\t")
            self.assertEqual(parts[::2], [w["word"] for w in row["words"]])
            self.assertEqual([[float(x) for x in part.split()] for part in parts[1::2]],
                             [w["vector"] for w in row["words"]])
        empty = subprocess.run([self.program], input=b"\n" + b"x" * 99 + b"\n",
                               capture_output=True, check=True).stdout.splitlines()
        self.assertEqual(empty[0], b"")
        self.assertTrue(empty[1].startswith(b"x" * 99 + b"\t"))


del sys.argv[1:]
unittest.main()
