// SPDX-License-Identifier: GPL-2.0

//! Fences that others have asked a vCPU to make.

use kernel::bindings;

use super::once::read_once;
use super::LoadedVcpu;

/// How a request is taken, once, and how it is carried out.
type Request = (
    unsafe extern "C" fn(*mut bindings::kvm_vcpu) -> bool,
    unsafe extern "C" fn(*mut bindings::kvm_vcpu),
);

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
    (
        bindings::kvm_riscv_rs_take_update_hgatp,
        bindings::kvm_riscv_mmu_update_hgatp,
    ),
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
