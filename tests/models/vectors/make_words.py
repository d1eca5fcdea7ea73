#!/usr/bin/env python3
"""fastText's vectors of words that three fixtures know and do not know, for vectors.py: the means of
the rows that fastText names (its Python package scales them to length 1).
usage: make_words.py ROOT > words.tsv, with fasttext-community installed."""
import pathlib
import sys

import fasttext
import numpy

FIXTURES = pathlib.Path(sys.argv[1]) / "tests/weights/fixtures"
UNKNOWN = ["a", "kitchen", "catlike", "naïveté", "北海道", "__label__none", "supercalifragilistic"]
for name in ("skipgram.bin", "supervised.bin", "supervised.ftz"):
    model = fasttext.load_model(str(FIXTURES / name))
    for word in model.words[:6] + UNKNOWN:
        _, parts = model.get_subwords(word)
        rows = [model.get_input_vector(part) for part in parts]
        vector = numpy.mean(rows, axis=0) if rows else numpy.zeros(model.get_dimension())
        print(name, word, " ".join(f"{x:.9g}" for x in vector), sep="\t")
