# SPDX-License-Identifier: GPL-2.0
"""How much of the stack a function of kvm.ko needs at most, with all that it calls in the module.

The frame of a function is what its instructions take off sp. Calls are the relocations of them. A function that
jumps to an address in a register may call each function whose address it takes, or that is in the data that
it refers to. What the kernel's own functions need is not in it, and of a recursion only one round.
"""

import bisect
import re
import subprocess
from collections import defaultdict

SECTION = re.compile(r"^Disassembly of section (\S+):")
RELOCATIONS = re.compile(r"^Relocation section '\.rela(\S+)'")
RELOCATION = re.compile(r"^([0-9a-f]{16})\s+[0-9a-f]+ (R_RISCV_\w+)(?:\s+[0-9a-f]{16}\s+(\S+))?")
SYMBOL = re.compile(r"^\s*\d+: ([0-9a-f]{16})\s+(\d+|0x[0-9a-f]+) (FUNC|OBJECT)\s+\S+\s+\S+\s+(\d+) (\S+)")
SECTION_NUMBER = re.compile(r"^\s*\[\s*(\d+)\] (\S+)")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)(?:\s+(.*?))?$")
TARGET = re.compile(r"(?:^|\s)(?:0x)?([0-9a-f]+) <")
NAMED = re.compile(r"<([^+>]+)>")
MOVE = re.compile(r"^sp, sp, (-?0x[0-9a-f]+|-?\d+)$")


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


class Module:
    """The functions of a module: their frames, and what each may call."""

    def __init__(self, path):
        self.path = str(path)
        self.frame = defaultdict(int)
        self.calls = defaultdict(dict)  # function -> callee -> whether its own frame is still there
        self.jumps = set()  # those that jump to a register
        self.refers = defaultdict(set)  # function or data -> what it has the address of
        self.read_symbols()
        relocations = self.read_relocations()
        self.read_instructions(relocations)
        self.follow_pointers()

    def read_symbols(self):
        names = {}
        for line in tool("llvm-readelf", "-SW", self.path):
            if match := SECTION_NUMBER.match(line):
                names[match[1]] = match[2]
        self.ranges = defaultdict(list)  # section -> (start, end, symbol)
        self.functions, self.objects = set(), set()
        for line in tool("llvm-readelf", "-sW", self.path):
            if match := SYMBOL.match(line):
                start, size, symbol = int(match[1], 16), int(match[2], 0), match[5]
                (self.functions if match[3] == "FUNC" else self.objects).add(symbol)
                self.ranges[names[match[4]]].append((start, start + size, symbol))
        for ranges in self.ranges.values():
            ranges.sort()

    def at(self, section, address):
        """The function or data there."""
        ranges = self.ranges[section]
        index = bisect.bisect_right(ranges, (address, float("inf"), "")) - 1
        if index >= 0 and address < ranges[index][1]:
            return ranges[index][2]
        return None

    def read_relocations(self):
        section, relocations = None, {}
        for line in tool("llvm-readelf", "-rW", self.path):
            if match := RELOCATIONS.match(line):
                section = match[1]
            elif (match := RELOCATION.match(line)) and match[3]:
                relocations[section, int(match[1], 16)] = match[2], match[3]
        for (section, address), (_, symbol) in relocations.items():
            if owner := self.at(section, address):
                self.refers[owner].add(symbol)
        return relocations

    def read_instructions(self, relocations):
        section, called, now, depth = None, None, None, 0
        for line in tool("llvm-objdump", "-d", "--no-show-raw-insn", self.path):
            if match := SECTION.match(line):
                section = match[1]
            match = INSTRUCTION.match(line)
            if not match:
                continue
            address, name, operands = int(match[1], 16), match[2], (match[3] or "").split("<")[0].strip()
            function = self.at(section, address)
            if function is None:
                continue
            if function != now:
                now, depth = function, 0
            if moved := MOVE.match(operands) if name.startswith("addi") else None:
                # Up and down by the order of the code: each way out gives back what it took.
                depth = max(0, depth - int(moved[1], 0))
                self.frame[function] = max(self.frame[function], depth)
            elif operands.startswith("sp, sp,"):
                raise ValueError(f"{self.path}: {function} does '{name} {operands}', which is no frame that is understood")
            kind, symbol = relocations.get((section, address), ("", ""))
            if kind.startswith("R_RISCV_CALL"):
                called = symbol
            elif name in ("jalr", "jr"):
                # Within a section there may be no relocation any more, and the tool has worked it out.
                known = NAMED.search(match[3] or "")
                if called or (known and known[1] in self.functions):
                    # The last call of a function, by `jr`, comes when its frame is gone.
                    self.call(function, called or known[1], name == "jalr")
                elif operands != "ra":
                    self.jumps.add(function)
                called = None
            elif target := TARGET.search(match[3] or ""):
                other = self.at(section, int(target[1], 16))
                if other and other != function:
                    self.call(function, other, name == "jal")

    def call(self, function, callee, stays):
        self.calls[function][callee] = self.calls[function].get(callee, False) or stays

    def follow_pointers(self):
        for function in self.jumps:
            seen, waiting = set(), [function]
            while waiting:
                for symbol in self.refers[waiting.pop()] - seen:
                    seen.add(symbol)
                    if symbol in self.functions:
                        self.calls[function].setdefault(symbol, True)
                    elif symbol in self.objects:
                        waiting.append(symbol)

    def deepest(self, root):
        """The chain of (function, bytes) from `root` that needs most."""
        if root not in self.functions:
            raise ValueError(f"{self.path} has no function {root}")
        known, open_now = {}, set()

        def chain(function):
            if function in known:
                return known[function]
            if function in open_now or function not in self.functions:
                return 0, ()
            open_now.add(function)
            own = self.frame[function]
            best = own, ((function, own),)
            for callee, stays in sorted(self.calls[function].items()):
                size, rest = chain(callee)
                kept = own if stays else 0
                if kept + size > best[0]:
                    best = kept + size, ((function, kept), *rest)
            open_now.remove(function)
            known[function] = best
            return best

        return chain(root)
