// SPDX-License-Identifier: GPL-2.0

//! The fences that the queue can describe, made by this hart itself.

use kernel::bindings;

use crate::nacl::Fence;
use crate::nacl::FenceKind;
use crate::riscv::HypervisorCsrs;
use crate::riscv::InterruptsOff;

/// Makes a fence with the instruction, by the functions of `tlb.c`.
pub(super) fn make(fence: &Fence, interrupts: &InterruptsOff) {
    match fence.kind {
        FenceKind::Gvma { vmid: None } => gvma(fence, interrupts),
        FenceKind::Gvma { vmid: Some(vmid) } => gvma_vmid(vmid, fence, interrupts),
        FenceKind::Vvma { vmid, asid } => {
            HypervisorCsrs::of_this_hart().while_hgatp_is_used(|| match asid {
                None => vvma(vmid, fence, interrupts),
                Some(asid) => vvma_asid(vmid, asid, fence, interrupts),
            });
        }
    }
}

fn gvma(fence: &Fence, _interrupts: &InterruptsOff) {
    match fence.range {
        // SAFETY: Drops translations of this hart, no more.
        None => unsafe { bindings::kvm_riscv_local_hfence_gvma_all() },
        Some(range) => {
            // CAST: No bits are lost.
            let (address, size) = (range.address() as u64, range.size() as u64);
            // SAFETY: As above. The end of the range is an address.
            unsafe { bindings::kvm_riscv_local_hfence_gvma_gpa(address, size, range.order) }
        }
    }
}

fn gvma_vmid(vmid: usize, fence: &Fence, _interrupts: &InterruptsOff) {
    match fence.range {
        // SAFETY: As in `gvma()`.
        None => unsafe { bindings::kvm_riscv_local_hfence_gvma_vmid_all(vmid) },
        Some(range) => {
            // CAST: No bits are lost.
            let (address, size) = (range.address() as u64, range.size() as u64);
            // SAFETY: As in `gvma()`.
            unsafe {
                bindings::kvm_riscv_local_hfence_gvma_vmid_gpa(vmid, address, size, range.order)
            }
        }
    }
}

fn vvma(vmid: usize, fence: &Fence, _interrupts: &InterruptsOff) {
    match fence.range {
        // SAFETY: As in `gvma()`. hgatp is another one meanwhile, and nothing runs in between.
        None => unsafe { bindings::kvm_riscv_local_hfence_vvma_all(vmid) },
        Some(range) => {
            let (address, size) = (range.address(), range.size());
            // SAFETY: As above.
            unsafe { bindings::kvm_riscv_local_hfence_vvma_gva(vmid, address, size, range.order) }
        }
    }
}

fn vvma_asid(vmid: usize, asid: usize, fence: &Fence, _interrupts: &InterruptsOff) {
    match fence.range {
        // SAFETY: As in `vvma()`.
        None => unsafe { bindings::kvm_riscv_local_hfence_vvma_asid_all(vmid, asid) },
        Some(range) => {
            let (address, size, order) = (range.address(), range.size(), range.order);
            // SAFETY: As in `vvma()`.
            unsafe {
                bindings::kvm_riscv_local_hfence_vvma_asid_gva(vmid, asid, address, size, order)
            }
        }
    }
}
