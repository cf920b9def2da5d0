// SPDX-License-Identifier: GPL-2.0

//! What a hart has kept of a guest from an earlier time, and is to forget (K9 of docs/differences.md).

use super::HeldVcpu;
use crate::riscv;

impl HeldVcpu {
    /// The vCPU comes from another hart: what the guest has fenced by itself meanwhile, it has fenced
    /// there.
    ///
    /// Context: the task stays on the hart until it enters the guest, or the vCPU is loaded again.
    #[inline(always)]
    pub(crate) fn arrive(&self) {
        self.forget_translations();
        riscv::forget_instructions();
    }

    /// Has this hart forget what page tables of guests gave under the VMID: another vCPU's, whose address
    /// spaces are its own, or another VM's that had the VMID before.
    ///
    /// Context: as [`arrive()`](Self::arrive).
    #[inline(always)]
    pub(crate) fn forget_translations(&self) {
        riscv::forget_translations(self.vm().vmid());
    }

    /// Has this hart fetch instructions anew.
    ///
    /// Context: any.
    #[cold]
    #[inline(never)]
    pub(crate) fn forget_instructions(&self) {
        riscv::forget_instructions();
    }
}
