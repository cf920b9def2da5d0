# SPDX-License-Identifier: GPL-2.0
"""Is docs/differences.md true? Each row's test must exist, have run, and have given what its kind
promises; and each case that claims a row must have one.

The table of the ledger is `| id | C 7.2 | here | why | kind | test |`. Its kinds and their tests:

    guest, race  `sbi_ipi_test [I1]`       the cases whose names start so: not ok on C, ok in Rust
    fatal        `fatal/R6`                a boot of its own: the C dies or hangs, the Rust is ok
    host         `cargo sbi::srst::sweeps` a host test that passed
"""

import re

import lists

# A case that the C did not get to shows nothing of the row: only one that ran and failed does.
FAILS = {"not ok"}
DIES = {"oops", "lockup", "timeout"}
LEDGER = lists.HERE.parents[1] / "docs" / "differences.md"
COLUMNS = ["id", "C 7.2", "here", "why", "kind", "test"]
MACHINE = "aia"  # every row shows itself at least there


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


def check_row(row, results):
    """What is wrong with one row; None where nothing is."""
    if len(row) != len(COLUMNS) or not all(row.values()):
        return "a cell is missing or empty"
    row_id, kind, test = row["id"].strip("`"), row["kind"], row["test"].strip("`")

    def of(side, match):
        return {r.result for r in results if r.side == side and match(r)}

    if kind in ("guest", "race"):
        name, _, case = test.partition(" ")
        if case != f"[{row_id}]":
            return f"the test of a {kind} row is written `NAME [{row_id}]`"

        def match(r):
            return r.machine == MACHINE and r.test == name and r.id == row_id
        c, rust = of("c", match), of("rust", match)
        if not c or not rust:
            return f"no case [{row_id}] of {name} ran on both modules of {MACHINE}"
        if rust != {"ok"}:
            return f"{test} is {', '.join(sorted(rust))} in Rust"
        if c != FAILS:
            return f"{test} has to fail on C and is {', '.join(sorted(c))}"
    elif kind == "fatal":
        if test != f"fatal/{row_id}":
            return f"the test of a fatal row is written `fatal/{row_id}`"

        def match(r):
            return r.machine == MACHINE and r.test == test
        c, rust = of("c", match), of("rust", match)
        if not c or not rust:
            return f"{test} did not run on both"
        if not c <= DIES:
            return f"{test} does not kill the C: {', '.join(sorted(c))}"
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
    complaints, ids = [], set()
    for number, row in parse():
        row_id = row.get("id", "").strip("`")
        wrong = "this id has a row already" if row_id in ids else check_row(row, results)
        if wrong:
            complaints.append(f"{LEDGER}:{number}: {row_id}: {wrong}")
        ids.add(row_id)
    claimed = {}
    for r in results:
        if r.id and r.id not in ids:
            claimed[r.id] = r.test
        elif r.test.startswith("fatal/") and r.test[len("fatal/"):] not in ids:
            claimed[r.test[len("fatal/"):]] = r.test
    complaints += [f"{test} claims row {row_id}, which {LEDGER} does not have"
                   for row_id, test in sorted(claimed.items())]
    return len(ids), complaints
