#!/usr/bin/env python3
"""Programs that read bags of words, vectors, queries with documents, and tables: their answers
against plain float64 programs, with weights made here and, where they are there, those of the
reference cases.
usage: programs.py SINTER ROOT SHARED. Non-goals: what the numbers mean."""
import array
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT, SHARED = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import read_tensors, write_tensors

PLACE = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(PLACE.name)


# ---- plain arithmetic -------------------------------------------------------------------------

def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def linear(weights, name, x):
    return [sum(w * v for w, v in zip(row, x)) + b
            for row, b in zip(weights[f"{name}.weight"], weights[f"{name}.bias"])]


def convolved(weights, name, steps):
    """steps [T, In] -> [T', Out] through relu; weights [Out, In, Size]"""
    kernel, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    size = len(kernel[0][0])
    return [[max(0, b + sum(w * steps[t + k][i] for i, row in enumerate(channel)
                            for k, w in enumerate(row)))
             for channel, b in zip(kernel, bias)] for t in range(len(steps) - size + 1)]


def gru_last(weights, steps):
    """torch.nn.GRU's last state, gates r, z, n."""
    products = {way: weights[f"gru.weight_{way}_l0"] for way in ("ih", "hh")}
    biases = {way: weights[f"gru.bias_{way}_l0"] for way in ("ih", "hh")}
    h = [0.0] * (len(biases["hh"]) // 3)
    for step in steps:
        x, y = ([sum(w * v for w, v in zip(row, vector)) + b
                 for row, b in zip(products[way], biases[way])]
                for way, vector in (("ih", step), ("hh", h)))
        for i, before in enumerate(list(h)):
            r = sigmoid(x[i] + y[i])
            z = sigmoid(x[len(h) + i] + y[len(h) + i])
            n = math.tanh(x[2 * len(h) + i] + r * y[2 * len(h) + i])
            h[i] = (1 - z) * n + z * before
    return h


# ---- files and programs -----------------------------------------------------------------------

def nested(flat, shape):
    if len(shape) == 1:
        return list(flat)
    inner = len(flat) // shape[0]
    return [nested(flat[i * inner:(i + 1) * inner], shape[1:]) for i in range(shape[0])]


def made(name, shapes):
    """Weights that training could have left: a file, and name -> nested lists of the same f32."""
    numbers, tensors, weights = random.Random(name), {}, {}
    for key, shape in shapes.items():
        flat = array.array("f", [numbers.gauss(0, 0.6) for _ in range(math.prod(shape))])
        tensors[key] = ("F32", shape, flat.tobytes())
        weights[key] = nested(flat, shape)
    write_tensors(FOLDER / name, tensors)
    return FOLDER / name, weights


def of_case(name):
    """The same for a reference case; its inputs and outputs, too."""
    tensors = read_tensors(SHARED / f"goldens/{name}.safetensors")
    path = FOLDER / name.replace("/", "_")
    write_tensors(path, {key[6:]: t for key, t in tensors.items() if key.startswith("param:")})
    return path, {key: nested(array.array(dtype[0].lower() if dtype == "F32" else "d", content),
                              shape)
                  for key, (dtype, shape, content) in tensors.items()
                  if dtype in ("F32", "F64") and shape and key.startswith(("in:", "out64:"))}


def layers(sizes, prefix):
    shapes = {}
    for i, (before, after) in enumerate(zip(sizes, sizes[1:])):
        shapes[f"{prefix}{i}.weight"], shapes[f"{prefix}{i}.bias"] = [after, before], [after]
    return shapes


def asset(name, lines):
    (FOLDER / name).write_text("".join(line + "\n" for line in lines))
    return FOLDER / name


def build(source, weights, *options, assets={}, model=None):
    program = FOLDER / f"program{len(list(FOLDER.iterdir()))}"
    words = [SINTER, "build", ROOT / f"models/{source}.cpp", *options, "-o", program]
    words += ["--model", model] if model else []
    words += ["--weights", weights] if weights else []
    for name, path in assets.items():
        words += ["--asset", f"{name}={path}"]
    subprocess.run(words, check=True)
    return program


def run(program, lines, *options, code=0):
    text = "".join(line + "\n" for line in lines)
    done = subprocess.run([program, *options], input=text.encode(), capture_output=True)
    if done.returncode != code:
        raise AssertionError(f"{program} ended with {done.returncode}: {done.stderr}")
    return done.stdout.decode().splitlines(), done.stderr.decode().split(": ", 1)[-1].strip()


class Close(unittest.TestCase):
    def close(self, got, wanted, tolerance=2e-6):
        self.assertEqual(len(got), len(wanted))
        for x, y in zip(got, wanted):
            self.assertAlmostEqual(float(x), y, delta=tolerance)

    def same_whatever_the_way(self, program, lines, *options):
        wanted = run(program, lines, *options)[0]
        for way in (["--batch", "1"], ["--batch", "3", "--threads", "1"], ["--threads", "3"]):
            self.assertEqual(run(program, lines, *options, *way)[0], wanted, way)
        self.assertIn("self-test passed", " ".join(run(program, [], "--selftest")[0]))


# ---- bags of words ----------------------------------------------------------------------------

WORDS = ["<pad>", "<start>", "<unk>", "good", "bad", "film", "isn't", "é"]
REVIEWS = ["A good film.", "good GOOD film; film,good", "isn't bad!", "É", "", "what? who? (bad)"]
# Of each line: what is in it.
BAGS = [{1, 2, 3, 5}, {1, 3, 5}, {1, 6, 4}, {1, 7}, {1}, {1, 2, 4}]


class Bags(Close):
    def logits(self, weights, bag, depth):
        h = [1.0 if i in bag else 0.0 for i in range(len(WORDS))]
        for i in range(depth):
            h = linear(weights, f"layers.{i}", [max(0, v) for v in h] if i else h)
        return h

    def test_reviews(self):
        path, weights = made("reviews", layers([8, 6, 5, 1], "layers."))
        program = build("dnn", path, "-D", "sizes=[8,6,5,1]",
                        assets={"vocabulary": asset("words", WORDS)})
        for answer, bag in zip(run(program, REVIEWS)[0], BAGS, strict=True):
            positive = sigmoid(*self.logits(weights, bag, 3))
            label, probability = answer.split("\t")
            self.assertEqual(label, "positive" if positive > 0.5 else "negative")
            self.close([probability], [max(positive, 1 - positive)])
        self.same_whatever_the_way(program, REVIEWS * 9)

    def test_newswires(self):
        path, weights = made("news", layers([8, 6, 4], "layers."))
        program = build("dnn", path, "-D", "sizes=[8,6,4]",
                        assets={"vocabulary": asset("words", WORDS),
                                "labels": asset("topics", ["grain", "gold", "ship", "trade"])})
        for answer, bag in zip(run(program, REVIEWS, "-k", "4")[0], BAGS, strict=True):
            scores = [math.exp(x) for x in self.logits(weights, bag, 2)]
            wanted = dict(zip(["grain", "gold", "ship", "trade"],
                              [x / sum(scores) for x in scores]))
            answer = answer.split("\t")
            self.assertEqual(answer[::2], sorted(wanted, key=wanted.get, reverse=True))
            self.close(answer[1::2], sorted(wanted.values(), reverse=True))

    def test_reference_cases(self):
        if not (SHARED / "goldens").is_dir():
            self.skipTest(f"there are no reference cases in {SHARED}")
        for case, sizes in (("dnn/imdb_multi_hot", [500, 16, 16, 1]),
                            ("dnn/reuters_softmax", [500, 64, 64, 46])):
            path, values = of_case(case)
            bags = [[i for i, x in enumerate(row) if x] for row in values["in:x"]]
            # Every text has <start>: the column that most rows have, and those rows.
            start = max(range(500), key=lambda i: sum(i in bag for bag in bags))
            kept = [n for n, bag in enumerate(bags) if start in bag]
            self.assertGreater(len(kept), 2)
            words = ["<start>" if i == start else f"w{i}" for i in range(500)]
            program = build("dnn", path, "-D", f"sizes={sizes}".replace(" ", ""),
                            assets={"vocabulary": asset("many", words)})
            lines = [" ".join(f"w{i}" for i in bags[n] if i != start) for n in kept]
            rows = [json.loads(row)["probs"]
                    for row in run(program, lines, "--json", "--output", "probs")[0]]
            for n, row in zip(kept, rows, strict=True):
                wanted = values["out64:probs"][n]
                self.close(row if isinstance(row, list) else [row],
                           wanted if isinstance(wanted, list) else [wanted])


# ---- vectors ----------------------------------------------------------------------------------

class Probes(Close):
    """The linear probe on vectors that come as lines of numbers."""

    def test_two_classes_and_more(self):
        numbers = random.Random("vectors")
        rows = [[round(numbers.gauss(0, 1), 3) for _ in range(5)] for _ in range(7)]
        lines = ["\t".join(map(str, row)) for row in rows]
        for classes in (2, 4):
            outputs = 1 if classes == 2 else classes
            path, weights = made(f"probe{classes}", {"linear.weight": [outputs, 5],
                                                       "linear.bias": [outputs]})
            names = asset(f"classes{classes}", ["w", "x", "y", "z"][:classes])
            program = build("probe", path, "-D", "dim=5", "-D", f"classes={classes}",
                            assets={"labels": names})
            for answer, row in zip(run(program, lines, "-k", "9")[0], rows, strict=True):
                scores = linear(weights, "linear", row)
                scores = [math.exp(x) for x in ([0, *scores] if classes == 2 else scores)]
                shares = sorted(((x / sum(scores), "wxyz"[i]) for i, x in enumerate(scores)),
                                reverse=True)
                answer = answer.split("\t")
                self.assertEqual(answer[::2], [name for _, name in shares])
                self.close(answer[1::2], [share for share, _ in shares])
            self.same_whatever_the_way(program, lines * 9)

    def test_fits_of_the_reference(self):
        """Weights where the loss is smallest: its value there, and the logits."""
        if not (SHARED / "goldens").is_dir():
            self.skipTest(f"there are no reference cases in {SHARED}")
        for case, sizes in (("probe_binary", ["dim=16", "classes=2", "l2=0.05"]),
                            ("probe_multiclass", ["dim=12", "classes=4", "l2=0.02"])):
            tensors = read_tensors(SHARED / f"goldens/interpretability/{case}.safetensors")
            path = FOLDER / case
            write_tensors(path, {key: tensors[f"out:{key}"] for key in ("weight", "bias")})
            program = build("probe", path, *(word for size in sizes for word in ("-D", size)))
            write_tensors(FOLDER / "in", {key: tensors[f"in:{key}"] for key in ("x", "label")})
            run(program, [], "--tensors", FOLDER / "in", FOLDER / "out", "--entry", "forward")
            got = read_tensors(FOLDER / "out")
            for name in ("logits", "loss"):
                self.close(array.array("f", got[name][2]),
                           array.array("d", tensors[f"out64:{name}"][2]))


# ---- queries and documents --------------------------------------------------------------------

TRIGRAMS = ["#ca", "cat", "at#", "#do", "dog", "og#", "#a#", "ats", "ts#"]
LINES = ["Cat\tdog\tcats\ta cat\tdog", "a dog\tcat", "nothing known\tdog\t\tcat dog",
         "cats and dogs\ta\tcat"]


class Ranking(Close):
    def encoded(self, weights, tower, text):
        trigrams = []
        for word in text.lower().split():
            word = f"#{word}#"
            trigrams += [word[i:i + 3] for i in range(len(word) - 2)]
        h = [float(trigrams.count(t)) for t in TRIGRAMS]
        for i in range(2):
            h = [math.tanh(v) for v in linear(weights, f"{tower}.{i}", h)]
        return [v / max(math.hypot(*h), 1e-8) for v in h]

    def check(self, shared):
        sizes = [len(TRIGRAMS), 7, 4]
        shapes = layers(sizes, "query.") | ({} if shared else layers(sizes, "document."))
        path, weights = made(f"dssm{shared}", shapes)
        program = build("dssm", path, "-D", f"sizes={sizes}".replace(" ", ""), "-D",
                        f"shared={str(shared).lower()}",
                        assets={"trigrams": asset("trigrams", TRIGRAMS)})
        for line, answer in zip(LINES, run(program, LINES)[0], strict=True):
            query, *documents = line.split("\t")
            point = self.encoded(weights, "query", query)
            tower = "query" if shared else "document"
            cosines = [sum(x * y for x, y in zip(point, self.encoded(weights, tower, document)))
                       for document in documents]
            # Equal documents keep their order, so do those whose cosines the program finds equal.
            order = sorted(range(len(documents)), key=lambda i: (-round(cosines[i], 5), i))
            answer = answer.split("\t")
            self.assertEqual(answer[::2], [documents[i] for i in order])
            self.close(answer[1::2], [cosines[i] for i in order])
        return program

    def test_two_towers(self):
        program = self.check(False)
        self.same_whatever_the_way(program, LINES * 9)
        answer = json.loads(run(program, LINES[:1], "-k", "2", "--json")[0][0])["documents"]
        self.assertEqual([list(document) for document in answer], [["place", "text", "score"]] * 2)
        self.assertEqual(run(program, [LINES[0], "cat"], code=1)[1],
                         "line 2: it needs a query and documents, with tabs between them")

    def test_one_tower(self):
        self.check(True)


# ---- tables -----------------------------------------------------------------------------------

class Tables(Close):
    header = ["time", "p", "T", "rh"]
    means, deviations = [1000.0, 10.0, 50.0], [8.0, 4.0, 20.0]

    @classmethod
    def setUpClass(cls):
        numbers = random.Random("table")
        cls.rows = [[round(numbers.gauss(m, d), 2) for m, d in zip(cls.means, cls.deviations)]
                    for _ in range(40)]
        cls.lines = [",".join(cls.header)] + [f'"day {i}, noon",{p},{t},{rh}'
                                              for i, (p, t, rh) in enumerate(cls.rows)]
        cls.scale = asset("scale", ["p,T,rh", ",".join(map(str, cls.means)),
                                    ",".join(map(str, cls.deviations))])

    def windows(self, size):
        scaled = [[(x - m) / d for x, m, d in zip(row, self.means, self.deviations)]
                  for row in self.rows]
        return [scaled[i:i + size] for i in range(len(scaled) - size + 1)]

    def program(self, model, weights, window, *options):
        return build("forecast", weights, "-D", "features=3", "-D", f"window={window}", *options,
                     assets={"normalisation": self.scale}, model=model)

    def in_its_unit(self, prediction):
        return prediction * self.deviations[1] + self.means[1]

    def test_gru(self):
        path, weights = made("gru", {"gru.weight_ih_l0": [12, 3], "gru.weight_hh_l0": [12, 4],
                                     "gru.bias_ih_l0": [12], "gru.bias_hh_l0": [12],
                                     "dense.weight": [1, 4], "dense.bias": [1]})
        program = self.program("forecast_gru", path, 6, "-D", "units=4")
        got = run(program, self.lines)[0]
        wanted = [self.in_its_unit(*linear(weights, "dense", gru_last(weights, window)))
                  for window in self.windows(6)]
        self.assertEqual(len(wanted), 35)
        self.close(got, wanted, 2e-5)
        self.same_whatever_the_way(program, self.lines)
        moved = [",".join(reversed(line.replace('"', "").replace(", noon", "").split(",")))
                 for line in self.lines]  # columns are found by their names
        self.assertEqual(run(program, moved)[0], got)

    def test_convolutions_and_gru(self):
        path, weights = made("conv", {"conv1.weight": [5, 3, 2], "conv1.bias": [5],
                                      "conv2.weight": [5, 5, 2], "conv2.bias": [5],
                                      "gru.weight_ih_l0": [12, 5], "gru.weight_hh_l0": [12, 4],
                                      "gru.bias_ih_l0": [12], "gru.bias_hh_l0": [12],
                                      "dense.weight": [1, 4], "dense.bias": [1]})
        program = self.program("forecast_conv_gru", path, 15, "-D", "units=4", "-D", "filters=5",
                               "-D", "kernel=2")
        wanted = []
        for window in self.windows(15):
            steps = convolved(weights, "conv1", window)
            steps = [[max(column) for column in zip(*steps[t:t + 3])]
                     for t in range(0, len(steps) - 2, 3)]
            last = gru_last(weights, convolved(weights, "conv2", steps))
            wanted.append(self.in_its_unit(*linear(weights, "dense", last)))
        self.close(run(program, self.lines)[0], wanted, 2e-5)

    def test_naive(self):
        program = self.program("forecast_naive", None, 4)
        self.close(run(program, self.lines)[0], [row[1] for row in self.rows[3:]], 1e-5)
        self.assertEqual(run(program, self.lines[:4])[0], [])
        answer = json.loads(run(program, self.lines[:5], "--json")[0][0])
        self.assertEqual(list(answer), ["prediction"])
        plain = build("forecast", None, "-D", "features=4", "-D", "window=1",
                      model="forecast_naive")
        self.assertEqual(run(plain, ["a,b,c,d", "1,2.5,3,4", "", "1,-7,3,4"])[0], ["2.5", "-7"])

    def test_what_is_wrong_with_a_table_is_said(self):
        program = self.program("forecast_naive", None, 2)
        for lines, sentence in (
                (self.lines[:3] + ["x,1,?,3"], "line 4: column 'T': '?' is not a number"),
                (self.lines[:3] + ["x,1"],
                 "line 4: it has 2 cells, the first line names 4 columns"),
                (["time,p,rh", "x,1,2"], "line 1: it names no column 'T'"),
                (["1,2,3", "4,5,6"],
                 "line 1: the first line must name the columns, but it holds numbers")):
            out, error = run(program, lines, code=1)
            self.assertEqual(error, sentence)
            self.assertEqual(len(out), max(0, len(lines) - 3))

    def test_reference_cases(self):
        if not (SHARED / "goldens").is_dir():
            self.skipTest(f"there are no reference cases in {SHARED}")
        for case, model, window in (("forecast/gru", "forecast_gru", 24),
                                    ("forecast/conv_gru", "forecast_conv_gru", 40)):
            path, values = of_case(case)
            program = build("forecast", path, "-D", f"window={window}", model=model)
            header = ",".join(f"c{i}" for i in range(14))
            for table, wanted in zip(values["in:x"], values["out64:prediction"], strict=True):
                lines = [header] + [",".join(map(repr, row)) for row in table]
                self.close(run(program, lines)[0], [wanted])


del sys.argv[1:]
unittest.main()
