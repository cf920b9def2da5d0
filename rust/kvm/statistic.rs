// SPDX-License-Identifier: GPL-2.0

//! The statistics of a vCPU that user space reads.

use kernel::bindings;
use kernel::prelude::kunit_tests;

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

#[kunit_tests(kvm_riscv_statistic)]
mod tests {
    use kernel::bindings::kvm_vcpu_stat;
    use kernel::prelude::Result;

    use super::Statistic;
    use crate::kvm::blank::BlankVcpu;

    /// Each, and the field that user space finds it in.
    const FIELDS: [(Statistic, fn(&kvm_vcpu_stat) -> u64); 11] = [
        (Statistic::WfiExits, |stat| stat.wfi_exit_stat),
        (Statistic::WrsExits, |stat| stat.wrs_exit_stat),
        (Statistic::MmioExitUser, |stat| stat.mmio_exit_user),
        (Statistic::MmioExitKernel, |stat| stat.mmio_exit_kernel),
        (Statistic::CsrExitUser, |stat| stat.csr_exit_user),
        (Statistic::CsrExitKernel, |stat| stat.csr_exit_kernel),
        (Statistic::IllegalInstructionExits, |stat| {
            stat.instr_illegal_exits
        }),
        (Statistic::LoadMisalignedExits, |stat| {
            stat.load_misaligned_exits
        }),
        (Statistic::StoreMisalignedExits, |stat| {
            stat.store_misaligned_exits
        }),
        (Statistic::LoadAccessExits, |stat| stat.load_access_exits),
        (Statistic::StoreAccessExits, |stat| stat.store_access_exits),
    ];

    #[test]
    fn each_counts_in_its_field_alone() -> Result {
        let blank = BlankVcpu::new()?;
        for (times, (statistic, _)) in FIELDS.into_iter().enumerate() {
            for _ in 0..=times {
                blank.vcpu().count(statistic);
            }
        }
        // SAFETY: The vCPU is this function's.
        let stat = unsafe { core::ptr::read(&raw const (*blank.as_ptr()).stat) };
        for (times, (_, field)) in (1..).zip(FIELDS) {
            assert_eq!(field(&stat), times);
        }
        Ok(())
    }

    #[test]
    fn the_last_number_is_followed_by_0() -> Result {
        let blank = BlankVcpu::new()?;
        // SAFETY: The vCPU is this function's.
        unsafe { (*blank.as_ptr()).stat.wfi_exit_stat = u64::MAX };
        blank.vcpu().count(Statistic::WfiExits);
        // SAFETY: As above.
        assert_eq!(unsafe { (*blank.as_ptr()).stat.wfi_exit_stat }, 0);
        Ok(())
    }
}
