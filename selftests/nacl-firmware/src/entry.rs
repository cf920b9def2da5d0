// SPDX-License-Identifier: GPL-2.0

//! All that must be assembly: reset, trap entry and exit.
//!
//! `mscratch` always has the address of this hart's [`Hart`](crate::hart::Hart), which begins with
//! the trap frame: the stack's top in the place of x0, then x1 to x31.

use crate::hart::MAX_HARTS;
use crate::hart::STACK_SIZE;
use core::arch::global_asm;

/// Where a guest's exit is caught: in the firmware's memory, which S-mode may not fetch from.
pub(crate) const BOUNCE: u64 = 0x8000_0000;

extern "C" {
    /// Leave M-mode with the frame of this hart.
    pub(crate) fn leave(frame: *mut u64) -> !;
    /// Where every trap into M-mode goes.
    pub(crate) fn trap_entry();
}

global_asm!(
    "
.section .text.entry, \"ax\"
.global _start
_start:
    csrw mie, zero
    li t0, {max}
    bgeu a0, t0, 4f
    // The first one to come clears .bss; it is in .data that it is the first.
    la t0, lottery
    li t1, 1
    amoadd.w t1, t1, (t0)
    bnez t1, 2f
    la t0, bss_start
    la t1, bss_end
1:  bgeu t0, t1, 3f
    sd zero, (t0)
    addi t0, t0, 8
    j 1b
3:  fence rw, rw
    li t1, 1
    la t0, cleared
    sw t1, (t0)
    li a3, 1
    j 5f
2:  la t0, cleared
    lw t1, (t0)
    beqz t1, 2b
    fence rw, rw
    li a3, 0
5:  la sp, {stacks}
    li t0, {stack}
    addi t1, a0, 1
    mul t0, t0, t1
    add sp, sp, t0
    call {start}
4:  wfi
    j 4b

.section .data
.balign 4
lottery: .word 0
cleared: .word 0

.section .text
.balign 4
.global trap_entry
trap_entry:
    csrrw sp, mscratch, sp
    sd x1, 8(sp)
    .irp n,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd x\\n, 8*\\n(sp)
    .endr
    csrrw x1, mscratch, sp
    sd x1, 16(sp)
    mv a0, sp
    ld sp, 0(sp)
    call {trap}
    csrr a0, mscratch
.global leave
leave:
    mv sp, a0
    ld x1, 8(sp)
    .irp n,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld x\\n, 8*\\n(sp)
    .endr
    ld x2, 16(sp)
    mret
",
    max = const MAX_HARTS,
    stack = const STACK_SIZE,
    stacks = sym crate::hart::STACKS,
    start = sym crate::start::start,
    trap = sym crate::trap::trap,
);
