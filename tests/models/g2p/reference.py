"""The phoneme model in float64 numpy, written from the model's description alone. The answers that
Sinter's binary must give come from here.

  python3 reference.py answer WORD…             phonemes and smallest logit margin
  python3 reference.py check                    reproduces goldens.json exactly, and words.tsv
  python3 reference.py make AUSTEN_FOLDER       writes words.tsv: 2,000 words and their phonemes

The words come from Jane Austen's novels (public domain). Where two phonemes come closer than 1e-4
anywhere in a word, float32 arithmetic may choose the other one: such words are left out.
"""

import json
import pathlib
import re
import struct
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
DATA = HERE.parents[2] / "models" / "data" / "g2p"
UNKNOWN, WORD_END, START, END, LONGEST = 1, 2, 2, 3, 20
SMALLEST_MARGIN = 1e-4
WORDS, WITH_APOSTROPHE, SPARE = 2000, 100, 20


def load(path):
    """A safetensors file of f32 arrays."""
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header, data = json.loads(content[8:8 + length]), content[8 + length:]
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            array = np.frombuffer(data[begin:end], "<f4").astype(np.float64)
            arrays[name] = array.reshape(entry["shape"])
    return arrays


P = load(DATA / "model.safetensors")
LETTERS = {c: i for i, c in enumerate((DATA / "graphemes.txt").read_text().split("\n")[:-1])}
PHONEMES = (DATA / "phonemes.txt").read_text().split("\n")[:-1]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(side, x, h):
    """One step; x and h are [256], the gates r, z, n follow each other in the 768 rows."""
    from_x = P[f"{side}_w_ih"] @ x + P[f"{side}_b_ih"]
    from_h = P[f"{side}_w_hh"] @ h + P[f"{side}_b_hh"]
    (xr, xz, xn), (hr, hz, hn) = np.split(from_x, 3), np.split(from_h, 3)
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    n = np.tanh(xn + r * hn)
    return (1 - z) * n + z * h


def phonemes(word):
    """Greedy phonemes, and the smallest gap between the best and the second best logit."""
    h = np.zeros(256)
    for letter in [LETTERS.get(c, UNKNOWN) for c in word] + [WORD_END]:
        h = gru("enc", P["enc_emb"][letter], h)
    found, symbol, margin = [], START, np.inf
    while len(found) < LONGEST:
        h = gru("dec", P["dec_emb"][symbol], h)
        logits = P["fc_w"] @ h + P["fc_b"]
        second, first = np.sort(logits)[-2:]
        margin = min(margin, first - second)
        symbol = int(np.argmax(logits))
        if symbol == END:
            break
        found.append(PHONEMES[symbol])
    return found, margin


def spread(words, count):
    """`count` of them, evenly over the alphabet."""
    return [words[i * len(words) // count] for i in range(count)]


def make(folder):
    texts = sorted(p for p in pathlib.Path(folder).glob("*.txt") if p.name != "SOURCE.txt")
    text = " ".join(p.read_text("utf-8") for p in texts).lower().replace("’", "'")
    golden = {case["word"] for case in json.loads((HERE / "goldens.json").read_text())}
    words = sorted(set(re.findall(r"[a-z]+(?:'[a-z]+)?", text)) - golden)
    chosen = spread([w for w in words if "'" in w], WITH_APOSTROPHE)
    chosen += spread([w for w in words if "'" not in w], WORDS - WITH_APOSTROPHE + SPARE)
    answers = {word: phonemes(word) for word in chosen}
    clear = [word for word, (_, margin) in answers.items() if margin >= SMALLEST_MARGIN]
    lines = [f"{word}\t{' '.join(answers[word][0])}\n" for word in sorted(clear[:WORDS])]
    (HERE / "words.tsv").write_text("".join(lines))
    print(f"{len(lines)} words; {len(chosen) - len(clear)} left out for their margin")


def check():
    for case in json.loads((HERE / "goldens.json").read_text()):
        answer, margin = phonemes(case["word"])
        assert answer == case["phonemes"], case["word"]
        assert round(float(margin), 4) == case["min_margin"], case["word"]
    lines = (HERE / "words.tsv").read_text().splitlines()
    for line in lines:
        word, answer = line.split("\t")
        found, margin = phonemes(word)
        assert found == answer.split() and margin >= SMALLEST_MARGIN, word
    print(f"goldens.json and {len(lines)} words of words.tsv: equal")


def main():
    match sys.argv[1:]:
        case ["answer", *words]:
            for word in words:
                answer, margin = phonemes(word)
                print(f"{word}\t{' '.join(answer)}\t{margin:.4f}")
        case ["check"]:
            check()
        case ["make", folder]:
            make(folder)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
