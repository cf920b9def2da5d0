// SPDX-License-Identifier: GPL-2.0

//! Control and status registers by number, and whether they exist.
//!
//! The registers of the hypervisor extension are a table that the shared memory needs whole; a
//! crate that has a type for each does not have these, so all are used by their number.

use core::arch::asm;

pub(crate) const MSTATUS: u16 = 0x300;
pub(crate) const MISA: u16 = 0x301;
pub(crate) const MEDELEG: u16 = 0x302;
pub(crate) const MIDELEG: u16 = 0x303;
pub(crate) const MIE: u16 = 0x304;
pub(crate) const MTVEC: u16 = 0x305;
pub(crate) const MCOUNTEREN: u16 = 0x306;
pub(crate) const MENVCFG: u16 = 0x30a;
pub(crate) const MSTATEEN0: u16 = 0x30c;
pub(crate) const MCOUNTINHIBIT: u16 = 0x320;
pub(crate) const MSCRATCH: u16 = 0x340;
pub(crate) const MEPC: u16 = 0x341;
pub(crate) const MCAUSE: u16 = 0x342;
pub(crate) const MTVAL: u16 = 0x343;
pub(crate) const MIP: u16 = 0x344;
pub(crate) const MTINST: u16 = 0x34a;
pub(crate) const MTVAL2: u16 = 0x34b;
pub(crate) const PMPCFG0: u16 = 0x3a0;
pub(crate) const PMPADDR0: u16 = 0x3b0;
pub(crate) const PMPADDR1: u16 = 0x3b1;
pub(crate) const MNSTATUS: u16 = 0x744;
pub(crate) const MSECCFG: u16 = 0x747;
pub(crate) const MCYCLE: u16 = 0xb00;
pub(crate) const MINSTRET: u16 = 0xb02;
pub(crate) const MVENDORID: u16 = 0xf11;
pub(crate) const MARCHID: u16 = 0xf12;
pub(crate) const MIMPID: u16 = 0xf13;

pub(crate) const SSTATUS: u16 = 0x100;
pub(crate) const STVEC: u16 = 0x105;
pub(crate) const SCOUNTEREN: u16 = 0x106;
pub(crate) const SEPC: u16 = 0x141;
pub(crate) const SCAUSE: u16 = 0x142;
pub(crate) const STVAL: u16 = 0x143;
pub(crate) const STIMECMP: u16 = 0x14d;
pub(crate) const SATP: u16 = 0x180;

pub(crate) const VSSTATUS: u16 = 0x200;
pub(crate) const VSTVEC: u16 = 0x205;
pub(crate) const VSEPC: u16 = 0x241;
pub(crate) const VSCAUSE: u16 = 0x242;
pub(crate) const VSTVAL: u16 = 0x243;
pub(crate) const VSSCRATCH: u16 = 0x240;
pub(crate) const HSTATUS: u16 = 0x600;
pub(crate) const HEDELEG: u16 = 0x602;
pub(crate) const HTVAL: u16 = 0x643;
pub(crate) const HTINST: u16 = 0x64a;
pub(crate) const HGATP: u16 = 0x680;

/// mstatus and sstatus.
pub(crate) mod status {
    pub(crate) const SIE: u64 = 1 << 1;
    pub(crate) const SPIE: u64 = 1 << 5;
    pub(crate) const MPIE: u64 = 1 << 7;
    pub(crate) const SPP: u64 = 1 << 8;
    pub(crate) const MPP_SHIFT: u32 = 11;
    pub(crate) const MPP: u64 = 3 << MPP_SHIFT;
    pub(crate) const MPP_S: u64 = 1 << MPP_SHIFT;
    pub(crate) const SPELP: u64 = 1 << 23;
    pub(crate) const SDT: u64 = 1 << 24;
    pub(crate) const GVA: u64 = 1 << 38;
    pub(crate) const MPV: u64 = 1 << 39;
    pub(crate) const MPELP: u64 = 1 << 41;
}

/// hstatus.
pub(crate) mod hstatus {
    pub(crate) const GVA: u64 = 1 << 6;
    pub(crate) const SPV: u64 = 1 << 7;
    pub(crate) const SPVP: u64 = 1 << 8;
}

/// Bits of mip and mie.
pub(crate) mod ip {
    pub(crate) const SSIP: u64 = 1 << 1;
    pub(crate) const MSIP: u64 = 1 << 3;
    pub(crate) const STIP: u64 = 1 << 5;
    pub(crate) const MTIP: u64 = 1 << 7;
    pub(crate) const SEIP: u64 = 1 << 9;
    pub(crate) const LCOFIP: u64 = 1 << 13;
}

/// The value of a register.
#[inline(always)]
pub(crate) fn read<const NUMBER: u16>() -> u64 {
    let value;
    // SAFETY: reading the registers that this firmware uses has no effect on memory.
    unsafe { asm!("csrr {}, {}", out(reg) value, const NUMBER, options(nostack)) };
    value
}

/// Write a register.
#[inline(always)]
pub(crate) fn write<const NUMBER: u16>(value: u64) {
    // SAFETY: M-mode owns all of them. Those that change how M-mode itself runs are written in
    // `start`.
    unsafe { asm!("csrw {}, {}", const NUMBER, in(reg) value, options(nostack)) };
}

/// Write a register and have what it was.
#[inline(always)]
pub(crate) fn swap<const NUMBER: u16>(value: u64) -> u64 {
    let old;
    // SAFETY: as for `write`.
    unsafe {
        asm!("csrrw {}, {}, {}", out(reg) old, const NUMBER, in(reg) value, options(nostack))
    };
    old
}

/// Set bits of a register.
#[inline(always)]
pub(crate) fn set<const NUMBER: u16>(bits: u64) {
    // SAFETY: as for `write`.
    unsafe { asm!("csrs {}, {}", const NUMBER, in(reg) bits, options(nostack)) };
}

/// Clear bits of a register.
#[inline(always)]
pub(crate) fn clear<const NUMBER: u16>(bits: u64) {
    // SAFETY: as for `write`.
    unsafe { asm!("csrc {}, {}", const NUMBER, in(reg) bits, options(nostack)) };
}

/// The value of a register, if there is one of this number.
///
/// The trap of one that is not there comes back to the next instruction: mtvec points to it.
#[inline(never)]
pub(crate) fn probe<const NUMBER: u16>() -> Option<u64> {
    let trapped: u64;
    let value: u64;
    // SAFETY: mtvec, mepc and mstatus are what they were at the end; a trap changes nothing else
    // that counts. MDT, which a trap sets where there is Smdbltrp, would make the next one fatal.
    unsafe {
        asm!(
            "csrr {status}, mstatus",
            "csrr {epc}, mepc",
            "la {vector}, 2f",
            "csrrw {vector}, mtvec, {vector}",
            "li {trapped}, 1",
            "csrr {value}, {number}",
            "li {trapped}, 0",
            ".balign 4",
            "2:",
            "csrw mtvec, {vector}",
            "csrw mepc, {epc}",
            "csrw mstatus, {status}",
            status = out(reg) _,
            epc = out(reg) _,
            vector = out(reg) _,
            trapped = out(reg) trapped,
            value = out(reg) value,
            number = const NUMBER,
            options(nostack)
        );
    }
    (trapped == 0).then_some(value)
}
