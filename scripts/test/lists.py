# SPDX-License-Identifier: GPL-2.0
"""The files that steer the runner (machines, limits, left-out), and where results are.

With VARIANT=debug in the environment: those of the debug kernel. It has machines of its own, and what
is left out on it comes to what is left out anyway; `make test` leaves its tests alone.
"""

import fnmatch
import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("BUILD") or HERE.parents[1] / "build")
LINUX = Path(os.environ.get("LINUX") or BUILD / "linux")
VARIANT = os.environ.get("VARIANT", "")
RESULTS = BUILD / "out" / VARIANT / "test"
# What a run on the debug kernel came to, for the rows of the ledger of that kind.
DEBUG_RESULTS = BUILD / "out" / "debug" / "test" / "results.tsv"
# Programs with boots of their own, one for each module: the C is expected to die, or to splat.
ALONE = "debug/" if VARIANT == "debug" else "fatal/"
# KASAN, lockdep and the like make the kernel slower by so much, on a machine with other work.
SLOWER = 16 if VARIANT == "debug" else 1
HOST_LOG = BUILD / "log" / "host-tests.log"


def die(message):
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")


def lines(path):
    """The lines of a file; none where there is no such file."""
    return path.read_text(errors="replace").splitlines() if path.exists() else []


def rows(name, columns):
    """The rows of a steering file: fields between bars, comments and empty lines aside."""
    path = HERE / name
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != columns or not fields[0] or not fields[-1]:
            die(f"{path}:{number}: {columns} fields between bars, the first and last not empty")
        yield fields


def steering(name):
    """The steering file of this kernel: `name` or, on the debug kernel, `name`-debug."""
    return f"{name}-{VARIANT}" if VARIANT else name


def machines(target=None):
    """name -> (options of the launcher, modules, which tests), of one target of make or of all"""
    return {name: (options.split(), modules.split(), tests.split())
            for name, its, options, modules, tests in rows(steering("machines"), 5) if target in (None, its)}


def on_nacl(machine):
    """Whether a machine is on the NACL firmware."""
    return "--nacl" in machines().get(machine, ((),))[0]


def limits():
    """test -> (seconds, tries, arguments); with "" what a test has that is not in the files."""
    found = {"": (60 * SLOWER, 1, "")}
    for name, slower in ("limits", SLOWER), (steering("limits"), 1):
        found |= {test: (int(seconds) * slower, int(tries), arguments)
                  for test, seconds, tries, arguments, _ in rows(name, 5)}
    return found


class LeftOut:
    """What may be missing, and the reason that the file gives."""

    WHATS = ("not run", "skipped", "fails on C")

    def __init__(self):
        self.entries = []
        for name, machine, what, why in [row for file in dict.fromkeys(("left-out", steering("left-out")))
                                         for row in rows(file, 4)]:
            if what not in self.WHATS:
                die(f"left-out: '{what}' is none of: {', '.join(self.WHATS)}")
            test, _, case = name.partition(": ")
            self.entries.append((test, case, machine, what, why))

    def why(self, what, machine, test, case=""):
        """The reason why `what` may be so; None where the file does not have it."""
        for a_test, a_case, a_machine, a_what, reason in self.entries:
            if (a_what == what and a_test == test and fnmatch.fnmatchcase(machine, a_machine)
                    and a_case in ("", "*", case)):
                return reason
        return None


def tests():
    """The names of the kernel's own tests, of ours, and of those of ours that are asked for by name."""
    kernel, ours = (lines(BUILD / "selftests" / whose / "list") for whose in ("kernel", "ours"))
    return (kernel, [test for test in ours if "/" not in test],
            [test for test in ours if test.startswith("stress/")])


def selected(machine):
    """The tests that `machine` is for, whether left out or not."""
    kernel, ours, stress = tests()
    wanted = machines()[machine][2]

    def named(test):
        return any(fnmatch.fnmatch(test, want) for want in wanted)
    for test in ours:
        if test.startswith("nacl_") and not on_nacl(machine):
            continue
        if "all" in wanted or "ours" in wanted or named(test):
            yield test
    for test in kernel:
        if "all" in wanted or named(test):
            yield test
    # In the order in which they are asked for.
    for want in wanted:
        yield from (test for test in stress if fnmatch.fnmatch(test, want))


def alone():
    """The names of our tests that have boots of their own."""
    return [test for test in lines(BUILD / "selftests" / "ours" / "list") if test.startswith(ALONE)]


class Result:
    """A line of results.tsv."""

    def __init__(self, line):
        # A run on the debug kernel may be from before the column `conforms`.
        fields = [*line.split("\t"), ""][:7]
        self.machine, self.module, self.test, number, self.name, self.result, conforms = fields
        self.case = int(number)
        self.conforms = conforms.split()
        # The row of the ledger that says that the C fails this case.
        found = re.match(r"\[(\w+)\]", self.name)
        self.id = found[1] if found else None

    @property
    def side(self):
        """Which of the two it speaks for; KVM=y has the Rust in it."""
        return "c" if self.module == "c" else "rust"


def results(path=None):
    return [Result(line) for line in lines(path or RESULTS / "results.tsv")[1:]]
