#!/usr/bin/env python3
"""A produced program at work for a long time: bursts of lines whose number and lengths change all
the while. Its memory must stay flat after the largest burst, and a line's answer must stay the
same. Works with every program whose task takes any line of words.
usage: soak.py PROGRAM [--minutes 30] [options of the program]. Non-goals: speed."""
import argparse
import pathlib
import random
import subprocess
import sys
import threading
import time

WORDS = "the cat of a on is stock market rain in python code was run to un break able".split()
MOST_LINES, MOST_WORDS = 300, 400
GROWTH_KB = 1024  # of the allocator's own making; a leak of a burst's size shows in minutes


class Program:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def answers(self, lines):
        text = "".join(line + "\n" for line in lines).encode()
        writer = threading.Thread(target=self._write, args=(text,))
        writer.start()  # answers come while lines are still being written
        rows = [self.process.stdout.readline() for _ in lines]
        writer.join()
        return rows

    def _write(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def memory(self):
        """KB that it holds now."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(l.split()[1]) for l in status.splitlines() if l.startswith("VmRSS"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=30)
    arguments, options = parser.parse_known_args()
    chance = random.Random(1)
    lines = [" ".join(chance.choice(WORDS) for _ in range(chance.randint(0, MOST_WORDS) ** 2
                                                          // MOST_WORDS)) for _ in range(500)]
    lines.append(" ".join(WORDS[i % len(WORDS)] for i in range(MOST_WORDS)))
    program = Program([arguments.program, *options])
    known, bursts, answered = {}, 0, 0
    program.answers([lines[-1]] * MOST_LINES)  # the largest burst sets the memory
    flat = most = program.memory()
    end = time.monotonic() + 60 * arguments.minutes
    report = time.monotonic()
    while time.monotonic() < end:
        count = chance.choice((1, 1, 2, 7, 31, chance.randint(1, MOST_LINES)))
        burst = [chance.choice(lines) for _ in range(count)]
        for line, answer in zip(burst, program.answers(burst)):
            if known.setdefault(line, answer) != answer or not answer:
                sys.exit(f"after {answered} lines another answer to {line!r:.80}: {answer!r:.80}")
        bursts += 1
        answered += count
        most = max(most, program.memory())
        if most > flat + GROWTH_KB:
            sys.exit(f"memory grew from {flat} to {most} KB after {answered} lines")
        if time.monotonic() > report + 60:
            report = time.monotonic()
            print(f"{answered} lines in {bursts} bursts, {most} KB", flush=True)
    program.process.stdin.close()
    code = program.process.wait(60)
    print(f"{answered} lines in {bursts} bursts: memory {flat} KB, at most {most} KB; exit code "
          f"{code}")
    sys.exit(code)


main()
