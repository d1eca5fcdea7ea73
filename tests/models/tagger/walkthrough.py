#!/usr/bin/env python3
"""The walk-through of models/README.md: its model is tagger.cpp of this folder, and each of its
commands prints what stands below it. usage: walkthrough.py SINTER SOURCE_FOLDER"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SINTER, ROOT = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
HERE = ROOT / "tests/models/tagger"


def section():
    text = (ROOT / "models/README.md").read_text()
    return text.split("## From an empty file to a program\n")[1].split("\n## ")[0]


def commands(text):
    """(command, what it prints) in order: `$ ` lines of indented blocks, and the lines below."""
    found = []
    for line in text.splitlines():
        if line.startswith("    $ "):
            found.append((line[6:], []))
        elif line.startswith("    ") and found:
            found[-1][1].append(line[4:])
    return [(command, "".join(line + "\n" for line in lines)) for command, lines in found]


def main():
    text = section()
    model, = re.findall(r"```cpp\n(.*?)```", text, re.S)
    if model != (HERE / "tagger.cpp").read_text():
        sys.exit("the README's model is not tests/models/tagger/tagger.cpp")
    mistake, = re.findall(r"writes `([^`]*)`", text)
    right = re.search(r"nn::Linear<[^;]*> tag;", model).group(0)
    text = text.replace(f"```cpp\n{model}```", "")
    steps, wrong = commands(text), 0
    if len(steps) < 7:
        sys.exit(f"only {len(steps)} commands")
    with tempfile.TemporaryDirectory() as folder:
        for path in HERE.iterdir():
            if path.is_file():
                shutil.copy(path, folder)
        environment = dict(os.environ, PATH=f"{SINTER.parent}:{os.environ['PATH']}")
        for number, (command, printed) in enumerate(steps):
            (pathlib.Path(folder) / "tagger.cpp").write_text(
                model.replace(right, mistake) if number == 0 else model)
            result = subprocess.run(command, shell=True, cwd=folder, env=environment, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            good = result.stdout == printed and (result.returncode != 0) == (number == 0)
            print("as written" if good else f"DIFFERS, it prints:\n{result.stdout}", ":", command)
            wrong += not good
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
