// SPDX-License-Identifier: GPL-2.0

//! A vCPU that comes to a hart.

use super::HeldVcpu;
use crate::riscv;

impl HeldVcpu {
    /// Has this hart forget what it has kept of the guest: it may be from before the guest fenced it on
    /// the hart where this vCPU was, or be another vCPU's, whose address spaces are its own.
    ///
    /// Context: the task stays on the hart until it enters the guest, or the vCPU is loaded again.
    #[inline(always)]
    pub(crate) fn arrive(&self) {
        riscv::forget_translations(self.vm().vmid());
        riscv::forget_instructions();
    }
}
