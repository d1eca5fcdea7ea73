"""Whether a program needs nothing but itself: no interpreter, no shared library, no other file.
Non-goals: what it answers."""
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

INTERPRETER, DYNAMIC = 3, 2  # kinds of program headers
NEEDED = 1                   # a tag of the dynamic section


def is_sanitized(program):
    """Whether it was made to find its own faults, for which it needs shared libraries."""
    return b"__asan_init" in pathlib.Path(program).read_bytes()


def problems(program):
    """What its headers ask the system for."""
    content = pathlib.Path(program).read_bytes()
    offset, = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<2H", content, 54)
    found = []
    if struct.unpack_from("<H", content, 16)[0] != 3:
        found.append("it is not position independent")
    for i in range(count):
        kind, = struct.unpack_from("<I", content, offset + i * size)
        begin, _, _, length = struct.unpack_from("<4Q", content, offset + i * size + 8)
        if kind == INTERPRETER:
            found.append("it has an interpreter")
        if kind == DYNAMIC:
            tags = (struct.unpack_from("<Q", content, at)[0]
                    for at in range(begin, begin + length, 16))
            if NEEDED in tags:
                found.append("it needs a shared library")
    return found


def run_in_empty_root(program, *arguments, text):
    """The program's result in a root directory with nothing else in it; None where this is
    forbidden."""
    if os.geteuid() != 0:
        return None
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(program, f"{folder}/program")
        return subprocess.run(["chroot", folder, "/program", *arguments], input=text,
                              capture_output=True)
