#!/usr/bin/env python3
"""Compiles wrong models and compares what the compiler says with what each file expects.

    // error: add: element types differ: f32[2] and i32[2]     the sentence for the next code line;
    //   its second half                                        an indented comment continues it;
    // error: model Bert: ...                                   this form has no line

Every expectation must be reported with its line, nothing else may be, and the compiler must fail
with the language's own errors only. `--controls` turns the verdict round: those files begin with
`// refused: REASON`, and this driver must refuse them for that reason.
Non-goals: run-time errors, the wording of the compilers' own notes."""
import argparse
import pathlib
import re
import subprocess
import sys

OURS = re.compile(r"static assertion failed|MODEL_ERROR")


def expectations(text):
    """The (line, sentence) pairs of a file; an error of a model as a whole has line 0."""
    found, waiting = [], []
    for number, line in enumerate(text.splitlines(), 1):
        start = re.match(r"\s*// error: (.*)", line)
        more = re.match(r"\s*//   +(\S.*)", line)
        if start:
            waiting.append(start.group(1))
        elif more and waiting:
            waiting[-1] += " " + more.group(1)
        elif not line.lstrip().startswith("//"):
            found += [(0 if text.startswith("model ") else number, text) for text in waiting]
            waiting = []
    return found


def compile_model(compiler, root, path):
    clang = ["-ferror-limit=0", "-fno-caret-diagnostics"]
    gcc = ["-fmax-errors=0", "-fmessage-length=0", "-fno-diagnostics-show-caret"]
    command = [compiler, "-std=c++23", "-fsyntax-only", *(clang if "clang" in compiler else gcc),
               f"-I{root}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return done.returncode, done.stderr


def reported(output, name):
    """The (line, sentence) pairs of the compiler's output; g++ escapes text in template arguments."""
    output = "\n".join(line for line in output.splitlines() if ": note: " not in line)
    output = re.sub(r"\\(0?12|n)", "\n", output).replace("\\'", "'").replace('\\"', "\x01")
    ends = r'(?=\n|"|$)'
    placed = re.findall(rf"{re.escape(name)}:(\d+): (.*?){ends}", output)
    whole = re.findall(rf"(?:^|\n)(model \w+: .*?){ends}", output)
    return {(int(line), text.replace("\x01", '"')) for line, text in [
        *placed, *(("0", text) for text in whole)]}


def check(compiler, root, path):
    """What is wrong with this file's errors, as lines of text; empty: nothing."""
    wanted = expectations(path.read_text())
    if not wanted:
        return [f"{path.name}: no line is expected to be wrong"]
    status, output = compile_model(compiler, root, path)
    if status == 0:
        return [f"{path.name}: compiles"]
    got = reported(output, path.name)
    wrong = [f"{path.name}:{line}: not reported: {text}" for line, text in wanted
             if (line, text) not in got]
    wrong += [f"{path.name}:{line}: not expected: {text}" for line, text in sorted(got)
              if (line, text) not in wanted]
    foreign = [line for line in output.splitlines() if ": error: " in line and not OURS.search(line)
               or ": fatal error: " in line]
    wrong += [f"{path.name}: not an error of the language: {line}" for line in foreign]
    return wrong


def refuses(compiler, root, path):
    """The verdict on a control: empty when the driver refuses it for the reason it names."""
    reason = re.match(r"// refused: (.*)", path.read_text()).group(1)
    wrong = check(compiler, root, path)
    return [] if any(reason in line for line in wrong) else [f"{path.name}: accepted, got {wrong}"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--root", required=True, help="the folder that holds dsl/")
    parser.add_argument("--controls", action="store_true")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    given = parser.parse_args()
    verdict = refuses if given.controls else check
    wrong = [line for path in given.files for line in verdict(given.compiler, given.root, path)]
    print("\n".join(wrong) or f"{len(given.files)} files are refused as they should be")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
