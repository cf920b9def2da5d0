// SPDX-License-Identifier: GPL-2.0

//! An [`Extension`] as the `struct kvm_vcpu_sbi_extension` that the C dispatch knows.

use core::mem::MaybeUninit;

use kernel::bindings;
use kernel::ffi::c_int;

use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::SbiReturn;
use crate::sbi::Extension;
use crate::sbi::ExtensionState;

/// A row of the C dispatch table, read by `kvm_vcpu_sbi_find_ext()` and its callers.
#[repr(transparent)]
pub(super) struct CExtension(bindings::kvm_vcpu_sbi_extension);

// SAFETY: C only ever reads the table (`extern const`), and it holds ids and function pointers.
unsafe impl Sync for CExtension {}

impl CExtension {
    /// The row of `E`; what `E` does not provide is NULL, as in the C.
    pub(super) const fn new<E: Extension>() -> Self {
        // SAFETY: All zeroes is a valid value: integers, `false`, and `None` for the functions. It
        // also covers a member that a later kernel adds.
        let zeroed: bindings::kvm_vcpu_sbi_extension =
            unsafe { MaybeUninit::zeroed().assume_init() };

        Self(bindings::kvm_vcpu_sbi_extension {
            extid_start: E::FIRST_ID,
            extid_end: E::LAST_ID,
            default_disabled: matches!(E::DEFAULT_STATE, ExtensionState::Disabled),
            handler: Some(handler::<E>),
            ..zeroed
        })
    }
}

/// Handles one SBI call; `handler` of `struct kvm_vcpu_sbi_extension`.
///
/// Returns 0 with the result in `*ret`, or a negative errno that ends `KVM_RUN`.
///
/// Context: as [`LoadedVcpu`] says; may sleep.
///
/// # Safety
///
/// Called by `kvm_riscv_vcpu_sbi_ecall()` on the thread that runs `vcpu`, with `run` its run
/// structure and `ret` zeroed but for `utrap`.
unsafe extern "C" fn handler<E: Extension>(
    vcpu: *mut bindings::kvm_vcpu,
    run: *mut bindings::kvm_run,
    ret: *mut bindings::kvm_vcpu_sbi_return,
) -> c_int {
    // SAFETY: The vCPU is loaded on this thread and stays so until this function returns.
    let vcpu = unsafe { LoadedVcpu::from_raw(vcpu) };
    // SAFETY: `run` belongs to `vcpu` and lives as long.
    let run = unsafe { Run::from_raw(run) };
    // SAFETY: `ret` is on the stack of the caller, which does not touch it meanwhile.
    let mut ret = unsafe { SbiReturn::from_raw(ret) };

    match E::handle(&vcpu.sbi_call(), vcpu, run) {
        Ok(outcome) => {
            ret.set(outcome);
            0
        }
        Err(errno) => errno.to_int(),
    }
}
