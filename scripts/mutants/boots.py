# SPDX-License-Identifier: GPL-2.0
"""A selftest on a kvm-rust.ko that has a bug: for what no host test can see. What the boot gave is read by
scripts/test/results, as in `make test`."""

import importlib.machinery
import importlib.util
import re
import sys

import mutants
from kernel_build import KERNEL
from kernel_build import KernelBuild
from mutants import NoVerdict

# How often a boot that shows nothing is made again: the machine may be overloaded.
TRIES = 3


def reader():
    """scripts/test/results, which is a program."""
    folder = mutants.TOP / "scripts" / "test"
    sys.path.append(str(folder))
    loader = importlib.machinery.SourceFileLoader("test_results", str(folder / "results"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("test_results", loader))
    loader.exec_module(module)
    return module


class Boots(KernelBuild):
    stage = "boot"

    def __init__(self, build):
        super().__init__(build)
        self.reader = reader()

    def test(self, mutant):
        """What must not fail without a bug, or it says nothing of one: MACHINE TEST."""
        return " ".join(mutant.tests["boot"])

    def key(self, mutant, test=""):
        """Of all that decides how it ends."""
        name = (test or self.test(mutant)).split()[1]
        program = mutants.sources([path for path in (f"selftests/kvm/riscv/{name}.c", f"selftests/{name}")
                                   if (mutants.TOP / path).exists()])
        return mutants.key(mutant, self.files | self.inputs | program)

    def boot(self, machine, *tests):
        """Boots them all at once; the folder with what they gave."""
        if self.run(f"boot {machine} {' '.join(tests)}", KERNEL, "boot", self.folder, machine, *tests):
            raise NoVerdict(f"the boot of {machine} was not made; the log is {self.log}")
        return self.out / "test" / tests[0] / "rust"

    def failure(self, folder, machine, test, hangs):
        """What fails, "" if nothing does. NoVerdict where the test was not seen to its end."""
        console = folder / "console"
        rows = [row[2:6] for row in self.reader.read_boot(folder, machine)]
        if ("module", 2, "is the build asked for", "ok") not in rows:
            raise NoVerdict(f"it is not known which kvm-rust.ko was in use; its console is {console}")
        late = out_of_time(folder / "rust" / f"{test}.log")
        if self.reader.LOCKUP.search("\n".join(self.reader.lists.lines(folder / "rust" / f"{test}.kernel"))):
            late.append(self.reader.kernel_log.NONE)
        failed = [name for what, number, name, result in rows
                  if what in (test, self.reader.nacl_counters.TEST) and number and result == "not ok"]
        whole = {what: result for what, number, _, result in rows if not number}[test]
        in_time = [name for name in failed if name not in late]
        if in_time:
            return f"{test}: {in_time[0]}"
        if late or whole in ("timeout", "lost"):
            started = f"{test}, at most" in console.read_text(errors="replace")
            if hangs and started:
                return f"{test} does not end"
            raise NoVerdict(f"{test} did not end in time ({late[0] if late else whole}); its console is {console}")
        if whole == "skip":
            raise NoVerdict(f"{test} is skipped on {machine}")
        if whole != "ok":
            raise NoVerdict(f"{test} ended badly, and no case of it fails; its console is {console}")
        return ""

    def without_a_bug(self, tests):
        """test -> why it fails without a bug, "" if it does not."""
        self.compile("without a bug", {})
        found = {}
        for machine in dict.fromkeys(test.split()[0] for test in tests):
            names = [test.split()[1] for test in tests if test.split()[0] == machine]
            folder = self.boot(machine, *names)
            for name in names:
                found[f"{machine} {name}"] = self.once_more(machine, name, folder)
        return found

    def once_more(self, machine, test, folder):
        """Why it fails without a bug: what fails beside others may pass alone."""
        try:
            if not self.failure(folder, machine, test, False):
                return ""
        except NoVerdict:
            pass
        try:
            return self.failure(self.boot(machine, test), machine, test, False)
        except NoVerdict as error:
            return str(error)

    def judge(self, mutant, _known):
        """As HostTests.judge()."""
        self.compile(mutant.name, mutants.apply(mutant, self.files))
        machine, test = mutant.tests["boot"]
        for left in reversed(range(TRIES)):
            try:
                by = self.failure(self.boot(machine, test), machine, test, mutant.hangs)
                return (by, "") if by else None
            except NoVerdict:
                if not left:
                    raise
        return None


def out_of_time(log):
    """The cases of a test of ours that had to be killed (selftests/kvm/riscv/sbi_case.c)."""
    late, found = False, []
    for line in log.read_text(errors="replace").splitlines() if log.exists() else []:
        if line.startswith("# did not end within"):
            late = True
        elif match := re.match(r"(?:not )?ok \d+ (.*)", line):
            if late:
                found.append(match[1])
            late = False
    return found
