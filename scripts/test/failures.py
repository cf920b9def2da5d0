# SPDX-License-Identifier: GPL-2.0
"""What the log of a test says of a failure, in a few lines: where only the table is seen, as in CI, that has to do."""

import re

import kernel_log
import lists
import nacl_counters

MOST = 8
# What stands between the diagnostics of one case and those of the next.
BETWEEN = re.compile(r"\s*((not )?ok \d|\d+\.\.\d|K?TAP version)")
# Of the cases of the module itself.
OF_MODULE = {"loads": "module.log", "unloads": "module.log", "leaks nothing": "leaks",
             f"{kernel_log.NONE} at its load": "load.kernel", f"{kernel_log.NONE} at its unload": "unload.kernel"}


def before(log, name):
    """What stands before the result `not ok` of a case; None where the log does not have it."""
    result = re.compile(rf"\s*not ok \d+ (- )?{re.escape(name)}\s*$")
    for end, line in enumerate(log):
        if result.match(line):
            begin = end
            while begin and not BETWEEN.match(log[begin - 1]):
                begin -= 1
            return log[begin:end][-MOST:]
    return None


def words(folder, test, name):
    """Where a failure is logged, and the words on it."""
    # What the NACL firmware counted has no log of its own.
    if test == nacl_counters.TEST or (test == "module" and name not in OF_MODULE):
        return None, []
    path = folder / (OF_MODULE[name] if test == "module" else f"{test}.log")
    complaint = None
    if name == kernel_log.NONE:
        complaint = kernel_log.of_test(folder, test)
    elif test == "module":
        complaint = kernel_log.complaint(path)
    if complaint:
        return complaint[0], complaint[1][:MOST]
    log = lists.lines(path)
    found = before(log, name) if name else None
    return path, log[-MOST:] if found is None else found


def said(machine, module, test, name):
    """The log and its words on a case, or on the program where `name` is empty."""
    path, log = (lists.HOST_LOG, []) if machine == "host" else words(lists.RESULTS / machine / module, test, name)
    if path:
        yield f"its log is {path}" if path.exists() else f"it has no log {path}"
    yield from (f"| {line.strip()}" for line in log)
