// SPDX-License-Identifier: GPL-2.0

//! `struct kvm_vcpu_sbi_return`: how a handler tells the C dispatch what it wants.

use core::marker::PhantomData;

use kernel::bindings;

use crate::sbi::Outcome;

/// The result of one SBI call, on the stack of `kvm_riscv_vcpu_sbi_ecall()`.
pub(crate) struct SbiReturn<'a>(
    *mut bindings::kvm_vcpu_sbi_return,
    PhantomData<&'a mut bindings::kvm_vcpu_sbi_return>,
);

impl SbiReturn<'_> {
    /// Wraps the pointer that C passes to a handler.
    ///
    /// # Safety
    ///
    /// `ptr` is valid and used by nobody else while the value lives, and all of it but `utrap` is
    /// zero.
    pub(crate) unsafe fn from_raw(ptr: *mut bindings::kvm_vcpu_sbi_return) -> Self {
        Self(ptr, PhantomData)
    }

    /// Records what the handler wants: values for the guest's a0 and a1, or an exit to user space.
    pub(crate) fn set(&mut self, outcome: Outcome) {
        match outcome {
            // It is zero already.
            Outcome::Return(Ok(0)) => (),
            // SAFETY: `from_raw()`: valid and ours.
            Outcome::Return(Ok(value)) => unsafe { (*self.0).out_val = value },
            // SAFETY: As above.
            Outcome::Return(Err(error)) => unsafe { (*self.0).err_val = error.to_register() },
            // SAFETY: As above.
            Outcome::Exit => unsafe { (*self.0).uexit = true },
        }
    }
}
