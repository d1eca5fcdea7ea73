#!/usr/bin/env python3
"""Fits a linear probe for names: which words of a lower-cased text a writer would capitalise. The
hidden states come from a program of `sentence_embedding`, the labels from the capitals of novels,
and the answers are counted on the last novel, whose names the others do not have.
usage: fit.py PROGRAM VOCAB LAYER OUT NOVEL NOVEL... Needs numpy. Non-goals: a good tagger."""
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "runtime"))
from tensor_files import read_tensors, write_tensors

PROGRAM, VOCAB, LAYER, OUT, *NOVELS = sys.argv[1:]
IDS = {piece: i for i, piece in enumerate(pathlib.Path(VOCAB).read_text().split("\n"))}
L2 = 1e-3
SENTENCES = 1500  # of a novel


def sentences(novel):
    """Words and marks of sentences with 6 to 40 of them."""
    text = " ".join(pathlib.Path(novel).read_text().split())
    text = re.sub(r"\b(Mr|Mrs|Dr|St)\.", r"\1", text).replace("_", "")
    for sentence in re.findall(r"[A-Z][^.!?;:]*[.!?]", text):
        words = re.findall(r"[A-Za-z]+|[^\sA-Za-z]", sentence)
        if 6 <= len(words) <= 40 and not any(w.isupper() and len(w) > 1 for w in words):
            yield words


def pieces(word):
    """WordPiece's ids: the longest piece that fits, again and again."""
    found, at = [], 0
    while at < len(word):
        prefix = "##" if at else ""
        ends = (e for e in range(len(word), at, -1) if prefix + word[at:e] in IDS)
        end = next(ends, None)
        if end is None:
            return [IDS["[UNK]"]]
        found.append(IDS[prefix + word[at:end]])
        at = end
    return found


def rows(novel):
    """Ids of each sentence, and for the first piece of each word its place and whether it is a name.
    Where a sentence or a quotation starts the capital says nothing, and "I" is always one."""
    for words in list(sentences(novel))[:SENTENCES]:
        ids, labels = [IDS["[CLS]"]], []
        for before, word in zip([None, *words], words):
            known = before and (before.isalpha() or before == ",") and word.isalpha() and word != "I"
            if known:
                labels.append((len(ids), int(word[0].isupper())))
            ids += pieces(word.lower())
        yield [*ids, IDS["[SEP]"]], labels


def states(novel):
    """x [words, D], names [words]"""
    data = list(rows(novel))
    longest = max(len(ids) for ids, _ in data)
    padded = np.zeros((len(data), longest), np.int64)
    for row, (ids, _) in zip(padded, data):
        row[:len(ids)] = ids
    lengths = np.array([len(ids) for ids, _ in data], np.int64)
    name = f"hidden_states.{LAYER}"
    with tempfile.TemporaryDirectory() as folder:
        write_tensors(f"{folder}/in", {
            "input_ids": ("I64", list(padded.shape), padded.tobytes()),
            "token_type_ids": ("I64", list(padded.shape), bytes(padded.nbytes)),
            "seq.lengths": ("I64", [len(data)], lengths.tobytes())})
        subprocess.run([PROGRAM, "--tensors", f"{folder}/in", f"{folder}/out", "--output", name],
                       check=True)
        _, shape, content = read_tensors(f"{folder}/out")[name]
    hidden = np.frombuffer(content, np.float32).reshape(shape)
    places = [(i, at, label) for i, (_, labels) in enumerate(data) for at, label in labels]
    return (np.array([hidden[i, at] for i, at, _ in places], np.float64),
            np.array([label for _, _, label in places], np.float64))


def fit(x, y):
    """Logistic regression with a penalty of L2 / 2 |w|², by Newton's steps."""
    x = np.concatenate([x, np.ones((len(x), 1))], 1)
    penalty = np.full(x.shape[1], L2)
    penalty[-1] = 0
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-(x @ w)))
        gradient = x.T @ (p - y) / len(y) + penalty * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x / len(y) + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-9:
            return w[:-1], w[-1]
    sys.exit("the fit does not settle")


def main():
    seen = [states(novel) for novel in NOVELS[:-1]]
    w, b = fit(np.concatenate([x for x, _ in seen]), np.concatenate([y for _, y in seen]))
    x, y = states(NOVELS[-1])
    found = x @ w + b > 0
    hits = (found & (y == 1)).sum()
    precision, recall = hits / found.sum(), hits / (y == 1).sum()
    print(f"layer {LAYER}: {len(y)} words, {int(y.sum())} names; precision {precision:.3f}, "
          f"recall {recall:.3f}, F1 {2 * precision * recall / (precision + recall):.3f}")
    both = np.stack([np.zeros_like(w), w]).astype(np.float32)  # a class each, for `bert_probe`
    write_tensors(OUT, {"probe.weight": ("F32", list(both.shape), both.tobytes()),
                        "probe.bias": ("F32", [2], np.array([0, b], np.float32).tobytes())})


main()
