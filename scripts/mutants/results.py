# SPDX-License-Identifier: GPL-2.0
"""What each mutant came to, kept in build/out/mutants.tsv: a run goes on where the last one ended."""

import csv
from dataclasses import astuple
from dataclasses import dataclass
from dataclasses import fields

CAUGHT, SURVIVED = "caught", "survived"


@dataclass
class Result:
    mutant: str
    key: str
    result: str
    by: str


COLUMNS = [field.name for field in fields(Result)]


def read(path):
    """mutant -> its result. A file that is not of this program counts as none."""
    if not path.exists():
        return {}
    with open(path, newline="") as file:
        reader = csv.reader(file, delimiter="\t")
        if next(reader, None) != COLUMNS:
            return {}
        return {row[0]: Result(*row) for row in reader if len(row) == len(COLUMNS)}


def write(path, results):
    new = path.with_suffix(".new")
    with open(new, "w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(astuple(results[name]) for name in sorted(results))
    new.replace(path)
