# SPDX-License-Identifier: GPL-2.0
"""The rows of bench.csv."""

import csv
import sys
from pathlib import Path

COLUMNS = ["path", "c", "rust", "because", "c_id", "rust_id"]


def die(message):
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")


def ratio(row):
    c, rust = float(row["c"]), float(row["rust"])
    # What neither does is alike.
    return rust / c if c else 1 + rust


def read(path):
    """The rows of such a file, in its order."""
    try:
        with open(path, newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != COLUMNS:
                die(f"{path} is not of this benchmark: its columns are not {', '.join(COLUMNS)}")
            return list(reader)
    except OSError as error:
        die(f"cannot read {path}: {error.strerror}")


def write(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
