// SPDX-License-Identifier: GPL-2.0

//! What the run loop of `vcpu.c` is patched to call.

use kernel::bindings;

use crate::kvm::LoadedVcpu;

/// Makes the fences that were asked for.
///
/// Context: preemption is off; with PREEMPT_RT only migration.
///
/// # Safety
///
/// Called by `kvm_arch_vcpu_ioctl_run()` on the thread that runs `vcpu`, between the last request that
/// may sleep and the guest.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_rs_make_requested_fences(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: The vCPU is loaded on this thread and stays so until this function returns.
    let vcpu = unsafe { LoadedVcpu::from_raw(vcpu) };
    vcpu.make_requested_fences();
}
