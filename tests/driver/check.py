#!/usr/bin/env python3
"""`sinter check`: checkpoints that fit and that do not, and entries of a configuration that the model
does not read or cannot take. Whole sentences. usage: check.py SINTER SOURCE_FOLDER. Non-goals: other
formats than safetensors (tests/weights)."""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import write_tensors

FACTS = """\
model mlp: 8,067 parameters
entry forward
  input  x: batch x 500 x f32
  output output: batch x 3 x f32
"""
DEFAULTS = "by default words = 500, hidden = 16, classes = 3\n"

# A key of every kind, a nested one and a list.
KINDS = """#include "dsl/dsl.h"
namespace {
using namespace sinter;
struct Kinds {
  double eps = 1e-12;
  struct { double theta = 10000; } rope;
  int hidden = 4;
  Seq<int, 3> maps = {1, 2};
  Seq<Seq<int, 2>, 2> pairs = {Seq<int, 2>{1, 2}, Seq<int, 2>{3}};
  OneOf<"gelu", "relu"> act = "gelu";
  bool bias = true;
};
struct Other {
  int unrelated = 1;
};
template <Kinds C> struct Net {
  Param<C.hidden> w;
  constexpr Tensor forward(Input<"x", f32, "n", C.hidden> x) const { return x * w; }
};
template <Other C> struct Second {
  constexpr Tensor forward(Input<"x", f32, "n", C.unrelated> x) const { return relu(x); }
};
inline constexpr auto& net = model<Net<config<Kinds>>>;
inline constexpr auto& second = model<Second<config<Other>>>;
}  // namespace
"""

# Takes one kind of fastText's files.
LABELS = """#include "dsl/dsl.h"
namespace {
using namespace sinter;
struct Sizes {
  int words = 1;
  OneOf<"classifier"> file_kind;
};
template <Sizes C> struct Labels {
  Param<C.words> input;
  constexpr Tensor forward(Input<"x", f32, "n", C.words> x) const { return x * input; }
};
inline constexpr auto& labels = model<Labels<config<Sizes>>>;
}  // namespace
"""


def zeros(*shape):
    count = 1
    for extent in shape:
        count *= extent
    return "F32", list(shape), struct.pack(f"<{count}f", *[0.0] * count)


def right():
    return {"first.weight": zeros(16, 500), "first.bias": zeros(16),
            "second.weight": zeros(3, 16), "second.bias": zeros(3)}


class Checks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def check(self, code, out, err, *words):
        """`sinter check` on the perceptron, or on the model file that is the first word."""
        source = [] if words and str(words[0]).endswith(".cpp") else ["tests/driver/mlp.cpp"]
        result = subprocess.run([SINTER, "check", *source, *map(str, words)], cwd=ROOT,
                                capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (code, out, err))


class Checkpoints(Checks):
    def fits(self, tensors, code, lines, problem=""):
        """`lines` follow what check always prints; {} stands for the checkpoint's path."""
        path = self.path / "model.safetensors"
        write_tensors(path, tensors)
        self.check(code, FACTS + DEFAULTS + lines.replace("{}", str(path)),
                   problem and f"sinter: {path} {problem}\n", "--weights", path)

    def broken(self, keep, problem):
        path = self.path / "model.safetensors"
        write_tensors(path, right())
        path.write_bytes(path.read_bytes()[:keep])
        # It may say what the model's sizes are, so it is read before C++ is compiled.
        self.check(1, "", f"sinter: {path}: {problem}\n", "--weights", path)

    def test_a_right_one(self):
        self.fits(right(), 0, "{}: 4 of 4 weights found\n")

    def test_a_renamed_tensor(self):
        tensors = right()
        tensors["third.bias"] = tensors.pop("second.bias")
        self.fits(tensors, 1, """\
error: 'second.bias': the model wants f32[3], the checkpoint has no such tensor
note: 1 tensor of the checkpoint not used:
  third.bias f32[3]
{}: 3 of 4 weights found
""", "does not fit the model: 1 missing, 0 differing")

    def test_a_wrong_shape(self):
        self.fits(right() | {"second.weight": zeros(16, 3)}, 1, """\
error: 'second.weight': the model wants f32[3, 16], the checkpoint has f32[16, 3]
{}: 3 of 4 weights found
""", "does not fit the model: 0 missing, 1 differing")

    def test_everything_that_is_wrong_is_listed(self):
        self.fits({"first.weight": zeros(16, 500), "second.weight": zeros(3, 15)}, 1, """\
error: 'first.bias': the model wants f32[16], the checkpoint has no such tensor
error: 'second.bias': the model wants f32[3], the checkpoint has no such tensor
error: 'second.weight': the model wants f32[3, 16], the checkpoint has f32[3, 15]
{}: 1 of 4 weights found
""", "does not fit the model: 2 missing, 1 differing")

    def test_a_prefix_of_all_names_and_an_extra_tensor(self):
        self.fits({f"model.{name}": t for name, t in right().items()} | {"step": zeros(1)}, 0, """\
note: the checkpoint's names begin with 'model.', the model's do not
note: 1 tensor of the checkpoint not used:
  step f32[1]
{}: 4 of 4 weights found
""")

    def test_a_truncated_one(self):
        self.broken(-4, "tensor 'second.bias' needs bytes 32256 to 32268 of the data, but the file "
                        "has only 32264")

    def test_one_that_ends_in_its_header(self):
        self.broken(100, "the file ends too early: the header needs 325 bytes at 8, but 92 are left")

    def test_two_taken_together(self):
        """An encoder's file and its head's, say."""
        tensors = right()
        names = list(tensors)
        paths = [self.path / "one", self.path / "two"]
        for path, part in zip(paths, (names[:2], names[2:])):
            write_tensors(path, {name: tensors[name] for name in part})
        both = ("--weights", paths[0], "--weights", paths[1])
        self.check(0, FACTS + DEFAULTS + f"{paths[0]}, {paths[1]}: 4 of 4 weights found\n", "", *both)
        write_tensors(paths[1], {name: tensors[name] for name in names[1:]})
        self.check(1, "", f"sinter: {paths[1]}: the tensor '{names[1]}' is in {paths[0]} too\n", *both)

    def test_a_kind_of_file_that_the_model_does_not_take(self):
        weights = ROOT / "tests/weights/fixtures/skipgram.bin"
        source = self.path / "labels.cpp"
        source.write_text(LABELS)
        sentence = (f"sinter: {weights}: 'file_kind' is \"skip-gram word vectors\", "
                    "but the model has classifier\n")
        self.check(1, "", sentence, source, "--weights", weights)
        built = subprocess.run([SINTER, "build", source, "--weights", weights, "-o",
                                self.path / "program"], capture_output=True, text=True)
        self.assertEqual((built.returncode, built.stdout, built.stderr), (1, "", sentence))
        self.assertFalse((self.path / "program").exists())

    def test_a_fasttext_file_says_what_its_model_answers(self):
        for name, output in (("skipgram.bin", "vector: batch x 3 x f32"),
                             ("supervised.bin", "probs: batch x 3 x f32")):
            result = subprocess.run([SINTER, "check", ROOT / "models/fasttext.cpp", "--weights",
                                     ROOT / "tests/weights/fixtures" / name],
                                    capture_output=True, text=True)
            self.assertIn(f"  output {output}\n", result.stdout, result.stderr)

    def test_none_at_all(self):
        self.check(1, "", "sinter: none.safetensors: cannot open the file: No such file or directory\n",
                   "--weights", "none.safetensors")


class Configurations(Checks):
    def config(self, values):
        path = self.path / "config.json"
        path.write_text(values if isinstance(values, str) else json.dumps(values))
        return path

    def kinds(self):
        path = self.path / "kinds.cpp"
        path.write_text(KINDS)
        return path

    def test_what_is_missing_keeps_its_default_and_is_listed(self):
        path = self.config({"words": 500, "classes": None})
        self.check(0, FACTS + "by default hidden = 16, classes = 3\n", "", "--config", path)
        path = self.config({"words": 500, "hidden": 16, "classes": 3})
        self.check(0, FACTS, "", "--config", path)
        self.check(0, "model net: 4 parameters\nentry forward\n  input  x: n x 4 x f32\n"
                      "  output output: n x 4 x f32\n"
                      'by default eps = 1e-12, hidden = 4, maps = [1, 2], pairs = [[1, 2], [3]], bias = true\n',
                   "", self.kinds(), "--model", "net", "-D", "rope.theta=500", "-D", "act=relu")

    def test_entries_of_a_file_that_nothing_reads_are_a_note(self):
        path = self.config({"architectures": ["Mlp"], "id2label": {"0": "a", "1": "b"},
                            "dropout": None, "model_type": "mlp"})
        self.check(0, FACTS + DEFAULTS,
                   f"note: {path}: the model does not read architectures, id2label, model_type\n",
                   "--config", path)

    def test_a_misspelt_entry_of_a_file_is_a_note_with_the_right_key(self):
        path = self.config({"hiden": 16, "Classes": 3})
        self.check(0, FACTS + DEFAULTS,
                   f"note: {path}: the model has no key 'Classes'; did you mean 'classes'?\n"
                   f"note: {path}: the model has no key 'hiden'; did you mean 'hidden'?\n",
                   "--config", path)

    def test_an_unknown_key_after_D_is_an_error(self):
        self.check(2, "", "sinter: -D hidden_size=32: the model has no key 'hidden_size'; it has "
                          "words, hidden, classes\n"
                          "-D clases=2: the model has no key 'clases'; did you mean 'classes'?\n",
                   "-D", "hidden_size=32", "-D", "clases=2")
        self.check(2, "", "sinter: -D rope=3: the model has no key 'rope'; it has eps, "
                          "rope.theta, hidden, maps, pairs, act, bias\n",
                   self.kinds(), "--model", "net", "-D", "rope=3")
        self.check(2, "", "sinter: -D hidden=3: the model has no key 'hidden'; it has unrelated\n",
                   self.kinds(), "--model", "second", "-D", "hidden=3")

    def test_a_size_that_only_another_model_cannot_have_is_no_error(self):
        path = self.path / "two.cpp"
        path.write_text("""#include "dsl/dsl.h"
namespace {
using namespace sinter;
struct Width {
  int width = 4;
};
template <Width C> struct Halves {
  constexpr Tensor forward(Input<"x", f32, "n", C.width> x) const {
    return reshape(x, {"n", 2, C.width / 2});
  }
};
template <Width C> struct Twice {
  constexpr Tensor forward(Input<"x", f32, "n", C.width> x) const { return x * 2.0; }
};
inline constexpr auto& halves = model<Halves<config<Width>>>;
inline constexpr auto& twice = model<Twice<config<Width>>>;
}  // namespace
""")
        self.check(0, "model twice: 0 parameters\nentry forward\n  input  x: n x 5 x f32\n"
                      "  output output: n x 5 x f32\n", "", path, "--model", "twice", "-D", "width=5")
        self.check(1, "", "sinter: the model's C++ does not compile:\n"
                          "two.cpp:9: reshape: cannot turn f32[n, 5] into f32[n, 2, 2] (5*n against "
                          "4*n elements)\n", path, "--model", "halves", "-D", "width=5")

    def test_a_wrong_value_is_one_sentence(self):
        for value, sentence in (
                ("hidden=x", "'hidden' wants an integer, got a text (x)"),
                ("hidden=1.5", "'hidden' wants an integer, got a number (1.5)"),
                ("hidden=[1]", "'hidden' wants an integer, got a list"),
                ("hidden=3000000000", "'hidden' is out of range: 3000000000"),
                ("eps=true", "'eps' wants a number, got true or false (true)"),
                ("bias=1", "'bias' wants true or false, got an integer (1)"),
                ("maps=7", "'maps' wants a list, got an integer (7)"),
                ("maps=[1,2,3,4]", "'maps' has more than 3 items"),
                ("act=tanh", "'act' is \"tanh\", but the model has gelu, relu")):
            with self.subTest(value):
                self.check(1, "", f"sinter: configuration: {sentence}\n", self.kinds(), "--model",
                           "net", "-D", value)

    def test_a_size_that_no_weight_can_have_is_told_at_the_models_line(self):
        self.check(1, "", "sinter: the model's C++ does not compile:\n"
                          "tests/driver/mlp.cpp:12: error: the sizes of a weight are numbers of at "
                          "least 0\n"
                          "tests/driver/mlp.cpp:13: error: the sizes of a weight are numbers of at "
                          "least 0\n", "-D", "hidden=-1")

    def test_a_file_that_is_no_configuration(self):
        path = self.config("[1, 2]")
        self.check(1, "", f"sinter: {path}: wants a JSON object of keys and values\n",
                   "--config", path)
        self.check(1, "", "sinter: none.json: No such file or directory\n", "--config", "none.json")
        path = self.config('{"hidden": 16,}')
        result = subprocess.run([SINTER, "check", "tests/driver/mlp.cpp", "--config", path],
                                cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"sinter: {path}: is not JSON: ", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
