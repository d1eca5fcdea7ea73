#!/usr/bin/env python3
"""The direction rules: no folder includes what it may not know. The table is the whole rule, and
`--self-test` shows that a forbidden include is found. Non-goals: link dependencies, style."""
import pathlib
import re
import sys

STANDARD = r"<[a-z_/]+>"  # <vector>, <sys/mman.h> is not one: it has a dot
# Folder -> what an include may look like there. A quoted name of the folder itself is always right.
RULES = {
    "dsl": [STANDARD],
    "models": [STANDARD, r'"dsl/dsl\.h"', r"<dsl/dsl\.h>"],
    "compiler/weights": [STANDARD, r"<(?!mlir|llvm)[\w./]+>", r'"compiler/weights/'],
    "compiler/tools": [r"<[\w./+-]+>", r'"(mlir|llvm|compiler|codegen)/', r'"dsl/rules\.h"',
                       r'"runtime/(abi|instance)\.h"', r'"\w+\.inc"'],
    "compiler": [r"<[\w./+-]+>", r'"(mlir|llvm)/', r'"dsl/(rules|dim|text)\.h"', r'"\w+\.inc"'],
    "codegen": [r"<[\w./+-]+>", r'"(mlir|llvm)/', r'"compiler/(?!tools/)', r'"runtime/abi\.h"',
                r'"dsl/rules\.h"',
                r'"\w+\.inc"'],
    "runtime": [r"<(?!mlir|llvm|fmt|Eigen)[\w./]+>"],
}
INCLUDE = re.compile(r"\s*#\s*include\s+(<[^>]+>|\"[^\"]+\")")


def folder_of(path):
    """The longest folder of RULES that holds the path, or None."""
    found = [f for f in RULES if path.startswith(f + "/")]
    return max(found, key=len, default=None)


def allowed(path, folder, name):
    own = name.startswith(f'"{folder}/') or (name[0] == '"' and "/" not in name)
    return own or any(re.match(rule, name) for rule in RULES[folder])


def wrong_includes(path, text):
    folder = folder_of(path)
    if folder is None:
        return []
    lines = enumerate(text.splitlines(), 1)
    names = [(n, m.group(1)) for n, m in ((n, INCLUDE.match(line)) for n, line in lines) if m]
    return [f"{path}:{n}: {folder}/ may not include {name}" for n, name in names
            if not allowed(path, folder, name)]


def self_test():
    forbidden = [("dsl/dim.h", '#include "compiler/Ops.h"'), ("models/bert.cpp", "#include <fmt/core.h>"),
                 ("runtime/main.cpp", '#include "dsl/dsl.h"'), ("codegen/Cpu.cpp", '#include "dsl/dsl.h"'),
                 ("compiler/Dialect.cpp", '#include "codegen/Emit.h"'),
                 ("compiler/weights/Zip.cpp", '#include "mlir/IR/Builders.h"')]
    missed = [path for path, line in forbidden if not wrong_includes(path, line)]
    if missed:
        sys.exit(f"the check does not see a forbidden include in: {', '.join(missed)}")


def main():
    root = pathlib.Path(sys.argv[1])
    self_test()
    sources = [p for folder in ("dsl", "models", "compiler", "codegen", "runtime")
               for p in sorted((root / folder).rglob("*")) if p.suffix in (".h", ".cpp", ".c")]
    wrong = [line for p in sources for line in wrong_includes(str(p.relative_to(root)), p.read_text())]
    print("\n".join(wrong) or f"{len(sources)} files include only what their folder may know")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
