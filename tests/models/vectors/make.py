#!/usr/bin/env python3
"""gensim's answers to some lines on files of vectors that gensim's own tests use, for vectors.py.
usage: make.py SHARED > expected.json, with gensim 4.4 installed."""
import json
import pathlib
import sys

from gensim.models import KeyedVectors

FOLDER = pathlib.Path(sys.argv[1]) / "data/gensim-models"
FILES = {"crime-and-punishment.vec": {}, "toy-model.vec": {},
         "test_glove.txt": {"no_header": True},
         "word2vec_pre_kv_c": {}, "euclidean_vectors.bin": {"binary": True}}


def lines(words):
    """Words, and sums of two and three of them, from all over the vocabulary."""
    some = [words[i * (len(words) - 1) // 11] for i in range(12)]
    yield from some[:4]
    yield f"{some[4]} + {some[5]}"
    yield f"{some[6]} - {some[7]}"
    yield f"{some[8]} - {some[9]} + {some[10]}"
    yield f"{some[11]} + {some[0]} - {some[1]} + {some[2]}"


answers = []
for name, options in FILES.items():
    vectors = KeyedVectors.load_word2vec_format(FOLDER / name, **options)
    for line in lines(vectors.index_to_key):
        parts = ["+"] + line.split()
        signed = list(zip(parts[::2], parts[1::2]))
        nearest = vectors.most_similar(positive=[word for sign, word in signed if sign == "+"],
                                       negative=[word for sign, word in signed if sign == "-"],
                                       topn=8)
        answers.append({"file": name, "line": line,
                        "nearest": [[word, round(cosine, 6)] for word, cosine in nearest]})
print("[" + ",\n".join(json.dumps(answer, ensure_ascii=False) for answer in answers) + "]")
