#!/usr/bin/env python3
"""`sinter emit` at every stage: the tools of MLIR and LLVM read what it prints, each stage says which
line of the model its code comes from, and no constant is printed at length. usage: emit.py SINTER
SOURCE_FOLDER LLVM_TOOLS. Non-goals: what the code does (golden)."""
import pathlib
import re
import subprocess
import sys
import unittest

SINTER, ROOT, LLVM = sys.argv[1], *map(pathlib.Path, sys.argv[2:4])
READERS = {
    "graph": [pathlib.Path(SINTER).with_name("sinter-opt")],
    "fused": [pathlib.Path(SINTER).with_name("sinter-opt")],
    "loops": [LLVM / "mlir-opt"],
    "buffers": [LLVM / "mlir-opt"],
    "vector": [LLVM / "mlir-opt"],
    "llvm": [LLVM / "mlir-opt"],
    "llvmir": [LLVM / "opt", "-passes=verify", "-disable-output", "-"],
    "asm": [LLVM / "llvm-mc", "-triple=x86_64-linux-gnu", "-mcpu=x86-64-v3", "-filetype=obj",
            "-o", "/dev/null"],
}
# A perceptron, and control flow; lines like these compute and must be named at every stage.
MODELS = {"mlp": ("tests/driver/mlp.cpp", r"return softmax\("),
          "g2p": ("models/encoder_decoder.cpp", r"linear\(.*(enc|dec|fc)_")}


def emit(*words):
    return subprocess.run([SINTER, "emit", *words], cwd=ROOT, capture_output=True, text=True)


def lines_of(stage, text, source):
    """The lines of the model's file that a dump names."""
    if stage == "llvmir":
        folder, name = source.rsplit("/", 1)
        assert f'!DIFile(filename: "{name}", directory: "{folder}")' in text, text[-2000:]
        return {int(n) for n in re.findall(r"!DILocation\(line: (\d+)", text)}
    if stage == "asm":
        folder, name = source.rsplit("/", 1)
        file = re.search(rf'\.file\s+(\d+) "{folder}" "{name}"', text).group(1)
        return {int(n) for n in re.findall(rf"\.loc\s+{file} (\d+)", text)}
    return {int(n) for n in re.findall(rf'loc\("{re.escape(source)}":(\d+):', text)}


class Stages(unittest.TestCase):
    def test_help_lists_the_stages_that_are_tested(self):
        listed = re.search(r"--stage\s+TEXT:\{([\w,]+)\}", emit("--help").stdout).group(1)
        self.assertEqual(listed.split(","), list(READERS))

    def check(self, model, stage):
        source, computes = MODELS[model]
        result = emit(source, "--model", model, "--stage", stage)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        text = result.stdout
        read = subprocess.run(READERS[stage], input=text, capture_output=True, text=True)
        self.assertEqual((read.returncode, read.stderr), (0, ""))
        lines = (ROOT / source).read_text().splitlines()
        wanted = {n for n, line in enumerate(lines, 1) if re.search(computes, line)}
        self.assertTrue(wanted)
        self.assertLessEqual(wanted, lines_of(stage, text, source))
        self.assertNotIn(str(ROOT), text, "a dump depends on where Sinter lies")
        self.assertLess(max(map(len, text.splitlines())), 4000, "something is printed at length")

    def test_what_is_cut_off_does_not_parse(self):
        for stage in ("fused", "vector", "llvmir"):
            text = emit(*MODELS["mlp"][:1], "--stage", stage).stdout
            half = text[:len(text) // 2]
            read = subprocess.run(READERS[stage], input=half, capture_output=True, text=True)
            self.assertNotEqual(read.returncode, 0, stage)

    def test_no_run_packs_a_weight(self):
        # Kernels that lie transposed, in a scan; thirds of one matrix, in repeats and a loop.
        for model in ("lstm.cpp --model keras_lstm", "gru.cpp --model cho_gru",
                      "transformer.cpp --model language_model -D layers=2 -D vocab=100 -D dim=64"):
            emitted = emit(*f"models/{model} --stage loops".split())
            self.assertEqual(emitted.returncode, 0, emitted.stderr)
            self.assertNotIn("@pack_strided", emitted.stdout, model)
        product = emit("models/attention.cpp", "--model", "multihead", "--stage", "loops")
        self.assertIn("@pack_", product.stdout, "activations are packed in every run")

    def test_targets_differ(self):
        asm = [emit(MODELS["mlp"][0], "--stage", "asm", "--target", f"x86-64-v{n}").stdout
               for n in (2, 3, 4)]
        self.assertEqual([("ymm" in text, "zmm" in text) for text in asm],
                         [(False, False), (True, False), (True, True)])


for model in MODELS:
    for stage in READERS:
        setattr(Stages, f"test_{model}_{stage}",
                lambda self, model=model, stage=stage: self.check(model, stage))

if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
