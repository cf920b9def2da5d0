// SPDX-License-Identifier: GPL-2.0

//! Interrupts of this hart, off for a moment.

use core::arch::asm;
use core::marker::PhantomData;

use kernel::bindings;
use kernel::prelude::kunit_tests;

/// sstatus.SIE.
const SIE: usize = bindings::SR_SIE;

/// Interrupts are off on this hart, and this task stays on it, until the value is dropped, as from
/// `raw_local_irq_save()` to `raw_local_irq_restore()`.
///
/// Two values must be dropped in the opposite order of their making. For a few instructions: nothing
/// is said to lockdep or the interrupt tracer.
pub(crate) struct InterruptsOff {
    sstatus: usize,
    /// It belongs to the hart it was made on.
    not_send: PhantomData<*mut ()>,
}

impl InterruptsOff {
    /// Turns interrupts off.
    ///
    /// Context: any.
    #[inline(always)]
    pub(crate) fn new() -> Self {
        let sstatus;
        // SAFETY: Clears SIE only, which `drop()` sets back. Not `nomem`: what the guard is for must
        // not be moved out of it.
        unsafe {
            asm!("csrrci {}, sstatus, {}", out(reg) sstatus, const SIE, options(nostack, preserves_flags))
        };
        Self {
            sstatus,
            not_send: PhantomData,
        }
    }
}

impl Drop for InterruptsOff {
    #[inline(always)]
    fn drop(&mut self) {
        let enable = self.sstatus & SIE;
        // SAFETY: Sets SIE if it was set before.
        unsafe { asm!("csrs sstatus, {}", in(reg) enable, options(nostack, preserves_flags)) };
    }
}

#[kunit_tests(kvm_riscv_interrupts)]
mod tests {
    use kernel::bindings;

    use super::InterruptsOff;
    use super::SIE;
    use crate::riscv::csr;

    const SSTATUS: usize = bindings::CSR_SSTATUS as usize;

    fn are_on() -> bool {
        // SAFETY: Every hart has it, and reading it does nothing.
        let sstatus = unsafe { csr::read::<SSTATUS>() };
        sstatus & SIE != 0
    }

    #[test]
    fn they_are_off_until_the_guard_is_dropped() {
        let before = are_on();
        let guard = InterruptsOff::new();
        let meanwhile = are_on();
        drop(guard);
        let after = are_on();
        assert!(before);
        assert!(!meanwhile);
        assert!(after);
    }

    #[test]
    fn an_inner_guard_leaves_them_off() {
        let outer = InterruptsOff::new();
        drop(InterruptsOff::new());
        let meanwhile = are_on();
        drop(outer);
        let after = are_on();
        assert!(!meanwhile);
        assert!(after);
    }
}
