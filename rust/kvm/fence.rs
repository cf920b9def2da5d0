// SPDX-License-Identifier: GPL-2.0

//! Requests that make vCPUs fence before they enter the guest again; `tlb.c` does the fencing.
//!
//! Each of these asks the vCPUs that a [`HartMask`] names, skips harts that do not exist, and
//! returns once every named vCPU has left the guest; it fences before it enters again. (Where `vcpu.c`
//! processes the request while it can still be migrated, the fence may be made on another CPU: K6 of
//! docs/differences.md, open.)
//!
//! Context: process context; may wait for other CPUs to leave their guests.

use kernel::bindings;

use super::once::read_once;
use super::Vm;
use crate::sbi::Asid;
use crate::sbi::HartMask;
use crate::sbi::Pages;
use crate::sbi::PAGE_SHIFT;

impl Vm {
    /// The VM's VMID as it is now; a VMID roll-over before the fence is done flushes everything.
    fn vmid(&self) -> usize {
        // SAFETY: `Vm`: live; `vmid.c` writes the word with WRITE_ONCE().
        unsafe { read_once(&raw const (*self.as_ptr()).arch.vmid.vmid) }
    }

    /// Asks for a FENCE.I, as `kvm_riscv_fence_i()`.
    pub(crate) fn fence_i(&self, harts: HartMask) {
        // SAFETY: `Vm`: live; the function takes any mask.
        unsafe { bindings::kvm_riscv_fence_i(self.as_ptr(), harts.base, harts.mask) };
    }

    /// Asks for an HFENCE.VVMA of every page, as `kvm_riscv_hfence_vvma_all()`.
    pub(crate) fn hfence_vvma_all(&self, harts: HartMask) {
        // SAFETY: As in `fence_i()`.
        unsafe {
            bindings::kvm_riscv_hfence_vvma_all(self.as_ptr(), harts.base, harts.mask, self.vmid())
        };
    }

    /// Asks for an HFENCE.VVMA of `pages`, as `kvm_riscv_hfence_vvma_gva()`.
    pub(crate) fn hfence_vvma_gva(&self, harts: HartMask, pages: Pages) {
        // SAFETY: As in `fence_i()`; `Pages` cannot wrap, so the loop over them ends.
        unsafe {
            bindings::kvm_riscv_hfence_vvma_gva(
                self.as_ptr(),
                harts.base,
                harts.mask,
                pages.start(),
                pages.size(),
                PAGE_SHIFT,
                self.vmid(),
            )
        };
    }

    /// Asks for an HFENCE.VVMA of every page of `asid`, as `kvm_riscv_hfence_vvma_asid_all()`.
    pub(crate) fn hfence_vvma_asid_all(&self, harts: HartMask, asid: Asid) {
        // SAFETY: As in `fence_i()`.
        unsafe {
            bindings::kvm_riscv_hfence_vvma_asid_all(
                self.as_ptr(),
                harts.base,
                harts.mask,
                asid.to_register(),
                self.vmid(),
            )
        };
    }

    /// Asks for an HFENCE.VVMA of `pages` of `asid`, as `kvm_riscv_hfence_vvma_asid_gva()`.
    pub(crate) fn hfence_vvma_asid_gva(&self, harts: HartMask, pages: Pages, asid: Asid) {
        // SAFETY: As in `hfence_vvma_gva()`.
        unsafe {
            bindings::kvm_riscv_hfence_vvma_asid_gva(
                self.as_ptr(),
                harts.base,
                harts.mask,
                pages.start(),
                pages.size(),
                PAGE_SHIFT,
                asid.to_register(),
                self.vmid(),
            )
        };
    }
}
