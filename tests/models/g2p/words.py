#!/usr/bin/env python3
"""The phoneme model as a program against the float64 program's answers: all words of words.tsv and
of goldens.json, each exactly. usage: words.py SINTER SOURCE_FOLDER. Non-goals: how the answers were
made (reference.py)."""
import json
import pathlib
import subprocess
import sys
import tempfile

SINTER, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
HERE, DATA = ROOT / "tests/models/g2p", ROOT / "models/data/g2p"


def expected():
    """(word, phonemes) pairs in the files' order."""
    lines = (HERE / "words.tsv").read_text().splitlines()
    pairs = [tuple(line.split("\t")) for line in lines]
    pairs += [(case["word"], " ".join(case["phonemes"]))
              for case in json.loads((HERE / "goldens.json").read_text())]
    return pairs


def main():
    pairs = expected()
    if len(pairs) < 2000:
        sys.exit(f"only {len(pairs)} words")
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "g2p"
        subprocess.run([SINTER, "build", ROOT / "models/encoder_decoder.cpp", "--model", "g2p",
                        "--weights", DATA / "model.safetensors",
                        "--asset", f"graphemes={DATA / 'graphemes.txt'}",
                        "--asset", f"phonemes={DATA / 'phonemes.txt'}", "-o", program], check=True)
        words = "".join(word + "\n" for word, _ in pairs)
        said = subprocess.run([program], input=words, capture_output=True, text=True, check=True)
        cold = subprocess.run([program, "--sample", "--temperature", "0"], input=words,
                              capture_output=True, text=True, check=True)
        warm = subprocess.run([program, "--sample", "--top-p", "0.9"], input="read\n" * 200,
                              capture_output=True, text=True, check=True)
    lines = said.stdout.splitlines()
    wrong = [f"{word}: {line.split(chr(9))[-1]}, not {phonemes}"
             for (word, phonemes), line in zip(pairs, lines) if line != f"{word}\t{phonemes}"]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{len(pairs)} words, {len(lines)} answers, {len(wrong)} wrong")
    if cold.stdout != said.stdout:
        sys.exit("without warmth a draw must be the best phoneme")
    ways = {line.split("\t")[1] for line in warm.stdout.splitlines()}
    print(f"read is said {' or '.join(sorted(ways))}")
    if not {"R EH1 D", "R IY1 D"} <= ways:
        sys.exit("both ways of saying 'read' must be drawn")
    sys.exit(len(lines) != len(pairs) or bool(wrong))


if __name__ == "__main__":
    main()
