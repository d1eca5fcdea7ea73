#!/usr/bin/env python3
"""BERT's and ALBERT's programs from text to answers, against a plain reference: words for masks,
whether sentences follow, labels, tags and what they name, answers to questions.
usage: bert.py SINTER. Non-goals: real weights (minilm.py), the graphs (golden cases)."""
import sys
import unittest

from programs import Program, assert_close, pairs, ranked, sentencepiece
from reference import Weights, embeddings, gelu, gelu_new, softmax, tanh, transformer_layer

SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 24, "max_position_embeddings": 24}
PIECES = ("[PAD] [UNK] [CLS] [SEP] [MASK] the cat sat on mat dog ##s ran , . caf ##e what ?").split()
CONFIG = {**SIZES, "vocab_size": len(PIECES)}
H, F, V = 16, 24, len(PIECES)


def bert_weights(seed):
    w = Weights(seed)
    for name, rows in (("word", V), ("position", 24), ("token_type", 2)):
        w.add(f"bert.embeddings.{name}_embeddings.weight", rows, H)
    w.norm("bert.embeddings.LayerNorm", H)
    for layer in range(2):
        key = f"bert.encoder.layer.{layer}"
        for name in ("query", "key", "value"):
            w.linear(f"{key}.attention.self.{name}", H, H)
        w.linear(f"{key}.attention.output.dense", H, H)
        w.norm(f"{key}.attention.output.LayerNorm", H)
        w.linear(f"{key}.intermediate.dense", H, F)
        w.linear(f"{key}.output.dense", F, H)
        w.norm(f"{key}.output.LayerNorm", H)
    w.linear("bert.pooler.dense", H, H)
    return w


def bert(w, ids, types, layers=2):
    """The vectors of the positions behind so many layers, and of the text."""
    x = embeddings(w, "bert.embeddings", ids, types)
    for layer in range(layers):
        key = f"bert.encoder.layer.{layer}"
        names = [f"attention.self.{n}" for n in ("query", "key", "value")]
        names += ["attention.output.dense", "attention.output.LayerNorm", "intermediate.dense",
                  "output.dense", "output.LayerNorm"]
        x = transformer_layer(w, x, 2, [f"{key}.{n}" for n in names], gelu)
    return x, tanh(w.apply("bert.pooler.dense", x[0]))


def row(first, second=None):
    """Ids and types of texts that are given as pieces with blanks between them."""
    ids = [PIECES.index(p) for p in ["[CLS]", *first.split(), "[SEP]"]]
    types = [0] * len(ids)
    if second is not None:
        more = [PIECES.index(p) for p in [*second.split(), "[SEP]"]]
        ids, types = ids + more, types + [1] * len(more)
    return ids, types


class Bert(unittest.TestCase):
    def test_words_for_masks(self):
        w = bert_weights(1)
        w.linear("cls.predictions.transform.dense", H, H)
        w.norm("cls.predictions.transform.LayerNorm", H)
        w.add("cls.predictions.bias", V)
        program = Program("bert.cpp", "bert_fill", w, CONFIG, vocab=PIECES)
        table = w.matrix("bert.embeddings.word_embeddings.weight")

        def wanted(pieces):
            ids, types = row(pieces)
            x, _ = bert(w, ids, types)
            for at, i in enumerate(ids):
                if PIECES[i] == "[MASK]":
                    h = gelu(w.apply("cls.predictions.transform.dense", x[at]))
                    h = w.normalise("cls.predictions.transform.LayerNorm", h)
                    scores = [sum(a * b for a, b in zip(t, h)) for t in table]
                    yield ranked(softmax([s + b for s, b in zip(
                        scores, w.vector("cls.predictions.bias"))]), PIECES)

        texts = {"The [MASK] sat on the mat.": "the [MASK] sat on the mat .",
                 "[MASK]": "[MASK]",
                 "no dogs": "[UNK] dog ##s",
                 "the [MASK], the [MASK] ran": "the [MASK] , the [MASK] ran"}
        for answer, pieces in zip(program(texts, "-k", str(V)), texts.values(), strict=True):
            assert_close(self, pairs(answer), sum(wanted(pieces), []))
        best = [list(wanted(pieces)) for pieces in texts.values()]
        got = program(texts, "--json", "-k", "2")
        self.assertEqual([[[x["word"] for x in mask] for mask in a["masks"]] for a in got],
                         [[[x[0] for x in mask[:2]] for mask in masks] for masks in best])
        # Neither company nor width changes a bit of an answer.
        alone = [program([text])[0] for text in texts]
        self.assertEqual(program(list(texts) * 3), alone * 3)

    def test_which_sentence_follows(self):
        w = bert_weights(2)
        w.linear("cls.seq_relationship", H, 2)
        program = Program("bert.cpp", "bert_next", w, CONFIG, vocab=PIECES)
        ids, types = row("the cat", "on the mat .")
        scores = w.apply("cls.seq_relationship", bert(w, ids, types)[1])
        answer, = program(["the cat\ton the mat."], "-k", "2")
        assert_close(self, pairs(answer), ranked(softmax(scores), ["follows", "other"]))
        program(["one text"], code=1, error=b"line 1: it needs two texts with a tab between them")

    def test_labels(self):
        w = bert_weights(3)
        w.linear("classifier", H, 3)
        # As Hugging Face's configurations name the labels, and thereby say how many there are.
        names = {"id2label": {"0": "good", "1": "bad", "2": "neither"}, "label2id": {"good": 0}}
        program = Program("bert.cpp", "bert_classifier", w, {**CONFIG, **names}, vocab=PIECES)
        texts = {"the cat sat": row("the cat sat"), "the cat\ta dog": row("the cat", "[UNK] dog"),
                 "": row(""), "dogs ran\t": row("dog ##s ran", "")}
        for answer, (ids, types) in zip(program(texts, "-k", "3"), texts.values(), strict=True):
            scores = w.apply("classifier", bert(w, ids, types)[1])
            assert_close(self, pairs(answer), ranked(softmax(scores), ["good", "bad", "neither"]))

    def test_tags_of_words(self):
        tags = ["O", "B-A", "I-A", "B-B", "I-B"]
        w = bert_weights(14)
        w.linear("classifier", H, len(tags))
        program = Program("bert.cpp", "bert_tagger", w, {**CONFIG, "num_labels": len(tags)},
                          vocab=PIECES, tags=tags)
        line = "Caf\u00e9 dogs, the Mat."
        words = [("Caf\u00e9", 1), ("dogs", 3), (",", 5), ("the", 6), ("Mat", 7), (".", 8)]
        x, _ = bert(w, *row("caf ##e dog ##s , the mat ."))
        spans = []
        for word, at in words:
            shares = softmax(w.apply("classifier", x[at]))
            spans.append((word, tags[shares.index(max(shares))], max(shares), line.index(word)))
        self.assertEqual([tag for _, tag, *_ in spans], ["O", "I-A", "I-A", "I-B", "I-A", "O"])
        got, = program([line])
        self.assertEqual(got, "\t".join(f"{word}\t{tag}" for word, tag, *_ in spans))
        got, = program([line], "--json")
        for span, (word, tag, probability, start) in zip(got["spans"], spans, strict=True):
            self.assertEqual((span["text"], span["tag"]), (word, tag))
            self.assertEqual((span["start"], span["end"]), (start, start + len(word)))
            self.assertAlmostEqual(span["probability"], probability, delta=2e-5)
        self.assertEqual(program([line], "--merge"), ["dogs,\tA\tthe\tB\tMat\tA"])
        merged, = program([line], "--merge", "--json")
        self.assertEqual([(span["start"], span["end"]) for span in merged["spans"]],
                         [(5, 10), (11, 14), (15, 18)])
        mean = (spans[1][2] + spans[2][2]) / 2
        self.assertAlmostEqual(merged["spans"][0]["probability"], mean, delta=2e-5)

    def test_answers_to_questions(self):
        w = bert_weights(5)
        w.linear("qa_outputs", H, 2)
        program = Program("bert.cpp", "bert_answers", w, CONFIG, vocab=PIECES)
        ids, types = row("what ran ?", "the dog ##s , the caf ##e .")
        ends = [w.apply("qa_outputs", v) for v in bert(w, ids, types)[0]]
        places = [0, *range(5, 13)]  # [CLS] and the text
        first, last = (dict(zip(places, softmax([ends[i][k] for i in places]))) for k in (0, 1))
        text = "The dogs, the caf\u00e9."
        at = {5: (0, 3), 6: (4, 7), 7: (7, 8), 8: (8, 9), 9: (10, 13), 10: (14, 17), 11: (17, 18),
              12: (18, 19)}
        spans = sorted(((first[i] * last[j], at[i][0], at[j][1]) for i in at for j in at if i <= j),
                       reverse=True)[:3]
        got, = program([f"what ran?\t{text}"], "-k", "3", "--json")
        for answer, (score, start, end) in zip(got["answers"], spans, strict=True):
            self.assertEqual((answer["start"], answer["end"], answer["text"]),
                             (start, end, text[start:end]))
            self.assertAlmostEqual(answer["score"], score, delta=2e-5)
        line, = program([f"what ran?\t{text}"])
        self.assertEqual(pairs(line)[0][0], text[spans[0][1]:spans[0][2]])


    def test_a_probe_on_each_layer(self):
        """The encoder's weights are one file, the probe's another."""
        w, head = bert_weights(15), Weights(16)
        head.linear("probe", H, 3)
        for layer in range(3):
            program = Program("probe.cpp", "bert_probe", [w, head],
                              {**CONFIG, "num_labels": 3, "layer": layer}, vocab=PIECES,
                              tags=["a", "b", "c"])
            x, _ = bert(w, *row("the cat sat on the mat"), layers=layer)
            state = f"hidden_states.{layer}" if layer else "hidden_states"
            answer, = program(["The cat sat on the mat"], "--json", "--output", "logits",
                              "--output", state)
            for name, wanted in ((state, x), ("logits", [head.apply("probe", v) for v in x])):
                for got, vector in zip(answer[name], wanted, strict=True):
                    for a, b in zip(got, vector, strict=True):
                        self.assertAlmostEqual(a, b, delta=2e-5, msg=name)
            best = [scores.index(max(scores)) for scores in answer["logits"][1:-1]]
            self.assertEqual([span["tag"] for span in answer["spans"]], ["abc"[i] for i in best])


# ---- ALBERT ------------------------------------------------------------------------------------

BLANK = "\u2581"
SPIECE = [("<pad>", 0, 3), ("<unk>", 0, 2), ("[CLS]", 0, 3), ("[SEP]", 0, 3), ("[MASK]", 0, 3),
          (BLANK, -3, 1), (f"{BLANK}the", -2, 1), (f"{BLANK}cat", -3, 1), ("s", -4, 1),
          (f"{BLANK}sat", -3, 1), (".", 0, 4), (f"{BLANK}dog", -3, 1)]
NAMES = [text for text, *_ in SPIECE]
E = 8


def albert_weights(seed):
    w = Weights(seed)
    for name, rows in (("word", len(SPIECE)), ("position", 24), ("token_type", 2)):
        w.add(f"albert.embeddings.{name}_embeddings.weight", rows, E)
    w.norm("albert.embeddings.LayerNorm", E)
    w.linear("albert.encoder.embedding_hidden_mapping_in", E, H)
    key = "albert.encoder.albert_layer_groups.0.albert_layers.0"
    for name in ("query", "key", "value", "dense"):
        w.linear(f"{key}.attention.{name}", H, H)
    w.norm(f"{key}.attention.LayerNorm", H)
    w.linear(f"{key}.ffn", H, F)
    w.linear(f"{key}.ffn_output", F, H)
    w.norm(f"{key}.full_layer_layer_norm", H)
    w.linear("albert.pooler", H, H)
    return w


def albert(w, ids, types):
    x = embeddings(w, "albert.embeddings", ids, types)
    x = [w.apply("albert.encoder.embedding_hidden_mapping_in", v) for v in x]
    key = "albert.encoder.albert_layer_groups.0.albert_layers.0"
    names = [f"attention.{n}" for n in ("query", "key", "value", "dense", "LayerNorm")]
    names += ["ffn", "ffn_output", "full_layer_layer_norm"]
    for _ in range(2):
        x = transformer_layer(w, x, 2, [f"{key}.{n}" for n in names], gelu_new)
    return x, tanh(w.apply("albert.pooler", x[0]))


class Albert(unittest.TestCase):
    config = {**SIZES, "embedding_size": E, "vocab_size": len(SPIECE)}

    def test_words_for_masks(self):
        w = albert_weights(6)
        w.norm("predictions.LayerNorm", E)
        w.linear("predictions.dense", H, E)
        w.add("predictions.bias", len(SPIECE))
        program = Program("albert.cpp", "albert_fill", w, self.config, spiece=sentencepiece(SPIECE))
        ids = [2, 6, 7, 8, 4, 5, 10, 3]  # as Hugging Face: a text of its own behind the mask
        x, _ = albert(w, ids, [0] * len(ids))
        h = w.normalise("predictions.LayerNorm", gelu_new(w.apply("predictions.dense", x[4])))
        table = w.matrix("albert.embeddings.word_embeddings.weight")
        scores = [sum(a * b for a, b in zip(t, h)) + c
                  for t, c in zip(table, w.vector("predictions.bias"))]
        names = [name.removeprefix(BLANK) or BLANK for name in NAMES]
        answer, = program(["The c\u00e0ts [MASK]."], "-k", "99")
        assert_close(self, pairs(answer), ranked(softmax(scores), names))

    def test_labels_and_the_order_of_sentences(self):
        w = albert_weights(7)
        w.linear("sop_classifier.classifier", H, 2)
        w.linear("classifier", H, 2)
        ids, types = [2, 6, 7, 3, 6, 11, 9, 3], [0] * 4 + [1] * 4
        for model, key, names in (("albert_order", "sop_classifier.classifier",
                                   ["ordered", "swapped"]),
                                  ("albert_classifier", "classifier", ["0", "1"])):
            program = Program("albert.cpp", model, w, self.config, spiece=sentencepiece(SPIECE))
            scores = w.apply(key, albert(w, ids, types)[1])
            answer, = program(["the cat\tTHE DOG SAT"], "-k", "2")
            assert_close(self, pairs(answer), ranked(softmax(scores), names))


del sys.argv[1:]
unittest.main()
