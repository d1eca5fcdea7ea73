#!/usr/bin/env python3
"""Writes words.json and dictionary.txt: how jieba (PyPI, 0.42.1), without its hidden Markov model,
cuts 1,000 lines each of two reference texts, as a count and a hash (segmenter_test.cpp says of
what), and the part of its dictionary that has a say in it. The rest of the dictionary is one entry,
so that the probabilities stay. usage: make.py SHARED"""
import json
import pathlib
import sys

import jieba

HERE, DATA = pathlib.Path(__file__).parent, pathlib.Path(sys.argv[1]) / "data"
TEXTS = ("cmn-eng/cmn.txt", "xian-sts/test.tsv")
LINES = 1000

jieba.setLogLevel(60)
jieba.initialize()
wanted, rows = {}, []
for text in TEXTS:
    lines = (DATA / text).read_text("utf-8").split("\n")[:LINES]
    count, value = 0, 14695981039346656037
    for line in lines:
        for begin in range(len(line)):
            for end in range(begin + 1, len(line) + 1):
                word = line[begin:end]
                if word not in jieba.dt.FREQ:
                    break
                if jieba.dt.FREQ[word]:
                    wanted[word] = jieba.dt.FREQ[word]
        for word in jieba.cut(line, HMM=False):
            if word.isspace():
                continue
            count += 1
            for byte in word.encode() + b"\n":
                value = (value ^ byte) * 1099511628211 % 2**64
    rows.append({"text": text, "lines": LINES, "words": count, "hash": value})
rest = jieba.dt.total - sum(wanted.values())
(HERE / "dictionary.txt").write_text(
    "".join(f"{word} {n}\n" for word, n in sorted(wanted.items())) + f"rest-of-jieba {rest}\n")
(HERE / "words.json").write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
