// SPDX-License-Identifier: GPL-2.0

//! What a hart has kept of a guest from an earlier time.

use core::arch::asm;

use kernel::bindings;

use super::csr;
use super::nacl;
use crate::nacl::make_fence;
use crate::nacl::Fence;
use crate::nacl::FenceKind;

/// Has this hart forget the translations that page tables of guests gave under `vmid`, before it next
/// enters a guest.
///
/// Context: the task stays on the hart until the guest is entered, or this is called for it on another.
#[inline(always)]
pub(crate) fn forget_translations(vmid: usize) {
    if nacl::is_available() {
        make_fence(&Fence {
            kind: FenceKind::Vvma { vmid, asid: None },
            range: None,
        });
    } else {
        hfence_vvma_all(vmid);
    }
}

/// HFENCE.VVMA of all addresses and ASIDs, with `vmid` in hgatp meanwhile, as C's
/// `kvm_riscv_local_hfence_vvma_all()`. It is an instruction of its own, so that a trace tells it from the
/// fences that somebody has asked for (`scripts/test/fence-probes`).
#[inline(always)]
fn hfence_vvma_all(vmid: usize) {
    // SAFETY: hgatp means nothing while no guest runs and the task stays here, and is put back. The
    // fence drops translations.
    unsafe {
        asm!(
            "csrrw {hgatp}, {csr}, {hgatp}",
            // The assembler may not know the hypervisor extension.
            ".insn r 0x73, 0x0, 0x11, x0, x0, x0",
            "csrw {csr}, {hgatp}",
            csr = const csr::HGATP,
            hgatp = inout(reg) vmid << bindings::HGATP_VMID_SHIFT => _,
            options(nostack, preserves_flags),
        );
    };
}

/// Has this hart fetch instructions anew: FENCE.I.
///
/// Context: any.
#[inline(always)]
pub(crate) fn forget_instructions() {
    // SAFETY: Orders fetches behind stores, and has no operands.
    unsafe { asm!("fence.i", options(nostack, preserves_flags)) };
}
