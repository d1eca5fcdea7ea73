"""The models of tests/models/text computed one number at a time, in f64 and without packages: what
their programs must print. Vectors are lists, matrices lists of rows. Non-goals: speed."""
import math
import random
import struct


class Weights(dict):
    """Random tensors by their checkpoint's key: (shape, flat numbers that f32 holds)."""

    def __init__(self, seed):
        super().__init__()
        self.random = random.Random(seed)

    def add(self, key, *shape, scale=0.5, centre=0.0):
        count = math.prod(shape)
        numbers = [self.random.gauss(centre, scale) for _ in range(count)]
        self[key] = (shape, struct.unpack(f"<{count}f", struct.pack(f"<{count}f", *numbers)))

    def linear(self, key, inputs, outputs):
        self.add(f"{key}.weight", outputs, inputs, scale=1 / math.sqrt(inputs))
        self.add(f"{key}.bias", outputs)

    def norm(self, key, width):
        self.add(f"{key}.weight", width, scale=0.2, centre=1.0)
        self.add(f"{key}.bias", width, scale=0.2)

    def tensors(self):
        """For write_tensors()."""
        return {key: ("F32", list(shape), struct.pack(f"<{len(numbers)}f", *numbers))
                for key, (shape, numbers) in self.items()}

    def vector(self, key):
        return list(self[key][1])

    def matrix(self, key):
        (rows, columns), numbers = self[key]
        return [numbers[i * columns:(i + 1) * columns] for i in range(rows)]

    def apply(self, key, x):
        """A linear layer on a vector."""
        bias = self.vector(f"{key}.bias") if f"{key}.bias" in self else None
        y = [dot(row, x) for row in self.matrix(f"{key}.weight")]
        return add(y, bias) if bias else y

    def normalise(self, key, x, eps=1e-12):
        mean = sum(x) / len(x)
        spread = math.sqrt(sum((v - mean) ** 2 for v in x) / len(x) + eps)
        return [(v - mean) / spread * w + b for v, w, b in
                zip(x, self.vector(f"{key}.weight"), self.vector(f"{key}.bias"))]


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def add(*vectors):
    return [sum(items) for items in zip(*vectors, strict=True)]


def gelu(x):
    return [v / 2 * (1 + math.erf(v / math.sqrt(2))) for v in x]


def gelu_new(x):
    return [v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v ** 3))) for v in x]


def relu(x):
    return [max(v, 0.0) for v in x]


def tanh(x):
    return [math.tanh(v) for v in x]


def sigmoid(v):
    return 1 / (1 + math.exp(-v))


def softmax(x):
    most = max(x)
    parts = [math.exp(v - most) for v in x]
    return [p / sum(parts) for p in parts]


def transformer_layer(w, x, heads, keys, activation):
    """x: vectors of the positions; keys: the layer's names of query, key, value, dense, norm, up,
    down, norm."""
    query, key, value = ([w.apply(k, v) for v in x] for k in keys[:3])
    size = len(x[0]) // heads
    out = []
    for i, v in enumerate(x):
        context = []
        for part in (slice(h * size, (h + 1) * size) for h in range(heads)):
            weights = softmax([dot(query[i][part], k[part]) / math.sqrt(size) for k in key])
            context += [dot(weights, column) for column in zip(*(y[part] for y in value))]
        h = w.normalise(keys[4], add(v, w.apply(keys[3], context)))
        out.append(w.normalise(keys[7], add(h, w.apply(keys[6], activation(w.apply(keys[5], h))))))
    return out


def embeddings(w, key, ids, types):
    words, places, kinds = (w.matrix(f"{key}.{name}_embeddings.weight")
                            for name in ("word", "position", "token_type"))
    return [w.normalise(f"{key}.LayerNorm", add(words[i], kinds[t], places[at]))
            for at, (i, t) in enumerate(zip(ids, types, strict=True))]


# ---- recurrent layers, and ESIM's comparison ---------------------------------------------------


def lstm(w, key, x):
    """torch's, in both directions: [h ahead; h back] of each place."""
    n, ways = len(w.vector(f"{key}.bias_ih_l0")) // 4, []
    for suffix, order in (("", 1), ("_reverse", -1)):
        names = [f"{key}.{k}_l0{suffix}" for k in ("weight_ih", "bias_ih", "weight_hh", "bias_hh")]
        by_input, by_state = w.matrix(names[0]), w.matrix(names[2])
        h, c, out = [0.0] * n, [0.0] * n, []
        for v in x[::order]:
            a = add([dot(r, v) for r in by_input], w.vector(names[1]),
                    [dot(r, h) for r in by_state], w.vector(names[3]))
            i, f, g, o = (a[k * n:(k + 1) * n] for k in range(4))
            c = [sigmoid(f) * c + sigmoid(i) * math.tanh(g) for i, f, g, c in zip(i, f, g, c)]
            h = [sigmoid(o) * math.tanh(c) for o, c in zip(o, c)]
            out.append(h)
        ways.append(out[::order])
    return [a + b for a, b in zip(*ways)]


def compare(w, projection, composition, own, other):
    """ESIM: each vector beside what it aligns to, composed; their mean and their maximum."""
    out = []
    for v in own:
        shares = softmax([dot(v, u) for u in other])
        aligned = [dot(shares, column) for column in zip(*other)]
        out.append(relu(w.apply(projection, [*v, *aligned, *(a - b for a, b in zip(v, aligned)),
                                             *(a * b for a, b in zip(v, aligned))])))
    out = lstm(w, composition, out)
    return [math.fsum(c) / len(c) for c in zip(*out)] + [max(c) for c in zip(*out)]
