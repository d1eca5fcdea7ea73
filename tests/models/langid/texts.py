"""Lines in many languages. Those that are committed are of no one's: article 1 of the Universal
Declaration of Human Rights (declaration.txt), pieces of it, novels in the public domain, and lines
that no one would write. Those of SHARED are only named here, by file and number."""
import gzip
import pathlib
import random

HERE = pathlib.Path(__file__).parent

# What a reader of lines may trip over; fastText sees bytes, not characters.
ODD = [
    b"", b" ", b"   \t  ", b"a", b"1234567890", b"3.14159 2.71828", b"!?!?!?", b"...", b"----",
    b"hello\tworld", b"  leading and trailing  ", b"CamelCaseAndUPPERCASE mixedCase", b"</s>",
    b"before </s> behind", b"__label__en is a word here", b"__label__unknown is left out",
    b"<tag attribute='x'>text</tag>", b"http://example.org/a?b=c&d=e", b"x" * 500, b"ab " * 200,
    "\U0001f600\U0001f680 \u2764\ufe0f".encode(), "e\u0301 combined, \u00e9 composed".encode(),
    "\u200bzero\u200bwidth\u200b".encode(), "\u3000wide blank\u3000".encode(),
    b"\xff\xfe\xfd", b"\xc3", b"\x80\x81 continuation first", b"caf\xe9 in latin-1",
    b"nul\x00inside", b"\x0bvertical\x0cfeed", b"\xf0\x9f\x98",
    "\u0130stanbul \u0131\u015f\u0131k".encode(),
]


# Small models of tests/weights/fixtures: plain and hierarchical; quantised, in parts of different
# widths, with groups of words and a softmax.
FIXTURES = ["supervised.bin", "supervised.ftz"]


def fixture_lines(words):
    return [b" ".join(words[i:i + 4]) for i in range(0, 40, 3)] + [b"", b"words of none"]


def novel(path):
    return [line.strip().encode() for line in path.read_text("utf-8").splitlines()
            if len(line.strip()) > 20]


def own_lines(shared):
    """The committed lines; SHARED is only needed to choose those of the novels."""
    chance = random.Random(1)
    whole = (HERE / "declaration.txt").read_bytes().splitlines()
    lines = list(whole)
    for line in whole:
        words = line.split(b" ")
        for _ in range(3):  # a few words of one language
            first = chance.randrange(len(words))
            lines.append(b" ".join(words[first:first + chance.randint(1, 6)]))
    for _ in range(40):  # and of two
        lines.append(b" ".join(chance.choice(whole).split(b" ")[:chance.randint(2, 8)] +
                               chance.choice(whole).split(b" ")[-chance.randint(2, 8):]))
    data = shared / "data"
    for path, count in (("austen/emma.txt", 40), ("sentencepiece/wagahaiwa_nekodearu.txt", 40)):
        lines += chance.sample(novel(data / path), count)
    return lines + ODD


def shared_lines(shared):
    """5,000 lines in five languages, the same for every run."""
    chance = random.Random(2)
    data = shared / "data"
    lines = []
    for language in ("de", "en", "fr"):
        with gzip.open(data / f"multi30k/train.{language}.gz") as file:
            lines += chance.sample(file.read().splitlines(), 1000)
    pairs = [line.split(b"\t")[:2] for line in (data / "cmn-eng/cmn.txt").read_bytes().splitlines()]
    lines += [chance.choice(pair) for pair in chance.sample(pairs, 1000)]
    lines += chance.sample(novel(data / "sentencepiece/wagahaiwa_nekodearu.txt"), 500)
    lines += chance.sample(novel(data / "austen/persuasion.txt"), 500)
    return lines
