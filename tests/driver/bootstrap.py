#!/usr/bin/env python3
"""./bootstrap where something is missing: the machine is offline, is no Debian, or has no root. Each
ends with one sentence. Everything that bootstrap would call is a stub in a folder of its own.
usage: bootstrap.py SOURCE_FOLDER. Non-goals: a machine where all is well, which runs these tests."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv[1])


class Bootstrap(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path, self.bin = pathlib.Path(folder.name) / "a tree", pathlib.Path(folder.name) / "bin"
        (self.path / "tests/bench").mkdir(parents=True)
        (self.path / "tests/bench/one.txt").touch()
        self.bin.mkdir()
        shutil.copy(ROOT / "bootstrap", self.path)
        for tool in ("sh", "dirname", "cat", "mkdir", "tail", "env", "tr"):
            (self.bin / tool).symlink_to(shutil.which(tool))

    def stub(self, name, body):
        (self.bin / name).write_text("#!/bin/sh\n" + body + "\n")
        (self.bin / name).chmod(0o755)

    def debian_without_cmake(self, user):
        self.stub("dpkg-query", 'for last; do :; done; [ "$last" = cmake ] || printf installed')
        self.stub("id", f"echo {user}")
        self.stub("apt-get", "echo Temporary failure resolving the name >&2; exit 100")

    def bootstrap(self, *words):
        done = subprocess.run([self.path / "bootstrap", *words], env={"PATH": str(self.bin)}, cwd="/",
                              capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def test_offline(self):
        self.debian_without_cmake(0)
        log = self.path / "build/install.log"
        self.assertEqual(self.bootstrap("demo"), (
            1, "==> installing from Debian: cmake \n", "Temporary failure resolving the name\n" * 2 +
            "bootstrap: the packages could not be installed; is this Debian 12 with "
            f"bookworm-security, and is the machine online? The whole log: {log}\n"))

    def test_neither_root_nor_sudo(self):
        self.debian_without_cmake(1000)
        self.assertEqual(self.bootstrap("demo"), (
            1, "", "bootstrap: root is needed to install packages and there is no sudo; run as root: "
            "apt-get install --no-install-recommends cmake \n"))

    def test_sudo(self):
        self.debian_without_cmake(1000)
        self.stub("sudo", 'echo "sudo $*"; exit 1')
        code, out, err = self.bootstrap("demo")
        self.assertEqual((code, out), (1, "==> installing from Debian: cmake \n"))
        self.assertIn("apt-get install -y --no-install-recommends cmake\n", err)

    def test_no_debian(self):
        code, out, err = self.bootstrap("demo")
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(err, "bootstrap: this is not a Debian system. Install the packages listed at "
                         "the top of this file in your system's way, then: cmake --preset release && "
                         "cmake --build --preset release\n")

    def test_words_it_does_not_know(self):
        code, out, err = self.bootstrap("dance")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("usage: ./bootstrap COMMAND", err)
        for words, sentence in ((["--only", "two"], "there is no measurement 'two'; there are: one "),
                                (["--only"], "--only wants a name; there are: one "),
                                (["two"], "bench takes --only NAME[,NAME]; there are: one ")):
            self.assertEqual(self.bootstrap("bench", *words), (1, "", f"bootstrap: {sentence}\n"))

    @unittest.skipUnless(shutil.which("shellcheck"), "there is no shellcheck")
    def test_shellcheck(self):
        done = subprocess.run(["shellcheck", ROOT / "bootstrap", ROOT / "tests/compiler/run.sh"],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))


del sys.argv[1:]
unittest.main()
