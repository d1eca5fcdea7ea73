#!/usr/bin/env python3
"""The published CIFAR-10 ResNets as programs, from image files to labels: logits and labels are
those of cifar/reference.py, a float64 program. ResNet-20's weights come with Sinter; the larger
networks and the data set's images are used where they are there.
usage: cifar.py SINTER ROOT SHARED. Non-goals: speed."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT, SHARED = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
DATA, CIFAR = ROOT / "models/data/cifar10", SHARED / "data/cifar10-resnet"
EXPECTED = json.loads((ROOT / "tests/models/cifar/expected.json").read_text())
SMALLEST = "resnet20-12fca82f.th"
LABELS = "airplane automobile bird cat deer dog frog horse ship truck".split()
PLACE = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(PLACE.name)


def ppm(name, pixel, width=32, height=32):
    """pixel(x, y) -> red, green, blue"""
    data = bytes(v for y in range(height) for x in range(width) for v in pixel(x, y))
    (FOLDER / name).write_bytes(b"P6\n%d %d\n255\n" % (width, height) + data)
    return str(FOLDER / name)


def drawing(x, y):
    """As reference.py's."""
    disc = (x - 18) ** 2 + (y - 14) ** 2 < 90
    return (200, 90, 30) if disc else (4 * x + 3 * y,) * 3


def build(folder, name):
    program = FOLDER / name
    if not program.exists():
        subprocess.run([SINTER, "build", ROOT / "models/resnet.cpp", "--model", "cifar_resnet",
                        "-D", f"blocks={EXPECTED[name]['blocks']}", "--weights", folder / name,
                        "-o", program], check=True)
    return program


def run(program, names, *options, code=0):
    done = subprocess.run([program, *options], input="".join(n + "\n" for n in names),
                          capture_output=True, text=True)
    if done.returncode != code:
        raise AssertionError(f"{program} ended with {done.returncode}: {done.stderr}")
    return done.stdout.splitlines(), done.stderr.split(": ", 1)[-1].strip()


class Cifar(unittest.TestCase):
    def logits(self, program, names):
        return [json.loads(row)["logits"]
                for row in run(program, names, "--json", "--output", "logits")[0]]

    def close(self, got, wanted):
        self.assertEqual(len(got), len(wanted))
        for x, y in zip(got, wanted):
            self.assertAlmostEqual(x, y, delta=2e-5)

    def test_a_drawing(self):
        program = build(DATA, SMALLEST)
        name = ppm("drawing.ppm", drawing)
        self.close(*self.logits(program, [name]), EXPECTED[SMALLEST]["drawing"])
        logits = EXPECTED[SMALLEST]["drawing"]
        answer = run(program, [name])[0][0].split("\t")
        self.assertEqual(answer[0], LABELS[max(range(10), key=logits.__getitem__)])

    def test_images_that_do_not_fit_are_refused(self):
        program = build(DATA, SMALLEST)
        right, small = ppm("right.ppm", drawing), ppm("small.ppm", drawing, 16, 32)
        (FOLDER / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
        for name, sentence in (
                (small, f"'{small}' has 16 x 32 pixels, the model takes 32 x 32"),
                (f"{FOLDER}/none", f"'{FOLDER}/none' cannot be opened: No such file or directory"),
                (f"{FOLDER}/photo.jpg",
                 f"'{FOLDER}/photo.jpg': it is no binary PGM or PPM image (P5, P6)")):
            out, error = run(program, [right, name, right], code=1)
            self.assertEqual((len(out), error), (1, "line 2: " + sentence))

    def test_bits_depend_on_the_image_alone(self):
        program = build(DATA, SMALLEST)
        names = [ppm(f"{i}.ppm", lambda x, y: ((i * x) % 256, (7 * y + i) % 256, (x * y) % 256))
                 for i in range(13)]
        wanted = run(program, names, "-k", "10", "--output", "logits")[0]
        for way in (["--batch", "1"], ["--threads", "1"], ["--threads", "3", "--batch", "5"]):
            self.assertEqual(run(program, names, "-k", "10", "--output", "logits", *way)[0], wanted)
        self.assertIn("self-test passed", " ".join(run(program, [], "--selftest")[0]))

    def test_the_data_sets_images(self):
        if not CIFAR.is_dir():
            self.skipTest(f"there is no {CIFAR}")
        records = (CIFAR / "cifar10_test_200.bin").read_bytes()
        records = [records[i:i + 3073] for i in range(0, len(records), 3073)]
        self.assertEqual(len(records), 200)
        names = [ppm(f"test{n}.ppm", lambda x, y: [record[1 + 1024 * c + 32 * y + x]
                                                   for c in range(3)])
                 for n, record in enumerate(records)]
        for model, accuracy in ((SMALLEST, 90.0), ("resnet32-d509ac18.th", 94.0),
                                ("resnet44-014dd654.th", 88.5), ("resnet56-4bfd9763.th", 91.0)):
            program, expected = build(CIFAR, model), EXPECTED[model]
            labels = [LABELS.index(row.split("\t")[0]) for row in run(program, names)[0]]
            self.assertEqual("".join(map(str, labels)), expected["labels"])
            correct = sum(label == record[0] for label, record in zip(labels, records))
            self.assertEqual(correct / 2, accuracy)
            chosen = sorted(map(int, expected["logits"]))
            for logits, n in zip(self.logits(program, [names[n] for n in chosen]), chosen,
                                 strict=True):
                self.close(logits, expected["logits"][str(n)])


del sys.argv[1:]
unittest.main()
