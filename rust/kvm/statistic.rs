// SPDX-License-Identifier: GPL-2.0

//! The statistics of a vCPU that user space reads.

use kernel::bindings;

use super::LoadedVcpu;

/// A counter in `struct kvm_vcpu_stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Statistic {
    /// `wfi_exit_stat`.
    WfiExits,
    /// `wrs_exit_stat`.
    WrsExits,
    /// `mmio_exit_user`.
    MmioExitUser,
    /// `mmio_exit_kernel`.
    MmioExitKernel,
    /// `csr_exit_user`.
    CsrExitUser,
    /// `csr_exit_kernel`.
    CsrExitKernel,
    /// `instr_illegal_exits`.
    IllegalInstructionExits,
    /// `load_misaligned_exits`.
    LoadMisalignedExits,
    /// `store_misaligned_exits`.
    StoreMisalignedExits,
    /// `load_access_exits`.
    LoadAccessExits,
    /// `store_access_exits`.
    StoreAccessExits,
}

impl LoadedVcpu {
    /// Adds one to `statistic`.
    #[inline]
    pub(crate) fn count(&self, statistic: Statistic) {
        // SAFETY: `LoadedVcpu`: live; only addresses are taken from it.
        let stat: *mut bindings::kvm_vcpu_stat = unsafe { &raw mut (*self.as_ptr()).stat };
        // SAFETY: As above, for every arm.
        let counter = unsafe {
            match statistic {
                Statistic::WfiExits => &raw mut (*stat).wfi_exit_stat,
                Statistic::WrsExits => &raw mut (*stat).wrs_exit_stat,
                Statistic::MmioExitUser => &raw mut (*stat).mmio_exit_user,
                Statistic::MmioExitKernel => &raw mut (*stat).mmio_exit_kernel,
                Statistic::CsrExitUser => &raw mut (*stat).csr_exit_user,
                Statistic::CsrExitKernel => &raw mut (*stat).csr_exit_kernel,
                Statistic::IllegalInstructionExits => &raw mut (*stat).instr_illegal_exits,
                Statistic::LoadMisalignedExits => &raw mut (*stat).load_misaligned_exits,
                Statistic::StoreMisalignedExits => &raw mut (*stat).store_misaligned_exits,
                Statistic::LoadAccessExits => &raw mut (*stat).load_access_exits,
                Statistic::StoreAccessExits => &raw mut (*stat).store_access_exits,
            }
        };
        // SAFETY: Only this thread counts; others read the word in one access, and debugfs may clear
        // it, which this may undo, as in C.
        unsafe { super::once::write_once(counter, (*counter).wrapping_add(1)) };
    }
}
