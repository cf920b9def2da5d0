// SPDX-License-Identifier: GPL-2.0

//! Fences that others have asked a vCPU to make.

use kernel::bindings;
use kernel::prelude::kunit_tests;

use super::once::read_once;
use super::LoadedVcpu;

/// How a request is taken, once, and how it is carried out.
type Request = (
    unsafe extern "C" fn(*mut bindings::kvm_vcpu) -> bool,
    unsafe extern "C" fn(*mut bindings::kvm_vcpu),
);

/// Loads the G-stage root, which may have another VMID from now on: one that had been another VM's.
///
/// # Safety
///
/// `vcpu` is loaded on this thread.
unsafe extern "C" fn update_hgatp(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: By the caller.
    unsafe { bindings::kvm_riscv_mmu_update_hgatp(vcpu) };
    // SAFETY: By the caller.
    unsafe { LoadedVcpu::from_raw(vcpu) }.forget_translations();
}

/// The most frequent first: all are carried out before the guest is entered, in whatever order.
static REQUESTS: [Request; 5] = [
    (
        bindings::kvm_riscv_rs_take_hfence,
        bindings::kvm_riscv_hfence_process,
    ),
    (
        bindings::kvm_riscv_rs_take_fence_i,
        bindings::kvm_riscv_fence_i_process,
    ),
    (
        bindings::kvm_riscv_rs_take_hfence_vvma_all,
        bindings::kvm_riscv_hfence_vvma_all_process,
    ),
    (
        bindings::kvm_riscv_rs_take_tlb_flush,
        bindings::kvm_riscv_tlb_flush_process,
    ),
    (bindings::kvm_riscv_rs_take_update_hgatp, update_hgatp),
];

impl LoadedVcpu {
    /// Makes the fences that were asked for, and loads the G-stage root if that was, on this CPU.
    ///
    /// In the C this is done while the task can still move to another CPU, where it then enters the
    /// guest without them (K6 of docs/differences.md).
    ///
    /// As long as others queue fences as fast as this makes them it does not end, as in C.
    ///
    /// Context: migration is off, until preemption is; preemptible.
    pub(crate) fn make_requested_fences(&self) {
        for &(take, carry_out) in &REQUESTS {
            // SAFETY: `LoadedVcpu`.
            if unsafe { take(self.as_ptr()) } {
                // SAFETY: `LoadedVcpu`: its VMID and G-stage root are this CPU's.
                unsafe { carry_out(self.as_ptr()) };
            }
            // SAFETY: `LoadedVcpu`: live; others set bits of the word atomically. Who sets one now is
            // seen before the guest is entered.
            if unsafe { read_once(&raw const (*self.as_ptr()).requests) } == 0 {
                break;
            }
        }
    }
}

#[kunit_tests(kvm_riscv_requested_fences)]
mod tests {
    use kernel::prelude::Result;

    use super::REQUESTS;
    use crate::kvm::blank::BlankVcpu;

    #[test]
    fn each_request_is_taken_once_and_alone() -> Result {
        let blank = BlankVcpu::new()?;
        // SAFETY: The vCPU is this function's.
        let requests = unsafe { &raw mut (*blank.as_ptr()).requests };
        // SAFETY: As above.
        unsafe { *requests = u64::MAX };
        for (taken, (take, _)) in (1..).zip(&REQUESTS) {
            // SAFETY: A vCPU, of which only the requests are looked at.
            let is_there = unsafe { (take(blank.as_ptr()), take(blank.as_ptr())) };
            assert_eq!(is_there, (true, false));
            // SAFETY: As above.
            assert_eq!(unsafe { *requests }.count_zeros(), taken);
        }
        Ok(())
    }

    #[test]
    fn nothing_is_done_where_nothing_was_asked_for() -> Result {
        let blank = BlankVcpu::new()?;
        // Of no VM: a fence would not get far.
        blank.vcpu().make_requested_fences();
        // SAFETY: The vCPU is this function's.
        assert_eq!(unsafe { (*blank.as_ptr()).requests }, 0);
        Ok(())
    }
}
