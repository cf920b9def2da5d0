// SPDX-License-Identifier: GPL-2.0

//! Single accesses to CSRs of this hart.

use core::arch::asm;

/// Numbers of the CSRs that are accessed here (privileged specification, "CSR Listing").
pub(super) const HGATP: usize = 0x680;
pub(super) const VSSTATUS: usize = 0x200;
pub(super) const VSTVEC: usize = 0x205;
pub(super) const VSEPC: usize = 0x241;
pub(super) const VSCAUSE: usize = 0x242;
pub(super) const VSTVAL: usize = 0x243;
pub(super) const HSTATUS: usize = 0x600;
pub(super) const HEDELEG: usize = 0x602;
pub(super) const HENVCFG: usize = 0x60A;

const _: () = {
    use kernel::bindings;
    assert!(HGATP == bindings::CSR_HGATP as usize);
    assert!(VSSTATUS == bindings::CSR_VSSTATUS as usize);
    assert!(VSTVEC == bindings::CSR_VSTVEC as usize);
    assert!(VSEPC == bindings::CSR_VSEPC as usize);
    assert!(VSCAUSE == bindings::CSR_VSCAUSE as usize);
    assert!(VSTVAL == bindings::CSR_VSTVAL as usize);
    assert!(HSTATUS == bindings::CSR_HSTATUS as usize);
    assert!(HEDELEG == bindings::CSR_HEDELEG as usize);
    assert!(HENVCFG == bindings::CSR_HENVCFG as usize);
};

/// Reads the CSR with the number `CSR`.
///
/// # Safety
///
/// The hart has this CSR in HS-mode, and reading it has no side effect.
#[inline(always)]
pub(super) unsafe fn read<const CSR: usize>() -> usize {
    let value;
    // SAFETY: By the caller.
    unsafe { asm!("csrr {}, {}", out(reg) value, const CSR, options(nostack, preserves_flags)) };
    value
}

/// Writes the CSR with the number `CSR`.
///
/// # Safety
///
/// The hart has this CSR in HS-mode, and `value` breaks nothing that the kernel relies on.
#[inline(always)]
pub(super) unsafe fn write<const CSR: usize>(value: usize) {
    // SAFETY: By the caller.
    unsafe { asm!("csrw {}, {}", const CSR, in(reg) value, options(nostack, preserves_flags)) };
}
