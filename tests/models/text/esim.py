#!/usr/bin/env python3
"""ESIM with AllenNLP's own weights (models/data/esim-tiny, torch's old format), as a program over
two sentences, against a plain reference. usage: esim.py SINTER. Non-goals: a good model; this one
is hardly trained."""
import collections
import io
import pickle
import struct
import sys
import unittest

from programs import ROOT, Program, assert_close, pairs, ranked
from reference import Weights, compare, lstm, relu, softmax

DATA = ROOT / "models/data/esim-tiny"
LINES = {  # SNLI's sentences, and their words
    "A person on a horse jumps over a broken down airplane.\tA person is training his horse for a "
    "competition.":
        ("a person on a horse jumps over a broken down airplane .",
         "a person is training his horse for a competition ."),
    "A person on a horse jumps over a broken down airplane.\tA person is at a diner, ordering an "
    "omelette.":
        ("a person on a horse jumps over a broken down airplane .",
         "a person is at a diner , ordering an omelette ."),
    "A horse\tA zebra is outdoors": ("a horse", "a @@UNKNOWN@@ is outdoors")}


def read_th(content):
    """A state dict of torch.save before 1.6: pickles, then the storages, each behind its size."""
    stream = io.BytesIO(content)

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, key):
            return key[2]  # ("storage", type, key, device, size, view)

        def find_class(self, module, name):
            if name == "_rebuild_tensor_v2":
                return lambda storage, offset, shape, *_: (storage, offset, shape)
            return collections.OrderedDict if name == "OrderedDict" else str

    for _ in range(3):  # magic, version, system
        pickle.Unpickler(stream).load()
    tensors, keys = Unpickler(stream).load(), pickle.Unpickler(stream).load()
    storages = {}
    for key in keys:
        count, = struct.unpack("<q", stream.read(8))
        storages[key] = struct.unpack(f"<{count}f", stream.read(4 * count))
    weights = Weights(0)
    for name, (storage, offset, shape) in tensors.items():
        size = 1
        for extent in shape:
            size *= extent
        weights[name] = (shape, storages[storage][offset:offset + size])
    return weights


class Esim(unittest.TestCase):
    def test_real_weights(self):
        program = Program("esim.cpp", "allen_esim", DATA / "best.th", {},
                          vocabulary=DATA / "tokens.txt", labels=DATA / "labels.txt")
        w = read_th((DATA / "best.th").read_bytes())
        words = ["", *(DATA / "tokens.txt").read_text().splitlines()]
        labels = (DATA / "labels.txt").read_text().splitlines()
        table = w.matrix("_text_field_embedder.token_embedder_tokens.weight")
        self.assertEqual((len(w), len(words)), (25, 24))

        def encode(text):
            return lstm(w, "_encoder._module", [
                w.apply("_text_field_embedder.token_embedder_tokens._projection",
                        table[words.index(word)]) for word in text.split()])

        answers = program(LINES, "-k", "3")
        for answer, (premise, hypothesis) in zip(answers, LINES.values(), strict=True):
            p, q = encode(premise), encode(hypothesis)
            pooled = [x for pair in ((p, q), (q, p)) for x in compare(
                w, "_projection_feedforward._linear_layers.0", "_inference_encoder._module", *pair)]
            h = relu(w.apply("_output_feedforward._linear_layers.0", pooled))
            logits = w.apply("_output_logit._linear_layers.0", h)
            assert_close(self, pairs(answer), ranked(softmax(logits), labels), 2e-6)
        self.assertEqual(program(list(LINES)[::-1], "-k", "3"), answers[::-1])


del sys.argv[1:]
unittest.main()
