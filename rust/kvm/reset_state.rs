// SPDX-License-Identifier: GPL-2.0

//! Where a hart begins anew, `struct kvm_vcpu_reset_state`.

use kernel::bindings;
use kernel::prelude::kunit_tests;

use super::once::read_once;
use super::once::write_once;
use super::HeldVcpu;
use super::Vcpu;
use crate::exit::status::SIE;

impl Vcpu {
    fn reset_state(&self) -> *mut bindings::kvm_vcpu_reset_state {
        // SAFETY: Live; only the address is taken.
        unsafe { &raw mut (*self.as_ptr()).arch.reset_state }
    }

    /// Makes the vCPU begin anew at `pc` with `a1` in that register, before it next enters the guest,
    /// as `kvm_riscv_vcpu_sbi_request_reset()`.
    ///
    /// Nobody else may do so at the same time: `mp_state_lock` is held, or the vCPU's mutex while it
    /// is the only one that is not stopped.
    pub(super) fn request_reset(&self, pc: usize, a1: usize) {
        let state = self.reset_state();
        // SAFETY: Live; a word.
        unsafe { write_once(&raw mut (*state).pc, pc) };
        // SAFETY: As above.
        unsafe { write_once(&raw mut (*state).a1, a1) };
        // What was written is seen by who sees the request.
        // SAFETY: Live.
        unsafe { bindings::kvm_riscv_rs_request_vcpu_reset(self.as_ptr()) };
    }
}

impl HeldVcpu {
    /// Gives the registers of a hart that begins anew the values that were asked for, as
    /// `kvm_riscv_vcpu_sbi_load_reset_state()`.
    ///
    /// C takes a spinlock here, which must not be taken with preemption off on PREEMPT_RT. It is not
    /// needed: who sees the request sees what was written before it, and nobody writes again before
    /// the hart has begun.
    ///
    /// Context: preemption is off.
    pub(crate) fn load_reset_state(&self) {
        let vcpu = self.as_ptr();
        let state = self.reset_state();
        // SAFETY: `HeldVcpu`: the registers are this thread's.
        let context = unsafe { &raw mut (*vcpu).arch.guest_context };
        // SAFETY: As above.
        unsafe { (*context).a0 = self.id() };
        // SAFETY: As above; a word that others write in one access.
        unsafe { (*context).sepc = read_once(&raw const (*state).pc) };
        // SAFETY: As above.
        unsafe { (*context).a1 = read_once(&raw const (*state).a1) };
        // SAFETY: As above.
        unsafe { (*context).sstatus &= !SIE };
        // SAFETY: As above.
        unsafe { (*vcpu).arch.guest_csr.vsatp = 0 };
    }
}

#[kunit_tests(kvm_riscv_reset_state)]
mod tests {
    use kernel::prelude::Result;

    use crate::exit::status::SIE;
    use crate::kvm::blank::BlankVcpu;

    #[test]
    fn a_hart_begins_where_it_was_told_to() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.as_ptr();
        // SAFETY: The vCPU is this function's.
        unsafe {
            (*vcpu).vcpu_id = 5;
            (*vcpu).arch.guest_context.sstatus = usize::MAX;
            (*vcpu).arch.guest_context.a2 = 9;
            (*vcpu).arch.guest_csr.vsatp = usize::MAX;
        }
        blank.vcpu().request_reset(0x8000_0000, 0x1234);
        // SAFETY: As above.
        assert!(unsafe { (*vcpu).requests } != 0);
        blank.vcpu().load_reset_state();
        // SAFETY: As above.
        let (context, vsatp) =
            unsafe { ((*vcpu).arch.guest_context, (*vcpu).arch.guest_csr.vsatp) };
        assert_eq!(
            (context.sepc, context.a0, context.a1),
            (0x8000_0000, 5, 0x1234)
        );
        // Interrupts and paging are off, and that is all.
        assert_eq!(
            (context.sstatus, vsatp, context.a2),
            (usize::MAX & !SIE, 0, 9)
        );
        Ok(())
    }
}
