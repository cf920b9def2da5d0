# SPDX-License-Identifier: GPL-2.0
"""How many instructions the world switch of kvm.ko is: into the guest and back.

No row of the benchmark has it alone: what a guest leaves for is always looked at. But it is executed from its
first instruction to its last, so that it can be counted in the module.
"""

import re

import stack

FUNCTION = "__kvm_riscv_switch_to"
# Between them the guest runs.
LAST = ("sret", "ret")
# What else would go elsewhere than to the next instruction.
ELSEWHERE = re.compile(r"^(j|jr|jal|jalr|call|tail|ecall|ebreak|c\.j\w*|b\w+|c\.b\w+)$")


def instructions(module):
    """Of a stack.Module."""
    place = next(((start, end) for ranges in module.ranges.values() for start, end, symbol in ranges
                  if symbol == FUNCTION), None)
    if place is None:
        raise ValueError(f"{module.path} has no function {FUNCTION}")
    names = [match[2] for line in
             stack.tool("llvm-objdump", "-d", "--no-show-raw-insn", f"--disassemble-symbols={FUNCTION}", module.path)
             if (match := stack.INSTRUCTION.match(line)) and place[0] <= int(match[1], 16) < place[1]]
    # What aligns the way back is behind an sret, and never executed.
    names = [name for name in names if name not in ("nop", "c.nop")]
    if tuple(name for name in names if name in LAST) != LAST or names[-1] != "ret" or \
            any(ELSEWHERE.match(name) for name in names):
        raise ValueError(f"{module.path}: {FUNCTION} is not executed from its first instruction to its last")
    return len(names)
