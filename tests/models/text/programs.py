"""Programs from text to answers, for the tests beside this file: built from random weights, run on
lines. Non-goals: what the answers should be."""
import atexit
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[3]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import write_tensors

SINTER = sys.argv[1]
FOLDER = tempfile.TemporaryDirectory()
atexit.register(FOLDER.cleanup)


class Program:
    """`sinter build` of one model; the file stays until the test ends."""

    def __init__(self, file, model, weights, config, **assets):
        place = pathlib.Path(tempfile.mkdtemp(dir=FOLDER.name))
        self.path = place / model
        (place / "config.json").write_text(json.dumps(config))
        command = [SINTER, "build", ROOT / "models" / file, "--model", model, "--config",
                   place / "config.json", "-o", self.path]
        for i, part in enumerate(weights if isinstance(weights, list) else [weights]):
            if isinstance(part, dict):
                write_tensors(place / f"weights{i}.safetensors", part.tensors())
                part = place / f"weights{i}.safetensors"
            command += ["--weights", part]
        for name, content in assets.items():
            if isinstance(content, list):
                content = "".join(line + "\n" for line in content)
            if isinstance(content, str):
                content = content.encode()
            if isinstance(content, bytes):
                (place / name).write_bytes(content)
                content = place / name
            command += ["--asset", f"{name}={content}"]
        subprocess.run(command, check=True)

    def __call__(self, lines, *options, code=0, error=b""):
        """One row for each line; with --json parsed."""
        text = "".join(line + "\n" for line in lines).encode()
        done = subprocess.run([self.path, *options], input=text, capture_output=True)
        if (done.returncode, done.stderr) != (code, error) and not (error and error in done.stderr):
            raise AssertionError(f"exit code {done.returncode}: {done.stderr}")
        rows = done.stdout.decode().splitlines()
        return [json.loads(row) for row in rows] if "--json" in options else rows


def pairs(row):
    """"a\t0.5\tb\t0.25" as [("a", 0.5), ("b", 0.25)]"""
    parts = row.split("\t") if row else []
    return [(a, float(b)) for a, b in zip(parts[::2], parts[1::2], strict=True)]


def ranked(probabilities, names):
    """The names and their probabilities, the best first."""
    order = sorted(range(len(names)), key=lambda i: (-probabilities[i], i))
    return [(names[i], probabilities[i]) for i in order]


def assert_close(test, got, wanted, tolerance=2e-5):
    """The same names in the same order, where probabilities differ, with these probabilities."""
    test.assertEqual([name for name, _ in got], [name for name, _ in wanted])
    for (name, p), (_, q) in zip(got, wanted):
        test.assertAlmostEqual(p, q, delta=tolerance, msg=name)


def sentencepiece(pieces):
    """A unigram .model of (text, score, type); see sentencepiece_model.h."""
    import struct

    def varint(n):
        return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)

    def field(number, content):
        return varint(number << 3 | 2) + varint(len(content)) + content
    return b"".join(field(1, field(1, text.encode()) + varint(2 << 3 | 5) + struct.pack("<f", score)
                          + varint(3 << 3) + varint(kind)) for text, score, kind in pieces)
