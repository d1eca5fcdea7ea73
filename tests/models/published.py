#!/usr/bin/env python3
"""Models at their published sizes as programs: they build from weights of those shapes, which are
made up here, their file is as large as the weights, and an input gets the same finite numbers on
every instruction set and number of threads.
usage: published.py SINTER ROOT. Non-goals: right answers (smaller sizes show those)."""
import array
import itertools
import json
import math
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import read_tensors, write_tensors

NOISE = array.array("f", [random.Random(1).gauss(0, 0.02) for _ in range(1 << 16)]).tobytes()
ONES = (array.array("f", [1.0]) * (1 << 16)).tobytes()
DECLARED = re.compile(r'sinter\.weight "([^"]+)" : !sinter\.tensor<([^>]*) x f32>(.*)')


def weights_of(source, model):
    """name -> shape, as the model declares them; a repeated layer's for each round."""
    graph = subprocess.run([SINTER, "emit", source, "--model", model, "--stage", "graph"],
                           capture_output=True, text=True, check=True).stdout
    shapes = {}
    for name, sizes, rest in DECLARED.findall(graph):
        count = re.search(r"count = (\d+)", rest)
        first = re.search(r"first = (\d+)", rest)
        first = int(first[1]) if first else 0
        for i in range(first, first + int(count[1])) if count else [0]:
            shapes[name.replace("{}", str(i))] = [int(size) for size in sizes.split(" x ")]
    return shapes


def write_weights(path, shapes):
    """A safetensors file of small numbers, written piece by piece; variances are 1."""
    header, at = {}, 0
    for name, shape in shapes.items():
        size = 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, tensor in header.items():
            begin, end = tensor["data_offsets"]
            block = ONES if name.endswith("running_var") else NOISE
            for left in range(end - begin, 0, -len(block)):
                file.write(block[:left])
    return at


class Published(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def build(self, file, model):
        """The program; its file holds the weights once, and little else."""
        source, program = ROOT / "models" / file, self.path / model
        size = write_weights(self.path / "weights", weights_of(source, model))
        subprocess.run([SINTER, "build", source, "--model", model, "--weights",
                        self.path / "weights", "-o", program], check=True)
        self.assertGreater(program.stat().st_size, 0.99 * size)
        self.assertLess(program.stat().st_size, 1.05 * size + (4 << 20))
        print(f"{model}: {size:,} bytes of weights, {program.stat().st_size:,} of the program")
        return program

    def runs(self, program):
        """Ways of running it that must give the same bits."""
        for isa, threads in itertools.product(("v3", "v4"), ("1", "2")):
            way = ["--isa", isa, "--threads", threads]
            if subprocess.run([program, "--info", *way], capture_output=True).returncode == 0:
                yield way

    def test_elmo(self):
        program, answers = self.build("elmo.cpp", "bilm"), set()
        for way in self.runs(program):
            answers.add(subprocess.run([program, *way], input="I read\n", capture_output=True,
                                       text=True, check=True).stdout)
        answer, = answers
        words = answer.split("\n")[0].split("\t")
        self.assertEqual(words[::2], ["I", "read"])
        for vector in words[1::2]:
            numbers = [float(x) for x in vector.split(" ")]
            self.assertEqual(len(numbers), 1024)
            self.assertTrue(all(map(math.isfinite, numbers)) and any(numbers))

    def check(self, file, model, inputs, output, count):
        program, answers = self.build(file, model), set()
        write_tensors(self.path / "in", inputs)
        for way in self.runs(program):
            subprocess.run([program, *way, "--tensors", self.path / "in", self.path / "out"],
                           check=True)
            answers.add(read_tensors(self.path / "out")[output][2])
        numbers = array.array("f", answers.pop())
        self.assertEqual((len(answers), len(numbers)), (0, count))
        self.assertTrue(all(map(math.isfinite, numbers)) and any(numbers))

    texts = {"input_ids": ("I64", [2, 5], struct.pack("<10q", 101, 7, 2048, 29999, 102, *range(5))),
             "token_type_ids": ("I64", [2, 5], bytes(80)),
             "seq.lengths": ("I64", [2], struct.pack("<2q", 5, 3))}

    def test_bert(self):
        self.check("bert.cpp", "bert_base", self.texts, "pooler_output", 2 * 768)

    def test_albert_holds_each_weight_once(self):
        self.check("albert.cpp", "albert_base", self.texts, "pooler_output", 2 * 768)

    def test_resnet(self):
        pixels = array.array("f", (i % 255 / 255 for i in range(3 * 224 * 224)))
        self.check("resnet.cpp", "resnet50", {"x": ("F32", [1, 3, 224, 224], pixels.tobytes())},
                   "logits", 1000)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
