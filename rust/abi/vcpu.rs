// SPDX-License-Identifier: GPL-2.0

//! What the run loop of `vcpu.c` is patched to call.

use kernel::bindings;

use crate::kvm::HeldVcpu;
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

/// Has this hart forget what it has kept of the guest of `vcpu` from an earlier time.
///
/// Context: preemption is off.
///
/// # Safety
///
/// Called by the thread that runs `vcpu`, or has it for an ioctl, on the CPU where it is being loaded or
/// enters its guest.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_rs_arrive(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: The thread holds the vCPU's mutex.
    unsafe { HeldVcpu::from_raw(vcpu) }.arrive();
}
