# SPDX-License-Identifier: GPL-2.0
"""The rows of bench.csv."""

import csv
import re
import sys
from pathlib import Path

# A figure is known to half an instruction: the guest's clock counts hundreds of them, and there are
# 2,048 calls less those that an interrupt of the host fell into.
RESOLUTION = 0.5
# A call or trap more for each entry would be 1; an interrupt of the host, which is an entry more, is less.
COUNTED = (", calls an entry", ", traps an entry")
COUNTED_RESOLUTION = 0.1

COLUMNS = ["path", "c", "rust", "because", "c_id", "rust_id"]


def die(message):
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")


def ratio(row):
    c, rust = float(row["c"]), float(row["rust"])
    # What neither does is alike.
    return rust / c if c else 1 + rust


def counted(path):
    """Whether the figures of this row are calls or traps, not instructions."""
    return path.endswith(COUNTED)


def resolution(path):
    return COUNTED_RESOLUTION if counted(path) else RESOLUTION


def known_to(row):
    """How well the figures of a row are known, which says how much its two runs differ if that matters."""
    return max([resolution(row["path"]), *map(float, re.findall(r"differ by ([\d.]+)", row["because"]))])


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
