#!/usr/bin/env python3
"""Every sentence of dsl/rules.h stands in an `expected-error` of a .mlir here: rules.py DSL MLIR_DIR.
Lists those that do not, after showing that it would notice.
Non-goals: whether the sentence is right (the .mlir tests say so)."""
import pathlib
import re
import sys

# A sentence begins where an error is written: fail("op", "text", …) or error/why << "text" << ….
CALL = re.compile(r"(?:\bfail\(|\b(?:error|why)\s*<<)((?:[^;\"]|\"(?:[^\"\\]|\\.)*\")*);")
LITERAL = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
PIECE = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"|[^,<\"])+")  # an argument, or what is between two <<


def sentences(text):
    """The literal parts of each sentence, in order; what is computed stands between them."""
    text = re.sub(r"//[^\n]*", "", text)
    for call in CALL.finditer(text):
        pieces = [p for p in PIECE.findall(call.group(1)) if "?" not in LITERAL.sub("", p)]
        parts = [p for piece in pieces for p in LITERAL.findall(piece) if p.strip(" :,'")]
        if parts:
            yield parts


def said(parts, errors):
    pattern = re.compile(".*".join(re.escape(part) for part in parts))
    return any(pattern.search(error) for error in errors)


def main():
    dsl, tests = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    errors = [m for f in sorted(tests.glob("*.mlir"))
              for m in re.findall(r"expected-error[^{]*\{\{(.*)\}\}", f.read_text())]
    if said(["a sentence that no rule says"], errors):
        sys.exit("the check finds a sentence that is not there")
    sources = [dsl / "dim.h", *sorted((dsl / "rules").glob("*.h"))]
    found = [(f.name, parts) for f in sources for parts in sentences(f.read_text())]
    missing = [f"{name}: {' … '.join(parts)}" for name, parts in found if not said(parts, errors)]
    print(f"{len(found)} sentences, {len(missing)} without a wrong .mlir")
    sys.exit("\n".join(missing) if missing or not found else 0)


main()
