# SPDX-License-Identifier: GPL-2.0
"""The host tests on a copy of the policy that has a bug."""

import os
import re
import resource
import subprocess

import mutants
from mutants import NoVerdict

# Seconds of the processor for the tests of one bug, all of which take 10: one that makes the policy go round
# for ever is caught by this. Not of the clock, for the machine may be busy; that is only bounded.
LIMIT = 120
CLOCK = 7200

# Bytes, for one that makes it remember something for ever.
MEMORY = 8 << 30

# Without optimisation the tests take six times as long, and what changed is compiled no faster. What is not
# ours is built once. A failure is not to be shrunk, and not to be tried first with the next bug.
OPTIONS = ["--locked", "--config", "profile.test.opt-level=1", "--config", "profile.test.debug=0",
           "--config", 'profile.test.package."*".opt-level=2']
ENVIRONMENT = {"CARGO_INCREMENTAL": "1", "PROPTEST_MAX_SHRINK_ITERS": "0",
               "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "1", "RUST_BACKTRACE": "0"}

def bound():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 10))


class HostTests:
    def __init__(self, build):
        self.folder = build / "mutants" / "host"
        self.target = build / "mutants" / "target"
        self.log = build / "log" / "mutants-host.log"
        self.files = mutants.sources(mutants.CHANGES["host"] + mutants.INPUTS["host"])
        self.log.write_text("")

    def missing(self):
        """Why this cannot be done, or ""."""
        return ""

    def test(self, _mutant):
        """What must not fail without a bug, or it says nothing of one."""
        return "the host tests"

    def key(self, mutant, _test=""):
        """Of all that decides how it ends."""
        return mutants.key(mutant, self.files)

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

    def failing(self, test, *options, hangs=False):
        """The tests that fail of those whose name has `test` in it; [] is none."""
        status, output = self.cargo("--quiet", *([test] if test else []), *options, limit=CLOCK)
        if status is None:
            raise NoVerdict(f"the tests did not end in {CLOCK} s; the log is {self.log}")
        if status == 0:
            if test and not options and not re.search(r"^test result: ok\. [1-9]", output, re.M):
                mutants.die(f"there is no host test whose name has '{test}' in it")
            return []
        by_signal = re.search(r"\(signal: (\d+)", output)
        if by_signal and by_signal[1] == "24":
            if hangs:
                return ["the host tests, which do not end"]
            raise NoVerdict(f"the tests did not end in {LIMIT} s of the processor, and the mutant does not say "
                            f"`hangs`; the log is {self.log}")
        if by_signal and by_signal[1] in ("9", "15"):
            raise NoVerdict(f"the tests were killed by somebody; the log is {self.log}")
        names = re.findall(r"^    (tests::\S+)$", output, re.M)
        if not names and by_signal:
            # An abort, which takes the others with it.
            names = re.findall(r"thread '(tests::\S+)'", output) or ["an abort of all tests"]
        if not names:
            raise NoVerdict(f"cargo ended with status {status}, and no test has failed; the log is {self.log}")
        return sorted(set(names))

    def compile(self, changed):
        mutants.lay_out(self.folder, self.files | changed)
        status, output = self.cargo("--no-run")
        if status != 0:
            first = next(iter(re.findall(r"^error.*", output, re.M)), "see the log")
            raise NoVerdict(f"does not compile, {first}; the log is {self.log}")

    def without_a_bug(self, tests):
        """test -> why it fails without a bug, "" if it does not."""
        self.compile({})
        failing = self.failing("")
        if failing:
            mutants.die(f"host tests fail without a bug, {failing[0]} the first; the log is {self.log}")
        return dict.fromkeys(tests, "")

    def judge(self, mutant, known):
        """The test that catches the bug, and what else there is to say of it; None if none does.

        `known` is one that has caught it before, or "": if it still does that is enough."""
        self.compile(mutants.apply(mutant, self.files))
        if known and self.failing(known, "--", "--exact", hangs=mutant.hangs):
            return known, ""
        for test in (mutant.tests["host"][0], ""):
            names = self.failing(test, hangs=mutant.hangs)
            if names:
                return names[0], f" and {len(names) - 1} more" if len(names) > 1 else ""
        return None
