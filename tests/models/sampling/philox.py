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


def chances(logits, temperature, top_k, top_p, candidates):
    """(token, chance) from the best to the worst, chances not scaled to 1. Close where rounding
    could let a token in or out."""
    order = sorted(range(len(logits)), key=lambda i: (-logits[i], i))[:candidates]
    k = 1 if temperature <= 0 else min(top_k, len(order)) if top_k > 0 else len(order)
    best = logits[order[0]]
    heat = temperature if temperature > 0 else 1.0
    weights = [math.exp((logits[i] - best) / heat) for i in order[:k]]
    total, before, kept = sum(weights), 0.0, []
    for place, (token, weight) in enumerate(zip(order, weights)):
        if place and abs(before - top_p) < 1e-5:
            raise Close
        if place and before >= top_p:
            break
        kept.append((token, weight / total))
        before += weight / total
    return kept


def draw(logits, temperature, top_k, top_p, seed, stream, at, candidates):
    kept = chances(logits, temperature, top_k, top_p, candidates)
    mark = uniform(seed, (stream << 32) + at) * sum(chance for _, chance in kept)
    total = 0.0
    for token, chance in kept:
        total += chance
        if len(kept) > 1 and abs(total - mark) < 1e-5 and token != kept[-1][0]:
            raise Close
        if total > mark:
            return token
    return kept[-1][0]


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
