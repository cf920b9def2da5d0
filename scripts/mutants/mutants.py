# SPDX-License-Identifier: GPL-2.0
"""The bugs that are put back, one a file in the folder bugs.

    # SPDX-License-Identifier: GPL-2.0
    # The bug, in a line.
    host MODULE                 the host tests that are run first; they, or any other, have to fail
    boot MACHINE TEST           the selftest that has to fail, for what only a kernel can show
    fuzz SEED EPISODES          the run of the fuzzer that has to find a difference
    hangs                       the test is not to end: where it does not say so, that shows nothing
    file PATH
    <<<
    what is there now, exactly, and once in the file
    ===
    the bug
    >>>

One of `host`, `boot` and `fuzz` is enough; of several each has to catch it. `file` and the block may be
repeated: the bug is then in all of these places. A file is named ID-WORDS: the row of docs/differences.md,
or the upstream commit whose fix is undone.
"""

import hashlib
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUGS = Path(__file__).resolve().parent / "bugs"

STAGES = ("host", "boot", "fuzz")

# What a mutant may change.
CHANGES = {
    "host": ["rust"],
    "boot": ["Kbuild", "Kconfig", "rust", "c-glue"],
    "fuzz": ["Kbuild", "Kconfig", "rust", "c-glue"],
}

# What else decides how a stage ends. What the tests of the kernel's own source are, its Makefile says.
INPUTS = {
    "host": ["host", "Cargo.toml", "Cargo.lock"],
    "boot": ["scripts/kernel", "scripts/setup/overlay", "scripts/boot", "scripts/test", "selftests"],
    "fuzz": ["scripts/kernel", "scripts/setup/overlay", "scripts/boot", "scripts/fuzz", "selftests/kvm"],
}

# Other programs than the test; how the results of `make test` are judged as a whole.
PROGRAM = r"selftests/kvm/riscv/(?:\w+_test\.c|(?:bench|debug|fatal|fuzz|stress)/.*)|selftests/stress/.*"
VERDICTS = (r"scripts/test/(?:conformance.*|failures\.py|host|ledger\.py|left-out.*|nacl/.*|requirements|run|self-test|"
            r"verdict|.*-debug)|scripts/kernel/debug\.config")


def die(message):
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")


class NoVerdict(Exception):
    """Why it is not known whether a test catches the bug."""


@dataclass
class Mutant:
    name: str
    bug: str = ""
    # stage -> the words after it
    tests: dict = field(default_factory=dict)
    hangs: bool = False
    changes: list = field(default_factory=list)
    text: str = ""

    @property
    def id(self):
        return self.name.split("-")[0]


def parse(path):
    mutant = Mutant(path.name, text=path.read_text())
    where, block, part = None, None, None
    for number, line in enumerate(mutant.text.splitlines(), 1):
        def wrong(what):
            die(f"{path}:{number}: {what}")
        if part is not None:
            if part == 0 and line == "===":
                part = 1
            elif part == 1 and line == ">>>":
                mutant.changes.append((where, "\n".join(block[0]), "\n".join(block[1])))
                part = None
            else:
                block[part].append(line)
        elif line == "<<<":
            if where is None:
                wrong("no `file PATH` above the block")
            block, part = ([], []), 0
        elif line.startswith("# SPDX"):
            pass
        elif line.startswith("# "):
            mutant.bug = f"{mutant.bug} {line[2:]}".strip()
        elif match := re.fullmatch(r"file (\S+)", line):
            where = match[1]
        elif line == "hangs":
            mutant.hangs = True
        elif re.fullmatch(r"host \S+|boot \S+ \S+|fuzz \d+ \d+", line):
            stage, *words = line.split()
            if stage in mutant.tests:
                wrong(f"a second `{stage}`")
            mutant.tests[stage] = words
        elif line:
            wrong(f"'{line}' is none of the lines that scripts/mutants/mutants.py describes")
    if part is not None:
        die(f"{path}: the last block has no end")
    if not (mutant.bug and mutant.tests and mutant.changes):
        die(f"{path}: it lacks the bug; `host`, `boot` or `fuzz`; or a block")
    for stage in mutant.tests:
        for where, *_ in mutant.changes:
            if where.split("/")[0] not in CHANGES[stage]:
                die(f"{path}: what `{stage}` runs is not made of {where}")
    return mutant


def all_mutants():
    """All, in the order of the ledger's letters and numbers, those of commits last."""
    def order(mutant):
        match = re.fullmatch(r"([A-Z])(\d+)", mutant.id)
        return (0, match[1], int(match[2]), mutant.name) if match else (1, mutant.id, 0, mutant.name)
    return sorted((parse(path) for path in BUGS.iterdir()), key=order)


def reasons():
    """What the file `without` excuses."""
    return re.findall(r"^(\S+) \| \S", (BUGS.parent / "without").read_text(), re.M)


def without():
    """The rows of the ledger and the patches that have no mutant, and no reason in the file `without`."""
    ledger = re.findall(r"^\| ([A-Z]\d+) \|", (TOP / "docs" / "differences.md").read_text(), re.M)
    patches = sorted(str(path.relative_to(TOP)) for path in (TOP / "c-glue" / "patches").iterdir())
    excused = reasons()
    mutants = all_mutants()
    have = {mutant.id for mutant in mutants} | {where for mutant in mutants for where, *_ in mutant.changes}
    if stray := (set(excused) & have) | (set(excused) - {*ledger, *patches}):
        die(f"scripts/mutants/without has {', '.join(sorted(stray))}: what is not there, or has a mutant")
    return [what for what in ledger + patches if what not in have and what not in excused]


def sources(names):
    """path -> content, of all these files and folders."""
    found = {}
    for name in names:
        path = TOP / name
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        found.update({str(p.relative_to(TOP)): p.read_bytes() for p in files})
    return found


def key(mutant, files):
    """One checksum of the mutant, or of none, and of these files."""
    parts = [part for name in sorted(files) for part in (name.encode(), files[name])]
    return checksum(mutant.text.encode() if mutant else b"", *parts)


def apply(mutant, files):
    """The files that the bug changes, changed. NoVerdict says why it cannot be put there."""
    changed = {}
    for where, before, after in mutant.changes:
        if where not in files:
            raise NoVerdict(f"there is no {where} any more")
        text = changed.get(where, files[where].decode())
        if text.count(before) != 1:
            line = before.strip().splitlines()[0].strip()
            raise NoVerdict(f"{where} has the text from `{line}` on {text.count(before)} times, not once: "
                            "bring the mutant up to date")
        changed[where] = text.replace(before, after)
    return {name: text.encode() for name, text in changed.items()}


def checksum(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def write_if_changed(path, content):
    """Leaves the file's date alone where it is the same, so that cargo and make see what changed."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def lay_out(folder, files):
    """Makes the folder hold these files and, of what it had of the same folders, no others."""
    kept = {folder / name for name in files}
    for name in {Path(name).parts[0] for name in files}:
        root = folder / name
        for path in sorted(root.rglob("*"), reverse=True) if root.is_dir() else ():
            if path.is_file() and path not in kept:
                path.unlink()
    for name, content in files.items():
        write_if_changed(folder / name, content)
        mode = os.stat(TOP / name).st_mode & 0o777
        os.chmod(folder / name, mode)
