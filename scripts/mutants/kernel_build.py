# SPDX-License-Identifier: GPL-2.0
"""A kvm-rust.ko that has a bug, in a build folder of its own beside the products of the real one."""

import functools
import os
import re
import subprocess
from pathlib import Path

import mutants
from mutants import NoVerdict

KERNEL = Path(__file__).resolve().parent / "kernel"


class KernelBuild:
    """What the stages that boot have in common."""

    stage = ""

    def __init__(self, build):
        self.build = build
        # One for all: what is built between two mutants is little.
        self.folder = build / "mutants" / "kernel"
        self.out = self.folder / "build" / "out"
        self.log = build / "log" / f"mutants-{self.stage}.log"
        self.files = mutants.sources(mutants.CHANGES[self.stage])
        self.log.write_text("")

    def missing(self):
        """Why this cannot be done, or ""."""
        out = self.build / "out"
        names = [name for name in ("Image", "kvm-c.ko", "kvm-rust.ko") if not (out / name).exists()]
        return f"no {', '.join(names)} in {out}: run 'make build'" if names else ""

    @functools.cached_property
    def inputs(self):
        """What decides how a test ends, apart from its own program."""
        files = mutants.sources(mutants.INPUTS[self.stage])
        files["tools"] = (self.build / "tools.env").read_bytes()
        files["linux"] = (Path(os.environ.get("LINUX") or self.build / "linux") / "Makefile").read_bytes()
        return {name: content for name, content in files.items()
                if not re.fullmatch(f"{mutants.PROGRAM}|{mutants.VERDICTS}", name)}

    def run(self, what, *command, output=None):
        """The command's status; what it says is in the log, or its standard output in `output`."""
        with open(self.log, "a") as log:
            log.write(f"$ {what}\n")
            log.flush()
            return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                                  stdout=output or log, stderr=log, check=False).returncode

    @functools.cached_property
    def prepared(self):
        if self.run("prepare", KERNEL, "prepare", self.folder):
            mutants.die(f"the selftests were not built; the log is {self.log}")
        return True

    def compile(self, what, changed):
        """Builds kvm-rust.ko with these files changed."""
        assert self.prepared
        mutants.lay_out(self.folder / "overlay", self.files | changed)
        if self.run(f"build {what}", KERNEL, "build", self.folder):
            raise NoVerdict(f"does not compile, or its kernel was not built; the log is {self.log}")
