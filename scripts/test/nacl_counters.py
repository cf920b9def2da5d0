# SPDX-License-Identifier: GPL-2.0
"""What the NACL firmware counted while one module was in use: a file for each test, and `module.nacl` for what
came between them. A line is a counter: its name and its value on each hart, with tabs between. Violations
are cases of the test `nacl/strict`."""

import lists

TEST = "nacl/strict"
ENTERED = "entry into V=1 by sync_sret"
VIOLATION = "VIOLATION "
# Violations of the C, and the row of the ledger that says so.
ROWS = {"HFENCE entry": "N10"}
# Violations that a test makes on purpose: the end of the counter's name -> tests
DELIBERATE = {"fence not made before entry": ("nacl_fence_test",)}


def counters(folder, module):
    """counter -> {test: sum over the harts}"""
    found = {}
    for path in sorted((folder / module).rglob("*.nacl")):
        test = path.relative_to(folder / module).with_suffix("").as_posix()
        for line in lists.lines(path):
            name, *values = line.split("\t")
            of_tests = found.setdefault(name, {})
            of_tests[test] = of_tests.get(test, 0) + sum(map(int, values))
    return found


def violations(found):
    """What is violated -> the tests of which there is more than none"""
    return {name: [test for test, count in of_tests.items() if count and test not in DELIBERATE.get(name, ())]
            for name, of_tests in ((name.removeprefix(VIOLATION), of_tests) for name, of_tests in found.items()
                                   if name.startswith(VIOLATION))}


def entries(found):
    """How often a guest was entered by the firmware."""
    return sum(found.get(ENTERED, {}).values())


def rows(folder, machine, module):
    """The rows of the test. Without counters, or where no guest was entered, it shows nothing: `lost`."""
    found = counters(folder, module)
    broken = violations(found)
    yield machine, module, TEST, 0, "", "ok" if entries(found) and broken else "lost", ""
    for number, (what, tests) in enumerate(broken.items(), 1):
        row = f"[{ROWS[what]}] " if what in ROWS else ""
        yield machine, module, TEST, number, f"{row}no violation: {what}", "not ok" if tests else "ok", ""
