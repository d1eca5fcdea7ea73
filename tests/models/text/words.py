#!/usr/bin/env python3
"""Programs over plain words, against a plain reference: TextCNN's labels, words for masks by
convolution, the recurrent networks' verdicts on reviews, ESIM's on two sentences.
usage: words.py SINTER. Non-goals: real weights (esim.py), the graphs (golden cases)."""
import math
import sys
import unittest

from programs import Program, assert_close, pairs, ranked
from reference import Weights, add, compare, dot, lstm, relu, sigmoid, softmax, tanh

WORDS = "<pad> <unk> <mask> the film was good bad don't , . !".split()
LINES = {"The film was good!": "the film was good !", "": "", "I don't, ,": "<unk> don't , ,",
         "bad bad film. the film was bad": "bad bad film . the film was bad"}
V, D = len(WORDS), 6


def ids_of(text):
    return [WORDS.index(word) for word in text.split()]


def convolve(w, key, x):
    """Channels of x: vectors of the places; windows that lie within it."""
    (filters, channels, width), numbers = w[f"{key}.weight"]
    kernels = [[numbers[(f * channels + c) * width:(f * channels + c + 1) * width]
                for c in range(channels)] for f in range(filters)]
    bias = w.vector(f"{key}.bias")
    return [[bias[f] + sum(kernels[f][c][j] * x[t + j][c] for c in range(channels)
                           for j in range(width)) for f in range(filters)]
            for t in range(len(x) - width + 1)]


def conv_weights(w, key, channels, filters, width):
    w.add(f"{key}.weight", filters, channels, width)
    w.add(f"{key}.bias", filters)


class Convolution(unittest.TestCase):
    def test_labels(self):
        w = Weights(1)
        w.add("embedding.weight", V, D)
        for i, width in enumerate((2, 3)):
            conv_weights(w, f"convs.{i}", D, 4, width)
        w.linear("fc", 8, 3)
        program = Program("textcnn.cpp", "textcnn", w, {"vocab": V, "dim": D, "filters": 4,
                          "classes": 3, "widths": [2, 3]}, vocabulary=WORDS)
        table = w.matrix("embedding.weight")
        for more in (0, 5):  # pads beyond the program's change nothing
            for answer, text in zip(program(LINES, "-k", "3"), LINES.values(), strict=True):
                ids = [0] * (3 + more) + ids_of(text) + [0] * (3 + more)
                x = [table[i] for i in ids]
                pooled = []
                for i in range(2):
                    maps = convolve(w, f"convs.{i}", x)
                    pooled += relu([max(column) for column in zip(*maps)])
                assert_close(self, pairs(answer),
                             ranked(softmax(w.apply("fc", pooled)), ["0", "1", "2"]))

    def test_a_text_without_blanks(self):
        words = ["<pad>", "<unk>", "\u4e2d\u56fd", "\u4eba", "\u5f88", "\u597d", "."]
        w = Weights(7)
        w.add("embedding.weight", len(words), D)
        for i, width in enumerate((2, 3)):
            conv_weights(w, f"convs.{i}", D, 4, width)
        w.linear("fc", 8, 2)
        config = {"vocab": len(words), "dim": D, "filters": 4, "widths": [2, 3]}
        plain = Program("textcnn.cpp", "textcnn", w, config, vocabulary=words)
        cut = Program("textcnn.cpp", "textcnn", w, {**config, "segment": True}, vocabulary=words,
                      dictionary=["\u4e2d 9", "\u4e2d\u56fd 40 ns", "\u4eba 30", "\u5f88\u597d 0"])
        self.assertEqual(cut(["\u4e2d\u56fd\u4eba\u5f88\u597d."], "-k", "2"),
                         plain(["\u4e2d\u56fd \u4eba \u5f88 \u597d ."], "-k", "2"))

    def test_words_for_masks(self):
        w = Weights(2)
        w.add("embedding.weight", V, D)
        conv_weights(w, "first", D, 5, 3)
        for i in range(2):
            conv_weights(w, f"convs.{i}", 5, 5, 3)
        w.linear("decoder", 5, V)
        program = Program("textcnn.cpp", "conv_fill", w, {"vocab": V, "dim": D, "filters": 5,
                          "width": 3, "layers": 3}, vocabulary=WORDS)
        table = w.matrix("embedding.weight")

        def same(key, x):
            zero = [[0.0] * len(x[0])]
            return [relu(v) for v in convolve(w, key, zero + x + zero)]

        ids = ids_of("the <mask> , was <mask>")
        x = same("first", [table[i] for i in ids])
        for i in range(2):
            x = [add(a, b) for a, b in zip(x, same(f"convs.{i}", x))]
        wanted = [ranked(softmax(w.apply("decoder", x[at])), WORDS) for at in (1, 4)]
        answers = program(["The <mask>, was <mask>", "the film", "<mask>"], "-k", str(V))
        assert_close(self, pairs(answers[0]), wanted[0] + wanted[1])
        self.assertEqual(answers[1], "")
        self.assertEqual(len(pairs(answers[2])), V)


class Reviews(unittest.TestCase):
    """Keras' layouts: kernels [in, out]."""
    units = 5

    def weights(self, seed, layer, gates, biases):
        w = Weights(seed)
        w.add("embedding.weight", V, D)
        w.add(f"{layer}.kernel", D, gates * self.units)
        w.add(f"{layer}.recurrent_kernel", self.units, gates * self.units)
        w.add(f"{layer}.bias", *([2] if biases == 2 else []), gates * self.units)
        w.linear("dense", self.units, 1)
        return w

    def check(self, file, model, w, ids_of_line, step, **config):
        program = Program(file, model, w, {"vocab": V, "dim": D, "units": self.units, **config},
                          vocabulary=WORDS)
        table = w.matrix("embedding.weight")
        for answer, text in zip(program(LINES, "-k", "2"), LINES.values(), strict=True):
            state = ([0.0] * self.units,) * 2
            for i in ids_of_line(text):
                state = step(state, table[i])
            p = sigmoid(w.apply("dense", state[0])[0])
            assert_close(self, pairs(answer), ranked([1 - p, p], ["negative", "positive"]))
        return program

    @staticmethod
    def times(w, key, x):
        return [dot(column, x) for column in zip(*w.matrix(key))]

    def test_rnn(self):
        w = self.weights(3, "simple_rnn", 1, 1)
        self.check("rnn.cpp", "rnn_review", w, ids_of, lambda state, x: (tanh(add(
            self.times(w, "simple_rnn.kernel", x), w.vector("simple_rnn.bias"),
            self.times(w, "simple_rnn.recurrent_kernel", state[0]))), None))

    # How the gates open: Keras' recurrent_activation, with the slopes of Keras 2 and 3.
    gates = [({}, sigmoid)]
    for slope in (0.2, 1 / 6):
        gates.append(({"recurrent_activation": "hard_sigmoid", "hard_sigmoid_slope": slope},
                      lambda x, slope=slope: min(max(slope * x + 0.5, 0.0), 1.0)))

    def test_lstm(self):
        w, n = self.weights(4, "lstm", 4, 1), self.units
        for config, gate in self.gates:
            def step(state, x):
                h, c = state
                a = add(self.times(w, "lstm.kernel", x), w.vector("lstm.bias"),
                        self.times(w, "lstm.recurrent_kernel", h))
                i, f, g, o = (a[k * n:(k + 1) * n] for k in range(4))
                c = [gate(f) * c + gate(i) * math.tanh(g) for i, f, g, c in zip(i, f, g, c)]
                return [gate(o) * math.tanh(c) for o, c in zip(o, c)], c

            program = self.check("lstm.cpp", "lstm_review", w,
                                 lambda text: ([0] * 9 + ids_of(text))[-9:], step, maxlen=9,
                                 **config)
        program(["good " * 10], error=b"line 1 is longer than the model takes and was cut")

    def test_gru(self):
        w, n = self.weights(5, "gru", 3, 2), self.units
        for config, gate in self.gates[::2]:
            def step(state, x):
                h = state[0]
                biases = w.matrix("gru.bias")
                a = add(self.times(w, "gru.kernel", x), biases[0])
                b = add(self.times(w, "gru.recurrent_kernel", h), biases[1])
                z, r = ([gate(u + v) for u, v in zip(a[k * n:(k + 1) * n], b[k * n:(k + 1) * n])]
                        for k in (0, 1))
                new = [math.tanh(u + r * v) for u, r, v in zip(a[2 * n:], r, b[2 * n:])]
                return [z * h + (1 - z) * v for z, h, v in zip(z, h, new)], None

            self.check("gru.cpp", "gru_review", w, ids_of, step, **config)


class Entailment(unittest.TestCase):
    def test_esim(self):
        H, w = 4, Weights(6)
        w.add("_word_embedding.weight", V, D)
        for key, inputs in (("_encoding._encoder", D), ("_composition._encoder", H)):
            for suffix in ("", "_reverse"):
                w.add(f"{key}.weight_ih_l0{suffix}", 4 * H, inputs)
                w.add(f"{key}.weight_hh_l0{suffix}", 4 * H, H)
                w.add(f"{key}.bias_ih_l0{suffix}", 4 * H)
                w.add(f"{key}.bias_hh_l0{suffix}", 4 * H)
        w.linear("_projection.0", 8 * H, H)
        w.linear("_classification.1", 8 * H, H)
        w.linear("_classification.4", H, 3)
        program = Program("esim.cpp", "esim", w, {"vocab": V, "dim": D, "hidden": H},
                          vocabulary=WORDS)
        table = w.matrix("_word_embedding.weight")

        p, q = (lstm(w, "_encoding._encoder", [table[i] for i in ids_of(text)])
                for text in ("the film was good .", "the <unk> don't"))
        pooled = [x for pair in ((p, q), (q, p))
                  for x in compare(w, "_projection.0", "_composition._encoder", *pair)]
        h = tanh(w.apply("_classification.1", pooled))
        wanted = ranked(softmax(w.apply("_classification.4", h)),
                        ["entailment", "neutral", "contradiction"])
        lines = ["The film was good.\tthe book don't", "bad\tthe film was bad"]
        answers = program(lines, "-k", "3")
        assert_close(self, pairs(answers[0]), wanted)
        self.assertEqual(program(lines[::-1], "-k", "3"), answers[::-1])


del sys.argv[1:]
unittest.main()
