# SPDX-License-Identifier: GPL-2.0
"""What the kernel logged while a test ran, or a module came or went."""

import re

import lists

# The case of each test that it did not.
NONE = "the kernel logs no warning"
SPLAT = re.compile(r"WARNING: |BUG: |Oops|Call Trace:|INFO: (rcu|task)|blocked for more than|UBSAN: |unreferenced object")
# What is said of a failure that a test has asked for (stress/fail_nth_*), with a call trace.
ASKED_FOR = re.compile(r"fail_nth_\w+: (vmalloc error|page allocation failure)")


def complaint(kernel):
    """Where the kernel complained, and what it said from there on; None where it did not."""
    asked_for = False
    log = lists.lines(kernel)
    for number, line in enumerate(log):
        if ASKED_FOR.search(line):
            asked_for = True
        elif asked_for and "Call Trace:" in line:
            asked_for = False
        elif SPLAT.search(line):
            return kernel, log[number:]
    return None


def of_test(folder, test):
    """The complaint during a test, in the last or any earlier of its tries; None where there is none."""
    logs = (folder / f"{test}.kernel", *sorted(folder.glob(f"{test}.try*.kernel")))
    return next((found for log in logs if (found := complaint(log))), None)
