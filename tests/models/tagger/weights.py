#!/usr/bin/env python3
"""Weights for tagger.cpp, made by hand, so that its answers can be foreseen: `run` and `walk` are
nouns behind `the`, `a` and `her`, verbs elsewhere; `her` is a determiner where a word follows, else
a pronoun. Keys and layouts are those of torch.nn's Embedding, GRU (gates r, z, n) and Linear.
usage: weights.py OUT.safetensors"""
import json
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).parent
KINDS = ["det", "to", "her", "pronoun", "verb", "noun", "either", "any"]  # of words: the embedding
KIND = {"<unk>": "noun", "the": "det", "a": "det", "her": "her", "to": "to", "I": "pronoun",
        "see": "verb", "dog": "noun", "run": "either", "walk": "either"}
H, SURE = len(KINDS), 20.0  # tanh(20) is 1 in f32, sigmoid(-20) about 0

WORDS = (HERE / "words.txt").read_text().split()
TAGS = (HERE / "tags.txt").read_text().split()


def zeros(rows, columns):
    return [[0.0] * columns for _ in range(rows)]


def gru(from_word, from_state):
    """W_ih, W_hh, b_ih, b_hh of a GRU whose state is tanh(from_word x + from_state h): the reset
    gate open, the update gate closed."""
    gates = [SURE] * H + [-SURE] * H + [0.0] * H
    return zeros(2 * H, H) + from_word, zeros(2 * H, H) + from_state, gates, [0.0] * (3 * H)


def weights():
    embedding = [[float(kind == KIND[word] or kind == "any") for kind in KINDS] for word in WORDS]
    of = KINDS.index
    # Forward: units 0 to 6 hold the word's kind, unit 7 what stood before it: 1 for `to`, -1 for a
    # determiner.
    word, state = zeros(H, H), zeros(H, H)
    for unit in range(7):
        word[unit][unit] = SURE
    state[7][of("to")] = SURE
    state[7][of("det")] = state[7][of("her")] = -SURE
    forward = gru(word, state)
    # Backward: unit 0 is 1 for every word, so unit 1 is 1 where a word follows.
    word, state = zeros(H, H), zeros(H, H)
    word[0][of("any")] = state[1][0] = SURE
    backward = gru(word, state)

    tag = {name: [0.0] * (2 * H) for name in TAGS}
    for name, kind in (("DET", "det"), ("TO", "to"), ("PRON", "pronoun"), ("VERB", "verb"),
                       ("NOUN", "noun")):
        tag[name][of(kind)] = 10.0
    tag["DET"][of("her")], tag["DET"][H + 1], tag["PRON"][of("her")] = 6.0, 2.0, 7.0
    tag["NOUN"][of("either")], tag["NOUN"][7] = 6.0, -2.0
    tag["VERB"][of("either")], tag["VERB"][7] = 6.5, 2.0

    found = {"embedding.weight": embedding, "tag.weight": [tag[name] for name in TAGS],
             "tag.bias": [0.0] * len(TAGS)}
    for values, end in ((forward, ""), (backward, "_reverse")):
        for name, value in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), values):
            found[f"rnn.{name}_l0{end}"] = value
    return found


def main():
    header, data = {}, b""
    for name, value in weights().items():
        rows = value if isinstance(value[0], list) else [value]
        shape = [len(value)] + ([len(value[0])] if isinstance(value[0], list) else [])
        content = b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)
        header[name] = {"dtype": "F32", "shape": shape,
                        "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    pathlib.Path(sys.argv[1]).write_bytes(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    main()
