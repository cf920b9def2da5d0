// SPDX-License-Identifier: GPL-2.0

//! CSRs that other parts of KVM emulate.

use core::ffi::c_int;

use kernel::bindings;

use super::Errno;
use super::LoadedVcpu;
use crate::exit::CsrEmulation;

/// A function that reads and writes a CSR.
type Access = unsafe extern "C" fn(
    vcpu: *mut bindings::kvm_vcpu,
    csr_num: u32,
    val: *mut usize,
    new_val: usize,
    wr_mask: usize,
) -> c_int;

impl LoadedVcpu {
    /// Calls `access`, which is one of KVM's own, and says in types what it returns.
    #[inline(always)]
    fn access_csr(
        &self,
        access: Access,
        csr: usize,
        new_value: usize,
        mask: usize,
    ) -> Result<CsrEmulation, Errno> {
        let mut value = 0;
        // SAFETY: `LoadedVcpu`; `value` is ours. CAST: 12 bits.
        let ret = unsafe { access(self.as_ptr(), csr as u32, &raw mut value, new_value, mask) };
        // CAST: A small number.
        if ret == bindings::kvm_insn_return_KVM_INSN_CONTINUE_NEXT_SEPC as c_int {
            return Ok(CsrEmulation::Done(value));
        }
        Errno::check(ret)?;
        // CAST: Not negative.
        Ok(match ret as u32 {
            bindings::kvm_insn_return_KVM_INSN_EXIT_TO_USER_SPACE => CsrEmulation::ExitToUserSpace,
            bindings::kvm_insn_return_KVM_INSN_CONTINUE_SAME_SEPC => CsrEmulation::Retry,
            bindings::kvm_insn_return_KVM_INSN_VIRTUAL_TRAP => CsrEmulation::VirtualInstruction,
            _ => CsrEmulation::IllegalInstruction,
        })
    }

    /// sireg, as `kvm_riscv_vcpu_aia_rmw_ireg()`. A write changes the bits of `mask`.
    pub(crate) fn access_sireg(&self, value: usize, mask: usize) -> Result<CsrEmulation, Errno> {
        self.access_csr(
            bindings::kvm_riscv_vcpu_aia_rmw_ireg,
            bindings::CSR_SIREG as usize,
            value,
            mask,
        )
    }

    /// stopei, as `kvm_riscv_vcpu_aia_rmw_topei()`. A write changes the bits of `mask`.
    pub(crate) fn access_stopei(&self, value: usize, mask: usize) -> Result<CsrEmulation, Errno> {
        self.access_csr(
            bindings::kvm_riscv_vcpu_aia_rmw_topei,
            bindings::CSR_STOPEI as usize,
            value,
            mask,
        )
    }

    /// Whether the guest has the entropy source, Zkr.
    pub(crate) fn has_zkr(&self) -> bool {
        self.has_isa_extension::<{ bindings::RISCV_ISA_EXT_ZKR as usize }>() // CAST: Small.
    }
}
