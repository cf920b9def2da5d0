# SPDX-License-Identifier: GPL-2.0
"""What the tests say of the SBI specification: the page docs/conformance.md, made of

    requirements            what the specification asks for, in our words, with an id for each
    results.tsv             the ids that each case of our selftests shows, and how it ended
    host/src/tests/*.rs     `// conforms: ID...` above a host test, whose result is in results.tsv too

No row is written by hand. The page has no numbers that differ from one run to the next, so that the
one in docs/ can be compared with what a run gives.
"""

import re

import ledger
import lists

REQUIREMENTS = "requirements"
PAGE = lists.HERE.parents[1] / "docs" / "conformance.md"
MADE = lists.BUILD / "out" / "conformance.md"
HOST_TESTS = lists.HERE.parents[1] / "host" / "src" / "tests"

HEAD = """<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- Made by scripts/test/conformance from what the tests said. `make conformance` makes it anew. -->
# Conformance to the SBI specification v3.0

What the specification asks for, and what `make test` saw of it. In the columns of the two modules:

- **passes**: every test of the row passed, on each machine that can run it;
- **fails**: at least one did not. What C 7.2 fails, and this does not, is a row of the
  [ledger](differences.md), whose id is there;
- **not always**: what the C fails now and then, as `scripts/test/left-out` explains;
- **not run**: tests on the build machine (`cargo`), which have no C, and those of the legacy extension, which
  the test kernels of the C do not have;
- **untested**: no test shows the requirement.

The error FAILED "for unspecified or unknown other reasons" is no requirement: nothing says when it is due.
"""


class Requirement:
    def __init__(self, name, section, text):
        self.name, self.section, self.text = name, section, text
        self.tests = []  # of Test

    def module(self, side):
        """What is said of one module."""
        outcomes = [test.outcome(side) for test in self.tests]
        if not outcomes:
            return "untested"
        if "fails" in outcomes:
            ids = {test.row_id for test in self.tests if test.row_id and test.outcome(side) == "fails"}
            return "fails" + (f" ({', '.join(sorted(ids))})" if ids else "")
        for outcome in ("not always", "passes"):
            if outcome in outcomes:
                return outcome
        return "not run"


class Test:
    """A case of a selftest, or a host test: its results on all machines."""

    def __init__(self, program, name):
        self.program, self.name = program, name
        self.row_id = None
        self.conforms = []
        self.order = 0
        self.results = {"c": {}, "rust": {}}  # machine -> result
        self.may_fail_on_c = False

    def outcome(self, side):
        results = self.results[side]
        if side == "c" and self.row_id:
            # On the other machines a difference may have nothing to show itself in.
            results = {m: r for m, r in results.items() if m == ledger.MACHINE}
        seen = set(results.values()) - {"skip"}
        if not seen:
            return "not run"
        if side == "c" and self.may_fail_on_c and not self.row_id:
            return "not always"
        return "passes" if seen == {"ok"} else "fails"

    def __str__(self):
        return f"`{self.program}` {self.name}"


def parse():
    """(chapters, requirements): id -> title, and id -> Requirement, in the order of the file; and what is wrong."""
    chapters, requirements, complaints = {}, {}, []
    for name, section, text in lists.rows(REQUIREMENTS, 3):
        if name in chapters or name in requirements:
            complaints.append(f"requirements: {name} is there twice")
        if section == "chapter":
            chapters[name] = text
        elif name.partition(".")[0] != next(reversed(chapters), None):
            complaints.append(f"requirements: {name} is not in the chapter that its id begins with")
        else:
            requirements[name] = Requirement(name, section, text)
    return chapters, requirements, complaints


def host_tags():
    """(file and line, name of the test, ids) of each tag in the host tests."""
    for path in sorted(HOST_TESTS.rglob("*.rs")):
        module = "::".join(("tests", *path.relative_to(HOST_TESTS).with_suffix("").parts)).removesuffix("::mod")
        tag = None
        for number, line in enumerate(lists.lines(path), 1):
            if found := re.match(r"\s*// conforms: (.+)", line):
                where = f"{path}:{number}" if tag is None else tag[0]
                tag = where, (tag[1] if tag else []) + found[1].split()
            elif tag and (found := re.match(r"\s*fn (\w+)", line)):
                yield tag[0], f"{module}::{found[1]}", tag[1]
                tag = None
        if tag:
            yield tag[0], "no test below it", tag[1]


def tests_of(results):
    """All that ran, and what is wrong with their tags."""
    left_out, tests, complaints = lists.LeftOut(), {}, []
    # A case that one module did not get to, and what it shows, are known from the other one.
    ran = {(r.machine, r.side, r.test) for r in results}
    for r in results:
        if not r.name:
            continue
        test = tests.setdefault((r.test, r.name), Test(r.test, r.name))
        test.row_id, test.order = r.id, max(test.order, r.case)
        test.conforms += [name for name in r.conforms if name not in test.conforms]
        if test.results[r.side].get(r.machine, "ok") in ("ok", "skip"):
            test.results[r.side][r.machine] = r.result
        test.may_fail_on_c |= left_out.why("fails on C", r.machine, r.test, r.name) is not None
    for (program, _), test in tests.items():
        for machine in set(test.results["c"]) | set(test.results["rust"]):
            for side in ("c", "rust"):
                if (machine, side, program) in ran:
                    test.results[side].setdefault(machine, "missing")
    for where, name, ids in host_tags():
        if ("cargo", name) in tests:
            tests["cargo", name].conforms += ids
        else:
            complaints.append(f"{where}: the host test of this tag did not run: {name}")
    return tests, complaints


def collect(results):
    """(chapters, requirements with their tests, complaints)"""
    chapters, requirements, complaints = parse()
    tests, wrong = tests_of(results)
    complaints += wrong
    # The order in which host tests end is another one each time.
    for test in sorted(tests.values(), key=lambda t: (t.program == "cargo", t.program,
                                                      0 if t.program == "cargo" else t.order, t.name)):
        for name in test.conforms:
            if name in requirements:
                requirements[name].tests.append(test)
            else:
                complaints.append(f"{test} conforms to {name}, which scripts/test/requirements does not have")
    return chapters, requirements, complaints


def table(heads, rows):
    """Cells between bars."""
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"


def count(requirements):
    """How many there are, are untested, and pass on each module."""
    return (len(requirements), sum(not r.tests for r in requirements),
            *(sum(r.module(side) == "passes" for r in requirements) for side in ("c", "rust")))


def page(chapters, requirements):
    lines = [HEAD]
    of_chapter = {chapter: [r for r in requirements.values() if r.name.startswith(f"{chapter}.")]
                  for chapter in chapters}
    rows = [(title, *count(of_chapter[chapter])) for chapter, title in chapters.items()]
    rows.append(("**all**", *count(list(requirements.values()))))
    lines += table(("chapter", "requirements", "untested", "C 7.2 passes", "Rust passes"), rows)
    for chapter, title in chapters.items():
        lines += ["", f"## {title}", ""]
        lines += table(("section", "requirement", "test", "C 7.2", "Rust"),
                       [(r.section, f"{r.text}<br>`{r.name}`", "<br>".join(map(str, r.tests)) or "untested",
                         r.module("c"), r.module("rust")) for r in of_chapter[chapter]])
    return "\n".join(lines) + "\n"


def check(results, compare=True):
    """What the tests show in a sentence, and what is wrong, a sentence each. Leaves the page in MADE.

    With `compare`, the page in docs/ has to be the same one.
    """
    chapters, requirements, complaints = collect(results)
    made = page(chapters, requirements)
    MADE.parent.mkdir(parents=True, exist_ok=True)
    MADE.write_text(made)
    if compare and (not PAGE.exists() or PAGE.read_text() != made):
        complaints.append(f"{PAGE} is not what the tests say now, which is {MADE}: if that is as it should be, "
                          "'make conformance' puts it into docs/")
    number, untested, c, rust = count(list(requirements.values()))
    return f"{number} requirements, {untested} untested; C passes {c}, Rust {rust}", complaints
