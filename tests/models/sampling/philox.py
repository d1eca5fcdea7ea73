"""Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011) and sampling as dsl/decode.h defines it, in
Python's own integers and f64: an answer that shares no code with Sinter."""
import math

WORD = 0xFFFFFFFF

# Random123's published answers (kat_vectors): counter, key, block.
KNOWN = [
    ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([WORD] * 4, [WORD] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
     [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]),
]


def block(counter, key):
    """The four words of a counter of four words under a key of two."""
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & WORD, (a >> 32) ^ c[3] ^ k[1], a & WORD]
        k = [(k[0] + 0x9E3779B9) & WORD, (k[1] + 0xBB67AE85) & WORD]
    return c


def bits(seed, offset, count):
    """Words of the stream that starts at a 64-bit counter under a 64-bit seed."""
    halves = lambda x: [x & WORD, x >> 32 & WORD]
    return [block(halves(offset + i // 4) + [0, 0], halves(seed))[i % 4] for i in range(count)]


def uniform(seed, counter):
    """24 bits of word 0."""
    return (bits(seed, counter, 1)[0] >> 8) * 2.0 ** -24


class Close(Exception):
    """A draw that f32 and f64 may decide differently."""


def chances(logits, temperature, top_k, top_p):
    """The chance of each token that is left, in the vocabulary's order, not scaled to 1. Close
    where rounding could let a token in or out."""
    best = max(logits)
    if temperature <= 0:
        return {logits.index(best): 1.0}
    weights = {i: math.exp((x - best) / temperature) for i, x in enumerate(logits)}
    if 0 < top_k < len(logits):
        least = sorted(logits)[-top_k]
        weights = {i: w for i, w in weights.items() if logits[i] >= least}
    total, before, left = sum(weights.values()), 0.0, set()
    for value in sorted({logits[i] for i in weights}, reverse=True):
        if left and top_p < 1 and abs(before - top_p) < 1e-5:
            raise Close
        if left and top_p < 1 and before >= top_p:
            break
        equal = {i for i in weights if logits[i] == value}
        left |= equal
        before += sum(weights[i] for i in equal) / total
    return {i: w / total for i, w in weights.items() if i in left}


def draw(logits, temperature, top_k, top_p, seed, stream, at):
    left = chances(logits, temperature, top_k, top_p)
    mark = uniform(seed, (stream << 32) + at) * sum(left.values())
    total = 0.0
    for token, chance in left.items():
        total += chance
        if len(left) > 1 and abs(total - mark) < 1e-5 and token != max(left):
            raise Close
        if total > mark:
            return token
    return max(left)


def answer(table, prompt, longest, choose, begin=1, end=2, pad=0):
    """The tokens behind a prompt of a chain, each of which choose(logits, at) gives."""
    words = list(prompt) or [begin]
    token, tokens = words[0], []
    for at in range(longest):
        if at + 1 < len(words):
            token = words[at + 1]
            continue
        token = choose(table[token], at)
        tokens.append(token)
        if token == end:
            break
    return tokens + [pad] * (longest - len(tokens))
