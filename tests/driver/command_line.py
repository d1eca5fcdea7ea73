#!/usr/bin/env python3
"""The command line as a person meets it: help, exit codes, sentences, the README's own commands.
usage: command_line.py SINTER SOURCE_FOLDER. Non-goals: what models compute (tests/models)."""
import array
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SINTER, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(ROOT / "tests/runtime"))
from tensor_files import read_tensors, write_tensors

MLP = "tests/driver/mlp.cpp"


def sinter(*words):
    return subprocess.run([SINTER, *map(str, words)], cwd=ROOT, capture_output=True, text=True)


def with_mlp(old, new, *words):
    """`sinter WORDS FILE` on the perceptron with one text replaced."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mlp.cpp"
        path.write_text((ROOT / MLP).read_text().replace(old, new))
        return sinter(words[0], path, *words[1:])


class CommandLine(unittest.TestCase):
    def test_help_names_every_subcommand(self):
        out = sinter("--help").stdout
        for name in ("build", "check", "emit", "golden", "weights"):
            self.assertIn(name, out)
            self.assertEqual(sinter(name, "--help").returncode, 0)

    def test_usage_errors_end_with_2(self):
        for words in ([], ["nothing"], ["check"], ["emit", MLP, "--stage", "soup"],
                      ["check", MLP, "--model", "soup"], ["check", MLP, "-D", "hidden"]):
            self.assertEqual(sinter(*words).returncode, 2, words)

    def test_bad_input_ends_with_1_and_one_sentence(self):
        for words, sentence in ((["check", "none.cpp"], "none.cpp: No such file"),
                                (["check", "tests/driver/includes.py"], "declares no model"),
                                (["check", MLP, "-D", "hidden=x"], "'hidden' wants an integer")):
            result = sinter(*words)
            self.assertEqual(result.returncode, 1, words)
            self.assertIn(sentence, result.stderr)

    def test_a_broken_model_is_explained_by_its_own_sentence(self):
        result = with_mlp("C.hidden, C.classes", "C.words, C.classes", "check")
        self.assertEqual(result.returncode, 1)
        self.assertIn("mlp.cpp:16: linear: maps 500 -> 3 features, but its input is f32[batch, 16]",
                      result.stderr)
        self.assertNotIn("dsl/", result.stderr)

    def test_a_place_where_no_program_can_be_is_told_before_the_work(self):
        with tempfile.TemporaryDirectory() as folder:
            for out, sentence in ((folder, f"{folder}: a folder has the program's name; -o FILE "
                                           "gives it another"),
                                  (f"{folder}/none/x",
                                   f"-o {folder}/none/x: there is no folder {folder}/none"),
                                  ("/dev/null", "-o /dev/null: is no regular file")):
                result = sinter("build", "models/forecast.cpp", "--model", "forecast_naive", "-o", out)
                self.assertEqual((result.returncode, result.stderr), (2, f"sinter: {sentence}\n"))

    def test_a_program_whose_task_cannot_start_is_not_made(self):
        tagger = ROOT / "tests/models/tagger"
        words = (tagger / "words.txt").read_text()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            weights, program, longer = path / "weights", path / "tagger", path / "longer.txt"
            subprocess.run([sys.executable, tagger / "weights.py", weights], check=True)
            longer.write_text(words + "more\n")

            def build(**assets):
                given = [word for name, file in assets.items() for word in ("--asset", f"{name}={file}")]
                return sinter("build", tagger / "tagger.cpp", "--weights", weights, "--target", "native",
                              "-o", program, *given)
            right = {"words": tagger / "words.txt", "tags": tagger / "tags.txt"}
            self.assertEqual(build(**right).returncode, 0)
            made = program.read_bytes()
            for assets, sentence in (
                    ({"words": right["words"]},
                     "the task needs the asset 'tags', which `sinter build --asset tags=FILE` gives"),
                    ({**right, "words": longer},
                     f"the vocabulary has {len(words.split()) + 1} ids, but the model's table 10 rows"),
                    ({**right, "tags": path}, f"{path}: is no regular file")):
                result = build(**assets)
                self.assertEqual((result.returncode, result.stderr), (1, f"sinter: {sentence}\n"))
                self.assertEqual(program.read_bytes(), made)
            self.assertEqual(sorted(x.name for x in path.iterdir()), ["longer.txt", "tagger", "weights"])

    def test_config_entries_reach_the_model(self):
        self.assertIn("model mlp: 16,131 parameters", sinter("check", MLP, "-D", "hidden=32").stdout)

    def test_every_model_of_a_file_takes_the_smallest_sizes(self):
        result = sinter("check", "models/bert.cpp", "--model", "bert", "-D", "num_hidden_layers=1",
                        "-D", "hidden_size=4", "-D", "num_attention_heads=1")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_the_readme_shows_the_model_and_its_real_output(self):
        readme = (ROOT / "README.md").read_text()
        code = re.search(r"```cpp\n(.*?)```", readme, re.S).group(1)
        self.assertIn(code, (ROOT / MLP).read_text())
        shown = readme.split(f"sinter check {MLP}\n")[1].split("\n\n")[0]
        self.assertEqual(sinter("check", MLP).stdout,
                         "".join(line[4:] + "\n" for line in shown.splitlines()))

    def test_a_program_can_be_asked_for_what_its_model_names(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "named.cpp").write_text("""
                namespace {
                using namespace sinter;
                struct Named {
                  constexpr Tensor forward(Input<"x", f32, "batch", 2> x) const {
                    Tensor twice = name(x * 2.0, "twice");
                    return name(name(twice + 1.0, "step") * 3.0, "step") - 1.0;
                  }
                };
                inline constexpr auto& named = model<Named>;
                }  // namespace""")
            built = sinter("build", path / "named.cpp", "--target", "native", "-o", path / "named")
            self.assertEqual(built.returncode, 0, built.stderr)
            x = array.array("f", [1, 2, 3, 4])
            write_tensors(path / "in", {"x": ("F32", [2, 2], x.tobytes())})

            def run(*names):
                asked = [word for name in names for word in ("--output", name)]
                return subprocess.run([path / "named", "--tensors", path / "in", path / "out",
                                       *asked], capture_output=True, text=True)
            wanted = {"output": [8, 14, 20, 26], "twice": [2, 4, 6, 8], "step.0": [3, 5, 7, 9],
                      "step.1": [9, 15, 21, 27]}
            for names in ([], ["twice"], ["step.1", "step.0", "output"]):
                self.assertEqual(run(*names).returncode, 0)
                got = {name: list(array.array("f", content))
                       for name, (_, _, content) in read_tensors(path / "out").items()}
                self.assertEqual(got, {name: wanted[name] for name in {"output", *names}})
            self.assertEqual(run("step").returncode, 0)  # all of that name
            self.assertEqual(set(read_tensors(path / "out")), {"output", "step.0", "step.1"})
            self.assertIn("has no output 'soup'; it has: output, twice, step.0, step.1",
                          run("soup").stderr)

    def test_a_program_can_be_asked_for_what_its_steps_and_rounds_name(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "steps.cpp").write_text("""
                namespace {
                using namespace sinter;
                struct Steps {
                  constexpr Tensor forward(Input<"x", f32, "batch", ragged("time"), 2> x) const {
                    auto step = [](Tensor s, Tensor x) { return name(s + x, "sum"); };
                    Tensor last = scan(x, zeros(x, {"batch", 2}), step).last;
                    return loop(last, 4, [](Tensor s) { return max(max(s, 1), 0) < 40; },
                                [](Tensor s) { return name(s * 2.0, "doubled"); });
                  }
                };
                inline constexpr auto& steps = model<Steps>;
                }  // namespace""")
            checked = sinter("check", path / "steps.cpp")
            self.assertEqual(checked.stdout, "model steps: 0 parameters\n"
                             "entry forward\n"
                             "  input  x: batch x time~ x 2 x f32\n"
                             "  output output: batch x 2 x f32\n"
                             "  named  sum: batch x time~ x 2 x f32\n"
                             "  named  doubled: 4 x batch x 2 x f32\n", checked.stderr)
            built = sinter("build", path / "steps.cpp", "--target", "native", "-o", path / "steps")
            self.assertEqual(built.returncode, 0, built.stderr)
            x = array.array("f", [1, 2, 3, 4, 5, 6, 99, 99])
            lengths = array.array("q", [2, 1])
            write_tensors(path / "in", {"x": ("F32", [2, 2, 2], x.tobytes()),
                                        "time.lengths": ("I64", [2], lengths.tobytes())})
            done = subprocess.run([path / "steps", "--tensors", path / "in", path / "out",
                                   "--output", "sum", "--output", "doubled"], capture_output=True,
                                  text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            got = {name: (shape, list(array.array("f", content)))
                   for name, (_, shape, content) in read_tensors(path / "out").items()}
            self.assertEqual(got["output"], ([2, 2], [32, 48, 40, 48]))
            self.assertEqual(got["sum"], ([2, 2, 2], [1, 2, 4, 6, 5, 6, 0, 0]))
            self.assertEqual(got["doubled"], ([4, 2, 2], [8, 12, 10, 12, 16, 24, 20, 24,
                                                         32, 48, 40, 48, 0, 0, 0, 0]))
            selftest = subprocess.run([path / "steps", "--selftest"], capture_output=True,
                                      text=True)
            self.assertEqual(selftest.returncode, 0, selftest.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
