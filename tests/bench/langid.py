#!/usr/bin/env python3
"""The language identifier side by side with fastText on the same lines and one thread, in the same
run: time for 20,000 lines, process start to the first answer, peak memory. The peers take turns and
who begins changes; medians count. fastText is its own program, built here from the sources of its
package with the flags of its Makefile, and the package's prediction inside a running Python, whose
start and memory are Python's. Beside the time on the clock stands the processor time, which other
work on the machine disturbs less. Non-goals: a verdict; it never fails on a time.
usage: langid.py SINTER ROOT WORK [--lines FILE] [--rounds N] [--peer PROGRAM]"""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tarfile
import time

import fasttext

fasttext.FastText.eprint = lambda text: None
PACKAGE = "fasttext-wheel==0.9.2"


def peer_program(work):
    """fastText's own program."""
    program = work / "fasttext"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                        "--no-binary", ":all:", "--dest", work, PACKAGE], check=True)
        with tarfile.open(next(work.glob("fasttext*.tar.gz"))) as archive:
            archive.extractall(work)
        sources = sorted(work.glob("fasttext*/src/*.cc"))
        if not any(path.name == "main.cc" for path in sources):
            return None
        subprocess.run(["clang++-22", "-pthread", "-std=c++17", "-march=native", "-O3",
                        "-funroll-loops", "-DNDEBUG", "-include", "cstdint", "-w", *sources, "-o",
                        program], check=True)
    return program


def made_lines(root, count):
    """Lines of a few words to a few sentences in all languages of the committed declaration."""
    chance = random.Random(1)
    whole = (root / "tests/models/langid/declaration.txt").read_text("utf-8").splitlines()
    lines = []
    for _ in range(count):
        words = chance.choice(whole).split(" ")
        first = chance.randrange(len(words))
        lines.append(" ".join(words[first:first + chance.randint(1, 24)]))
    return "".join(line + "\n" for line in lines)


def run(command, text):
    """Seconds on the clock and of the processor."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=text, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return time.perf_counter() - begin, used.ru_utime + used.ru_stime


def peak(command, text):
    """MB at most, asked for while it waits for more lines: rusage would count this Python's too."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    process.stdin.write(text.encode())
    process.stdin.flush()
    time.sleep(0.5)
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    process.communicate()
    return next(int(row.split()[1]) / 1024 for row in status.splitlines()
                if row.startswith("VmHWM"))


def inside(model, lines):
    """The same of the package's prediction."""
    begin = time.perf_counter(), time.process_time()
    model.f.multilinePredict(lines, 1, 0.0, "strict")
    return time.perf_counter() - begin[0], time.process_time() - begin[1]


def interleaved(actions, rounds):
    rows = {name: [] for name in actions}
    names = list(actions)
    for turn in range(-1, rounds):
        for i in range(len(names)):
            name = names[(i + turn) % len(names)]
            measured = actions[name]()
            if turn >= 0:
                rows[name].append(measured)
    return {name: dict(zip(("median", "processor"),
                           (statistics.median(column) for column in zip(*measured))))
            for name, measured in rows.items()}


def show(title, rows, lines):
    print(title)
    for name, row in rows.items():
        rate = f"  {lines / row['median']:9,.0f} lines/s" if lines > 1 else ""
        memory = f"  {row['peak_mb']:6.1f} MB" if "peak_mb" in row else ""
        print(f"  {name:22} median {1e3 * row['median']:8.2f} ms  processor "
              f"{1e3 * row['processor']:8.2f} ms{rate}{memory}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    for name in ("sinter", "root", "work"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--lines", type=pathlib.Path, help="measure these")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--peer", help="a fastText program that is there already")
    arguments = parser.parse_args()
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    weights = arguments.root / "models/data/lid176/lid.176.ftz"
    program = work / "langid"
    begin = time.perf_counter()
    subprocess.run([arguments.sinter, "build", arguments.root / "models/fasttext.cpp", "--weights",
                    weights, "-o", program], check=True)
    print(f"sinter build: {time.perf_counter() - begin:.1f} s; the program has "
          f"{program.stat().st_size / 1e6:.1f} MB")

    many = arguments.lines or work / "lines.txt"
    if not arguments.lines:
        many.write_text(made_lines(arguments.root, 20000), encoding="utf-8")
    one = work / "line.txt"
    one.write_text("Hello, how are you today?\n")
    peer = arguments.peer or peer_program(work)
    model = fasttext.load_model(str(weights))
    result = {}
    for title, path in (("lines", many), ("process start to the first answer", one)):
        text = path.read_text("utf-8").splitlines(keepends=True)

        def start(command, path=path):
            with open(path, "rb") as file:
                return run(command, file)
        commands = {"sinter": [program, "--threads", "1"]}
        if peer:
            commands["fastText, program"] = [peer, "predict-prob", weights, "-"]
        actions = {name: lambda command=command: start(command)
                   for name, command in commands.items()}
        if path is many:
            actions["fastText, in process"] = lambda: inside(model, text)
        result[title] = interleaved(actions, arguments.rounds if path is many else 25)
        for name, command in commands.items():
            result[title][name]["peak_mb"] = peak(command, "".join(text))
        show(f"{len(text):,} lines" if path is many else title, result[title], len(text))
    (work / "langid.json").write_text(json.dumps(result, indent=1) + "\n")


main()
