// SPDX-License-Identifier: GPL-2.0

//! The ISA extensions of a guest, `kvm_vcpu_arch.isa`.

use kernel::bindings;

use super::HeldVcpu;

impl HeldVcpu {
    /// Whether the guest has the extension with the number `EXTENSION`, a `RISCV_ISA_EXT_*`.
    pub(super) fn has_isa_extension<const EXTENSION: usize>(&self) -> bool {
        const { assert!(EXTENSION < bindings::RISCV_ISA_EXT_MAX as usize) };
        let word = EXTENSION / usize::BITS as usize;
        // SAFETY: `HeldVcpu`: only who holds the mutex changes the bitmap, before the vCPU has run.
        let isa = unsafe { &raw const (*self.as_ptr()).arch.isa };
        // SAFETY: As above; the bitmap has RISCV_ISA_EXT_MAX bits, more than this one.
        let word = unsafe { *isa.cast::<usize>().add(word) };
        (word >> (EXTENSION % usize::BITS as usize)) & 1 != 0
    }
}
