# SPDX-License-Identifier: GPL-2.0
"""A selftest on a kvm-rust.ko that has a bug: for what no host test can see."""

import subprocess
from pathlib import Path

import mutants

KERNEL = Path(__file__).resolve().parent / "kernel"

# How often a boot that did not come to the test's end is made again: the machine may be overloaded.
TRIES = 2


class Boots:
    def __init__(self, build):
        self.build = build
        self.folder = build / "mutants" / "kernel"
        self.log = build / "log" / "mutants-boot.log"
        self.files = mutants.sources("boot")
        self.log.write_text("")

    def key(self, mutant):
        parts = [part for name in sorted(self.files) for part in (name.encode(), self.files[name])]
        return mutants.checksum(mutant.text.encode(), *parts)

    def missing(self):
        """Why this cannot be done, or ""."""
        out = self.build / "out"
        names = [name for name in ("Image", "kvm-c.ko", "kvm-rust.ko") if not (out / name).exists()]
        return f"no {', '.join(names)} in {out}: run 'make build'" if names else ""

    def run(self, what, *command):
        with open(self.log, "a") as log:
            log.write(f"$ {what}\n")
            log.flush()
            return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                                  stdout=log, stderr=log, check=False).returncode

    def prepare(self):
        if self.run("prepare", KERNEL, "prepare", self.folder):
            mutants.die(f"the selftests were not built; the log is {self.log}")

    def judge(self, mutant):
        """As HostTests.judge()."""
        changed = mutants.apply(mutant, self.files)
        if isinstance(changed, str):
            raise ValueError(changed)
        content = {name: text.encode() for name, text in changed.items()}
        mutants.lay_out(self.folder / "overlay", self.files | content)
        if self.run(f"build {mutant.name}", KERNEL, "build", self.folder):
            raise ValueError(f"does not compile, or its kernel was not built; the log is {self.log}")
        machine, test = mutant.tests
        results = self.folder / "build" / "out" / "test" / test / "rust"
        for _ in range(TRIES):
            self.run(f"boot {mutant.name}", KERNEL, "boot", self.folder, machine, test)
            runs = results / "runs"
            lines = [line.split() for line in runs.read_text().splitlines()] if runs.exists() else []
            status = {line[1]: line[2] for line in lines}
            if status.get("module/build-id") != "0" or test not in status:
                continue
            if (results / "rust" / f"{test}.kernel").exists():
                return f"{test}: the kernel complains"
            if status[test] == "0":
                return ""
            if status[test] == "4":
                raise ValueError(f"{test} is skipped on {machine}")
            return f"{test}: {first_failure(results / 'rust' / f'{test}.log') or status[test]}"
        raise ValueError(f"{test} was not seen to its end; its console is {results / 'console'}")


def first_failure(log):
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    for line in lines:
        if line.startswith("not ok "):
            return line.split(maxsplit=3)[-1]
    return ""
