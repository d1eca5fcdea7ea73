#!/usr/bin/env python3
"""Writes ids.json: what the sentencepiece library (PyPI, 0.2.3) makes of every line of the
reference texts with every reference model, as a count and a hash (unigram_test.cpp says of what).
usage: make.py SHARED"""
import json
import pathlib
import sys

import sentencepiece

DATA = pathlib.Path(sys.argv[1]) / "data"
MODELS = ("sentencepiece/test_model.model", "sentencepiece/test_ja_model.model",
          "sentencepiece/opennmt-sample.sp.model", "albert/privately-corp-30k.model")
TEXTS = ("sentencepiece/botchan.txt", "sentencepiece/wagahaiwa_nekodearu.txt",
         "albert/albert_base_v2_30k-clean.vocab", "bert-tokenizer/pair_featurization_golden.json")

rows = []
for model in MODELS:
    library = sentencepiece.SentencePieceProcessor(model_file=str(DATA / model))
    for text in TEXTS:
        lines = (DATA / text).read_bytes().split(b"\n")
        if not lines[-1]:
            lines.pop()
        count, value = 0, 14695981039346656037
        for ids in library.encode(lines):
            count += len(ids)
            for number in [*ids, 0xFFFFFFFF]:
                value = (value ^ number) * 1099511628211 % 2**64
        rows.append({"model": model, "text": text, "lines": len(lines), "ids": count,
                     "hash": value})
target = pathlib.Path(__file__).with_name("ids.json")
target.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
