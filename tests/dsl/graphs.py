#!/usr/bin/env python3
"""Compiles each file of models with both compilers, warnings as errors, and compares the graphs
that the two programs print, locations apart. With a budget also the compile's cost: processor
seconds and peak memory. Non-goals: what a graph means (the interpreter's tests)."""
import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

FLAGS = ["-std=c++23", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def compile_file(compiler, root, source, out, *more):
    """Processor seconds and megabytes; stops this program when the compiler refuses the file."""
    process = subprocess.Popen([compiler, *FLAGS, *more, f"-I{root}", str(source), "-o", str(out)])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{compiler} refuses {source}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def graph(program):
    text = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return re.sub(r" loc\(.*\)$", "", text, flags=re.M)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, help="the folder that holds dsl/")
    parser.add_argument("--compilers", nargs=2, required=True)
    parser.add_argument("--seconds", type=float, help="budget for compiling each file, not linking")
    parser.add_argument("--megabytes", type=float)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    given = parser.parse_args()
    wrong = False
    for source in given.files:
        graphs = []
        for compiler in given.compilers:
            with tempfile.TemporaryDirectory() as folder:
                out = pathlib.Path(folder) / "models"
                if given.seconds:
                    cost = compile_file(compiler, given.root, source, out, "-c")
                    print(f"{source.name}: {compiler}: {cost[0]:.2f} s, {cost[1]:.0f} MB")
                    wrong |= cost[0] > given.seconds or cost[1] > given.megabytes
                else:
                    compile_file(compiler, given.root, source, out)
                    graphs.append(graph(out))
        if graphs and graphs[0] != graphs[1]:
            wrong = True
            print(*difflib.unified_diff(*(g.splitlines() for g in graphs), *given.compilers,
                                        lineterm="", n=0), sep="\n")
        elif graphs:
            print(f"{source.name}: {graphs[0].count(' = sinter.')} ops, equal")
    sys.exit(wrong)


if __name__ == "__main__":
    main()
