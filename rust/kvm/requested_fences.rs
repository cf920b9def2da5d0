// SPDX-License-Identifier: GPL-2.0

//! Fences that others have asked a vCPU to make.

use kernel::bindings;

use super::LoadedVcpu;

/// How a request is taken, once, and how it is carried out.
type Request = (
    unsafe extern "C" fn(*mut bindings::kvm_vcpu) -> bool,
    unsafe extern "C" fn(*mut bindings::kvm_vcpu),
);

/// In the order of `kvm_riscv_check_vcpu_requests()`.
const REQUESTS: [Request; 5] = [
    (
        bindings::kvm_riscv_rs_take_update_hgatp,
        bindings::kvm_riscv_mmu_update_hgatp,
    ),
    (
        bindings::kvm_riscv_rs_take_fence_i,
        bindings::kvm_riscv_fence_i_process,
    ),
    (
        bindings::kvm_riscv_rs_take_tlb_flush,
        bindings::kvm_riscv_tlb_flush_process,
    ),
    (
        bindings::kvm_riscv_rs_take_hfence_vvma_all,
        bindings::kvm_riscv_hfence_vvma_all_process,
    ),
    (
        bindings::kvm_riscv_rs_take_hfence,
        bindings::kvm_riscv_hfence_process,
    ),
];

impl LoadedVcpu {
    /// Makes the fences that were asked for, and loads the G-stage root if that was, on this CPU.
    ///
    /// In the C this is done while the task can still move to another CPU, where it then enters the
    /// guest without them (K6 of docs/differences.md).
    ///
    /// Context: migration is off, and preemption will be before it is on again.
    pub(crate) fn make_requested_fences(&self) {
        for (take, carry_out) in REQUESTS {
            // SAFETY: `LoadedVcpu`.
            if unsafe { take(self.as_ptr()) } {
                // SAFETY: `LoadedVcpu`: its VMID and G-stage root are this CPU's.
                unsafe { carry_out(self.as_ptr()) };
            }
        }
    }
}
