#!/usr/bin/env python3
"""Writes lines.txt, lines for small models, and what fastText's own package answers: the labels and
probabilities of the three best to those, of the best to the lines of SHARED. Needs
`pip install fasttext-wheel==0.9.2 numpy==1.26.4`. The answers are fastText's, never Sinter's.
usage: make.py MODEL.ftz SHARED"""
import pathlib
import sys

import fasttext

import texts

HERE = pathlib.Path(__file__).parent


def answers(model, lines, count):
    rows = []
    for line in lines:
        best = model.f.predict(line + b"\n", count, 0.0, "strict")
        rows.append("\t".join(f"{label[9:]}\t{probability:.9g}" for probability, label in best))
    return "".join(row + "\n" for row in rows)


def main():
    fasttext.FastText.eprint = lambda text: None
    for name in texts.FIXTURES:
        model = fasttext.load_model(str(HERE.parents[1] / "weights/fixtures" / name))
        lines = texts.fixture_lines([word.encode() for word in model.get_words()])
        (HERE / f"{name}.txt").write_bytes(b"".join(line + b"\n" for line in lines))
        (HERE / f"{name}.tsv").write_text(answers(model, lines, 3), encoding="utf-8")
    model = fasttext.load_model(sys.argv[1])
    shared = pathlib.Path(sys.argv[2])
    lines = texts.own_lines(shared)
    (HERE / "lines.txt").write_bytes(b"".join(line + b"\n" for line in lines))
    (HERE / "expected.tsv").write_text(answers(model, lines, 3), encoding="utf-8")
    (HERE / "shared_expected.tsv").write_text(answers(model, texts.shared_lines(shared), 1),
                                              encoding="utf-8")


main()
