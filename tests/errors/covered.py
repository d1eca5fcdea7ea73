#!/usr/bin/env python3
"""Lists the sentences of the language's rules that no wrong model provokes.

Every call of `fail` in the given headers is read as a pattern: its literals, and anything for its
other arguments. Each pattern must match the sentence that some test expects in full.
Non-goals: whether the compilers really say it (reject.py)."""
import argparse
import pathlib
import re
import sys

from reject import expectations

WEIGHT = r"( \(weight '[^']*'\))?"  # graph.h names the weight behind any sentence
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def arguments(text, start):
    """The top-level arguments of the call whose '(' is at `start`."""
    depth, begin, parts, i = 0, start + 1, [], start
    while True:
        c = text[i]
        if c == '"':
            i = STRING.match(text, i).end()
            continue
        if c == "'":
            i = text.index("'", i + (3 if text[i + 1] == "\\" else 1)) + 1
            continue
        depth += (c in "([{") - (c in ")]}")
        if depth == 1 and c == "," or depth == 0:
            parts.append(text[begin:i].strip())
            begin = i + 1
            if depth == 0:
                return parts
        i += 1


def pattern(argument):
    """What one argument can print."""
    literals = STRING.findall(argument)
    if literals and not STRING.sub("", argument).strip():
        return re.escape("".join(literals).replace('\\"', '"'))
    if argument.startswith("join("):
        return "".join(map(pattern, arguments(argument, len("join"))))
    return ".*"


def sentences(path):
    """(line, regular expression) of every call of fail that holds a text of its own."""
    text = re.sub(r"//.*", lambda m: " " * len(m.group()), path.read_text())
    for call in re.finditer(r"(?<![\w])(\w+\(\)\.|\w+\.|\w*->)?fail\(", text):
        parts = arguments(text, call.end() - 1)
        if not any(STRING.search(part) for part in parts[1:]):
            continue  # the declaration, or a sentence made elsewhere
        first = pattern(parts[0]) + ": "
        if not STRING.match(parts[0]) and parts[0] != "op":
            first = r"(model \w+: )?"  # graph.fail(where, sentence)
        yield text.count("\n", 0, call.start()) + 1, first + "".join(map(pattern, parts[1:]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--headers", nargs="+", type=pathlib.Path, required=True)
    parser.add_argument("--mlir", action="store_true", help="the tests are .mlir files")
    parser.add_argument("--except", nargs="*", default=[], dest="without", metavar="TEXT",
                        help="patterns that hold this text need no test")
    parser.add_argument("tests", nargs="+", type=pathlib.Path)
    given = parser.parse_args()
    expected = []
    for path in given.tests:
        text = path.read_text()
        expected += (re.findall(r"expected-error.*?\{\{(.*?)\}\}", text) if given.mlir
                     else [sentence for _, sentence in expectations(text)])
    missing, count = [], 0
    for header in given.headers:
        for line, regex in sentences(header):
            if any(word in regex for word in given.without):
                continue
            count += 1
            if not any(re.fullmatch(regex + WEIGHT, text) for text in expected):
                missing.append(f"{header.name}:{line}: no test expects: {regex}")
    print("\n".join(missing) or f"{count} sentences have a wrong model")
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
