# SPDX-License-Identifier: GPL-2.0
"""The host tests on a copy of the policy that has a bug."""

import os
import re
import resource
import subprocess

import mutants

# Seconds of the processor for the tests of one bug, all of which take 50: one that makes the policy go round
# for ever is caught by this. Not of the clock, for the machine may be busy; that is only bounded.
LIMIT = 240
CLOCK = 7200

# Bytes, for one that makes it remember something for ever.
MEMORY = 8 << 30

# Built in a moment rather than fast, what is not ours apart: it is built once. A failure is not to be
# shrunk, and not to be tried first with the next bug.
OPTIONS = ["--locked", "--config", "profile.test.opt-level=0", "--config", "profile.test.debug=0",
           "--config", 'profile.test.package."*".opt-level=2']
ENVIRONMENT = {"CARGO_INCREMENTAL": "1", "PROPTEST_MAX_SHRINK_ITERS": "0",
               "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "1", "RUST_BACKTRACE": "0"}

HANGS = "tests that do not end"


def bound():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 10))


class HostTests:
    def __init__(self, build):
        self.folder = build / "mutants" / "host"
        self.target = build / "mutants" / "target"
        self.log = build / "log" / "mutants-host.log"
        self.files = mutants.sources("host")
        self.log.write_text("")

    def key(self, mutant):
        parts = [part for name in sorted(self.files) for part in (name.encode(), self.files[name])]
        return mutants.checksum(mutant.text.encode() if mutant else b"", *parts)

    def cargo(self, *arguments, limit=None):
        """Status and output, which is in the log too; the status is None where the time was up."""
        command = ["cargo", "test", "--lib", "--manifest-path", self.folder / "Cargo.toml",
                   "--target-dir", self.target, *OPTIONS, *arguments]
        # In a group of its own, so that what it has started ends with it.
        with subprocess.Popen(command, env=os.environ | ENVIRONMENT, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              start_new_session=True,
                              preexec_fn=bound if limit else None) as process:
            try:
                output, status = process.communicate(timeout=limit)[0], process.returncode
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                output, status = process.communicate()[0], None
            except BaseException:
                os.killpg(process.pid, 9)
                raise
        with open(self.log, "a") as log:
            log.write(f"$ cargo test {' '.join(arguments)}\n{output}\n")
        return status, output

    def failing(self, test):
        """The tests that fail of those whose name has `test` in it; [] is none."""
        status, output = self.cargo("--quiet", *([test] if test else []), limit=CLOCK)
        if status is None:
            raise ValueError(f"the tests did not end in {CLOCK} s; the log is {self.log}")
        if re.search(r"\(signal: 24\b", output):
            return [HANGS]
        if status == 0:
            if test and not re.search(r"^test result: ok\. [1-9]", output, re.M):
                mutants.die(f"there is no host test whose name has '{test}' in it")
            return []
        if re.search(r"\(signal: (9|15)\b", output):
            raise ValueError(f"the tests were killed by somebody; the log is {self.log}")
        names = re.findall(r"^    (tests::\S+)$", output, re.M)
        if not names:
            # An abort, which takes the others with it.
            names = re.findall(r"thread '(tests::\S+)'", output) or ["an abort of all tests"]
        return sorted(set(names))

    def judge(self, mutant):
        """What catches the bug, or "" if nothing does. A string as an exception is no verdict."""
        changed = mutants.apply(mutant, self.files) if mutant else {}
        if isinstance(changed, str):
            raise ValueError(changed)
        content = {name: text.encode() for name, text in changed.items()}
        mutants.lay_out(self.folder, self.files | content)
        status, output = self.cargo("--no-run")
        if status != 0:
            first = next(iter(re.findall(r"^error.*", output, re.M)), "see the log")
            raise ValueError(f"does not compile, {first}; the log is {self.log}")
        for test in [*(mutant.tests if mutant else []), ""]:
            names = self.failing(test)
            if names:
                more = f" and {len(names) - 1} more" if len(names) > 1 else ""
                return f"{names[0]}{more}"
        return ""
