// SPDX-License-Identifier: GPL-2.0

//! The symbol of `vcpu_sbi_sta.c` that the run loop calls.

use kernel::bindings;

use crate::kvm::LoadedVcpu;
use crate::sbi::sta;

/// Tells the guest how much time it lost.
///
/// Context: as [`LoadedVcpu`]; sleeps.
///
/// # Safety
///
/// Called on the thread that runs `vcpu`.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_vcpu_record_steal_time(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: The vCPU is loaded on this thread and stays so until this function returns.
    sta::record_steal_time(unsafe { LoadedVcpu::from_raw(vcpu) });
}
