# SPDX-License-Identifier: GPL-2.0
"""A run of the fuzzer, with a fixed seed, on the C and on a kvm-rust.ko that has a bug."""

import re
import shutil

import mutants
from kernel_build import KERNEL
from kernel_build import KernelBuild
from mutants import NoVerdict

# How often a boot that shows nothing is made again: the machine may be overloaded.
TRIES = 2


class FuzzRuns(KernelBuild):
    stage = "fuzz"

    def test(self, mutant):
        """What must not fail without a bug, or it says nothing of one: SEED EPISODES."""
        return " ".join(mutant.tests["fuzz"])

    def key(self, mutant, _test=""):
        """Of all that decides how it ends."""
        program = mutants.sources(["selftests/kvm/riscv/fuzz"])
        return mutants.key(mutant, self.files | self.inputs | program)

    def unexplained(self, seed, episodes):
        """The first step that no row of the ledger explains; "" if there is none."""
        share = self.out / "fuzz"
        shutil.rmtree(share, ignore_errors=True)
        said = self.folder / "fuzz.said"
        with open(said, "w") as output:
            self.run(f"fuzz {seed} {episodes}", KERNEL, "fuzz", self.folder, seed, episodes, output=output)
        lines = said.read_text().splitlines()
        # Not the status: of so few calls rows may excuse too many.
        number = re.fullmatch(r"\d+ calls compared, .* (\d+) unexplained", lines[-1] if lines else "")
        if not number:
            raise NoVerdict(f"the fuzzer did not come to its end; the log is {self.log}")
        if number[1] == "0":
            return ""
        steps = re.findall(r"^--> vCPU \d+, step \d+: (.*)", "\n".join(lines), re.M)
        return f"{number[1]} unexplained, the first: {steps[0] if steps else 'see the log'}"

    def tried(self, seed, episodes):
        for left in reversed(range(TRIES)):
            try:
                return self.unexplained(seed, episodes)
            except NoVerdict:
                if not left:
                    raise
        return ""

    def without_a_bug(self, tests):
        """test -> what it finds without a bug, "" if nothing."""
        self.compile("without a bug", {})
        return {test: self.tried(*test.split()) for test in tests}

    def judge(self, mutant, _known):
        """As HostTests.judge()."""
        self.compile(mutant.name, mutants.apply(mutant, self.files))
        by = self.tried(*mutant.tests["fuzz"])
        return (f"fuzz {self.test(mutant)}", f": {by}") if by else None
