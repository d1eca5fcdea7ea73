#!/usr/bin/env python3
"""What a person or a shell script may rely on in every produced program, tried on one made from
tests/runtime/fake_model.c (it spells each word backwards). Non-goals: right answers of real
models."""
import json
import os
import pathlib
import pty
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

import stands_alone
from tensor_files import read_tensors, write_tensors

PROGRAM, WITH_FILE, SLOW, VECTORS = sys.argv[1:5]
STATIC = sys.argv[5] == "ON"
FAILED = []


def run(*arguments, text=b"", program=PROGRAM, **options):
    if isinstance(text, str):
        text = text.encode()
    return subprocess.run([program, *arguments], input=text, capture_output=True, timeout=120,
                          **options)


def expect(what, got, wanted):
    if got != wanted:
        FAILED.append(what)
        print(f"FAILED {what}\n  wanted {wanted!r:.400}\n  got    {got!r:.400}")


def expect_error(what, result, code, sentence):
    expect(what, (result.returncode, result.stderr.decode()), (code, f"fake_model: {sentence}\n"))


def lines_and_order():
    expect("a line", run(text="abc\n").stdout, b"abc\t</s> c b a\n")
    expect("no newline at the end", run(text="ab").stdout, b"ab\t</s> b a\n")
    expect("empty input", (run(text="").stdout, run(text="").returncode), (b"", 0))
    expect("empty lines", run(text="\n\na\n").stdout, b"\t</s>\n\t</s>\na\t</s> a\n")
    expect("carriage return", run(text="a\r\nb\r\n").stdout, b"a\t</s> a\nb\t</s> b\n")
    expect("unicode, lower case", run(text="AÉx\n").stdout, "AÉx\t</s> <unk> é a\n".encode())
    words = ["abc"[i % 3] * (i % 37) for i in range(5000)]
    wanted = "".join(f"{w}\t{' '.join(['</s>', *w])}\n" for w in words).encode()
    for options in ([], ["--batch", "1"], ["--batch=7", "--threads=3"], ["--threads", "1"]):
        expect(f"5000 lines {options}", run(*options, text="\n".join(words)).stdout, wanted)
    garbage = bytes(range(256)).translate(None, b"\n!") * 3 + b"\n"
    result = run(text=garbage)
    expect("garbage", (result.returncode, result.stdout.count(b"\n"), result.stderr), (0, 1, b""))
    expect("garbage is echoed", result.stdout[:len(garbage) - 1], garbage[:-1])
    long = b"ab" * 5_000_000
    result = run(text=b"a\n" + long + b"\nb\n")
    expect("10 MB line", (result.returncode, result.stdout[:9], result.stdout[-9:]),
           (0, b"a\t</s> a\n", b"b\t</s> b\n"))
    expect("10 MB line, whole", len(result.stdout), 9 + len(long) + 1 + 4 + 2 * len(long) + 1 + 9)


def wrong_lines():
    """A wrong line is named, and what comes before it has been answered."""
    for options in ([], ["--batch", "1"], ["--threads", "3"]):
        result = run(*options, text=f"a\nb\n{'!' * 16}\nb\n")
        expect(f"answers before a wrong line {options}", result.stdout, b"a\t</s> a\nb\t</s> b\n")
        expect_error(f"wrong line {options}", result, 1,
                     "line 3: model.cpp:5: pad: row 0 is 17 long, but the tensor has room for 16")


def weights_file():
    with tempfile.TemporaryDirectory() as folder:
        program, weights = f"{folder}/fake_model", pathlib.Path(folder, "fake.weights")
        shutil.copy(WITH_FILE, program)
        arguments = {"input": b"ab\n", "capture_output": True}
        expect_error("weights file missing", subprocess.run([program], **arguments), 3,
                     f"the weights file {weights} cannot be opened: No such file or directory")
        weights.write_bytes(b"1234567")
        expect_error("weights file cut", subprocess.run([program], **arguments), 3,
                     f"the weights file {weights} does not belong to this program: it has 7 bytes "
                     "instead of 8")
        weights.write_bytes(struct.pack("<2f", 2, 3))
        result = subprocess.run([program, "--output", "means"], cwd="/", **arguments)
        expect("weights file", result.stdout, b"ab\t</s> b a\t6 9\n")


def needs_nothing():
    """No interpreter, no shared library; runs where there is nothing else."""
    if not STATIC:
        return
    expect("stands alone", stands_alone.problems(PROGRAM), [])
    result = stands_alone.run_in_empty_root(PROGRAM, text=b"ab\n")
    if result is None:
        print("skipped: only root may change the root directory")
        return
    expect("in an empty root directory", (result.stdout, result.stderr), (b"ab\t</s> b a\n", b""))


def memory_stays_flat():
    """Batches and lengths change for a while; the largest one sets the memory."""
    def peak(rounds):
        words = "\n".join("abc" * (i * 37 % 200) for i in range(2000)) + "\n"
        with subprocess.Popen([PROGRAM, "--threads", "2"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL) as process:
            for _ in range(rounds):
                process.stdin.write(words.encode())
            process.stdin.flush()
            process.stdin.close()
            return os.wait4(process.pid, 0)[2].ru_maxrss

    if STATIC:
        short, long = peak(2), peak(20)
        expect(f"memory stays flat ({short} KB, then {long} KB)", long < short * 1.2 + 500, True)


def json_lines():
    result = run("--json", text='a"\\\tb\n\xff\n'.encode("latin-1"))
    rows = [json.loads(line) for line in result.stdout.decode().splitlines()]
    expect("json", rows[0], {"input": 'a"\\\tb', "tokens": ["</s>", "b", *["<unk>"] * 3, "a"]})
    expect("json, invalid bytes", rows[1], {"input": "\ufffd", "tokens": ["</s>", "<unk>"]})
    result = run("--json", "--output", "means", "--output", "reversed", text="ab\n")
    expect("json with outputs", json.loads(result.stdout),
           {"input": "ab", "tokens": ["</s>", "b", "a"], "means": [3, -1.5], "reversed": [2, 4, 3]})
    result = run("--json", "--output", "embedding", "--output", "reversed", "--output", "reversed",
                 text="ab\n", program=VECTORS)
    expect("json, each name once", result.stdout,
           b'{"embedding": [3, -1.5], "reversed": [2, 4, 3]}\n')
    expect("columns, each once", run("--output", "means", "--output", "means", text="b\n").stdout,
           b"b\t</s> b\t3 -1.5\n")
    expect("columns with outputs", run("--output", "means", text="ab\nb\n").stdout,
           b"ab\t</s> b a\t3 -1.5\nb\t</s> b\t3 -1.5\n")


def pairs():
    """Lines of two texts: a cosine of each, and with --output the rows of both."""
    result = run("--pairs", "--output", "reversed", text="a\tab\n", program=VECTORS)
    expect("pairs", (result.returncode, result.stdout), (0, b"1\t2 3\t2 4 3\n"))
    result = run("--pairs", "--json", "--output", "reversed", text="a\tab\n", program=VECTORS)
    expect("pairs, json", json.loads(result.stdout),
           {"similarity": 1, "reversed": [[2, 3], [2, 4, 3]]})
    needed = "it needs 2 texts with a tab between them"
    for line, sentence in (("a", needed), ("", needed), ("a\tb\t", f"{needed}, it has 3"),
                           ("a\tb\tc\td", f"{needed}, it has 4")):
        result = run("--pairs", text=f"a\tb\n{line}\n", program=VECTORS)
        expect(f"not a pair: {line!r}", (result.returncode, result.stdout.count(b"\n"),
                                         result.stderr.decode()),
               (1, 1, f"fake_model_vectors: line 2: {sentence}\n"))


def streaming():
    """Answers come without waiting for more input, and in one piece."""
    with subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for word in (b"a", b"ab", b"abc"):
            process.stdin.write(word + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            expect("an answer before the next line", answer.split(b"\t")[0], word)
        process.stdin.write(b"c\nhal")
        process.stdin.flush()
        expect("a complete line before a half one", process.stdout.readline(), b"c\t</s> c\n")
        process.stdin.write(b"f\n")
        process.stdin.close()
        expect("the rest", process.stdout.read()[:5], b"half\t")
        expect("its code", process.wait(60), 0)


def closed_output():
    read, write = os.pipe()
    with subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=write,
                          stderr=subprocess.PIPE) as process:
        os.close(write)
        os.close(read)
        try:
            process.stdin.write(b"abc\n" * 100000)
            process.stdin.close()
        except BrokenPipeError:
            pass
        expect("broken pipe", (process.wait(60), process.stderr.read()), (0, b""))
    result = subprocess.run(f"printf 'abc\\n' | '{PROGRAM}' >&-", shell=True, capture_output=True)
    expect("closed output", (result.returncode, result.stderr), (0, b""))
    result = subprocess.run(f"'{PROGRAM}' <&-", shell=True, capture_output=True)
    expect("closed input", (result.returncode, result.stdout, result.stderr), (0, b"", b""))
    result = subprocess.run(f"printf 'abc\\n' | '{PROGRAM}' > /dev/full", shell=True,
                            capture_output=True)
    expect_error("full disk", result, 3,
                 "standard output cannot be written: No space left on device")
    with tempfile.TemporaryFile() as file:
        result = subprocess.run(
            [PROGRAM], input=b"abc\n" * 1000, stdout=file, stderr=subprocess.PIPE,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
    expect_error("a file that may not grow", result, 3,
                 "standard output cannot be written: File too large")
    result = subprocess.run(f"yes abc | '{PROGRAM}' | head -n 2", shell=True, capture_output=True)
    expect("head", (result.stdout, result.stderr), (b"abc\t</s> c b a\n" * 2, b""))
    result = subprocess.run([PROGRAM], stdin=os.open("/", os.O_RDONLY), capture_output=True)
    expect_error("a folder as input", result, 3, "standard input cannot be read: Is a directory")


def shared_files():
    """Whoever shares the files may have made them non-blocking."""
    (inside, feed), (read, outside) = os.pipe(), os.pipe()
    for file in (inside, outside):
        os.set_blocking(file, False)
    words = b"abc\n" * 50000
    with subprocess.Popen([PROGRAM], stdin=inside, stdout=outside,
                          stderr=subprocess.PIPE) as process:
        os.close(inside)
        os.close(outside)
        time.sleep(0.1)  # nothing to read yet
        threading.Thread(target=lambda: (os.write(feed, words), os.close(feed))).start()
        time.sleep(0.1)  # nowhere to write any more
        with open(read, "rb") as output:
            expect("non-blocking files", output.read(), b"abc\t</s> c b a\n" * 50000)
        expect("non-blocking files, end", (process.wait(60), process.stderr.read()), (0, b""))


def limits():
    """Processors and memory that the process may use."""
    allowed = min(os.sched_getaffinity(0))
    info = run("--info", preexec_fn=lambda: os.sched_setaffinity(0, [allowed]))
    expect("threads by affinity", "\nthreads     1\n" in info.stdout.decode(), True)
    if STATIC:
        size = 64 << 20
        result = run(text=b"a\n" + b"b" * size, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_AS, (size, size)))
        expect_error("not enough memory", result, 3, "there is not enough memory")


def interrupted():
    with subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdin.write(b"abc\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        expect("interrupted", (process.wait(60), process.stderr.read()), (-signal.SIGINT, b""))


def busy():
    """Answers leave while there is more to read: an interrupt loses few, and one that reads only
    the first ones does not wait for the others."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
        source.write_bytes(b"abc\n" * 2000)  # 40 seconds
        with open(source, "rb") as lines, open(target, "wb") as answers, subprocess.Popen(
                [SLOW, "--batch", "1"], stdin=lines, stdout=answers) as process:
            time.sleep(1.5)
            process.send_signal(signal.SIGTERM)
            expect("terminated", process.wait(60), -signal.SIGTERM)
        answer = b"abc\t</s> c b a\n"
        written = target.read_bytes()
        expect("written before the end", written, answer * max(written.count(b"\n"), 10))
        begin = time.perf_counter()
        result = subprocess.run(f"'{SLOW}' --batch 1 < '{source}' | head -n 1", shell=True,
                                capture_output=True)
        expect("head of a slow one", (result.stdout, result.stderr), (answer, b""))
        expect("head does not wait", time.perf_counter() - begin < 10, True)


def command_line():
    expect("help", run("--help").returncode, 0)
    expect("help lists options", all(o in run("--help").stdout.decode() for o in (
        "--json", "--tensors IN OUT", "--output NAME", "--threads N", "--info", "--selftest",
        "--version", "--profile", "--isa NAME", "exit codes")), True)
    expect("version", run("--version").stdout, b"fake, made by sinter 0.1.0\n")
    info = run("--info").stdout.decode()
    for part in ("parameters  2\n", "entry forward\n", "  needs   n <= 8\n",
                 "  input   input_ids  i32 batch x seq~, ids below 8\n",
                 "  output  means  f32 batch x 2, with --output\n",
                 "  input   gate  i64 n+1\n", "task        reader = characters\n"):
        expect(f"info: {part!r}", part in info, True)
    result = run("--selftest")
    expect("selftest", (result.returncode, result.stdout.startswith(b"self-test passed: ")),
           (0, True))
    expect("selftest of vectors", run("--selftest", program=VECTORS).returncode, 0)
    result = run("--selftest", program=SLOW)
    expect("selftest of rows that know of each other", (result.returncode, result.stdout.count(
        b"entry forward, sizes 16, x86-64-v2: a row depends on the others of its run\n")), (3, 1))
    for arguments, sentence in (
            (["--foo"], "unknown option '--foo'; --help lists the options"),
            (["file"], "unexpected argument 'file': text comes from standard input; --help lists "
                       "the options"),
            (["--threads"], "'--threads' needs a value; --help lists the options"),
            (["--threads", "0"], "'--threads' needs a number from 1 to 1024, not '0'; --help lists "
                                 "the options"),
            (["--json=1"], "'--json' takes no value; --help lists the options"),
            (["-h=1"], "'-h' takes no value; --help lists the options"),
            (["-k=2"], "unknown option '-k'; --help lists the options"),
            (["--output", "x"], "the model has no output 'x'; it has: reversed, means"),
            (["--info", "--output", "x"], "the model has no output 'x'; it has: reversed, means"),
            (["--info", "--entry", "x"], "the model has no entry 'x'; it has: forward, scale"),
            (["--tensors", "a", "b", "--entry", "x"],
             "the model has no entry 'x'; it has: forward, scale"),
            (["--isa", "mmx"], "'mmx' is no instruction set; known are v2, v3, v4")):
        expect_error(f"usage {arguments}", run(*arguments), 2, sentence)
    wrong = run(env={**os.environ, "SINTER_ISA": "mmx"})
    expect("SINTER_ISA", wrong.returncode, 2)
    expect("--isa v2", run("--isa", "v2", text="a\n").stdout, b"a\t</s> a\n")
    profile = run("--profile", text="a\nb\n")
    expect("profile", profile.stderr.decode().startswith("fake_model: 2 lines in "), True)


def tensor_results(folder, source, ids):
    """Where the tensors cannot be written the old file stays, and nothing lies beside it."""
    target = pathlib.Path(folder, "result")
    arguments = [PROGRAM, "--tensors", source]
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))}
    for old in (None, b"old"):
        if old is not None:
            target.write_bytes(old)
        before = sorted(os.listdir(folder))
        result = subprocess.run([*arguments, target], capture_output=True, **limit)
        expect_error("tensors that do not fit", result, 3,
                     f"{target} cannot be written: File too large")
        expect("nothing new", sorted(os.listdir(folder)), before)
    expect("the old file", target.read_bytes(), b"old")
    target.chmod(0o640)
    expect("over the old file", run(*arguments[1:], target).returncode, 0)
    expect("its mode", (target.stat().st_mode & 0o777, sorted(os.listdir(folder))),
           (0o640, before))
    link = pathlib.Path(folder, "link")
    link.symlink_to(target)
    wanted = target.read_bytes()
    target.write_bytes(b"old")
    expect("through a link", (run(*arguments[1:], link).returncode, link.is_symlink(),
                              target.read_bytes()), (0, True, wanted))
    result = run(*arguments[1:], "/dev/stdout")
    expect("tensors to a pipe", (result.returncode, result.stdout), (0, wanted))
    write_tensors(source, {"input_ids": ("I64", [20000, 8], bytes(8 * 160000))})
    result = subprocess.run(["bash", "-o", "pipefail", "-c",
                             f"'{PROGRAM}' --tensors '{source}' /dev/stdout | head -c 0"],
                            capture_output=True)
    expect("tensors to a closed pipe", (result.returncode, result.stderr), (0, b""))
    expect_error("tensors to a full disk", run(*arguments[1:], "/dev/full"), 3,
                 "/dev/full cannot be written: No space left on device")
    write_tensors(source, {"input_ids": ids})


def tensors():
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/in", f"{folder}/out"

        def tried(given, *arguments):
            write_tensors(source, given)
            return run("--tensors", source, target, *arguments)

        ids = ("I64", [2, 3], struct.pack("<6q", 3, 4, 5, 6, 0, 0))
        lengths = ("I32", [2], struct.pack("<2i", 3, 1))
        expect("tensors", tried({"seq.lengths": lengths, "input_ids": ids}).returncode, 0)
        expect("tensors out", read_tensors(target),
               {"reversed": ("I64", [2, 3], struct.pack("<6q", 5, 4, 3, 6, 0, 0))})
        profile = tried({"input_ids": ids}, "--profile").stderr.decode()
        expect("tensors, profile", profile.startswith("fake_model: 1 run; reading "), True)
        for option in (["--json"], ["--batch", "2"]):
            expect_error(f"tensors {option}", tried({"input_ids": ids}, *option), 2,
                         f"'{option[0]}' is for lines of text and means nothing with --tensors; "
                         "--help lists the options")
        mask = ("I64", [2, 3], struct.pack("<6q", 1, 1, 1, 1, 0, 0))
        narrow = ("I64", [2, 2], struct.pack("<4q", 1, 1, 1, 0))
        flat = ("I64", [6], struct.pack("<6q", 1, 1, 1, 1, 0, 0))
        holes = ("I64", [2, 3], struct.pack("<6q", 1, 1, 1, 0, 1, 1))
        given = {"input_ids": ids, "attention_mask": mask}
        expect("a mask for lengths", tried(given).returncode, 0)
        expect("a mask for lengths, out", read_tensors(target)["reversed"][2],
               struct.pack("<6q", 5, 4, 3, 6, 0, 0))
        x = {"F64": struct.pack("<3d", 1, 2, 3), "F16": struct.pack("<3e", 1, 2, 3),
             "BF16": struct.pack("<3H", 0x3F80, 0x4000, 0x4040)}
        gate = ("BOOL", [2], b"\0\1")
        for dtype, content in x.items():
            result = tried({"x": (dtype, [1, 3], content), "gate": gate}, "--entry", "scale",
                           "--output", "twice")
            expect(f"from {dtype}", (result.returncode, result.stderr), (0, b""))
            expect(f"from {dtype}, out", read_tensors(target),
                   {"y": ("F32", [1, 3], struct.pack("<3f", 1, 2, 3)),
                    "twice": ("F32", [1, 3], struct.pack("<3f", 2, 4, 6))})
        for given, sentence in (
                ({}, f"{source} has no tensor 'input_ids'; the model reads: input_ids, "
                     "seq.lengths"),
                ({"input_ids": ("F32", [1, 1], b"\0\0\0\0")},
                 f"the input 'input_ids' is i32, but in {source} it is F32"),
                ({"input_ids": ("U16", [1, 1], b"\0\0")},
                 f"the input 'input_ids' is i32, but in {source} it is U16"),
                ({"input_ids": ids, "mask": ids}, f"the tensor 'mask' in {source} is no input; the "
                                                  "model reads: input_ids, seq.lengths"),
                ({"input_ids": ("I64", [1, 1], struct.pack("<q", 8))},
                 "the input 'input_ids' has the id 8 in row 0; it must be 0 … 7"),
                ({"input_ids": ids, "attention_mask": holes},
                 f"'attention_mask' in {source}: row 1 is not ones followed by zeros"),
                ({"input_ids": ids, "attention_mask": narrow},
                 f"'attention_mask' in {source} must have the shape 2 x 3 of 'input_ids', not "
                 "2 x 2"),
                ({"input_ids": ids, "attention_mask": flat},
                 f"'attention_mask' in {source} must be a matrix of integers"),
                ({"input_ids": ids, "seq.lengths": ids},
                 f"'seq.lengths' in {source} must be a vector of integers")):
            expect_error(f"tensors: {sentence}", tried(given), 1, sentence)
        expect_error("no such file", run("--tensors", f"{folder}/none", target), 3,
                     f"{folder}/none cannot be opened: No such file or directory")
        write_tensors(source, {"input_ids": ids})
        expect_error("no place for the result", run("--tensors", source, f"{folder}/no/out"), 3,
                     f"{folder}/no/out cannot be written: No such file or directory")
        tensor_results(folder, source, ids)
        whole = pathlib.Path(source).read_bytes()
        for cut in range(0, len(whole)):
            pathlib.Path(source).write_bytes(whole[:cut])
            result = run("--tensors", source, target)
            sentences = result.stderr.count(b"\n")
            if (result.returncode, sentences) != (1, 1):
                expect(f"cut after {cut} bytes", (result.returncode, result.stderr), 1)


def shown_on_terminal(*arguments, typed=False, interrupt=False):
    """The code of a program that gets lines for 3 seconds, and what it writes to a terminal."""
    primary, secondary = pty.openpty()
    feed, lines = pty.openpty() if typed else os.pipe()[::-1]
    with subprocess.Popen([PROGRAM, *arguments], stdin=lines, stdout=subprocess.DEVNULL,
                          stderr=secondary) as process:
        os.close(secondary)
        os.close(lines)
        for _ in range(5):
            os.write(feed, b"abc\n")
            time.sleep(0.6)
        if interrupt:
            process.send_signal(signal.SIGINT)
        elif typed:
            os.write(feed, b"\4")  # end of input
        else:
            os.close(feed)
        code = process.wait(60)
        if interrupt or typed:
            os.close(feed)
    shown = b""
    try:
        while chunk := os.read(primary, 1000):
            shown += chunk
    except OSError:
        pass
    os.close(primary)
    return code, shown


def terminal():
    """Progress appears only on a terminal and only when the work is long; it leaves no trace."""
    code, shown = shown_on_terminal()
    expect("progress", (code, b" lines" in shown, shown.endswith(b"\x1b[K")), (0, True, True))
    code, shown = shown_on_terminal(interrupt=True)
    expect("progress, interrupted", (code, b" lines" in shown, shown.endswith(b"\x1b[K")),
           (-signal.SIGINT, True, True))
    _, shown = shown_on_terminal("--profile")
    expect("progress, then a line", b"\x1b[Kfake_model: 5 lines in " in shown, True)
    expect("no progress of what is typed", shown_on_terminal(typed=True), (0, b""))


def starts_fast():
    begin = time.perf_counter()
    for _ in range(20):
        run("--version")
    print(f"start and end of the program: {(time.perf_counter() - begin) / 20 * 1000:.1f} ms")


for test in (lines_and_order, wrong_lines, weights_file, needs_nothing, memory_stays_flat,
             json_lines, pairs, streaming, closed_output, shared_files, limits, interrupted, busy,
             command_line, tensors, terminal, starts_fast):
    test()
sys.exit(f"{len(FAILED)} expectations failed" if FAILED else 0)
