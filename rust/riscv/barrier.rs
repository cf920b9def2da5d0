// SPDX-License-Identifier: GPL-2.0

//! Memory barriers as single instructions.
//!
//! `kernel::sync::barrier` calls a C helper for each, which a guest's path cannot afford.

use core::arch::asm;

/// Orders the reads before it before the reads after it, as C's `smp_rmb()`.
///
/// Context: any.
#[inline(always)]
pub(crate) fn smp_rmb() {
    // SAFETY: A fence has no operands and no effect but the ordering. Without SMP the empty block
    // still is a barrier for the compiler.
    #[cfg(CONFIG_SMP)]
    unsafe {
        asm!("fence r, r", options(nostack, preserves_flags))
    };
    // SAFETY: As above.
    #[cfg(not(CONFIG_SMP))]
    unsafe {
        asm!("", options(nostack, preserves_flags))
    };
}

/// Orders the writes before it before the writes after it, as C's `smp_wmb()`.
///
/// Context: any.
#[inline(always)]
pub(crate) fn smp_wmb() {
    // SAFETY: As in `smp_rmb()`.
    #[cfg(CONFIG_SMP)]
    unsafe {
        asm!("fence w, w", options(nostack, preserves_flags))
    };
    // SAFETY: As in `smp_rmb()`.
    #[cfg(not(CONFIG_SMP))]
    unsafe {
        asm!("", options(nostack, preserves_flags))
    };
}

/// Orders all accesses before it before all after it, as C's `smp_mb()`.
///
/// Context: any.
#[inline(always)]
pub(crate) fn smp_mb() {
    // SAFETY: As in `smp_rmb()`.
    #[cfg(CONFIG_SMP)]
    unsafe {
        asm!("fence rw, rw", options(nostack, preserves_flags))
    };
    // SAFETY: As in `smp_rmb()`.
    #[cfg(not(CONFIG_SMP))]
    unsafe {
        asm!("", options(nostack, preserves_flags))
    };
}
