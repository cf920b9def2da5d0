# SPDX-License-Identifier: GPL-2.0
"""What each mutant came to in each stage, kept in build/out/mutants.tsv: a run goes on where the last one
ended. A result holds as long as its key is the same; the test that caught a bug is tried first again after
that."""

import csv
import datetime
from dataclasses import astuple
from dataclasses import dataclass
from dataclasses import fields

CAUGHT, SURVIVED = "caught", "survived"


@dataclass
class Result:
    mutant: str
    stage: str
    key: str
    result: str
    # The test that caught it, and what else there is to say of that.
    test: str = ""
    more: str = ""
    found: str = ""

    @property
    def by(self):
        return f"{self.test}{self.more}"

    @property
    def kept(self):
        """Of which run it is."""
        return f"kept of {self.found}, sum {self.key[:12]}"


COLUMNS = [field.name for field in fields(Result)]


def now():
    return datetime.datetime.now().isoformat(" ", "minutes")


def read(path):
    """(mutant, stage) -> its result. A file that is not of this program counts as none."""
    if not path.exists():
        return {}
    with open(path, newline="") as file:
        reader = csv.reader(file, delimiter="\t")
        if next(reader, None) != COLUMNS:
            return {}
        return {(row[0], row[1]): Result(*row) for row in reader if len(row) == len(COLUMNS)}


def write(path, results):
    new = path.with_suffix(".new")
    with open(new, "w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(astuple(results[name]) for name in sorted(results))
    new.replace(path)
