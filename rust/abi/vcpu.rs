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

/// `vcpu` comes from another hart, or has not been on this one yet.
///
/// Context: preemption is off.
///
/// # Safety
///
/// Called by `kvm_arch_vcpu_ioctl_run()` on the thread that runs `vcpu`, before it enters the guest.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_rs_arrive(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: The thread holds the vCPU's mutex.
    unsafe { HeldVcpu::from_raw(vcpu) }.arrive();
}

/// `vcpu` follows another vCPU on this hart.
///
/// Context: preemption is off.
///
/// # Safety
///
/// Called by `kvm_arch_vcpu_load()` on the thread that has `vcpu`, to run it or for an ioctl.
#[no_mangle]
unsafe extern "C" fn kvm_riscv_rs_follow(vcpu: *mut bindings::kvm_vcpu) {
    // SAFETY: The thread holds the vCPU's mutex.
    unsafe { HeldVcpu::from_raw(vcpu) }.forget_translations();
}
