# SPDX-License-Identifier: GPL-2.0
"""Is docs/differences.md true? Each row's test must exist, have run, and have given what its kind
promises; and each case that claims a row must have one.

The table of the ledger is `| id | C 7.2 | here | why | kind | test |`. Its kinds and their tests:

    guest, race  `sbi_ipi_test [I1]`       the cases whose names start so: not ok on C, ok in Rust
    fatal        `fatal/R6`                a boot of its own: the C dies or hangs, the Rust is ok
    debug        `debug/K4`                a boot of the debug kernel: the C splats or dies, the Rust is ok
    host         `cargo sbi::srst::sweeps` a host test that passed

All but the last are looked for on machine `aia`, or where the cell ends in "on MACHINE", there. A row of another kind
may name `debug/ID` as well, after a comma.

`make test-debug` checks the rows of kind debug, and only those; `make test` goes by what the last run of
it came to, if there was one.
"""

import re

import lists

# A case that the C did not get to shows nothing of the row: only one that ran and failed does.
FAILS = {"not ok"}
DIES = {"oops", "lockup", "timeout"}
SPLATS = {"splat", "oops", "lockup"}
ALONE_ON_C = SPLATS if lists.VARIANT == "debug" else DIES
LEDGER = lists.HERE.parents[1] / "docs" / "differences.md"
COLUMNS = ["id", "C 7.2", "here", "why", "kind", "test"]
MACHINE = "aia"  # where a row shows itself that names no other machine


def parse():
    """(line number, row) of each row of the ledger, a row being column -> text."""
    columns = None
    for number, line in enumerate(lists.lines(LEDGER), 1):
        if not line.startswith("|"):
            columns = None
            continue
        # A bar inside a cell is written \\|.
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if cells[:1] == ["id"]:
            columns = cells
        elif columns == COLUMNS and not set(line) <= set("|-: "):
            yield number, dict(zip(columns, cells))


def tests_of(row):
    """(kind, test, machine) of each test of a row: one of its own kind, or of kind debug besides."""
    tests, _, machine = row.get("test", "").partition(" on ")
    for number, test in enumerate(tests.split(", ")):
        test = test.strip("`")
        yield "debug" if number and test.startswith("debug/") else row.get("kind"), test, machine or MACHINE


def homes():
    """id -> the machine on which the row shows itself"""
    return {row["id"].strip("`"): next(tests_of(row))[2] for _, row in parse()}


def is_due(kind):
    """Whether a test of this kind can be judged by what has been run."""
    if lists.VARIANT == "debug":
        return kind == "debug"
    return kind != "debug" or lists.DEBUG_RESULTS.exists()


def check_test(row, kind, test, machine, results):
    """What is wrong with one test of a row; None where nothing is."""
    if len(row) != len(COLUMNS) or not all(row.values()):
        return "a cell is missing or empty"
    row_id = row["id"].strip("`")

    def of(side, match):
        return {r.result for r in results if r.side == side and match(r)}

    if kind in ("guest", "race"):
        name, _, case = test.partition(" ")
        if case != f"[{row_id}]":
            return f"the test of a {kind} row is written `NAME [{row_id}]`"

        def match(r):
            return r.machine == machine and r.test == name and r.id == row_id
        c, rust = of("c", match), of("rust", match)
        if not c or not rust:
            return f"no case [{row_id}] of {name} ran on both modules of {machine}"
        if rust != {"ok"}:
            return f"{test} is {', '.join(sorted(rust))} in Rust"
        if c != FAILS:
            return f"{test} has to fail on C and is {', '.join(sorted(c))}"
    elif kind in ("fatal", "debug"):
        if test != f"{kind}/{row_id}":
            return f"the test of a {kind} row is written `{kind}/{row_id}`"
        if kind == "debug":
            results = lists.results(lists.DEBUG_RESULTS)

        def match(r):
            return r.machine == machine and r.test == test
        c, rust = of("c", match), of("rust", match)
        if not c or not rust:
            return f"{test} did not run on both"
        if not c <= (SPLATS if kind == "debug" else DIES):
            return f"{test} does not make the C {'splat' if kind == 'debug' else 'die'}: {', '.join(sorted(c))}"
        if rust != {"ok"}:
            return f"{test} is {', '.join(sorted(rust))} in Rust"
    elif kind == "host":
        name = test.removeprefix("cargo ")
        found = of("rust", lambda r: r.machine == "host" and r.name == name)
        if found != {"ok"}:
            return f"host test {name}: {', '.join(found) or 'did not run'}; {lists.HOST_LOG}"
    else:
        return f"there is no kind '{kind}', or nothing that checks such a row yet"
    return None


def check(results):
    """How many rows there are, and what is wrong with them, a sentence each."""
    complaints, ids, checked = [], set(), 0
    for number, row in parse():
        row_id = row.get("id", "").strip("`")
        due = [test for test in tests_of(row) if is_due(test[0])]
        checked += bool(due)
        wrong = ["this id has a row already"] if due and row_id in ids else [check_test(row, *test, results) for test in due]
        if any(wrong):
            complaints.append(f"{LEDGER}:{number}: {row_id}: {'; '.join(filter(None, wrong))}")
        ids.add(row_id)
    claimed = {}
    for r in results:
        if r.id and r.id not in ids:
            claimed[r.id] = r.test
        elif r.test.startswith(lists.ALONE) and r.test[len(lists.ALONE):] not in ids:
            claimed[r.test[len(lists.ALONE):]] = r.test
    complaints += [f"{test} claims row {row_id}, which {LEDGER} does not have"
                   for row_id, test in sorted(claimed.items())]
    return checked, complaints
